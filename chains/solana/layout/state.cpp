// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/layout/state.hpp"

#include <algorithm>
#include <limits>

#include "chains/solana/layout/holed_genesis.hpp"
#include "core/encoding/byte_io.hpp"

namespace latchkey::solana {

using core::ByteReader;
using core::ByteWriter;
using core::ErrorCode;
using core::fail;

namespace {

constexpr std::size_t kU16Max = std::numeric_limits<std::uint16_t>::max();

Result<std::vector<SpendingCounter>> read_counters(ByteReader& reader, std::size_t count) {
    std::vector<SpendingCounter> out;
    for (std::size_t i = 0; i < count; ++i) {
        SpendingCounter counter;
        LATCHKEY_TRY(counter.window, reader.read_u64_le());
        LATCHKEY_TRY(counter.spent, reader.read_u64_le());
        out.push_back(counter);
    }
    return out;
}

void write_counters(ByteWriter& writer, const std::vector<SpendingCounter>& counters) {
    for (const SpendingCounter& counter : counters) {
        writer.write_u64_le(counter.window).write_u64_le(counter.spent);
    }
}

Result<RuleRecord> read_record(ByteReader& reader) {
    RuleRecord record;
    LATCHKEY_TRY(record.rule, reader.read_u8());
    LATCHKEY_TRY(record.action, reader.read_u8());
    LATCHKEY_TRY(record.cancels, reader.read_u8());
    LATCHKEY_TRY(const std::uint8_t flags, reader.read_u8());
    if ((record.rule & 0x70) != 0 || (flags & ~(kRecordTie | kRecordGuarded)) != 0) {
        return fail(ErrorCode::kUnsupported, "an unknown flag of a record");
    }
    record.tie = (flags & kRecordTie) != 0;
    record.guarded = (flags & kRecordGuarded) != 0;
    LATCHKEY_TRY(record.epoch, reader.read_u32_le());
    LATCHKEY_TRY(record.earliest, reader.read_u32_le());
    LATCHKEY_TRY(record.cancels_since, reader.read_u32_le());
    LATCHKEY_TRY(record.frozen_at, reader.read_u32_le());
    LATCHKEY_TRY(record.digest, reader.read_as<core::Hash32>());
    return record;
}

Result<std::vector<RuleRecord>> read_records(ByteReader& reader, std::size_t count) {
    std::vector<RuleRecord> out;
    for (std::size_t i = 0; i < count; ++i) {
        LATCHKEY_TRY(const RuleRecord record, read_record(reader));
        const bool is_second = std::any_of(out.begin(), out.end(), [&](const RuleRecord& other) {
            return other.rule == record.rule;
        });
        if (is_second) {
            return fail(ErrorCode::kNonCanonical, "a rule has one record");
        }
        out.push_back(record);
    }
    return out;
}

void write_record(ByteWriter& writer, const RuleRecord& record) {
    const std::uint64_t flags =
        (record.tie ? kRecordTie : 0) | (record.guarded ? kRecordGuarded : 0);
    writer.write_u8(record.rule)
        .write_u8(record.action)
        .write_u8(record.cancels)
        .write_u8(static_cast<std::uint8_t>(flags))
        .write_u32_le(record.epoch)
        .write_u32_le(record.earliest)
        .write_u32_le(record.cancels_since)
        .write_u32_le(record.frozen_at)
        .write(record.digest);
}

Result<std::optional<LocalSlot>> read_slot(ByteReader& reader) {
    LATCHKEY_TRY(const std::uint16_t length, reader.read_u16_le());
    if (length < kSlotEmptyLength) {
        return fail(ErrorCode::kNonCanonical, "a local slot is shorter than its head");
    }
    LATCHKEY_TRY(const ByteView rest, reader.read(length - 2U));
    ByteReader slot(rest);
    LocalSlot out;
    LATCHKEY_TRY(out.granting_rule, slot.read_u8());
    LATCHKEY_TRY(const std::uint8_t limits, slot.read_u8());
    LATCHKEY_TRY(out.version, slot.read_u32_le());
    if (length == kSlotEmptyLength) {
        if (out.granting_rule != 0 || limits != 0 || out.version != 0) {
            return fail(ErrorCode::kNonCanonical, "a revoked slot is zero after its length");
        }
        return std::nullopt;
    }
    LATCHKEY_TRY(out.local_rule_id, slot.read_as<core::Hash32>());
    LATCHKEY_TRY(out.counters, read_counters(slot, limits));
    out.local_rule = core::to_bytes(slot.rest());
    if (out.local_rule.empty()) {
        return fail(ErrorCode::kUnexpectedEnd, "a local slot has no rule");
    }
    LATCHKEY_TRY(const std::size_t wanted, count_local_limits(out.local_rule));
    if (wanted != out.counters.size()) {
        return fail(ErrorCode::kNonCanonical, "a local slot has a counter for each limit");
    }
    return out;
}

Result<void> write_slot(ByteWriter& writer, const std::optional<LocalSlot>& slot) {
    if (!slot) {
        writer.write_u16_le(kSlotEmptyLength).write_u16_le(0).write_u32_le(0);
        return {};
    }
    LATCHKEY_TRY(const std::size_t size, local_slot_size(slot->local_rule));
    LATCHKEY_TRY(const std::size_t limits, count_local_limits(slot->local_rule));
    if (limits != slot->counters.size() || size > kU16Max) {
        return fail(ErrorCode::kOutOfRange, "a local slot has a counter for each limit");
    }
    writer.write_u16_le(static_cast<std::uint16_t>(size))
        .write_u8(slot->granting_rule)
        .write_u8(static_cast<std::uint8_t>(slot->counters.size()))
        .write_u32_le(slot->version)
        .write(slot->local_rule_id.view());
    write_counters(writer, slot->counters);
    writer.write(slot->local_rule);
    return {};
}

}  // namespace

bool is_initialised_state(ByteView data) {
    return !data.empty() && (data[0] == kAccountTypeState || data[0] == kAccountTypeFrozen);
}

bool is_frozen(const StateAccount& state, std::uint64_t now) {
    return state.was_frozen &&
           std::any_of(state.records.begin(), state.records.end(), [&](const RuleRecord& record) {
               return now < record.frozen_at + core::kFreezeLength;
           });
}

const RuleRecord* find_record(const StateAccount& state, std::uint8_t rule) {
    const auto found = std::find_if(state.records.begin(), state.records.end(),
                                    [&](const RuleRecord& record) { return record.rule == rule; });
    return found == state.records.end() ? nullptr : &*found;
}

Result<StateAccount> decode_state(ByteView data) {
    ByteReader reader(data);
    LATCHKEY_TRY(const std::uint8_t type, reader.read_u8());
    LATCHKEY_TRY(const std::uint8_t layout, reader.read_u8());
    if ((type != kAccountTypeState && type != kAccountTypeFrozen) || layout != kAccountLayout) {
        return fail(ErrorCode::kUnsupported, "not a state account of layout 1");
    }
    LATCHKEY_TRY(const std::uint16_t shared_length, reader.read_u16_le());
    LATCHKEY_TRY(const std::uint16_t local_offset, reader.read_u16_le());
    LATCHKEY_TRY(const std::uint8_t slots, reader.read_u8());
    LATCHKEY_TRY(const std::uint8_t records, reader.read_u8());
    if (slots > core::kMaximumLocalRules || records > kMaximumRecords) {
        return fail(ErrorCode::kOutOfRange, "a state has at most 16 local slots and 32 records");
    }
    StateAccount state;
    state.was_frozen = type == kAccountTypeFrozen;
    LATCHKEY_TRY(state.sequence, reader.read_u32_le());
    LATCHKEY_TRY(state.local_version, reader.read_u32_le());
    LATCHKEY_TRY(state.config_id, reader.read_as<core::Hash32>());
    for (std::uint64_t& nonce : state.nonces) {
        LATCHKEY_TRY(nonce, reader.read_u64_le());
    }
    LATCHKEY_TRY(const ByteView shared, reader.read(shared_length));
    state.shared = core::to_bytes(shared);
    LATCHKEY_TRY(const std::size_t limits, count_limits(shared));
    LATCHKEY_TRY(state.counters, read_counters(reader, limits));
    LATCHKEY_TRY(state.records, read_records(reader, records));
    if (reader.position() != local_offset) {
        return fail(ErrorCode::kNonCanonical, "the local section does not follow the records");
    }
    for (unsigned i = 0; i < slots; ++i) {
        LATCHKEY_TRY(std::optional<LocalSlot> slot, read_slot(reader));
        state.slots.push_back(std::move(slot));
    }
    state.spare_bytes = reader.remaining();
    return state;
}

Result<Bytes> encode_state(const StateAccount& state) {
    LATCHKEY_TRY(const std::size_t limits, count_limits(state.shared));
    const std::size_t local_offset = kStateSharedOffset + state.shared.size() +
                                     core::kCounterSize * limits +
                                     kRecordSize * state.records.size();
    if (limits != state.counters.size() || local_offset > kU16Max ||
        state.slots.size() > core::kMaximumLocalRules || state.records.size() > kMaximumRecords) {
        return fail(ErrorCode::kOutOfRange,
                    "a state has a counter for each limit, at most 16 local slots and 32 records");
    }
    ByteWriter writer;
    writer.write_u8(state.was_frozen ? kAccountTypeFrozen : kAccountTypeState)
        .write_u8(kAccountLayout)
        .write_u16_le(static_cast<std::uint16_t>(state.shared.size()))
        .write_u16_le(static_cast<std::uint16_t>(local_offset))
        .write_u8(static_cast<std::uint8_t>(state.slots.size()))
        .write_u8(static_cast<std::uint8_t>(state.records.size()))
        .write_u32_le(state.sequence)
        .write_u32_le(state.local_version)
        .write(state.config_id.view());
    for (const std::uint64_t nonce : state.nonces) {
        writer.write_u64_le(nonce);
    }
    writer.write(state.shared);
    write_counters(writer, state.counters);
    for (const RuleRecord& record : state.records) {
        write_record(writer, record);
    }
    for (const std::optional<LocalSlot>& slot : state.slots) {
        LATCHKEY_CHECK(write_slot(writer, slot));
    }
    writer.write(Bytes(state.spare_bytes, 0));
    return writer.take();
}

Result<std::size_t> new_state_size(ByteView shared) {
    LATCHKEY_TRY(const std::size_t limits, count_limits(shared));
    return kStateSharedOffset + shared.size() + core::kCounterSize * limits;
}

Result<std::size_t> local_slot_size(ByteView local_rule) {
    LATCHKEY_TRY(const std::size_t limits, count_local_limits(local_rule));
    return kSlotCountersOffset + core::kCounterSize * limits + local_rule.size();
}

}  // namespace latchkey::solana
