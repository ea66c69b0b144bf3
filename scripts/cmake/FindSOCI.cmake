# Finds SOCI (Debian 12's libsoci-dev ships no CMake files).
#
#   find_package(SOCI 4.0.3 REQUIRED COMPONENTS postgresql sqlite3)
#
# Targets: SOCI::core always, SOCI::postgresql and SOCI::sqlite3 where asked for, which bring SOCI::core
# and the include directories of libpq and SQLite, as SOCI's backend headers include libpq-fe.h and
# sqlite3.h. Variables: SOCI_FOUND, SOCI_VERSION.

find_path(SOCI_INCLUDE_DIR soci/soci.h)
find_library(SOCI_core_LIBRARY soci_core)
mark_as_advanced(SOCI_INCLUDE_DIR SOCI_core_LIBRARY)

if(SOCI_INCLUDE_DIR AND EXISTS "${SOCI_INCLUDE_DIR}/soci/version.h")
  # One number: 400003 is 4.0.3.
  file(STRINGS "${SOCI_INCLUDE_DIR}/soci/version.h" _soci_define REGEX "^#define SOCI_VERSION [0-9]+")
  if(_soci_define MATCHES "SOCI_VERSION ([0-9]+)")
    math(EXPR _soci_major "${CMAKE_MATCH_1} / 100000")
    math(EXPR _soci_minor "${CMAKE_MATCH_1} / 100 % 1000")
    math(EXPR _soci_patch "${CMAKE_MATCH_1} % 100")
    set(SOCI_VERSION "${_soci_major}.${_soci_minor}.${_soci_patch}")
  endif()
endif()

set(_soci_reason "Debian 12 has SOCI 4.0.3 in libsoci-dev")
set(SOCI_core_FOUND TRUE)
foreach(_soci_part IN LISTS SOCI_FIND_COMPONENTS)
  if(_soci_part STREQUAL "core")
    continue()
  endif()
  find_library(SOCI_${_soci_part}_LIBRARY soci_${_soci_part})
  mark_as_advanced(SOCI_${_soci_part}_LIBRARY)
  set(SOCI_${_soci_part}_FOUND FALSE)
  set(_soci_client TRUE)
  if(_soci_part STREQUAL "postgresql")
    find_package(PostgreSQL QUIET)
    if(NOT TARGET PostgreSQL::PostgreSQL)
      set(_soci_client FALSE)
      string(APPEND _soci_reason "; SOCI's PostgreSQL backend needs libpq-fe.h: install libpq-dev")
    endif()
  elseif(_soci_part STREQUAL "sqlite3")
    find_package(SQLite3 QUIET)
    if(NOT TARGET SQLite::SQLite3)
      set(_soci_client FALSE)
      string(APPEND _soci_reason "; SOCI's SQLite backend needs sqlite3.h: install libsqlite3-dev")
    endif()
  endif()
  if(SOCI_${_soci_part}_LIBRARY AND _soci_client)
    set(SOCI_${_soci_part}_FOUND TRUE)
  endif()
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(SOCI
  REQUIRED_VARS SOCI_core_LIBRARY SOCI_INCLUDE_DIR
  VERSION_VAR SOCI_VERSION
  HANDLE_COMPONENTS
  REASON_FAILURE_MESSAGE "${_soci_reason}")

if(SOCI_FOUND)
  if(NOT TARGET SOCI::core)
    add_library(SOCI::core SHARED IMPORTED)
    set_target_properties(SOCI::core PROPERTIES
      IMPORTED_LOCATION "${SOCI_core_LIBRARY}"
      INTERFACE_INCLUDE_DIRECTORIES "${SOCI_INCLUDE_DIR}"
      INTERFACE_LINK_LIBRARIES "${CMAKE_DL_LIBS}")
  endif()
  foreach(_soci_part IN LISTS SOCI_FIND_COMPONENTS)
    if(SOCI_${_soci_part}_FOUND AND NOT TARGET SOCI::${_soci_part})
      add_library(SOCI::${_soci_part} SHARED IMPORTED)
      set_target_properties(SOCI::${_soci_part} PROPERTIES
        IMPORTED_LOCATION "${SOCI_${_soci_part}_LIBRARY}"
        INTERFACE_LINK_LIBRARIES SOCI::core)
    endif()
  endforeach()
  if(TARGET SOCI::postgresql)
    target_link_libraries(SOCI::postgresql INTERFACE PostgreSQL::PostgreSQL)
  endif()
  if(TARGET SOCI::sqlite3)
    target_link_libraries(SOCI::sqlite3 INTERFACE SQLite::SQLite3)
  endif()
endif()
