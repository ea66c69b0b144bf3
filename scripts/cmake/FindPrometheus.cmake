# Finds the core of prometheus-cpp: numbers and their text form, without its HTTP server.
#
#   find_package(Prometheus REQUIRED)
#
# Target: Prometheus::core. Variables: Prometheus_FOUND, Prometheus_VERSION. The package's own CMake
# files want that server's library too.

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(PC_prometheus QUIET prometheus-cpp-core)
  set(Prometheus_VERSION "${PC_prometheus_VERSION}")
endif()
find_path(Prometheus_INCLUDE_DIR prometheus/registry.h HINTS ${PC_prometheus_INCLUDE_DIRS})
find_library(Prometheus_LIBRARY prometheus-cpp-core HINTS ${PC_prometheus_LIBRARY_DIRS})
mark_as_advanced(Prometheus_INCLUDE_DIR Prometheus_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Prometheus
  REQUIRED_VARS Prometheus_LIBRARY Prometheus_INCLUDE_DIR
  VERSION_VAR Prometheus_VERSION
  REASON_FAILURE_MESSAGE "Debian 12 has it in prometheus-cpp-dev")

if(Prometheus_FOUND AND NOT TARGET Prometheus::core)
  add_library(Prometheus::core UNKNOWN IMPORTED)
  set_target_properties(Prometheus::core PROPERTIES
    IMPORTED_LOCATION "${Prometheus_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${Prometheus_INCLUDE_DIR}")
endif()
