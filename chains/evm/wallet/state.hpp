// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "chains/evm/client/uint256.hpp"
#include "core/wallet/model.hpp"

/// What a wallet keeps in storage (docs/spec/evm.md, section 3): words and where they are.
/// Decoders fail with kNonCanonical when a bit is set that means nothing.
namespace latchkey::evm::wallet {

/// The word that every action reads.
struct HotWord {
    /// Of nonce lane 0.
    std::uint64_t sequence = 0;
    /// How many configurations there were after the first.
    std::uint32_t number = 0;
    std::uint32_t local_version = 0;
    /// The genesis is not the configuration any more.
    bool is_configured = false;
    /// Other code runs in the wallet's place.
    bool is_upgraded = false;
    /// It was frozen, until the time below.
    bool was_frozen = false;
    /// An externally owned account (EIP-7702).
    bool is_adopted = false;
    /// Unix seconds.
    std::uint64_t frozen_until = 0;
    std::uint8_t local_rules = 0;
    /// Bit i: the rule i of the recovery part has a record.
    std::uint16_t recovery_records = 0;

    friend bool operator==(const HotWord&, const HotWord&) = default;
};

Hash32 encode(const HotWord& word);
Result<HotWord> decode_hot_word(const Hash32& word);

/// A record without rule and digest, which its place and the next word say.
Hash32 encode_record(const core::model::Record& record);
Result<core::model::Record> decode_record(const Hash32& word);

/// How much of a limit of a shared rule is spent; of a session's, beyond its first.
Hash32 encode(const core::model::Counter& counter);
Result<core::model::Counter> decode_counter(const Hash32& word);

/// The first word of a session: its sequence, and the counter of its first limit.
struct SessionWord {
    std::uint64_t sequence = 0;
    core::model::Counter counter{};

    friend bool operator==(const SessionWord&, const SessionWord&) = default;
};
Hash32 encode(const SessionWord& word);
/// Zero is that of a session that has done nothing.
Result<SessionWord> decode_session_word(const Hash32& word);

/// What is kept of the local rules that one rule granted; zero for none.
Hash32 local_list_word(std::span<const core::LocalRuleId> ids);

// Slots.

Hash32 hot_slot();
/// configId; before the first change the id of an adopted wallet.
Hash32 configuration_slot();
/// After an upgrade, in the last 20 bytes.
Hash32 implementation_slot();
Hash32 local_list_slot(const core::RuleId& rule);
Hash32 counter_slot(const core::RuleId& rule, std::size_t limit);
/// The first one is that of the SessionWord.
Hash32 counter_slot(const core::LocalRuleId& rule, std::size_t limit);
Hash32 record_slot(const core::RuleId& rule);
/// `rule`: its index in the recovery part.
Hash32 recovery_record_slot(std::uint8_t rule);
/// The digest of what waits, behind a record.
Hash32 digest_slot(const Hash32& record);
/// `lane`: not 0.
Hash32 nonce_slot(std::uint64_t lane);

}  // namespace latchkey::evm::wallet
