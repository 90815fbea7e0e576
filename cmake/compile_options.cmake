# One set of flags for every target of ours; libraries' headers are system headers and stay quiet.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

find_program(MILLRACE_CCACHE ccache)
if(MILLRACE_CCACHE)
  # Build folders share the cache: the folder's own path is kept out of the key.
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros
      ${MILLRACE_CCACHE})
endif()

# bfd takes ten times as long to link a torch program as either of these.
find_program(MILLRACE_MOLD mold)
find_program(MILLRACE_LLD ld.lld)
if(MILLRACE_MOLD)
  add_link_options(-fuse-ld=mold)
elseif(MILLRACE_LLD)
  add_link_options(-fuse-ld=lld)
endif()

add_library(millrace_warnings INTERFACE)
# Without -Wmissing-field-initializers, which fights designated initialisers in g++ 12.
target_compile_options(millrace_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                       -Wno-missing-field-initializers $<$<BOOL:${MILLRACE_WERROR}>:-Werror>)

if(MILLRACE_SANITIZE)
  add_compile_options(-fsanitize=${MILLRACE_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${MILLRACE_SANITIZE})
endif()
