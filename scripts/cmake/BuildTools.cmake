# The presets include this at the first project(): ccache and mold, where the machine has them.

find_program(SOUK_CCACHE ccache)
if(SOUK_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_CURRENT_LIST_DIR}/compile.sh" "${SOUK_CCACHE}")
endif()

find_program(SOUK_MOLD NAMES ld.mold mold)
if(SOUK_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
mark_as_advanced(SOUK_CCACHE SOUK_MOLD)
