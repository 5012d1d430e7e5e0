// Makes a program that goes wrong smaller, as long as it goes wrong.
#pragma once

#include <functional>

#include "program.h"

namespace weft::tb {

// True: the program still shows the fault. Its semaphores are made anew for each attempt.
using Fails = std::function<bool(const Program&)>;

// Drops instructions in ever smaller ranges, then makes each field of what is left smaller.
Program shrink(Program program, const Fails& fails);

}  // namespace weft::tb
