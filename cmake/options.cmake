# SPDX-License-Identifier: Apache-2.0
# Build options; the presets in CMakePresets.json set them.

option(LATCHKEY_SANITIZE "Build with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(LATCHKEY_FUZZ "Build the libFuzzer targets (implies the sanitizers)" OFF)
option(LATCHKEY_COVERAGE "Build with source-based coverage" OFF)
option(LATCHKEY_PRECOMPILE "Compile what nearly every source includes once" OFF)

add_library(latchkey_flags INTERFACE)
target_compile_options(latchkey_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wimplicit-fallthrough -Werror
  -fstack-protector-strong -fno-omit-frame-pointer)
# Paths in binaries would make two builds of one commit differ.
target_compile_options(latchkey_flags INTERFACE -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
target_compile_definitions(latchkey_flags INTERFACE $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)

if(LATCHKEY_SANITIZE OR LATCHKEY_FUZZ)
  target_compile_options(latchkey_flags INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all)
  target_link_options(latchkey_flags INTERFACE -fsanitize=address,undefined)
endif()
if(LATCHKEY_FUZZ)
  target_compile_options(latchkey_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(LATCHKEY_COVERAGE)
  target_compile_options(latchkey_flags INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(latchkey_flags INTERFACE -fprofile-instr-generate)
endif()
