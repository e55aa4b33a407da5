// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/wire.hpp"

#include <bit>

namespace latchkey::evm::wallet {

using core::ByteReader;
using core::ByteWriter;
using core::ErrorCode;
using core::fail;

Result<void> write_uint(ByteWriter& out, std::uint64_t value, std::size_t size) {
    if (size < 8 && value >> (8 * size) != 0) {
        return fail(ErrorCode::kOutOfRange,
                    std::to_string(value) + " in " + std::to_string(size) + " bytes");
    }
    for (std::size_t i = size; i-- != 0;) {
        out.write_u8(static_cast<std::uint8_t>(value >> (8 * i)));
    }
    return {};
}

Result<std::uint64_t> read_uint(ByteReader& in, std::size_t size) {
    LATCHKEY_TRY(const ByteView bytes, in.read(size));
    std::uint64_t value = 0;
    for (const std::uint8_t byte : bytes) {
        value = value << 8 | byte;
    }
    return value;
}

Result<void> write_sized(ByteWriter& out, ByteView bytes, std::size_t size_bytes) {
    if (bytes.size() >> (8 * size_bytes) != 0) {
        return fail(ErrorCode::kInputTooLong, std::to_string(bytes.size()) + " bytes");
    }
    LATCHKEY_CHECK(write_uint(out, bytes.size(), size_bytes));
    out.write(bytes);
    return {};
}

Result<Bytes> read_sized(ByteReader& in, std::size_t size_bytes) {
    LATCHKEY_TRY(const std::uint64_t size, read_uint(in, size_bytes));
    LATCHKEY_TRY(const ByteView bytes, in.read(size));
    return core::to_bytes(bytes);
}

void write_amount(ByteWriter& out, const Uint256& amount) {
    const Bytes bytes = amount.to_minimal_big_endian();
    out.write_u8(static_cast<std::uint8_t>(bytes.size())).write(bytes);
}

Result<Uint256> read_amount(ByteReader& in) {
    LATCHKEY_TRY(const Bytes bytes, read_sized(in, 1));
    if (bytes.size() > Hash32::kSize || (!bytes.empty() && bytes[0] == 0)) {
        return fail(ErrorCode::kNonCanonical, "an amount has no leading zeros");
    }
    return Uint256::from_big_endian(bytes);
}

Result<void> write_call(ByteWriter& out, const Call& call) {
    out.write(call.to);
    write_amount(out, call.value);
    return write_sized(out, call.data, 3);
}

Result<Call> read_call(ByteReader& in) {
    Call out;
    LATCHKEY_TRY(out.to, in.read_as<Address>());
    LATCHKEY_TRY(out.value, read_amount(in));
    LATCHKEY_TRY(out.data, read_sized(in, 3));
    return out;
}

Result<void> write_calls(ByteWriter& out, std::span<const Call> calls) {
    if (calls.size() > kCallsMax) {
        return fail(ErrorCode::kOutOfRange, "an action has at most 16 calls");
    }
    out.write_u8(static_cast<std::uint8_t>(calls.size()));
    for (const Call& call : calls) {
        LATCHKEY_CHECK(write_call(out, call));
    }
    return {};
}

Result<std::vector<Call>> read_calls(ByteReader& in) {
    LATCHKEY_TRY(const std::uint8_t count, in.read_u8());
    if (count > kCallsMax) {
        return fail(ErrorCode::kOutOfRange, "an action has at most 16 calls");
    }
    std::vector<Call> out;
    for (std::size_t i = 0; i < count; ++i) {
        LATCHKEY_TRY(Call call, read_call(in));
        out.push_back(std::move(call));
    }
    return out;
}

Result<void> write_ids(ByteWriter& out, std::span<const core::LocalRuleId> ids) {
    LATCHKEY_CHECK(write_uint(out, ids.size(), 1));
    for (const core::LocalRuleId& id : ids) {
        out.write(id);
    }
    return {};
}

Result<std::vector<core::LocalRuleId>> read_ids(ByteReader& in) {
    LATCHKEY_TRY(const std::uint8_t count, in.read_u8());
    return in.read_list<core::LocalRuleId>(count, "local rules");
}

Result<void> write_tree(ByteWriter& out, const core::TreeProof& tree) {
    if (tree.height == 0 || tree.height > core::kMaximumTreeHeight ||
        tree.leaf_index >> tree.height != 0 || tree.siblings.size() != tree.height) {
        return fail(ErrorCode::kOutOfRange, "the place in an approval tree");
    }
    out.write_u8(tree.height).write_u8(tree.leaf_index);
    for (const Hash32& sibling : tree.siblings) {
        out.write(sibling);
    }
    return {};
}

Result<core::TreeProof> read_tree(ByteReader& in) {
    core::TreeProof out;
    LATCHKEY_TRY(out.height, in.read_u8());
    LATCHKEY_TRY(out.leaf_index, in.read_u8());
    LATCHKEY_TRY(out.siblings, in.read_list<Hash32>(out.height, "siblings"));
    return out;
}

Result<void> write_recoverable(ByteWriter& out,
                               const core::crypto::RecoverableSignature& signature) {
    // Low s leaves the highest bit free.
    if (signature.recovery_id > 1 || (signature.signature[32] & 0x80) != 0) {
        return fail(ErrorCode::kMalformedSignature, "the recovery id is 0 or 1, and s is low");
    }
    core::crypto::Secp256k1Signature bytes = signature.signature;
    bytes[32] |= static_cast<std::uint8_t>(signature.recovery_id << 7);
    out.write(bytes);
    return {};
}

Result<core::crypto::RecoverableSignature> read_recoverable(ByteReader& in) {
    core::crypto::RecoverableSignature out;
    LATCHKEY_TRY(out.signature, in.read_as<core::crypto::Secp256k1Signature>());
    out.recovery_id = out.signature[32] >> 7;
    out.signature[32] &= 0x7f;
    return out;
}

void write_p256(ByteWriter& out, const core::crypto::P256Signature& signature, const Hash32& y) {
    out.write(signature).write(y);
}

Result<P256Approval> read_p256(ByteReader& in) {
    P256Approval out;
    LATCHKEY_TRY(out.signature, in.read_as<core::crypto::P256Signature>());
    LATCHKEY_TRY(out.y, in.read_as<Hash32>());
    return out;
}

Bytes waiting_body(const Body& body) {
    ByteWriter out;
    // Of what does not fit its field there is no calldata either.
    if (const auto* execute = std::get_if<Execute>(&body)) {
        static_cast<void>(write_calls(out, execute->calls));
    } else if (const auto* grant = std::get_if<Grant>(&body)) {
        static_cast<void>(write_sized(out, grant->local_rule, 2));
    } else if (const auto* policy = std::get_if<Policy>(&body)) {
        out.write_u32_be(policy->epoch);
        static_cast<void>(write_sized(out, policy->shared, 2));
    } else if (const auto* recover = std::get_if<Recover>(&body)) {
        out.write_u32_be(recover->epoch);
        static_cast<void>(write_sized(out, recover->signers, 2));
    } else if (const auto* upgrade = std::get_if<Upgrade>(&body)) {
        out.write(upgrade->implementation).write(upgrade->code_hash);
    }
    return out.take();
}

Result<Body> read_waiting_body(ByteReader& in, std::uint8_t action) {
    switch (action) {
        case 1: {
            LATCHKEY_TRY(auto calls, read_calls(in));
            return Execute{std::move(calls), std::nullopt};
        }
        case 2: {
            LATCHKEY_TRY(Bytes local_rule, read_sized(in, 2));
            return Grant{{}, std::move(local_rule)};
        }
        case 4:
        case 14: {
            LATCHKEY_TRY(const auto epoch, in.read_be<std::uint32_t>());
            LATCHKEY_TRY(Bytes content, read_sized(in, 2));
            return action == 4 ? Body(Policy{epoch, std::move(content)})
                               : Body(Recover{epoch, std::move(content)});
        }
        case 15: {
            Upgrade out;
            LATCHKEY_TRY(out.implementation, in.read_as<Address>());
            LATCHKEY_TRY(out.code_hash, in.read_as<Hash32>());
            return out;
        }
        default:
            return fail(ErrorCode::kUnsupported, "no such action");
    }
}

Result<Body> decode_waiting_body(std::uint8_t action, ByteView bytes) {
    ByteReader in(bytes);
    LATCHKEY_TRY(Body body, read_waiting_body(in, action));
    LATCHKEY_CHECK(in.expect_end());
    if (!core::equal(waiting_body(body), bytes)) {
        return fail(ErrorCode::kNonCanonical, "it would be written in another way");
    }
    return body;
}

Result<void> check_approvals(const std::vector<core::Signer>& signers, const Approvals& approvals) {
    const unsigned approvers = approvals.approvers;
    if (approvers >> signers.size() != 0 ||
        static_cast<std::size_t>(std::popcount(approvers)) != approvals.evidence.size()) {
        return fail(ErrorCode::kInvalidArgument, "one approval for each approving signer");
    }
    auto evidence = approvals.evidence.begin();
    for (std::size_t i = 0; i < signers.size(); ++i) {
        if ((approvers >> i & 1U) != 0 && !fits(signers[i].kind, *evidence++)) {
            return fail(ErrorCode::kEvidenceKind, "of signer " + std::to_string(i));
        }
    }
    return {};
}

}  // namespace latchkey::evm::wallet
