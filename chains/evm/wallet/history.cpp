// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/history.hpp"

#include <algorithm>

#include "chains/evm/wallet/judge.hpp"
#include "chains/evm/wallet/wire.hpp"
#include "core/wallet/key_checker.hpp"
#include "core/wallet/model_steps.hpp"

namespace latchkey::evm::wallet {

namespace {

using core::ErrorCode;
using core::fail;
using core::to_result;

/// More than the rules of any wallet will ever use up: what a node says must not keep us busy.
constexpr std::uint32_t kEpochsMax = 1U << 16;

tl::unexpected<core::Error> malformed(const std::string& what) {
    return fail(ErrorCode::kNodeMalformed, what + "; ask another node");
}

core::ConfigId id_of(const RecoverySource& source) {
    return core::recovered_config_id(source.wallet_id,
                                     core::RecoveryCommitment::from(source.commitment), source.rule,
                                     source.epoch, source.shared);
}

class Replay {
  public:
    Replay(const WalletHandle& wallet, const StoredState& stored)
        : wallet_(wallet), stored_(stored) {
        out_.past = in_genesis(wallet).past;
        out_.shared = core::to_bytes(wallet.genesis_shared());
    }

    /// Of all events those that say nothing here.
    template <typename T>
    Result<void> add(const T& /*event*/, const Hash32& /*transaction*/) {
        return {};
    }

    Result<void> add(const Configured& event, const Hash32& transaction) {
        const PastConfiguration& before = out_.past.back();
        if (event.wallet != wallet_.id() || event.number != before.number + 1) {
            return malformed("the node's history lacks configuration " +
                             std::to_string(before.number + 1) + " of the wallet");
        }
        PastConfiguration next;
        next.number = event.number;
        next.id = event.configuration;
        next.transaction = transaction;
        LATCHKEY_TRY(next.source, find_source(before, event));
        LATCHKEY_TRY(next.configuration,
                     to_result(core::decode_shared(event.shared, core::kAnyKey)));
        end_sessions(event.shared, std::holds_alternative<RecoverySource>(next.source));
        out_.past.push_back(std::move(next));
        out_.shared = event.shared;
        return {};
    }

    Result<void> add(const Granted& event, const Hash32& /*transaction*/) {
        const core::ConfigId& config_id = out_.past.back().id;
        if (event.version != ++version_ ||
            event.local_rule_id !=
                core::local_rule_id_of(wallet_.id(), config_id, event.version, event.local_rule)) {
            return malformed(
                "the node's history has a session that does not follow from what was "
                "before it");
        }
        out_.granted[event.rule_id].push_back(
            {event.local_rule_id, config_id, event.version, event.local_rule});
        return {};
    }

    Result<void> add(const Revoked& event, const Hash32& /*transaction*/) {
        ++version_;
        std::vector<GrantedRule>& list = out_.granted[event.rule_id];
        const auto found = std::find_if(list.begin(), list.end(), [&](const GrantedRule& one) {
            return one.id == event.local_rule_id;
        });
        if (found == list.end()) {
            return malformed("the node's history ends a session that it does not have");
        }
        list.erase(found);
        return {};
    }

    Result<History> take() {
        const PastConfiguration& last = out_.past.back();
        // A recovery leads to the same id whatever came before it: the number tells what is
        // missing.
        if (last.id != stored_.config_id || last.number != stored_.hot.number) {
            return malformed(
                "the node's history does not lead to the wallet's stored "
                "configuration " +
                std::to_string(stored_.hot.number));
        }
        std::size_t sessions = 0;
        for (const auto& [rule, list] : out_.granted) {
            sessions += list.size();
        }
        if (version_ != stored_.hot.local_version || sessions != stored_.hot.local_rules) {
            return malformed("the node's history does not lead to the wallet's stored sessions");
        }
        return std::move(out_);
    }

  private:
    /// What proves that the id belongs to the shared part.
    Result<Source> find_source(const PastConfiguration& before, const Configured& event) const {
        if (core::next_config_id(wallet_.id(), before.id, event.shared) == event.configuration) {
            return PolicySource{event.shared, wallet_.id(), before.id};
        }
        const auto& commitment = before.configuration.recovery;
        if (commitment) {
            RecoverySource source{event.shared, wallet_.id(), commitment->bytes()};
            for (const core::model::Record& record : stored_.recovery_records) {
                source.rule = static_cast<std::uint8_t>(record.rule & ~core::kRecoveryRule);
                // A recovery uses up an epoch of its rule, whose number no event tells.
                const std::uint32_t end = std::min(record.epoch, kEpochsMax);
                for (source.epoch = 0; source.epoch < end; ++source.epoch) {
                    if (id_of(source) == event.configuration) {
                        return source;
                    }
                }
            }
        }
        return malformed("the node's history has a configuration " + std::to_string(event.number) +
                         " that does not follow from the one before it");
    }

