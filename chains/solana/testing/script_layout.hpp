// SPDX-License-Identifier: Apache-2.0
#pragma once

// Freestanding: compiled into the program and into what writes its data.
#include <stdint.h>

namespace latchkey::solana::testing {

/// Steps of the script program; accounts are positions of one byte.
enum ScriptOperation : uint64_t {
    /// account, to, u64 lamports: as they stand in memory, without any check.
    kScriptMove = 1,
    /// account, u16 offset, byte.
    kScriptWrite = 2,
    /// account, u32 length.
    kScriptResize = 3,
    /// account, position of the account whose address becomes the owner.
    kScriptAssign = 4,
    /// program, u8 count, {u8 1 signer | 2 writable, account}, u16 length, data, u8 seeds (0: no
    /// signature), {u8 length, bytes}.
    kScriptCall = 5,
    /// u8 length, bytes.
    kScriptReturn = 6,
    /// u32 custom error.
    kScriptFail = 7,
};

/// The script's own error.
inline constexpr uint64_t kScriptMalformed = 9001;

}  // namespace latchkey::solana::testing
