# How this project's targets are built: the same flags for all of them.

function(keyfold_compile_options target)
  # Doubles are evaluated in the written order, without fused multiply-add: results agree between machines.
  target_compile_options(${target} PRIVATE -Wall -Wextra -ffp-contract=off)
  if(KEYFOLD_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(KEYFOLD_SANITIZE)
    target_compile_options(${target} PUBLIC -fsanitize=${KEYFOLD_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=${KEYFOLD_SANITIZE})
  endif()
endfunction()

# Two sets of headers that are compiled once and for all: what most files of the source include, and with GoogleTest.
if(KEYFOLD_PRECOMPILE)
  file(WRITE ${CMAKE_BINARY_DIR}/precompiled.cc "")
  foreach(set precompiled precompiled_tests)
    add_library(keyfold_${set} OBJECT ${CMAKE_BINARY_DIR}/precompiled.cc)
    target_link_libraries(keyfold_${set} PRIVATE keyfold_proto absl::flat_hash_map absl::statusor absl::time)
    target_precompile_headers(keyfold_${set} PRIVATE ${PROJECT_SOURCE_DIR}/cmake/precompiled.h)
    keyfold_compile_options(keyfold_${set})
  endforeach()
  target_link_libraries(keyfold_precompiled_tests PRIVATE GTest::gmock)
  target_precompile_headers(keyfold_precompiled_tests PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
endif()

# keyfold_precompile(target SET): takes a set instead of parsing its headers.
function(keyfold_precompile target set)
  if(KEYFOLD_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM keyfold_${set})
  endif()
endfunction()

# keyfold_library(folder SOURCES... ): one static library per folder of src/.
function(keyfold_library folder)
  add_library(keyfold_${folder} STATIC ${ARGN})
  target_include_directories(keyfold_${folder} PUBLIC ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
  keyfold_compile_options(keyfold_${folder})
  keyfold_precompile(keyfold_${folder} precompiled)
endfunction()

# keyfold_test(name LIBRARIES... ): tests/<folder>/<name>.cc is a test of its own.
function(keyfold_test source)
  get_filename_component(name ${source} NAME_WE)
  add_executable(${name} ${source})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${ARGN} GTest::gtest GTest::gmock GTest::gtest_main)
  keyfold_compile_options(${name})
  keyfold_precompile(${name} precompiled_tests)
  if(name MATCHES "_broker_test$")
    target_link_libraries(${name} PRIVATE keyfold_broker_world)
  endif()
  add_test(NAME ${name} COMMAND ${name})
  # "broker" in its name: it needs a Kafka broker, and tools/test runs it with one.
  if(name MATCHES "(^|_)broker_")
    set_property(TEST ${name} APPEND PROPERTY LABELS broker)
  endif()
endfunction()
