// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/authorization.hpp"
#include "chains/solana/program/calls.hpp"

namespace latchkey::solana::program {

/// BPFLoaderUpgradeab1e11111111111111111111111's Upgrade as a SCOPE: one target, and its data.
inline constexpr uint8_t kUpgradeScope[1 + core::kTargetHead + 4] = {
    1,    0x02, 0xa8, 0xf6, 0x91, 0x4e, 0x88, 0xa1, 0xb0, 0xe2, 0x10, 0x15, 0x3e,
    0xf7, 0x63, 0xae, 0x2b, 0x00, 0xc2, 0xb9, 0x3d, 0x16, 0xc1, 0x24, 0xd2, 0xc0,
    0x53, 0x7a, 0x10, 0x04, 0x80, 0x00, 0x00, 4,    3,    0,    0,    0};
/// Head of a buffer account: its state and authority.
inline constexpr uint64_t kBufferHead = 37;

/// Replaces a program whose upgrade authority is the vault: codeHash(32), then one call with the
/// seven accounts of the loader's Upgrade, the third of which is the buffer.
LATCHKEY_COLD inline Verdict upgrade(const Input& input, const Authorized& out) {
    const uint8_t* const call = out.body + 32;
    if (input.end - call != 14 || call[1] != 7 || call[9] != 4) {
        return reject(Verdict::kUpgradeCode);
    }
    const uint64_t index = call[4] & kMetaIndexMask;
    if (index >= input.account_count) {
        return reject(Verdict::kAccountIndex);
    }
    const uint8_t* const buffer = input.accounts[index];
    const Slice code = {data_of(buffer) + kBufferHead, data_length_of(buffer) - kBufferHead};
    uint8_t hash[32];
    if (data_length_of(buffer) > kBufferHead) {
        core::keccak256_slices(&code, 1, hash);
        if (core::same32(hash, out.body)) {
            const CallRules rules = {kUpgradeScope, nullptr};
            return run_calls(input, call, out.first_account, &rules);
        }
    }
    return reject(Verdict::kUpgradeCode);
}

}  // namespace latchkey::solana::program
