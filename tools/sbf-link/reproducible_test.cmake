# SPDX-License-Identifier: Apache-2.0
# cmake -DSBF_LINK=... -DSOURCE=<repository> -DCXX=clang++-19 -P reproducible_test.cmake
# Builds one program with cmake/sbf.cmake in two folders and compares every byte, then changes a
# header and expects the program to change.
set(root ${CMAKE_CURRENT_BINARY_DIR}/sbf-link-reproducible)
file(REMOVE_RECURSE ${root})

function(build folder)
  execute_process(COMMAND ${CMAKE_COMMAND} -G Ninja -S ${folder} -B ${folder}/build
    -DSBF_LINK=${SBF_LINK} -DLATCHKEY_SBF_CXX=${CXX} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${CMAKE_COMMAND} --build ${folder}/build --target reproducible_elf
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endfunction()

set(first ${root}/a)
set(second ${root}/another/folder)
foreach(folder IN ITEMS ${first} ${second})
  file(COPY ${SOURCE}/tools/sbf-link/testdata/reproducible/ DESTINATION ${folder})
  file(COPY ${SOURCE}/cmake/sbf.cmake DESTINATION ${folder}/cmake)
  build(${folder})
endforeach()

foreach(name IN ITEMS reproducible.so reproducible.debug.so reproducible.map)
  file(SHA256 ${first}/build/sbf/${name} first_hash)
  file(SHA256 ${second}/build/sbf/${name} second_hash)
  if(NOT first_hash STREQUAL second_hash)
    message(FATAL_ERROR "${name} depends on the folder: ${first_hash}, ${second_hash}")
  endif()
  message(STATUS "${name} ${first_hash}")
endforeach()

file(STRINGS ${first}/build/sbf/reproducible.so texts)
if(NOT texts MATCHES "program\\.cpp")
  message(FATAL_ERROR "the program has no file names: the test compares nothing of interest")
endif()
if(texts MATCHES "sbf-link-reproducible")
  message(FATAL_ERROR "the program contains the name of the build folder")
endif()

file(SHA256 ${first}/build/sbf/reproducible.so before)
file(READ ${first}/include/helper.hpp header)
string(REPLACE "kOffset = 1000" "kOffset = 1001" header "${header}")
# File times have a resolution; the build compares them.
execute_process(COMMAND ${CMAKE_COMMAND} -E sleep 1)
file(WRITE ${first}/include/helper.hpp "${header}")
build(${first})
file(SHA256 ${first}/build/sbf/reproducible.so after)
if(before STREQUAL after)
  message(FATAL_ERROR "a changed header did not rebuild the program")
endif()
file(REMOVE_RECURSE ${root})
