// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/leaf.hpp"

#include "core/authorization/leaf.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/byte_io.hpp"

namespace latchkey::core {

namespace {

constexpr std::size_t kSignedRegionMax = 0xffff;
constexpr std::size_t kAccountKeysMax = 64;

std::string_view tag_of(SolanaAction action) {
    switch (action) {
        case SolanaAction::kExecute:
            return "Latchkey.execute";
        case SolanaAction::kGrant:
            return "Latchkey..grant.";
        case SolanaAction::kRevoke:
            return "Latchkey..revoke";
        case SolanaAction::kMessage:
            return "Latchkey.message";
    }
    return {};
}

}  // namespace

Result<Bytes> leaf_preimage(const SolanaLeaf& leaf) {
    if (leaf.lane.has_value() != (leaf.nonce_kind == NonceKind::kLane)) {
        return fail(ErrorCode::kInvalidArgument,
                    "a leaf names a lane exactly when its nonce lives in one");
    }
    if (leaf.signed_region.size() > kSignedRegionMax) {
        return fail(ErrorCode::kInputTooLong, "the signed region has at most 65535 bytes");
    }
    if (leaf.account_keys.size() > kAccountKeysMax) {
        return fail(ErrorCode::kInputTooLong, "an action passes at most 64 accounts");
    }
    const std::uint64_t shape = static_cast<std::uint64_t>(leaf.nonce_kind) |
                                (leaf.local_rule_id ? std::uint64_t{1} << 8 : 0) |
                                std::uint64_t{leaf.signed_region.size()} << 16 |
                                std::uint64_t{leaf.account_keys.size()} << 32;
    ByteWriter out(256 + leaf.signed_region.size() + 32 * leaf.account_keys.size());
    out.write(as_bytes(tag_of(leaf.action))).write(leaf.cluster);
    out.write_u64_le(shape).write_u64_le(leaf.deadline);
    out.write(leaf.wallet_id).write(leaf.config_id);
    if (leaf.local_rule_id) {
        out.write(*leaf.local_rule_id);
    }
    if (leaf.lane) {
        out.write(*leaf.lane);
    }
    out.write(leaf.signed_region);
    for (const Hash32& key : leaf.account_keys) {
        out.write(key);
    }
    return out.take();
}

Result<Leaf> leaf_of(const SolanaLeaf& leaf) {
    LATCHKEY_TRY(const Bytes preimage, leaf_preimage(leaf));
    return Leaf(crypto::keccak256(preimage).array());
}

Leaf leaf_of(const PolicyLeaf& leaf) {
    Leaf out;
    policy_leaf(leaf.wallet_id.data(), leaf.parent.data(), leaf.sequence, leaf.rule,
                leaf.shared.data(), leaf.shared.size(), out.data());
    return out;
}

Leaf empty_leaf() {
    return Leaf::from(std::span<const std::uint8_t, 32>(kEmptyLeaf));
}

}  // namespace latchkey::core
