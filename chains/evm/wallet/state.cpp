// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/state.hpp"

#include "core/crypto/hash.hpp"
#include "core/encoding/byte_io.hpp"

namespace latchkey::evm::wallet {

namespace {

using core::ErrorCode;
using core::fail;

/// keccak256(abi.encode(uint256(keccak256("latchkey.wallet.1")) - 1)) & ~0xff (ERC-7201)
constexpr Hash32 kHot({0x79, 0xa1, 0xd7, 0x53, 0x9c, 0x13, 0x08, 0xcd, 0x02, 0x59, 0x5e,
                       0xd1, 0x0e, 0xd9, 0xdf, 0xd9, 0xc2, 0x47, 0x04, 0x4e, 0xfb, 0x94,
                       0x82, 0xaf, 0x02, 0x65, 0x5d, 0x84, 0x4e, 0x51, 0xe3, 0x00});
enum Place : std::uint8_t {
    kConfiguration = 1,
    kImplementation = 2,
    kLocal = 3,
    kCounter = 4,
    kRecord = 5,
    kNonce = 6,
};

/// The word's fields from the lowest bits up, whole bytes each.
class WordWriter {
  public:
    WordWriter& put(std::uint64_t value, std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) {
            word_[--at_] = static_cast<std::uint8_t>(value >> (8 * i));
        }
        return *this;
    }
    const Hash32& word() const { return word_; }

  private:
    Hash32 word_;
    std::size_t at_ = Hash32::kSize;
};

class WordReader {
  public:
    explicit WordReader(const Hash32& word) : word_(word) {}
    std::uint64_t take(std::size_t size) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < size; ++i) {
            value |= std::uint64_t{word_[--at_]} << (8 * i);
        }
        return value;
    }

  private:
    const Hash32& word_;
    std::size_t at_ = Hash32::kSize;
};

template <typename T>
Result<T> only_if_same(const T& value, const Hash32& again, const Hash32& word) {
    if (again != word) {
        return fail(ErrorCode::kNonCanonical, "a bit of the word means nothing");
    }
    return value;
}

Hash32 slot_at(Place place) {
    Hash32 out = kHot;
    out[31] = place;
    return out;
}

Hash32 in_mapping(const Hash32& key, Place place) {
    return core::crypto::keccak256(core::concat(key, slot_at(place)));
}

Hash32 behind(const Hash32& slot, std::size_t count) {
    Hash32 out = slot;
    std::size_t carry = count;
    for (std::size_t i = Hash32::kSize; carry != 0 && i-- != 0;) {
        carry += out[i];
        out[i] = static_cast<std::uint8_t>(carry);
        carry >>= 8;
    }
    return out;
}

template <typename Tag>
Hash32 plain(const core::FixedBytes<32, Tag>& id) {
    return Hash32(id.array());
}

}  // namespace

Hash32 encode(const HotWord& word) {
    const unsigned flags = (word.is_configured ? 1U : 0U) | (word.is_upgraded ? 2U : 0U) |
                           (word.was_frozen ? 4U : 0U) | (word.is_adopted ? 8U : 0U);
    return WordWriter()
        .put(word.sequence, 8)
        .put(word.number, 4)
        .put(word.local_version, 4)
        .put(flags, 1)
        .put(word.frozen_until, 5)
        .put(word.local_rules, 1)
        .put(word.recovery_records, 2)
        .word();
}

Result<HotWord> decode_hot_word(const Hash32& word) {
    WordReader in(word);
    HotWord out;
    out.sequence = in.take(8);
    out.number = static_cast<std::uint32_t>(in.take(4));
    out.local_version = static_cast<std::uint32_t>(in.take(4));
    const std::uint64_t flags = in.take(1);
    out.is_configured = (flags & 1) != 0;
    out.is_upgraded = (flags & 2) != 0;
    out.was_frozen = (flags & 4) != 0;
    out.is_adopted = (flags & 8) != 0;
    out.frozen_until = in.take(5);
    out.local_rules = static_cast<std::uint8_t>(in.take(1));
    out.recovery_records = static_cast<std::uint16_t>(in.take(2));
    return only_if_same(out, encode(out), word);
}

