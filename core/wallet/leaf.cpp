// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/leaf.hpp"

#include "core/authorization/leaf.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/byte_io.hpp"

namespace latchkey::core {

namespace {

constexpr std::size_t kSignedRegionMax = 0xffff;
constexpr std::size_t kAccountKeysMax = 64;
constexpr std::uint64_t kShapeCaps = 0x40;
constexpr std::uint64_t kShapeLane = 0x100;

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
        case SolanaAction::kUpgrade:
            return "Latchkey.upgrade";
    }
    return {};
}

/// The part of a shape that says where the signed region and the keys end.
Result<std::uint64_t> lengths_of(const Bytes& region, const std::vector<Hash32>& account_keys) {
    if (region.size() > kSignedRegionMax) {
        return fail(ErrorCode::kInputTooLong, "the signed region has at most 65535 bytes");
    }
    if (account_keys.size() > kAccountKeysMax) {
        return fail(ErrorCode::kInputTooLong, "an action passes at most 64 accounts");
    }
    return std::uint64_t{region.size()} << 16 | std::uint64_t{account_keys.size()} << 32;
}

void write_region(ByteWriter& out, const Bytes& region, const std::vector<Hash32>& account_keys) {
    out.write(region);
    for (const Hash32& key : account_keys) {
        out.write(key);
    }
}

}  // namespace

Result<Bytes> leaf_preimage(const SolanaLeaf& leaf) {
    if (leaf.lane.has_value() != (leaf.nonce_kind == NonceKind::kLane)) {
        return fail(ErrorCode::kInvalidArgument,
                    "a leaf names a lane exactly when its nonce lives in one");
    }
    LATCHKEY_TRY(const std::uint64_t lengths, lengths_of(leaf.signed_region, leaf.account_keys));
    const std::uint64_t shape = static_cast<std::uint64_t>(leaf.nonce_kind) |
                                (leaf.local_rule_id ? std::uint64_t{1} << 8 : 0) | lengths;
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
    write_region(out, leaf.signed_region, leaf.account_keys);
    return out.take();
}

Result<Leaf> leaf_of(const SolanaLeaf& leaf) {
    LATCHKEY_TRY(const Bytes preimage, leaf_preimage(leaf));
    return Leaf(crypto::keccak256(preimage).array());
}

Leaf leaf_of(const ChangeLeaf& leaf) {
    const Change change = {.wallet_id = leaf.wallet_id.data(),
                           .parent = leaf.parent.data(),
                           .action = static_cast<std::uint64_t>(leaf.action),
                           .rule = leaf.rule,
                           .number = leaf.epoch,
                           .content = {leaf.content.data(), leaf.content.size()}};
    Leaf out;
    hash_change(kChangeType, change, out.data());
    return out;
}

Result<Bytes> waiting_preimage(const WaitingAction& action) {
    LATCHKEY_TRY(const std::uint64_t lengths, lengths_of(action.body, action.account_keys));
    ByteWriter out(256 + action.body.size() + 32 * action.account_keys.size());
    out.write(as_bytes("Latchkey.waiting")).write(action.cluster);
    out.write_u64_le(action.action | (action.has_caps ? kShapeCaps : 0) |
                     (action.has_lane ? kShapeLane : 0) | lengths);
    out.write_u64_le(kNever).write(action.wallet_id).write(action.wallet_id);
    write_region(out, action.body, action.account_keys);
    return out.take();
}

Result<Hash32> waiting_digest_of(const WaitingAction& action) {
    LATCHKEY_TRY(const Bytes preimage, waiting_preimage(action));
    return crypto::keccak256(preimage);
}

Leaf empty_leaf() {
    return Leaf::from(std::span<const std::uint8_t, 32>(kEmptyLeaf));
}

}  // namespace latchkey::core
