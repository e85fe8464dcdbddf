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
  if(KEYFOLD_SANITIZE MATCHES undefined AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # A third of GCC's time goes into these two at each access to memory. Of null AddressSanitizer tells, too; what reads
    # foreign bytes is fuzzed with both (tools/fuzz, clang).
    target_compile_options(${target} PUBLIC -fno-sanitize=null,alignment)
  endif()
endfunction()

# Links in a quarter of the time that the usual linker takes, where it is installed (tools/setup does).
find_program(KEYFOLD_MOLD mold)
if(KEYFOLD_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# The code of tests runs once: compiling it takes longer than what more than this wins. What they test is unchanged.
set(KEYFOLD_TEST_OPTIONS $<$<CONFIG:RelWithDebInfo>:-O1>)

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
  target_compile_options(keyfold_precompiled_tests PRIVATE ${KEYFOLD_TEST_OPTIONS})
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
  if(KEYFOLD_UNITY)
    set_target_properties(keyfold_${folder} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
  endif()
endfunction()

# keyfold_test_program(name SOURCES... LIBRARIES...): a program of GoogleTest.
function(keyfold_test_program name)
  cmake_parse_arguments(program "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${program_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${program_LIBRARIES} GTest::gtest GTest::gmock GTest::gtest_main)
  keyfold_compile_options(${name})
  target_compile_options(${name} PRIVATE ${KEYFOLD_TEST_OPTIONS})
  keyfold_precompile(${name} precompiled_tests)
endfunction()

# Sets `cases` to the cases of GoogleTest in a source file, as its filters name them.
function(keyfold_cases_of source cases)
  set(macros "TEST|TEST_F|INSTANTIATE_TEST_SUITE_P|RC_GTEST_PROP|RC_GTEST_FIXTURE_PROP")
  set(names "\\([ \n]*([A-Za-z0-9_]+),[ \n]*([A-Za-z0-9_]+)")
  file(READ ${source} text)
  string(REGEX MATCHALL "\n(${macros})${names}" found "\n${text}")
  if(NOT found)
    message(FATAL_ERROR "${source}: no cases of GoogleTest")
  endif()
  list(TRANSFORM found REPLACE "^\nINSTANTIATE_TEST_SUITE_P${names}" "\\1/\\2.*")
  list(TRANSFORM found REPLACE "^\nRC_GTEST_FIXTURE_PROP${names}" "\\1_RapidCheck.\\2")
  list(TRANSFORM found REPLACE "^\n[A-Z_]+${names}" "\\1.\\2")
  list(JOIN found ":" found)
  set(${cases} "${found}" PARENT_SCOPE)
endfunction()

# keyfold_not_sanitized(targets...): tools/test does not run them under sanitizers, so `all` leaves them out there.
function(keyfold_not_sanitized)
  if(KEYFOLD_SANITIZE)
    set_target_properties(${ARGN} PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
endfunction()

add_custom_target(keyfold_thread_tests)  # what runs under ThreadSanitizer

# keyfold_tests([THREADS] [ALWAYS] LIBRARIES...): each <name>_test.cc of this folder is a test of ctest, <name>_test.
# With KEYFOLD_UNITY they are one program, else each is a program of its own. ALWAYS: without KEYFOLD_UNIT_TESTS, too,
# like what needs a broker. THREADS: under ThreadSanitizer, too, which can judge no threads of Debian's libraries: what
# absl::Mutex guards looks like a race to it (tools/lint holds it to its annotations), RocksDB is not compiled with it,
# librdkafka starts its threads behind its back.
function(keyfold_tests)
  cmake_parse_arguments(options "THREADS;ALWAYS" "" "" ${ARGN})
  set(libraries ${options_UNPARSED_ARGUMENTS})
  file(GLOB sources CONFIGURE_DEPENDS *_test.cc)
  # "broker" in its name: it needs a Kafka broker, and tools/test runs it with one.
  set(broker_sources ${sources})
  list(FILTER broker_sources INCLUDE REGEX "[/_]broker_[a-z_]*test.cc$")
  list(FILTER sources EXCLUDE REGEX "[/_]broker_[a-z_]*test.cc$")
  if(NOT KEYFOLD_UNIT_TESTS AND NOT options_ALWAYS)
    set(sources "")
  endif()
  keyfold_tests_of(tests "${sources}" "${libraries}")
  if(options_THREADS AND keyfold_tests)
    set_tests_properties(${keyfold_tests} PROPERTIES LABELS threads)
    add_dependencies(keyfold_thread_tests ${keyfold_tests_programs})
  endif()
  keyfold_tests_of(broker_tests "${broker_sources}" "${libraries};keyfold_broker_world")
  if(keyfold_broker_tests)
    set_tests_properties(${keyfold_broker_tests} PROPERTIES LABELS broker)
    keyfold_not_sanitized(${keyfold_broker_tests_programs})
  endif()
endfunction()

# Sets keyfold_<set> to the names of its tests, and keyfold_<set>_programs to what they are cases of.
function(keyfold_tests_of set sources libraries)
  set(names "")
  set(programs "")
  if(KEYFOLD_UNITY AND sources)
    get_filename_component(folder ${CMAKE_CURRENT_SOURCE_DIR} NAME)
    set(programs ${folder}_${set})
    keyfold_test_program(${folder}_${set} SOURCES ${sources} LIBRARIES ${libraries})
    set_target_properties(${folder}_${set} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
  endif()
  foreach(source ${sources})
    get_filename_component(name ${source} NAME_WE)
    list(APPEND names ${name})
    if(KEYFOLD_UNITY)
      keyfold_cases_of(${source} cases)
      list(APPEND all_cases ${cases})
      add_test(NAME ${name} COMMAND ${folder}_${set} --gtest_filter=${cases})
    else()
      list(APPEND programs ${name})
      keyfold_test_program(${name} SOURCES ${source} LIBRARIES ${libraries})
      add_test(NAME ${name} COMMAND ${name})
    endif()
  endforeach()
  if(all_cases)
    # What was not found in a source all the same: none is left out.
    list(JOIN all_cases ":" all_cases)
    add_test(NAME ${folder}_${set}.others COMMAND ${folder}_${set} --gtest_filter=-${all_cases})
    list(APPEND names ${folder}_${set}.others)
  endif()
  set(keyfold_${set} ${names} PARENT_SCOPE)
  set(keyfold_${set}_programs ${programs} PARENT_SCOPE)
endfunction()
