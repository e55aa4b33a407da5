// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <utility>
#include <vector>

#include "chains/solana/testing/forge.hpp"
#include "core/wallet/leaf.hpp"

/// Rules that wait, recovery parts, and the actions around them, for tests on every chain.
/// docs/spec/authorization.md, section 8.
namespace latchkey::solana::testing {

/// The rule with a WAIT block.
inline core::Rule waiting(core::Rule rule, std::uint64_t seconds,
                          core::Tie tie = core::Tie::kOwner) {
    rule.wait = core::Wait{static_cast<std::uint32_t>(seconds), tie};
    return rule;
}

/// The action under this rule of the state, approved by these signers in the way that is usual for
/// their kind.
inline Draft under(std::uint8_t rule, Body body, const std::vector<std::uint8_t>& signers = {0}) {
    Draft draft;
    draft.from_genesis = false;
    draft.rule = {false, rule};
    draft.body = std::move(body);
    draft.approvals.clear();
    for (const std::uint8_t signer : signers) {
        draft.approvals.push_back({signer, {}, {}});
    }
    return draft;
}
/// The same under a rule of the recovery part, and its signers.
inline Draft under(const Bytes& part, std::uint8_t rule, Body body,
                   const std::vector<std::uint8_t>& signers = {0}) {
    Draft draft = under(rule, std::move(body), signers);
    draft.rule.recovery_part = part;
    return draft;
}

inline PolicyBody policy_to(const core::Configuration& next, std::uint32_t epoch = 0) {
    return {epoch, core::encode_unchecked(next)};
}
inline RecoverBody recover_to(const std::vector<core::Signer>& signers, std::uint32_t epoch = 0) {
    return {epoch, core::encode_unchecked(signers)};
}

/// Does what this transaction proposed. Nobody signs it.
inline Instruction apply_of(const Forged& proposal) {
    const SignedPart& part = proposal.approved.signed_part;
    ApplyAction apply;
    apply.nonce_kind = static_cast<std::uint8_t>(part.nonce.index());
    apply.rule = part.rule;
    apply.body = part.body;
    Instruction out = proposal.instructions.back();
    for (AccountMeta& meta : out.accounts) {
        meta.is_signer = false;
    }
    const auto data = encode_instruction(apply);
    if (!data.has_value()) {
        throw std::logic_error(data.error().to_string());
    }
    out.data = *data;
    return out;
}

/// What the record of this proposal keeps of it.
inline core::Hash32 waiting_digest(const ForgedWallet& wallet, const Forged& proposal) {
    const SignedPart& part = proposal.approved.signed_part;
    core::WaitingAction action;
    action.cluster = wallet.cluster;
    action.action = static_cast<std::uint8_t>(action_number(part.body));
    if (const auto* execute = std::get_if<ExecuteBody>(&part.body)) {
        action.has_caps = execute->caps.has_value();
    }
    action.wallet_id = wallet.wallet_id;
    const auto body = encode_body(part.body);
    action.has_lane = std::holds_alternative<LaneNonce>(part.nonce);
    const std::vector<AccountMeta>& accounts = proposal.instructions.back().accounts;
    for (std::size_t i = action.has_lane ? 4 : 2; i < accounts.size(); ++i) {
        action.account_keys.push_back(core::Hash32(accounts[i].address.array()));
    }
    if (body.has_value()) {
        action.body = *body;
    }
    const auto digest = core::waiting_digest_of(action);
    if (!body.has_value() || !digest.has_value()) {
        throw std::logic_error("the proposal's body does not encode");
    }
    return *digest;
}

}  // namespace latchkey::solana::testing