    /// Local rules end with the rule that granted them, and all of them with a recovery.
    void end_sessions(ByteView shared, bool is_recovery) {
        std::vector<core::RuleId> kept;
        const std::size_t rules = is_recovery ? 0 : core::model::rule_count(shared);
        for (std::size_t i = 0; i < rules; ++i) {
            kept.push_back(*core::rule_id_of(shared, i));
        }
        for (auto& [rule, list] : out_.granted) {
            if (std::find(kept.begin(), kept.end(), rule) == kept.end()) {
                version_ += static_cast<std::uint32_t>(list.size());
                list.clear();
            }
        }
    }

    const WalletHandle& wallet_;
    const StoredState& stored_;
    History out_{};
    std::uint32_t version_ = 0;
};

}  // namespace

Result<History> replay(const WalletHandle& wallet, std::span<const WalletEvent> events,
                       const StoredState& stored) {
    Replay replay(wallet, stored);
    for (const WalletEvent& one : events) {
        LATCHKEY_CHECK(std::visit(
            [&](const auto& event) { return replay.add(event, one.transaction); }, one.event));
    }
    return replay.take();
}

Result<std::vector<Session>> sessions_of(const WalletHandle& wallet, const History& history,
                                         std::uint8_t rule, const Hash32& word) {
    LATCHKEY_TRY(const core::RuleId rule_id, to_result(core::rule_id_of(history.shared, rule)));
    const auto found = history.granted.find(rule_id);
    const std::vector<GrantedRule> list =
        found == history.granted.end() ? std::vector<GrantedRule>() : found->second;
    std::vector<core::LocalRuleId> ids;
    for (const GrantedRule& one : list) {
        ids.push_back(one.id);
    }
    if (local_list_word(ids) != word) {
        return malformed("the node's history has other sessions of rule " + std::to_string(rule) +
                         " than the wallet stores");
    }
    std::vector<Session> out;
    for (std::size_t place = 0; place < list.size(); ++place) {
        const GrantedRule& one = list[place];
        Session session;
        session.id = one.id;
        session.granting_rule = rule;
        session.source = {
            rule_id, wallet.id(),   one.config_id, one.version, static_cast<std::uint8_t>(place),
            ids,     one.local_rule};
        session.source.others.erase(session.source.others.begin() +
                                    static_cast<std::ptrdiff_t>(place));
        LATCHKEY_TRY(session.rule,
                     to_result(core::decode_local_rule(one.local_rule, core::kAnyKey)));
        session.counters.resize(session.rule.rule.limits.size());
        out.push_back(std::move(session));
    }
    return out;
}

std::optional<Body> find_proposed(const WalletHandle& wallet, std::span<const WalletEvent> events,
                                  const core::model::Record& record) {
    for (auto one = events.rbegin(); one != events.rend(); ++one) {
        // Not by the rule: its index changes with the configuration.
        const auto* event = std::get_if<Proposed>(&one->event);
        if (event == nullptr || event->action != record.action || event->digest != record.digest) {
            continue;
        }
        auto body = decode_waiting_body(event->action, event->body);
        if (body && waiting_digest(*body, wallet.chain(), wallet.address()) == record.digest) {
            return *std::move(body);
        }
    }
    return std::nullopt;
}

bool leads_to(const ApprovedAction& change, const PastConfiguration& configuration,
              std::uint64_t chain) {
    if (const auto* const policy = std::get_if<Policy>(&change.body)) {
        const auto* const source = std::get_if<PolicySource>(&configuration.source);
        return source != nullptr && policy->shared == source->shared;
    }
    const auto* const recover = std::get_if<Recover>(&change.body);
    const auto* const source = std::get_if<RecoverySource>(&configuration.source);
    const auto& part = change.authority.recovery_part;
    if (recover == nullptr || source == nullptr || !part || !core::decode_recovery_part(*part)) {
        return false;
    }
    const auto commitment = core::RecoveryCommitment::from(source->commitment);
    if (core::commitment_of(*part, commitment.guard_hours) != commitment) {
        return false;
    }
    const auto shared = recovered_shared(*part, commitment, recover->signers, chain);
    return shared && *shared == source->shared;
}

}  // namespace latchkey::evm::wallet
