# `cmake --install build --prefix DIR`, and nothing in it says where DIR is: the folder may be moved.
#   runtime        libweft.so, the models of simulated devices
#   tools          bin/weft
#   development    headers, the C core as library and source, CMake package, pkg-config file
#   documentation  licence, changelog, pages
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
# Where an installed program finds the models: ../LIBDIR/weft (sw/driver/model_library.cc).
target_compile_definitions(weft_driver PRIVATE WEFT_LIBDIR="${CMAKE_INSTALL_LIBDIR}")

install(TARGETS weft_sdk
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime NAMELINK_COMPONENT development)
# Those that were built.
install(DIRECTORY ${PROJECT_BINARY_DIR}/lib/ DESTINATION ${CMAKE_INSTALL_LIBDIR}/weft
  COMPONENT runtime FILES_MATCHING PATTERN "*weft_*.so")
install(TARGETS weft RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT tools)

file(GLOB headers CONFIGURE_DEPENDS
  ${PROJECT_SOURCE_DIR}/sw/include/weft/*.h ${PROJECT_SOURCE_DIR}/sw/include/weft/*.hpp)
install(FILES ${headers} ${WEFT_GEN_DIR}/include/weft/version.h
  ${WEFT_GEN_DIR}/include/weft/registers.h
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/weft COMPONENT development)
install(TARGETS weft_core
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/sw/core/ DESTINATION ${CMAKE_INSTALL_DATADIR}/weft/core
  COMPONENT development FILES_MATCHING PATTERN "*.c" PATTERN "*.h")

set(package ${PROJECT_BINARY_DIR}/package)
set(package_at ${CMAKE_INSTALL_LIBDIR}/cmake/weft)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/package/weft-config.cmake.in
  ${package}/weft-config.cmake INSTALL_DESTINATION ${package_at}
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_DATADIR
  NO_CHECK_REQUIRED_COMPONENTS_MACRO)
# The same rule as the library's SOVERSION.
write_basic_package_version_file(${package}/weft-config-version.cmake
  COMPATIBILITY SameMinorVersion)
file(RELATIVE_PATH up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" WEFT_PREFIX "\${pcfiledir}/${up}")
configure_file(${CMAKE_CURRENT_LIST_DIR}/package/weft.pc.in ${package}/weft.pc @ONLY)
install(FILES ${package}/weft-config.cmake ${package}/weft-config-version.cmake
  ${CMAKE_CURRENT_LIST_DIR}/package/weft-targets.cmake
  DESTINATION ${package_at} COMPONENT development)
install(FILES ${package}/weft.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)

install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/CHANGELOG.md
  DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT documentation)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs
  COMPONENT documentation FILES_MATCHING PATTERN "*.md" PATTERN "images" EXCLUDE)
