// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/wallet.hpp"
#include "core/wallet/key_checker.hpp"

#include <algorithm>

namespace latchkey::solana {

using core::ErrorCode;
using core::fail;
using core::to_error;
using core::to_result;
using core::Verdict;

namespace {

Result<ResolvedRule> recovery_rule(const core::Configuration& configuration,
                                   const RuleReference& reference) {
    const auto& commitment = configuration.recovery;
    const Bytes& bytes = *reference.recovery_part;
    if (!commitment || core::commitment_of(bytes, commitment->guard_hours) != *commitment) {
        return tl::unexpected(to_error(Verdict::kRecoveryPart));
    }
    LATCHKEY_TRY(core::RecoveryPart part, to_result(core::decode_recovery_part(bytes)));
    if (reference.index >= part.rules.size()) {
        return tl::unexpected(to_error(Verdict::kUnknownRule));
    }
    return ResolvedRule{std::move(part.rules[reference.index]), std::move(part.signers), {}};
}

}  // namespace

Result<WalletHandle> WalletHandle::from_genesis(ByteView genesis, const Deployment& deployment) {
    LATCHKEY_TRY(core::Genesis decoded, to_result(core::decode_genesis(genesis)));
    WalletHandle out;
    out.deployment_ = deployment;
    LATCHKEY_TRY(out.identity_, core::identity_of(genesis, to_hash(deployment.program)));
    out.genesis_ = core::to_bytes(genesis);
    LATCHKEY_TRY(out.shared_, to_result(core::encode(decoded.configuration)));
    out.configuration_ = std::move(decoded.configuration);
    return out;
}

Result<WalletHandle> WalletHandle::create(const core::Configuration& configuration,
                                          const Deployment& deployment) {
    LATCHKEY_TRY(const core::NewWallet wallet,
                 core::find_salt(configuration, to_hash(deployment.program)));
    return from_genesis(wallet.genesis, deployment);
}

WalletSnapshot::WalletSnapshot(WalletHandle wallet)
    : wallet_(std::move(wallet)),
      config_id_(core::first_config_id(wallet_.id())),
      configuration_(wallet_.genesis_configuration()) {}

WalletSnapshot WalletSnapshot::in_genesis(WalletHandle wallet) {
    return WalletSnapshot(std::move(wallet));
}

Result<WalletSnapshot> WalletSnapshot::from_state(WalletHandle wallet, ByteView state_data) {
    LATCHKEY_TRY(StateAccount state, decode_state(state_data));
    LATCHKEY_TRY(core::Configuration configuration,
                 to_result(core::decode_shared(state.shared, core::is_chain_key)));
    for (const std::optional<LocalSlot>& slot : state.slots) {
        if (slot) {
            LATCHKEY_CHECK(
                to_result(core::decode_local_rule(slot->local_rule, core::is_chain_key)));
        }
    }
    WalletSnapshot out(std::move(wallet));
    // Later configurations are proved by their history only; the first one is known.
    const bool is_genesis = core::equal(state.shared, out.wallet_.genesis_shared()) &&
                            core::equal(state.config_id.view(), out.config_id_.view());
    if (state.sequence == 0 && !is_genesis) {
        return fail(ErrorCode::kRpcMalformed,
                    "the state is not the one that the wallet begins with; ask another node");
    }
    out.config_id_ = core::ConfigId(state.config_id.array());
    out.configuration_ = std::move(configuration);
    out.state_ = std::move(state);
    return out;
}

ByteView WalletSnapshot::shared() const {
    return state_ ? ByteView(state_->shared) : wallet_.genesis_shared();
}

const RuleRecord* WalletSnapshot::record(std::uint8_t name) const {
    return state_ ? find_record(*state_, name) : nullptr;
}

std::uint32_t WalletSnapshot::epoch(const RuleReference& reference) const {
    const RuleRecord* const found = record(record_name(reference));
    return found == nullptr ? 0 : found->epoch;
}

Result<ResolvedRule> WalletSnapshot::rule(const RuleReference& reference) const {
    if (reference.recovery_part) {
        return recovery_rule(configuration_, reference);
    }
    if (!reference.is_local) {
        if (reference.index >= configuration_.rules.size()) {
            return tl::unexpected(to_error(Verdict::kUnknownRule));
        }
        return ResolvedRule{configuration_.rules[reference.index], configuration_.signers, {}};
    }
    if (!state_ || reference.index >= state_->slots.size() || !state_->slots[reference.index]) {
        return tl::unexpected(to_error(Verdict::kUnknownRule));
    }
    const LocalSlot& slot = *state_->slots[reference.index];
    LATCHKEY_TRY(core::LocalRule local,
                 to_result(core::decode_local_rule(slot.local_rule, core::is_chain_key)));
    return ResolvedRule{std::move(local.rule), std::move(local.signers),
                        core::LocalRuleId(slot.local_rule_id.array())};
}

Result<RuleReference> WalletSnapshot::find_local_rule(const core::LocalRuleId& id) const {
    for (std::size_t i = 0; state_ && i < state_->slots.size(); ++i) {
        if (state_->slots[i] && core::equal(state_->slots[i]->local_rule_id, id)) {
            return RuleReference{.is_local = true, .index = static_cast<std::uint8_t>(i)};
        }
    }
    return tl::unexpected(to_error(Verdict::kUnknownLocalRule));
}

core::LocalRuleId WalletSnapshot::next_local_rule_id(ByteView local_rule) const {
    const std::uint32_t version = state_ ? state_->local_version : 0;
    return core::local_rule_id_of(wallet_.id(), config_id_, version + 1, local_rule);
}

}  // namespace latchkey::solana
