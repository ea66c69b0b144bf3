# Finds the C++ Actor Framework 0.17 (Debian 12's libcaf-dev ships no CMake files).
#
#   find_package(CAF 0.17.6 REQUIRED COMPONENTS core io)
#
# Targets: CAF::core, CAF::io, the names that CAF 0.18 and later export. Variables: CAF_FOUND, CAF_VERSION.
# CAF 0.18 changed the API and is refused: the actors are written for 0.17.

find_package(Threads REQUIRED)
find_path(CAF_INCLUDE_DIR caf/config.hpp)
mark_as_advanced(CAF_INCLUDE_DIR)

if(CAF_INCLUDE_DIR)
  # One number: 1706 is 0.17.6.
  file(STRINGS "${CAF_INCLUDE_DIR}/caf/config.hpp" _caf_define REGEX "^#define CAF_VERSION [0-9]+")
  if(_caf_define MATCHES "CAF_VERSION ([0-9]+)")
    math(EXPR _caf_major "${CMAKE_MATCH_1} / 10000")
    math(EXPR _caf_minor "${CMAKE_MATCH_1} / 100 % 100")
    math(EXPR _caf_patch "${CMAKE_MATCH_1} % 100")
    set(CAF_VERSION "${_caf_major}.${_caf_minor}.${_caf_patch}")
  endif()
endif()

if(NOT CAF_FIND_COMPONENTS)
  set(CAF_FIND_COMPONENTS core)
endif()
foreach(_caf_part IN LISTS CAF_FIND_COMPONENTS)
  find_library(CAF_${_caf_part}_LIBRARY caf_${_caf_part})
  mark_as_advanced(CAF_${_caf_part}_LIBRARY)
  if(CAF_${_caf_part}_LIBRARY)
    set(CAF_${_caf_part}_FOUND TRUE)
  endif()
endforeach()

set(_caf_reason "Debian 12 has CAF 0.17.6 in libcaf-dev")
set(_caf_usable TRUE)
if(CAF_VERSION VERSION_GREATER_EQUAL 0.18)
  set(_caf_reason "found CAF ${CAF_VERSION} in ${CAF_INCLUDE_DIR}, but the actors are written for 0.17")
  set(_caf_usable FALSE)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CAF
  REQUIRED_VARS CAF_INCLUDE_DIR _caf_usable
  VERSION_VAR CAF_VERSION
  HANDLE_COMPONENTS
  REASON_FAILURE_MESSAGE "${_caf_reason}")

if(CAF_FOUND)
  foreach(_caf_part IN LISTS CAF_FIND_COMPONENTS)
    if(CAF_${_caf_part}_FOUND AND NOT TARGET CAF::${_caf_part})
      add_library(CAF::${_caf_part} SHARED IMPORTED)
      set_target_properties(CAF::${_caf_part} PROPERTIES
        IMPORTED_LOCATION "${CAF_${_caf_part}_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${CAF_INCLUDE_DIR}")
    endif()
  endforeach()
  if(TARGET CAF::core)
    target_link_libraries(CAF::core INTERFACE Threads::Threads)
  endif()
  if(TARGET CAF::io AND TARGET CAF::core)
    target_link_libraries(CAF::io INTERFACE CAF::core)
  endif()
endif()
