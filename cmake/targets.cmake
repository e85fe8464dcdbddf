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

# keyfold_library(folder SOURCES... ): one static library per folder of src/.
function(keyfold_library folder)
  add_library(keyfold_${folder} STATIC ${ARGN})
  target_include_directories(keyfold_${folder} PUBLIC ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
  keyfold_compile_options(keyfold_${folder})
endfunction()

# keyfold_test(name LIBRARIES... ): tests/<folder>/<name>.cc is a test of its own.
function(keyfold_test source)
  get_filename_component(name ${source} NAME_WE)
  add_executable(${name} ${source})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${ARGN} GTest::gtest GTest::gmock GTest::gtest_main)
  keyfold_compile_options(${name})
  add_test(NAME ${name} COMMAND ${name})
  # "broker" in its name: it needs a Kafka broker, and tools/test runs it with one.
  if(name MATCHES "(^|_)broker_")
    set_property(TEST ${name} APPEND PROPERTY LABELS broker)
  endif()
endfunction()
