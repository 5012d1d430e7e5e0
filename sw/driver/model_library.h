// Where models' shared libraries are: beside the program or shared library that holds this code, in
// weft/ there (installed), and in ../lib from there.
#pragma once

#include <filesystem>
#include <string>

namespace weft::driver {

// The library in the first of these places that has it; where none has, in the last.
std::filesystem::path find_library(const std::string& file);

// The function `symbol` of a library; it stays loaded until the program ends, for what it makes may
// live as long. Error(io), which calls it `what`, where it cannot be loaded or has no such function.
void* library_symbol(const std::filesystem::path& library, const char* symbol,
                     const std::string& what);

// Of weft_rtl_<config><suffix>.so; Error(not_found) says how to build the model that is missing.
// `suffix`: "", or of models with waves "_waves" or "_waves_pes".
void* rtl_model_symbol(const std::string& config, const std::string& suffix, const char* symbol);

}  // namespace weft::driver
