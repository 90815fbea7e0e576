# millrace_console(<target>)
#
# Links the built web console into <target>: millrace::console::embedded_files(). The files
# come from MILLRACE_CONSOLE_DIST, else from console/, which npm builds when one of its sources has changed. With
# MILLRACE_CONSOLE=OFF, or where there is no console/, there are none and the daemon says so at /console/.
function(millrace_console target)
  set(out ${CMAKE_BINARY_DIR}/console)
  set(folder ${MILLRACE_CONSOLE_DIST})
  set(made)
  if(NOT MILLRACE_CONSOLE)
    set(folder)
  elseif(NOT folder AND EXISTS ${CMAKE_SOURCE_DIR}/console/package-lock.json)
    set(home ${CMAKE_SOURCE_DIR}/console)
    set(folder ${home}/dist)
    set(made ${folder}/index.html)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${home}/src/* ${home}/public/* ${home}/scripts/*)
    file(GLOB settings CONFIGURE_DEPENDS ${home}/*.json ${home}/*.ts ${home}/*.html)
    add_custom_command(OUTPUT ${made}
                       COMMAND ${CMAKE_SOURCE_DIR}/scripts/console build
                       DEPENDS ${sources} ${settings} ${CMAKE_SOURCE_DIR}/scripts/console
                       COMMENT "Building the web console" USES_TERMINAL VERBATIM)
  endif()
  set(files)
  if(folder AND NOT made)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*)
  endif()
  # One source that names the files and includes them as they are: no compiler reads their text.
  add_custom_command(OUTPUT ${out}/console_files.cpp
                     COMMAND ${MILLRACE_PYTHON} ${CMAKE_SOURCE_DIR}/tools/embed_console.py "${folder}" ${out}
                     DEPENDS ${CMAKE_SOURCE_DIR}/tools/embed_console.py ${made} ${files}
                     COMMENT "Packing the web console" VERBATIM)
  add_library(millrace_console_files STATIC ${out}/console_files.cpp)
  target_include_directories(millrace_console_files PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(${target} PRIVATE millrace_console_files)
endfunction()
