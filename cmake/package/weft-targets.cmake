# Included by weft-config.cmake, which sets the directories.
if(NOT TARGET weft::weft)
  add_library(weft::weft SHARED IMPORTED)
  set_target_properties(weft::weft PROPERTIES
    IMPORTED_LOCATION "${WEFT_LIBRARY_DIR}/libweft.so"
    INTERFACE_INCLUDE_DIRECTORIES "${WEFT_INCLUDE_DIR}")
endif()
if(NOT TARGET weft::core)
  add_library(weft::core STATIC IMPORTED)
  set_target_properties(weft::core PROPERTIES
    IMPORTED_LOCATION "${WEFT_LIBRARY_DIR}/libweft_core.a"
    INTERFACE_INCLUDE_DIRECTORIES "${WEFT_INCLUDE_DIR}")
endif()
