# millrace_embed(<target> <file> <symbol>)
#
# Makes the text of a file a constant of the program: millrace::embedded::<symbol>, a std::string_view, in
# "generated/embedded/<symbol>.h". For texts that are written out as they are and better kept in their own language.
function(millrace_embed target file symbol)
  set(header ${CMAKE_BINARY_DIR}/embedded/generated/embedded/${symbol}.h)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} text)
  set(content "#pragma once\n\n#include <string_view>\n\nnamespace millrace::embedded {\n
inline constexpr std::string_view ${symbol} = R\"embedded(${text})embedded\";\n
}  // namespace millrace::embedded\n")
  set(before)
  if(EXISTS ${header})
    file(READ ${header} before)
  endif()
  if(NOT "${before}" STREQUAL "${content}")
    file(WRITE ${header} "${content}")
  endif()
  target_include_directories(${target} PRIVATE ${CMAKE_BINARY_DIR}/embedded)
endfunction()
