// SPDX-License-Identifier: Apache-2.0
#pragma once

// Freestanding.
#include <stdint.h>

#include "core/freestanding/hash.hpp"

/// What the Solana VM offers (names and signatures: Agave's syscalls). Ordinary C functions, so
/// that the same program links against the implementations in chains/solana/testing for native
/// tests. Every parameter is a pointer or 64 bits: BPF callers do not extend narrower ones.
extern "C" {

/// An account of a call, with the privileges it gets.
struct SolAccountMeta {
    const uint8_t* address;
    uint8_t is_writable;
    uint8_t is_signer;
};

/// A call.
struct SolInstruction {
    const uint8_t* program_id;
    SolAccountMeta* accounts;
    uint64_t account_count;
    const uint8_t* data;
    uint64_t data_length;
};

/// Where an account of the caller is in its input.
struct SolAccountInfo {
    const uint8_t* address;
    const uint8_t* lamports;
    uint64_t data_length;
    const uint8_t* data;
    const uint8_t* owner;
    uint64_t rent_epoch;
    uint8_t is_signer;
    uint8_t is_writable;
    uint8_t executable;
};

/// One seed of a derived address.
struct SolSignerSeed {
    const uint8_t* data;
    uint64_t length;
};

/// The seeds of one derived address that signs.
struct SolSignerSeeds {
    const SolSignerSeed* seeds;
    uint64_t count;
};

/// Sizes of an earlier instruction.
struct SolProcessedSibling {
    uint64_t data_length;
    uint64_t account_count;
};

/// Calls another program; a failure ends the transaction and does not come back.
uint64_t sol_invoke_signed_c(const SolInstruction* instruction, const SolAccountInfo* infos,
                             uint64_t info_count, const SolSignerSeeds* signers,
                             uint64_t signer_count);
/// 1 for an instruction of the transaction.
uint64_t sol_get_stack_height();
/// Copies `length` bytes at `offset` of a sysvar; 0 when it worked.
uint64_t sol_get_sysvar(const uint8_t* sysvar_id, uint8_t* out, uint64_t offset, uint64_t length);
/// The `index`-th instruction before this one at the same height (0 = the one just before). Data
/// and accounts are copied only when `meta` gives their exact lengths; then and otherwise `meta`
/// says what they are. 1 when it exists.
uint64_t sol_get_processed_sibling_instruction(uint64_t index, SolProcessedSibling* meta,
                                               uint8_t* program_id, uint8_t* data,
                                               uint8_t* accounts);
/// `signature` is r ‖ s; writes the 64-byte public key; 0 when it worked.
uint64_t sol_secp256k1_recover(const uint8_t* hash, uint64_t recovery_id, const uint8_t* signature,
                               uint8_t* public_key);
/// `curve` 0 is ed25519; 0 when the point is on it.
uint64_t sol_curve_validate_point(uint64_t curve, const uint8_t* point, uint8_t* result);
/// `operation` 2 is scalar * point; 0 when the point is on the curve and the little-endian scalar
/// below the group's order.
uint64_t sol_curve_group_op(uint64_t curve, uint64_t operation, const uint8_t* scalar,
                            const uint8_t* point, uint8_t* result);
uint64_t sol_set_return_data(const uint8_t* data, uint64_t length);
// The runtime finds these two by names that end so.
// NOLINTNEXTLINE(readability-identifier-naming)
uint64_t sol_memmove_(uint8_t* to, const uint8_t* from, uint64_t length);
// NOLINTNEXTLINE(readability-identifier-naming)
uint64_t sol_memset_(uint8_t* to, uint64_t value, uint64_t length);
}

static_assert(sizeof(SolAccountMeta) == 16 && sizeof(SolInstruction) == 40 &&
                  sizeof(SolAccountInfo) == 56,
              "the VM reads these layouts");
