// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/accounts.hpp"
#include "chains/solana/program/addresses.hpp"

/// Signature-verification instructions before this one, in their one accepted layout
/// (docs/spec/solana.md, section 4). The runtime has verified the signatures they describe; what is
/// checked here is that they describe exactly what the approvals claim, with every offset pointing
/// into the instruction itself.
namespace latchkey::solana::program {

/// Copies the data of the `index`-th instruction before this one, which must be of `program`, have
/// `length` bytes and no accounts. The syscall sees only this call height, and precompiles cannot
/// be called, so this also proves that the program runs at the top level.
LATCHKEY_COLD inline Verdict read_precompile(uint64_t index, const KnownAddress& program,
                                             uint64_t length, uint8_t* data) {
    SolProcessedSibling meta = {length, 0};
    uint8_t program_id[32];
    if (sol_get_processed_sibling_instruction(index, &meta, program_id, data, data) != 1) {
        return reject(Verdict::kPrecompileMissing);
    }
    if (meta.data_length != length || meta.account_count != 0) {
        return reject(Verdict::kPrecompileLayout);
    }
    if (!(equals(program_id, program))) {
        return reject(Verdict::kPrecompileMissing);
    }
    return Verdict::kAccepted;
}

/// read_precompile as a call, for code that is small rather than fast.
LATCHKEY_NOINLINE inline Verdict read_precompile_cold(uint64_t index, const KnownAddress& program,
                                                      uint64_t length, uint8_t* data) {
    return read_precompile(index, program, length, data);
}

/// A slot's key (then 64 bytes of signature) and message.
struct Slot {
    const uint8_t* key;
    const uint8_t* message;
};

/// Reads the slots of a secp256r1 or ed25519 precompile one by one.
struct SlotReader {
    const uint8_t* data;
    const uint8_t* offsets;
    uint64_t block;
};

LATCHKEY_COLD inline Verdict open_slots(const uint8_t* data, uint64_t count, SlotReader* reader) {
    // Count, and a zero byte of padding.
    if (core::load16(data) != count) {
        return reject(Verdict::kPrecompileLayout);
    }
    reader->data = data;
    reader->offsets = data + kPrecompileHeader;
    reader->block = kPrecompileHeader + count * kPrecompileOffsets;
    return Verdict::kAccepted;
}

/// The next slot.
LATCHKEY_COLD inline Verdict next_slot(SlotReader* reader, uint64_t key_size, uint64_t message_size,
                                       Slot* slot) {
    const uint64_t key_at = reader->block;
    const uint64_t signature_at = key_at + key_size;
    const uint64_t message_at = signature_at + 64;
    const uint64_t here = 0xffff;
    if (core::load64<0>(reader->offsets) !=
            (signature_at | here << 16 | key_at << 32 | here << 48) ||
        core::load32<8>(reader->offsets) != (message_at | message_size << 16) ||
        core::load16<12>(reader->offsets) != here) {
        return reject(Verdict::kPrecompileLayout);
    }
    slot->key = reader->data + key_at;
    slot->message = reader->data + message_at;
    reader->offsets += kPrecompileOffsets;
    reader->block = message_at + message_size;
    return Verdict::kAccepted;
}

}  // namespace latchkey::solana::program
