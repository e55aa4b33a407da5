# SPDX-License-Identifier: Apache-2.0
# How Latchkey declares libraries, programs, tests, fuzzers and benchmarks. One folder is one
# library, one namespace and one CMake target; sources are listed, never globbed.
include(GoogleTest)

# latchkey_precompile(<target> <library|test>): a fifth of a build's time goes into the headers of
# Boost, the standard library and GoogleTest. Builds without this find a missing include.
function(latchkey_precompile target kind)
  if(NOT LATCHKEY_PRECOMPILE)
    return()
  endif()
  set(owner latchkey_precompiled_${kind})
  if(NOT TARGET ${owner})
    add_library(${owner} STATIC ${CMAKE_SOURCE_DIR}/cmake/precompiled.cpp)
    target_include_directories(${owner} PRIVATE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${owner} PRIVATE latchkey_flags Boost::json)
    # ccache compares what is inside, not when it was made.
    target_compile_options(${owner} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
    if(kind STREQUAL test)
      target_link_libraries(${owner} PRIVATE GTest::gmock)
      target_precompile_headers(${owner} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled_test.hpp)
    else()
      target_precompile_headers(${owner} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled.hpp)
    endif()
  endif()
  target_precompile_headers(${target} REUSE_FROM ${owner})
endfunction()

# latchkey_library(<layer> [SOURCES a.cpp ...] [PUBLIC lib ...] [PRIVATE lib ...])
# Without SOURCES the library is header-only. Include paths start at the repository root, so every
# include names its folder: #include "core/encoding/base58.hpp".
function(latchkey_library layer)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  latchkey_check_layer(${layer} ${ARG_PUBLIC} ${ARG_PRIVATE})
  if(ARG_SOURCES)
    add_library(latchkey_${layer} STATIC ${ARG_SOURCES})
    target_include_directories(latchkey_${layer} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(latchkey_${layer}
      PUBLIC ${ARG_PUBLIC} PRIVATE latchkey_flags ${ARG_PRIVATE})
    # Without exceptions the headers are others.
    if(NOT layer STREQUAL core)
      latchkey_precompile(latchkey_${layer} library)
    endif()
  else()
    add_library(latchkey_${layer} INTERFACE)
    target_include_directories(latchkey_${layer} INTERFACE ${CMAKE_SOURCE_DIR})
    target_link_libraries(latchkey_${layer} INTERFACE ${ARG_PUBLIC})
  endif()
  add_library(latchkey::${layer} ALIAS latchkey_${layer})
endfunction()

# latchkey_program(<name> LAYER <layer> SOURCES a.cpp ... [LIBRARIES lib ...])
function(latchkey_program name)
  cmake_parse_arguments(ARG "" "LAYER" "SOURCES;LIBRARIES" ${ARGN})
  latchkey_check_layer(${ARG_LAYER} ${ARG_LIBRARIES})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE latchkey_flags ${ARG_LIBRARIES})
  latchkey_precompile(${name} library)
endfunction()

# latchkey_test(<name> SOURCES a_test.cpp ... [LIBRARIES lib ...] [DEPENDS target ...]
#               [TIMEOUT seconds] [WHOLE] [SUITES suite ...])
# One test binary; every TEST() becomes a ctest case, or the whole binary one case with WHOLE (for
# suites that share an expensive process such as the Solana VM). With SUITES each of them is a case,
# and the others together are one. Run from the repository root.
function(latchkey_test name)
  cmake_parse_arguments(ARG "WHOLE" "TIMEOUT" "SOURCES;LIBRARIES;DEPENDS;SUITES" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE latchkey_flags ${ARG_LIBRARIES} rapidcheck rapidcheck_gtest
    GTest::gmock GTest::gtest_main)
  latchkey_precompile(${name} test)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  if(ARG_SUITES)
    set(others "-")
    foreach(suite IN LISTS ARG_SUITES)
      add_test(NAME ${name}/${suite} COMMAND ${name} --gtest_filter=${suite}.*
        WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
      set_tests_properties(${name}/${suite} PROPERTIES TIMEOUT ${ARG_TIMEOUT})
      string(APPEND others "${suite}.*:")
    endforeach()
    add_test(NAME ${name} COMMAND ${name} --gtest_filter=${others}
      WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT})
  elseif(ARG_WHOLE)
    add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT})
  else()
    gtest_discover_tests(${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} DISCOVERY_TIMEOUT 60
      TEST_PREFIX "${name}/" PROPERTIES TIMEOUT ${ARG_TIMEOUT})
  endif()
endfunction()

# latchkey_fuzzer(<name> SOURCES a_fuzz.cpp ... [LIBRARIES lib ...])
# A libFuzzer program with LATCHKEY_FUZZ; with LATCHKEY_SANITIZE a test that replays the corpus,
# which lives in <source folder>/corpus/<name>; otherwise nothing.
function(latchkey_fuzzer name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  set(corpus ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
  if(LATCHKEY_SANITIZE AND NOT LATCHKEY_FUZZ AND EXISTS ${corpus})
    add_executable(${name}_replay ${ARG_SOURCES} ${CMAKE_SOURCE_DIR}/cmake/replay_corpus.cpp)
    target_include_directories(${name}_replay PRIVATE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${name}_replay PRIVATE latchkey_flags ${ARG_LIBRARIES})
    add_test(NAME ${name}_replay COMMAND ${name}_replay ${corpus})
  endif()
  if(NOT LATCHKEY_FUZZ)
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE latchkey_flags ${ARG_LIBRARIES})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
  if(NOT TARGET fuzzers)
    add_custom_target(fuzzers)
  endif()
  add_dependencies(fuzzers ${name})
endfunction()

# latchkey_benchmark(<name> SOURCES a_bench.cpp ... [LIBRARIES lib ...])
function(latchkey_benchmark name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE latchkey_flags ${ARG_LIBRARIES} benchmark::benchmark)
endfunction()
