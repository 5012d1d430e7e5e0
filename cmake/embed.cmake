# cmake -DOUT=<header> -DVARIABLE=<name> -DNAMESPACE=<namespace> -DFILES=<file;...> -P embed.cmake
#
# Writes a header with the texts of files, by their names:
#   namespace ... { inline const std::map<std::string, std::string_view> <name>{{"page.html", ...}}; }
set(text "// Written by cmake/embed.cmake. Do not edit.\n#pragma once\n\n#include <map>\n#include <string>\n#include <string_view>\n\n")
string(APPEND text "namespace ${NAMESPACE} {\ninline const std::map<std::string, std::string_view> ${VARIABLE}{\n")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  file(READ ${file} content)
  string(APPEND text "{\"${name}\", R\"~weft~(${content})~weft~\"},\n")
endforeach()
string(APPEND text "};\n}  // namespace ${NAMESPACE}\n")
file(WRITE ${OUT} "${text}")
