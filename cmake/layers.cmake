# SPDX-License-Identifier: Apache-2.0
# The dependency graph of ARCHITECTURE.md, enforced: a library may link only the Latchkey libraries
# listed for its layer. Anything else stops the configuration with an error.

set(LATCHKEY_LAYER_core "")
set(LATCHKEY_LAYER_net core)
set(LATCHKEY_LAYER_database core)
set(LATCHKEY_LAYER_signers core net)
set(LATCHKEY_LAYER_solana_layout core)
set(LATCHKEY_LAYER_solana_program core solana_layout)
set(LATCHKEY_LAYER_solana_client core net solana_layout)
set(LATCHKEY_LAYER_evm_client core net)
set(LATCHKEY_LAYER_evm_wallet core net evm_client)
set(LATCHKEY_LAYER_cli core net signers solana_layout solana_client evm_client evm_wallet)
set(LATCHKEY_LAYER_bench core net signers solana_layout solana_client solana_program testing)
# Stand-alone programs that link nothing of Latchkey.
set(LATCHKEY_LAYER_sbf_link "")
set(LATCHKEY_LAYER_waiting_model "")
# Makes and runs the test vectors of the specification.
set(LATCHKEY_LAYER_vectors core)
# What only tests link: the real Solana VM behind a pipe, and scenario helpers.
set(LATCHKEY_LAYER_testing core net signers solana_layout solana_client solana_program)
# What only tests link: one wallet on both kinds of chains.
set(LATCHKEY_LAYER_chains_testing core net signers solana_layout solana_client solana_program testing evm_client evm_wallet)

# latchkey_check_layer(<layer> <library>...): fail unless every latchkey:: library is allowed.
function(latchkey_check_layer layer)
  if(NOT DEFINED LATCHKEY_LAYER_${layer})
    message(FATAL_ERROR "Unknown layer '${layer}'. "
                        "Add it to cmake/layers.cmake and ARCHITECTURE.md.")
  endif()
  foreach(library IN LISTS ARGN)
    if(library MATCHES "^latchkey::(.+)$")
      if(NOT CMAKE_MATCH_1 STREQUAL layer AND NOT CMAKE_MATCH_1 IN_LIST LATCHKEY_LAYER_${layer})
        message(FATAL_ERROR "Layer '${layer}' must not use 'latchkey::${CMAKE_MATCH_1}'. "
                            "See the dependency graph in ARCHITECTURE.md.")
      endif()
    endif()
  endforeach()
endfunction()
