// The names behind the numbers in waves, as GTKWave's translate filters read them: a line
// "number text" for each value, the text with a background colour ("?DarkGreen?busy").
#pragma once

#include <map>
#include <set>
#include <string>

#include "program/program.h"

namespace weft::runtime {

// Names of the engines that raise and that take a semaphore.
struct SemaphoreEnds {
  std::set<std::string> raisers, takers;
};

// Of each semaphore that the program uses.
std::map<int, SemaphoreEnds> semaphore_ends(const program::Program& program);

// By name: "layer" (number of a layer), "desc" (index of a descriptor: its line of `weft disasm`),
// "waits" (index: the engines it waits for), and of each engine, by its name, what it does.
std::map<std::string, std::string> wave_tables(const program::Program& program);

}  // namespace weft::runtime
