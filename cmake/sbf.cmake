# SPDX-License-Identifier: Apache-2.0
# How a Solana program is built: clang++-19 for the BPF back end, then sbf-link.

find_program(LATCHKEY_SBF_CXX clang++-19 REQUIRED)

# -mcpu=v2 is not a preference: 32-bit arithmetic of v3 loads on the VM and computes wrong results
# (sBPF sign-extends where LLVM zero-extends). sbf-link refuses such code.
set(LATCHKEY_SBF_FLAGS
  -target bpf -mcpu=v2 -O2 -std=c++20 -ffreestanding -fno-exceptions -fno-rtti
  -fno-threadsafe-statics -fno-asynchronous-unwind-tables -nostdlib -nostdlibinc -nostdinc++
  -ffunction-sections -fdata-sections
  -mllvm -bpf-stack-size=4096
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}=. -ffile-prefix-map=${CMAKE_BINARY_DIR}=build
  -Wall -Wextra -Werror)

# latchkey_sbf_program(<name> SOURCES entry.cpp ... [INCLUDES dir ...] [DEFINES NAME=value ...]
#                      [FLAGS flag ...] [MAX_SIZE bytes] [PATCH NAME=HEX ...])
# Builds ${CMAKE_BINARY_DIR}/sbf/<name>.so, which is what is deployed, <name>.debug.so, the same
# program with a symbol table for tracing, and <name>.map; the target is <name>_elf. Paths are
# relative to the calling folder. FLAGS go to the compiler, after the standard ones. MAX_SIZE fails
# the build when the program outgrows its budget; PATCH fills 32-byte constants (see
# sbf-link --help).
function(latchkey_sbf_program name)
  cmake_parse_arguments(ARG "" "MAX_SIZE" "SOURCES;INCLUDES;DEFINES;FLAGS;PATCH" ${ARGN})
  set(output ${CMAKE_BINARY_DIR}/sbf)
  file(MAKE_DIRECTORY ${output})
  set(compile_flags ${LATCHKEY_SBF_FLAGS} -I${CMAKE_SOURCE_DIR})
  foreach(directory IN LISTS ARG_INCLUDES)
    get_filename_component(directory ${directory} ABSOLUTE)
    list(APPEND compile_flags -I${directory})
  endforeach()
  foreach(definition IN LISTS ARG_DEFINES)
    list(APPEND compile_flags -D${definition})
  endforeach()
  list(APPEND compile_flags ${ARG_FLAGS})

  set(objects)
  foreach(source IN LISTS ARG_SOURCES)
    get_filename_component(source ${source} ABSOLUTE)
    file(RELATIVE_PATH label ${CMAKE_SOURCE_DIR} ${source})
    string(REGEX REPLACE "[^A-Za-z0-9_.]" "_" label ${label})
    set(object ${output}/${name}.dir/${label}.o)
    add_custom_command(OUTPUT ${object}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${output}/${name}.dir
      COMMAND ${LATCHKEY_SBF_CXX} ${compile_flags} -MD -MF ${object}.d -MT ${object}
              -c ${source} -o ${object}
      DEPENDS ${source} DEPFILE ${object}.d
      COMMENT "Compiling ${name} for sBPF: ${label}" VERBATIM)
    list(APPEND objects ${object})
  endforeach()

  set(link_flags)
  if(ARG_MAX_SIZE)
    list(APPEND link_flags --max-size ${ARG_MAX_SIZE})
  endif()
  foreach(patch IN LISTS ARG_PATCH)
    list(APPEND link_flags --patch-slot ${patch})
  endforeach()
  add_custom_command(
    OUTPUT ${output}/${name}.so ${output}/${name}.debug.so ${output}/${name}.map
    COMMAND sbf-link ${link_flags} --map ${output}/${name}.map -o ${output}/${name}.so ${objects}
    COMMAND sbf-link ${link_flags} --symbols -o ${output}/${name}.debug.so ${objects}
    DEPENDS sbf-link ${objects}
    COMMENT "Linking ${name}.so" VERBATIM)
  add_custom_target(${name}_elf
    DEPENDS ${output}/${name}.so ${output}/${name}.debug.so ${output}/${name}.map)
endfunction()
