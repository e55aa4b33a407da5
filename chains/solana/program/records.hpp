// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/authorization.hpp"
#include "chains/solana/program/state_account.hpp"

/// The records of a state: what waits under each rule, and what a rule did before
/// (docs/spec/authorization.md, section 8).
namespace latchkey::solana::program {

/// The records end where the local section begins.
LATCHKEY_INLINE uint8_t* first_record(uint8_t* state) {
    return local_section(state) - state[kStateRecordsOffset] * kRecordSize;
}

/// The record of the rule with this byte, or null.
LATCHKEY_COLD inline uint8_t* find_record(uint8_t* state, uint64_t rule) {
    uint8_t* record = first_record(state);
    for (uint64_t i = state[kStateRecordsOffset]; i != 0; --i) {
        if (*record == rule) {
            return record;
        }
        record += kRecordSize;
    }
    return nullptr;
}

/// The record of the rule with this byte; a new one if it had none.
LATCHKEY_INLINE uint8_t* need_record(const Input& input, uint8_t* state, uint64_t rule) {
    if (uint8_t* const record = find_record(state, rule); record != nullptr) {
        return record;
    }
    uint8_t* const record = local_section(state);
    const auto local_length = static_cast<uint64_t>(local_end(state) - record);
    const auto offset = static_cast<uint64_t>(record + kRecordSize - state);
    grow_account(input.accounts[0], offset + local_length);
    sol_memmove_(record + kRecordSize, record, local_length);
    sol_memset_(record, 0, kRecordSize);
    *record = static_cast<uint8_t>(rule);
    core::store16<kStateLocalOffsetOffset>(state, offset);
    state[kStateRecordsOffset] = static_cast<uint8_t>(state[kStateRecordsOffset] + 1);
    return record;
}

/// The latest time at `field` of any record of the recovery part (`mask` 0x80) or of all records
/// (`mask` 0).
LATCHKEY_COLD inline uint64_t latest_time(uint8_t* state, uint64_t mask, uint64_t field) {
    uint64_t latest = 0;
    const uint8_t* record = first_record(state);
    for (uint64_t i = state[kStateRecordsOffset]; i != 0; --i) {
        const uint64_t time = core::load32(record + field);
        if ((*record & mask) == mask && time > latest) {
            latest = time;
        }
        record += kRecordSize;
    }
    return latest;
}

/// Whether a freeze holds. One that is over is forgotten, if the state may be written.
LATCHKEY_INLINE core::Truth is_frozen(const Input& input, const Authorized& out) {
    uint8_t* const state = out.state;
    if (state == nullptr || *state != kAccountTypeFrozen) {
        return false;
    }
    if (out.now < latest_time(state, 0, kRecordFrozenAtOffset) + core::kFreezeLength) {
        return true;
    }
    if (is_writable(input.accounts[0])) {
        *state = kAccountTypeState;
    }
    return false;
}

}  // namespace latchkey::solana::program
