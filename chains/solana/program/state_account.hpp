// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/layout/state_layout.hpp"
#include "chains/solana/program/accounts.hpp"
#include "chains/solana/program/addresses.hpp"

/// Creating and growing this program's accounts, and finding one's way in the state.
namespace latchkey::solana::program {

/// Takes over an address that this program can sign for, whatever lamports it holds already:
/// allocate, then assign. (CreateAccount fails on a prefunded address, so anybody could block it.)
LATCHKEY_COLD inline void adopt_account(const Input& input, uint8_t* account, uint64_t size,
                                        const SolSignerSeeds* signer) {
    uint8_t data[40];
    SolAccountMeta meta = {key_of(account), 1, 1};
    SolAccountInfo info;
    describe(account, &info);
    // Allocate: u32 8, u64 size.
    core::store32<0>(data, 8);
    core::store64<4>(data, size);
    SolInstruction instruction = {kSystemProgram, &meta, 1, data, 12};
    sol_invoke_signed_c(&instruction, &info, 1, signer, 1);
    // Assign: u32 1, owner. The account's length has changed meanwhile.
    describe(account, &info);
    core::store32<0>(data, 1);
    core::put32(data + 4, input.program_id());
    instruction.data_length = 36;
    sol_invoke_signed_c(&instruction, &info, 1, signer, 1);
}

/// Makes the account at least `size` bytes long; new bytes are zero. No action adds as many bytes
/// as the runtime allows in one instruction (10,240), and whether the account holds the rent for
/// them is checked by the runtime at the end of the transaction.
LATCHKEY_INLINE void grow_account(uint8_t* account, uint64_t size) {
    if (size > data_length_of(account)) {
        core::store64<80>(account, size);
    }
}

/// The recovery commitment of a state that has one.
LATCHKEY_COLD inline const uint8_t* commitment_of(const uint8_t* state) {
    return state + kStateSharedOffset - core::kRecoverySize +
           core::load16<kStateSharedLengthOffset>(state);
}

LATCHKEY_INLINE uint8_t* local_section(uint8_t* state) {
    return state + core::load16<kStateLocalOffsetOffset>(state);
}

/// First byte behind the last local slot.
LATCHKEY_COLD inline uint8_t* local_end(uint8_t* state) {
    uint8_t* slot = local_section(state);
    for (uint64_t i = state[kStateLocalSlotsOffset]; i != 0; --i) {
        slot += core::load16(slot);
    }
    return slot;
}

LATCHKEY_INLINE void bump_local_version(uint8_t* state) {
    core::store32<kStateLocalVersionOffset>(state,
                                            core::load32<kStateLocalVersionOffset>(state) + 1);
}

/// Shrinks the slot to an empty one; what follows moves up and the bytes left over become zero.
LATCHKEY_COLD inline void empty_slot(uint8_t* state, uint8_t* slot) {
    uint8_t* const end = local_end(state);
    const uint64_t length = core::load16(slot);
    const uint64_t gap = length - kSlotEmptyLength;
    core::store64(slot, kSlotEmptyLength);
    sol_memmove_(slot + kSlotEmptyLength, slot + length,
                 static_cast<uint64_t>(end - slot) - length);
    sol_memset_(end - gap, 0, gap);
}

}  // namespace latchkey::solana::program
