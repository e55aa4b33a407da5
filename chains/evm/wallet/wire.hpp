// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "chains/evm/wallet/action.hpp"
#include "core/encoding/byte_io.hpp"

/// Pieces that both forms are made of. Writers cut nothing off: what does not fit its field is
/// kOutOfRange or kInputTooLong. Readers fail with kUnexpectedEnd, kOutOfRange or kNonCanonical.
namespace latchkey::evm::wallet {

inline constexpr std::size_t kCallsMax = 16;

/// Big-endian, `size` bytes.
Result<void> write_uint(core::ByteWriter& out, std::uint64_t value, std::size_t size);
Result<std::uint64_t> read_uint(core::ByteReader& in, std::size_t size);
/// A size of `size_bytes`, then the bytes.
Result<void> write_sized(core::ByteWriter& out, ByteView bytes, std::size_t size_bytes);
Result<Bytes> read_sized(core::ByteReader& in, std::size_t size_bytes);
/// size(u8), then the number without leading zeros.
void write_amount(core::ByteWriter& out, const Uint256& amount);
Result<Uint256> read_amount(core::ByteReader& in);

/// to(20) size(u8) value size(u24) data
Result<void> write_call(core::ByteWriter& out, const Call& call);
Result<Call> read_call(core::ByteReader& in);
/// n(u8) call{n}
Result<void> write_calls(core::ByteWriter& out, std::span<const Call> calls);
Result<std::vector<Call>> read_calls(core::ByteReader& in);

/// n(u8) ids
Result<void> write_ids(core::ByteWriter& out, std::span<const core::LocalRuleId> ids);
Result<std::vector<core::LocalRuleId>> read_ids(core::ByteReader& in);

/// height(u8) index(u8) sibling{height}
Result<void> write_tree(core::ByteWriter& out, const core::TreeProof& tree);
Result<core::TreeProof> read_tree(core::ByteReader& in);

/// r s with the parity of the nonce's point in the highest bit.
Result<void> write_recoverable(core::ByteWriter& out,
                               const core::crypto::RecoverableSignature& signature);
Result<core::crypto::RecoverableSignature> read_recoverable(core::ByteReader& in);
/// Both forms begin a P-256 signature so: r s y.
void write_p256(core::ByteWriter& out, const core::crypto::P256Signature& signature,
                const Hash32& y);
Result<P256Approval> read_p256(core::ByteReader& in);

/// What a record hashes of a body: what is signed of it.
Bytes waiting_body(const Body& body);
/// The same back from calldata: a grant has no `present`. Also kUnsupported: the action never
/// waits.
Result<Body> read_waiting_body(core::ByteReader& in, std::uint8_t action);
/// Only what waiting_body() writes. Also kTrailingBytes.
Result<Body> decode_waiting_body(std::uint8_t action, ByteView bytes);

/// One Approval for each bit, each of its signer's kind; else kInvalidArgument or kEvidenceKind.
Result<void> check_approvals(const std::vector<core::Signer>& signers, const Approvals& approvals);

}  // namespace latchkey::evm::wallet
