# Finds libjwt, which signs and checks JSON Web Tokens.
#
#   find_package(Libjwt REQUIRED)
#
# Target: Libjwt::Libjwt. Variables: Libjwt_FOUND, Libjwt_VERSION.

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(PC_Libjwt QUIET libjwt)
  set(Libjwt_VERSION "${PC_Libjwt_VERSION}")
endif()
find_path(Libjwt_INCLUDE_DIR jwt.h HINTS ${PC_Libjwt_INCLUDE_DIRS})
find_library(Libjwt_LIBRARY jwt HINTS ${PC_Libjwt_LIBRARY_DIRS})
mark_as_advanced(Libjwt_INCLUDE_DIR Libjwt_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Libjwt
  REQUIRED_VARS Libjwt_LIBRARY Libjwt_INCLUDE_DIR
  VERSION_VAR Libjwt_VERSION
  REASON_FAILURE_MESSAGE "Debian 12 has libjwt 1.10 in libjwt-dev")

if(Libjwt_FOUND AND NOT TARGET Libjwt::Libjwt)
  add_library(Libjwt::Libjwt UNKNOWN IMPORTED)
  set_target_properties(Libjwt::Libjwt PROPERTIES
    IMPORTED_LOCATION "${Libjwt_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${Libjwt_INCLUDE_DIR}")
endif()
