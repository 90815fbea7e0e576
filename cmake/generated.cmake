# millrace::generated_aws: structs, conversions and shape tables of every service, from the models that Debian's
# python3-botocore installs and models/. Included as "generated/aws/<service>/types.h".
find_program(MILLRACE_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(NOT MILLRACE_PYTHON)
  message(FATAL_ERROR "Debian's /usr/bin/python3 was not found; install python3 and python3-botocore")
endif()
set(MODELGEN ${CMAKE_SOURCE_DIR}/tools/modelgen.py)
set(GENERATED_INCLUDE ${CMAKE_BINARY_DIR}/include)
execute_process(COMMAND ${MILLRACE_PYTHON} ${MODELGEN} --models ${CMAKE_SOURCE_DIR}/models --list-inputs
                OUTPUT_VARIABLE inputs ERROR_VARIABLE problem RESULT_VARIABLE failed
                OUTPUT_STRIP_TRAILING_WHITESPACE)
if(failed)
  message(FATAL_ERROR "modelgen needs Debian's python3-botocore:\n${problem}")
endif()
string(REPLACE "\n" ";" inputs "${inputs}")

set(sources)
set(headers ${GENERATED_INCLUDE}/generated/aws/services.h)
foreach(service IN ITEMS sagemaker runtime metrics s3 s3control s3outposts logs sts iam cloudwatch ecr control)
  set(folder ${GENERATED_INCLUDE}/generated/aws/${service})
  list(APPEND sources ${folder}/shapes.cpp ${folder}/wire.cpp)
  list(APPEND headers ${folder}/types.h ${folder}/operations.h)
endforeach()
list(APPEND sources ${GENERATED_INCLUDE}/generated/aws/services.cpp)
add_custom_command(
  OUTPUT ${sources} ${headers}
  COMMAND ${MILLRACE_PYTHON} ${MODELGEN} --models ${CMAKE_SOURCE_DIR}/models --out ${GENERATED_INCLUDE}/generated
  DEPENDS ${MODELGEN} ${inputs}
  COMMENT "Generating the wire types from the service models"
  VERBATIM)

add_library(millrace_generated_aws STATIC ${sources} ${headers})
add_library(millrace::generated_aws ALIAS millrace_generated_aws)
target_include_directories(millrace_generated_aws PUBLIC ${CMAKE_SOURCE_DIR}/src ${GENERATED_INCLUDE})
target_link_libraries(millrace_generated_aws PUBLIC millrace::core_base millrace::core_io millrace::core_json
                      PRIVATE millrace_warnings)

if(MILLRACE_TESTS)
  add_test(NAME "tools: modelgen" COMMAND ${MILLRACE_PYTHON} ${CMAKE_SOURCE_DIR}/tools/modelgen_test.py)
  set_tests_properties("tools: modelgen" PROPERTIES ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
endif()
