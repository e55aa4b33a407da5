// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tests only: what a contract stores against what the model has.
#include "chains/evm/wallet/author_testing.hpp"
#include "chains/evm/wallet/node_testing.hpp"
#include "chains/evm/wallet/state.hpp"
#include "core/wallet/model_steps.hpp"

namespace latchkey::evm::wallet::testing {

/// Reads every word of one wallet that the model says something about.
class StoredState {
  public:
    StoredState(Node& node, const Author& author) : node_(node), author_(author) {}

    /// Empty, or what is stored otherwise.
    std::string difference() {
        // First to learn what is asked for.
        compare();
        words_ = node_.load_all(author_.world.address, asked_);
        out_.clear();
        compare();
        return out_;
    }

  private:
    void compare() {
        compare_hot_word();
        const auto rules = static_cast<std::uint8_t>(core::model::rule_count(state().shared));
        for (std::uint8_t i = 0; i < rules; ++i) {
            const core::RuleId id = core::rule_id_of(state().shared, i).value();
            const auto list = model::local_list(author_.world, id);
            expect("the sessions of rule " + std::to_string(i), load(local_list_slot(id)),
                   local_list_word(list));
            compare_record(record_slot(id), i);
            compare_counters(id, i);
        }
        for (std::uint8_t i = 0; i < 2; ++i) {
            compare_record(recovery_record_slot(i),
                           static_cast<std::uint8_t>(i | core::kRecoveryRule));
        }
        compare_sessions();
        for (const auto& [lane, sequence] : author_.world.lanes) {
            expect("lane " + std::to_string(lane), load(nonce_slot(lane)),
                   Uint256(sequence).to_word());
        }
    }

    const core::model::State& state() const { return *author_.world.wallet.state; }
    Hash32 load(const Hash32& slot) {
        if (words_.empty()) {
            asked_.push_back(slot);
            return {};
        }
        return words_.at(slot);
    }

    void expect(const std::string& what, const Hash32& found, const Hash32& expected) {
        if (found != expected) {
            out_ += what + " is " + core::encode_hex(found) + " instead of " +
                    core::encode_hex(expected) + "; ";
        }
    }
    void expect(const std::string& what, std::uint64_t found, std::uint64_t expected) {
        expect(what, Uint256(found).to_word(), Uint256(expected).to_word());
    }

    void compare_hot_word() {
        const auto hot = decode_hot_word(load(hot_slot()));
        if (!hot) {
            out_ += "the hot word: " + hot.error().to_string() + "; ";
            return;
        }
        expect("the sequence", hot->sequence, author_.world.sequence);
        expect("the number of changes", hot->number, state().sequence);
        expect("the local version", hot->local_version, state().local_version);
        expect("CONFIGURED", hot->is_configured, state().sequence != 0);
        expect("UPGRADED", hot->is_upgraded, author_.world.implementation.has_value());
        core::model::World copy = author_.world.wallet;
        expect("FROZEN", hot->was_frozen && author_.chain.now < hot->frozen_until,
               core::model::is_frozen(copy, author_.chain.now, false));
        const Hash32 config_id = load(configuration_slot());
        if (hot->is_configured) {
            expect("configId", config_id, Hash32(state().config_id.array()));
        }
        const auto sessions = std::count_if(state().slots.begin(), state().slots.end(),
                                            [](const auto& slot) { return slot.has_value(); });
        expect("the number of sessions", hot->local_rules, static_cast<std::uint64_t>(sessions));
    }

    void compare_record(const Hash32& slot, std::uint8_t rule) {
        core::model::Record expected;
        for (const auto& record : state().records) {
            if (record.rule == rule) {
                expected = record;
            }
        }
        const std::string what = "the record of rule " + std::to_string(rule);
        expect(what, load(slot), encode_record(expected));
        if (expected.action != 0) {
            expect(what + ", its digest", load(digest_slot(slot)), expected.digest);
        }
    }

    void compare_counters(const core::RuleId& id, std::uint8_t index) {
        const std::size_t first = core::model::first_counter(state().shared, index);
        const std::size_t end = core::model::first_counter(state().shared, index + std::size_t{1});
        for (std::size_t i = first; i < end; ++i) {
            expect("a counter of rule " + std::to_string(index), load(counter_slot(id, i - first)),
                   encode(state().counters[i]));
        }
    }

    void compare_sessions() {
        for (const auto& slot : state().slots) {
            if (!slot) {
                continue;
            }
            const auto found = author_.world.sessions.find(slot->id);
            SessionWord expected;
            expected.sequence = found == author_.world.sessions.end() ? 0 : found->second;
            if (!slot->counters.empty()) {
                expected.counter = slot->counters[0];
            }
            const Hash32 word = load(counter_slot(slot->id, 0));
            const auto decoded = decode_session_word(word);
            if (decoded && decoded->counter.spent == 0 &&
                decoded->counter.window > expected.counter.window) {
                // The short form opens a window for an action that spends nothing, and the long
                // form does not. Nothing is spent in it either way.
                expected.counter = decoded->counter;
            }
            if (!word.is_zero() || found != author_.world.sessions.end()) {
                expect("the word of session " + std::to_string(slot->version), word,
                       encode(expected));
            }
        }
    }

    Node& node_;
    const Author& author_;
    std::vector<Hash32> asked_{};
    std::map<Hash32, Hash32> words_{};
    std::string out_{};
};

}  // namespace latchkey::evm::wallet::testing
