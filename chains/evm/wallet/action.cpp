// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/action.hpp"

#include "chains/evm/wallet/part.hpp"
#include "chains/evm/wallet/wire.hpp"
#include "core/crypto/hash.hpp"

namespace latchkey::evm::wallet {

namespace {

using core::ErrorCode;
using core::fail;

constexpr std::size_t kBodies = std::variant_size_v<Body>;
/// By their places in Body.
constexpr std::uint8_t kNumbers[] = {1, 2, 3, 4, 14, 11, 13, 15};
static_assert(std::size(kNumbers) == kBodies);

core::LocalRuleId id_of(const LocalSource& source) {
    return core::local_rule_id_of(source.wallet_id, source.config_id, source.version,
                                  source.local_rule);
}

core::RecoveryCommitment commitment_from(const Hash32& bytes) {
    return core::RecoveryCommitment::from(bytes);
}

/// Of a shared part, whose last 32 bytes it is; of a genesis, before the salt.
Result<Hash32> commitment_of(const Source& source) {
    ByteView bytes = part_of(source);
    if (bytes.empty() || (bytes[0] & core::kHeaderRecovery) == 0) {
        return fail(ErrorCode::kInvalidArgument, "the configuration has no recovery part");
    }
    const bool is_genesis = std::holds_alternative<GenesisSource>(source);
    const std::size_t salt = !is_genesis ? 0 : (bytes[0] & core::kHeaderLongSalt) != 0 ? 16 : 1;
    if (bytes.size() < salt + Hash32::kSize) {
        return fail(ErrorCode::kUnexpectedEnd, "the recovery commitment");
    }
    return Hash32::from(bytes.first(bytes.size() - salt).last(Hash32::kSize));
}

Hash32 configuration_of(const Source& source, const core::WalletId& wallet_id) {
    if (const auto* policy = std::get_if<PolicySource>(&source)) {
        return Hash32(
            core::next_config_id(policy->wallet_id, policy->parent, policy->shared).array());
    }
    if (const auto* recovery = std::get_if<RecoverySource>(&source)) {
        return Hash32(core::recovered_config_id(recovery->wallet_id,
                                                commitment_from(recovery->commitment),
                                                recovery->rule, recovery->epoch, recovery->shared)
                          .array());
    }
    if (const auto* local = std::get_if<LocalSource>(&source)) {
        return Hash32(id_of(*local).array());
    }
    return Hash32(wallet_id.array());
}

/// The wallet that the source names, or the scene's.
core::WalletId wallet_id_in(const Source& source, const core::WalletId& otherwise) {
    if (const auto* policy = std::get_if<PolicySource>(&source)) {
        return policy->wallet_id;
    }
    const auto* recovery = std::get_if<RecoverySource>(&source);
    return recovery != nullptr ? recovery->wallet_id : otherwise;
}

core::ChangeLeaf change(core::ChangeAction action, std::uint32_t epoch, Bytes content) {
    core::ChangeLeaf out;
    out.action = action;
    out.epoch = epoch;
    out.content = std::move(content);
    return out;
}

/// The chain-agnostic part of a leaf, if it is of that kind.
std::optional<core::ChangeLeaf> change_of(const Body& body) {
    using core::ChangeAction;
    if (const auto* policy = std::get_if<Policy>(&body)) {
        return change(ChangeAction::kPolicy, policy->epoch, policy->shared);
    }
    if (const auto* recover = std::get_if<Recover>(&body)) {
        return change(ChangeAction::kRecover, recover->epoch, recover->signers);
    }
    if (const auto* cancel = std::get_if<Cancel>(&body)) {
        return change(ChangeAction::kCancel, cancel->epoch, {cancel->target});
    }
    if (const auto* freeze = std::get_if<Freeze>(&body)) {
        return change(ChangeAction::kFreeze, freeze->epoch, {freeze->lift});
    }
    return std::nullopt;
}

}  // namespace

std::uint8_t rule_name(const Authority& authority) {
    if (authority.is_local()) {
        return kLocalRule;
    }
    return static_cast<std::uint8_t>(authority.rule |
                                     (authority.recovery_part ? core::kRecoveryRule : 0));
}

ByteView part_of(const Source& source) {
    if (const auto* genesis = std::get_if<GenesisSource>(&source)) {
        return genesis->genesis;
    }
    if (const auto* policy = std::get_if<PolicySource>(&source)) {
        return policy->shared;
    }
    if (const auto* recovery = std::get_if<RecoverySource>(&source)) {
        return recovery->shared;
    }
    return std::get<LocalSource>(source).local_rule;
}

Result<Hash32> parent_of(const Authority& authority, const core::WalletId& wallet_id) {
    return authority.recovery_part ? commitment_of(authority.source)
                                   : configuration_of(authority.source, wallet_id);
}

Result<std::vector<core::Signer>> signers_of(const Authority& authority) {
    if (authority.is_local()) {
        LATCHKEY_TRY(auto local, read_signers(part_of(authority.source)));
        return std::move(local.signers);
    }
    const ByteView part =
        authority.recovery_part ? ByteView(*authority.recovery_part) : part_of(authority.source);
    if (part.empty()) {
        return fail(ErrorCode::kUnexpectedEnd, "the header of a configuration");
    }
    LATCHKEY_TRY(auto list, read_signers(part.subspan(1)));
    return std::move(list.signers);
}

std::uint8_t action_number(const Body& body) {
    return kNumbers[body.index()];
}

Result<EvmLeaf> leaf_for(const Authority& authority, const Terms& terms, const Body& body,
                         const Scene& scene) {
    LATCHKEY_TRY(const Hash32 parent, parent_of(authority, scene.wallet_id));
    if (std::optional<core::ChangeLeaf> leaf = change_of(body)) {
        leaf->wallet_id = wallet_id_in(authority.source, scene.wallet_id);
        leaf->parent = parent;
        leaf->rule = rule_name(authority);
        return *leaf;
    }
    const Binding binding{scene.chain, scene.wallet, parent, rule_name(authority)};
    const Occasion occasion{terms.lane.value_or(0), scene.sequence,
                            terms.deadline.value_or(kNoDeadline),
                            terms.has_executor ? scene.sender : Address()};
    if (const auto* execute = std::get_if<Execute>(&body)) {
        return ExecuteLeaf{binding, occasion, execute->calls, execute->gas};
    }
    if (const auto* grant = std::get_if<Grant>(&body)) {
        return GrantLeaf{binding, occasion, grant->local_rule};
    }
    if (const auto* revoke = std::get_if<Revoke>(&body)) {
        return RevokeLeaf{binding, occasion, revoke->local_rule_id};
    }
    const auto& upgrade = std::get<Upgrade>(body);
    return UpgradeLeaf{binding, occasion, upgrade.implementation, upgrade.code_hash};
}

Result<void> verify(const ApprovedAction& action, const Scene& scene) {
    LATCHKEY_TRY(const auto signers, signers_of(action.authority));
    LATCHKEY_TRY(const EvmLeaf typed, leaf_for(action.authority, action.terms, action.body, scene));
    LATCHKEY_TRY(const core::Leaf leaf, leaf_of(typed));
    core::ApprovalHash hash = core::approval_hash_of(leaf);
    if (action.approvals.tree) {
        LATCHKEY_TRY(hash, core::to_result(core::approval_hash_of(leaf, *action.approvals.tree)));
    }
    LATCHKEY_CHECK(check_approvals(signers, action.approvals));
    auto evidence = action.approvals.evidence.begin();
    for (std::size_t i = 0; i < signers.size(); ++i) {
        if ((action.approvals.approvers >> i & 1U) != 0) {
            LATCHKEY_CHECK(verify(signers[i], hash, *evidence++));
        }
    }
    return {};
}

Hash32 waiting_digest(const Body& body, std::uint64_t chain, const Address& wallet) {
    const Hash32 tag = core::crypto::keccak256(core::as_bytes("Latchkey waiting 1"));
    const Bytes blank(12);
    return core::crypto::keccak256(core::concat(tag, Uint256(chain).to_word(), blank, wallet,
                                                Uint256(action_number(body)).to_word(),
                                                core::crypto::keccak256(waiting_body(body))));
}

}  // namespace latchkey::evm::wallet
