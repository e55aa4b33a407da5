// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "chains/solana/client/transaction.hpp"

/// Solana's upgradeable loader (loader-v3): where programs that can be replaced live. Layouts are
/// those of solana-loader-v3-interface: bincode, u32 discriminator, little endian.
namespace latchkey::solana::loader {

/// Bytes in front of the code: of a buffer (state and authority), of a program's data (with room
/// for an authority even when there is none); and the whole of a program's account.
inline constexpr std::size_t kBufferHead = 37;
inline constexpr std::size_t kProgramDataHead = 45;
inline constexpr std::size_t kProgramBytes = 36;

/// Where a program's code is.
Result<Address> program_data_address(const Address& program);

/// After create_account with kBufferHead and the code's size, and the loader as the owner.
Instruction initialize_buffer(const Address& buffer, const Address& authority);
/// `offset` counts from behind the head.
Instruction write(const Address& buffer, const Address& authority, std::uint32_t offset,
                  ByteView code);
/// After create_account of `program` with kProgramBytes. The buffer must have `authority`, which
/// becomes the program's and pays as `payer` for its data. `room`: bytes that later code may have.
Result<Instruction> deploy(const Address& payer, const Address& program, const Address& buffer,
                           const Address& authority, std::uint64_t room);
/// The buffer's lamports beyond what the program's data need go to `spill`.
Result<Instruction> upgrade(const Address& program, const Address& buffer, const Address& spill,
                            const Address& authority);
/// Of a buffer or of a program's data. No `next`: nobody for ever (not of a buffer).
Instruction set_authority(const Address& account, const Address& current,
                          const std::optional<Address>& next);
/// Of a buffer: all its lamports go to `to`.
Instruction close_buffer(const Address& buffer, const Address& to, const Address& authority);
/// More room for a program's code; anybody may pay for it. At least 10,240 bytes, unless that is
/// more than an account may have (SIMD-0431).
Result<Instruction> extend(const Address& program, const Address& payer, std::uint32_t bytes);

/// A buffer's account.
struct Buffer {
    /// Who may write to it; absent when nobody can.
    std::optional<Address> authority;
    /// Everything behind the head.
    Bytes code;
};
/// Errors: kUnexpectedEnd, kUnsupported (not a buffer), kNonCanonical.
Result<Buffer> decode_buffer(ByteView data);

/// What an `upgrade` action names: keccak of everything behind a buffer's head.
core::Hash32 code_hash(ByteView code);

}  // namespace latchkey::solana::loader