Hash32 encode_record(const core::model::Record& record) {
    return WordWriter()
        .put(record.epoch, 4)
        .put(record.action, 1)
        .put(record.cancels, 1)
        .put((record.tie ? 1U : 0U) | (record.guarded ? 2U : 0U), 1)
        .put(record.earliest, 5)
        .put(record.cancels_since, 5)
        .put(record.frozen_at, 5)
        .word();
}

Result<core::model::Record> decode_record(const Hash32& word) {
    WordReader in(word);
    core::model::Record out;
    out.epoch = static_cast<std::uint32_t>(in.take(4));
    out.action = static_cast<std::uint8_t>(in.take(1));
    out.cancels = static_cast<std::uint8_t>(in.take(1));
    const std::uint64_t flags = in.take(1);
    out.tie = (flags & 1) != 0;
    out.guarded = (flags & 2) != 0;
    out.earliest = static_cast<std::uint32_t>(in.take(5));
    out.cancels_since = static_cast<std::uint32_t>(in.take(5));
    out.frozen_at = static_cast<std::uint32_t>(in.take(5));
    return only_if_same(out, encode_record(out), word);
}

Hash32 encode(const core::model::Counter& counter) {
    return WordWriter().put(0, 8).put(counter.spent, 8).put(counter.window, 8).word();
}

Result<core::model::Counter> decode_counter(const Hash32& word) {
    WordReader in(word);
    in.take(8);
    core::model::Counter out;
    out.spent = in.take(8);
    out.window = in.take(8);
    return only_if_same(out, encode(out), word);
}

Hash32 encode(const SessionWord& word) {
    return WordWriter()
        .put(word.sequence, 8)
        .put(word.counter.spent, 8)
        .put(word.counter.window, 8)
        .put(std::uint64_t{1} << 63, 8)
        .word();
}

Result<SessionWord> decode_session_word(const Hash32& word) {
    if (word.is_zero()) {
        return SessionWord();
    }
    WordReader in(word);
    SessionWord out;
    out.sequence = in.take(8);
    out.counter.spent = in.take(8);
    out.counter.window = in.take(8);
    return only_if_same(out, encode(out), word);
}

Hash32 local_list_word(std::span<const core::LocalRuleId> ids) {
    if (ids.empty()) {
        return {};
    }
    Bytes all;
    for (const core::LocalRuleId& id : ids) {
        core::append(all, id);
    }
    Hash32 out = core::crypto::keccak256(all);
    out[31] = static_cast<std::uint8_t>(ids.size());
    return out;
}

Hash32 hot_slot() {
    return kHot;
}

Hash32 configuration_slot() {
    return slot_at(kConfiguration);
}

Hash32 implementation_slot() {
    return slot_at(kImplementation);
}

Hash32 local_list_slot(const core::RuleId& rule) {
    return in_mapping(plain(rule), kLocal);
}

Hash32 counter_slot(const core::RuleId& rule, std::size_t limit) {
    return behind(in_mapping(plain(rule), kCounter), limit);
}

Hash32 counter_slot(const core::LocalRuleId& rule, std::size_t limit) {
    return behind(plain(rule), limit);
}

Hash32 record_slot(const core::RuleId& rule) {
    return in_mapping(plain(rule), kRecord);
}

Hash32 recovery_record_slot(std::uint8_t rule) {
    return in_mapping(Uint256(rule | std::uint64_t{core::kRecoveryRule}).to_word(), kRecord);
}

Hash32 digest_slot(const Hash32& record) {
    return behind(record, 1);
}

Hash32 nonce_slot(std::uint64_t lane) {
    return in_mapping(Uint256(lane).to_word(), kNonce);
}

}  // namespace latchkey::evm::wallet
