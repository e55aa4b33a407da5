// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/layout/holed_genesis.hpp"

#include <algorithm>

#include "core/authorization/configuration.hpp"

namespace latchkey::solana {

using core::ByteReader;
using core::ByteWriter;
using core::ErrorCode;
using core::fail;

namespace {

constexpr std::uint8_t kHeaderFlags = static_cast<std::uint8_t>(
    core::kHeaderRecovery | core::kHeaderLongSalt | core::kHeaderLockdown);
constexpr std::size_t kRecoveryHashSize = 32;
constexpr std::size_t kShortSalt = 1;
constexpr std::size_t kLongSalt = 16;

std::size_t key_size(std::uint8_t head) {
    return core::signer_key_size(head & core::kSignerKindMask);
}

/// A program's account shows only the derived half of its key, so that stays in the genesis.
bool can_be_left_out(std::uint8_t head) {
    return (head & core::kSignerKindMask) != core::kSignerProgram;
}

Result<void> skip(ByteReader& reader, std::size_t count) {
    LATCHKEY_CHECK(reader.read(count));
    return {};
}

Result<void> skip_targets(ByteReader& reader) {
    LATCHKEY_TRY(const std::uint8_t count, reader.read_u8());
    for (unsigned i = 0; i < count; ++i) {
        LATCHKEY_CHECK(skip(reader, 32));
        LATCHKEY_TRY(const std::uint8_t prefix, reader.read_u8());
        LATCHKEY_CHECK(skip(reader, prefix));
    }
    return {};
}

/// Returns the rule's number of limits.
Result<std::size_t> skip_rule(ByteReader& reader, std::size_t signers) {
    LATCHKEY_CHECK(reader.read_u8());
    LATCHKEY_TRY(const std::uint8_t quorum, reader.read_u8());
    LATCHKEY_CHECK(skip(reader, signers == 1 ? 0 : signers <= 8 ? 1 : 2));
    if ((quorum & core::kQuorumTimes) != 0) {
        LATCHKEY_CHECK(skip(reader, core::kTimesSize));
    }
    if ((quorum & core::kQuorumScope) != 0) {
        LATCHKEY_CHECK(skip_targets(reader));
    }
    std::size_t limits = 0;
    if ((quorum & core::kQuorumLimits) != 0) {
        LATCHKEY_TRY(limits, reader.read_u8());
        LATCHKEY_CHECK(skip(reader, limits * core::kLimitSize));
    }
    LATCHKEY_CHECK(skip(reader, (quorum & core::kQuorumWait) != 0 ? core::kWaitSize : 0));
    return limits;
}

struct Walked {
    std::uint8_t header = 0;
    std::vector<SignerEntry> signers;
    std::size_t limits = 0;
};

Result<SignerEntry> read_signer(ByteReader& reader, bool approves) {
    SignerEntry entry;
    LATCHKEY_TRY(entry.head, reader.read_u8());
    const std::size_t size = key_size(entry.head);
    if (size == 0) {
        return fail(ErrorCode::kUnsupported, "a signer of unknown kind");
    }
    if (!approves || !can_be_left_out(entry.head)) {
        LATCHKEY_TRY(const ByteView key, reader.read(size));
        entry.key = core::to_bytes(key);
    }
    return entry;
}

/// Header, counts, signers (without the keys of `approving`), rules and recovery hash.
Result<Walked> walk_shared(ByteReader& reader, const std::vector<std::uint8_t>& approving) {
    Walked out;
    LATCHKEY_TRY(out.header, reader.read_u8());
    if ((out.header & 0xf0) != core::kVersionNibble || (out.header & 0x0f & ~kHeaderFlags) != 0) {
        return fail(ErrorCode::kUnsupported, "configuration version or flags");
    }
    LATCHKEY_TRY(const std::uint8_t counts, reader.read_u8());
    const std::size_t signers = (counts & 0x0f) + 1U;
    const std::size_t rules = (counts >> 4) + 1U;
    if (!approving.empty() && approving.back() >= signers) {
        return fail(ErrorCode::kOutOfRange, "an approving signer is not in the genesis");
    }
    for (std::size_t i = 0; i < signers; ++i) {
        const bool approves = std::binary_search(approving.begin(), approving.end(), i);
        LATCHKEY_TRY(SignerEntry entry, read_signer(reader, approves));
        out.signers.push_back(std::move(entry));
    }
    for (std::size_t i = 0; i < rules; ++i) {
        LATCHKEY_TRY(const std::size_t limits, skip_rule(reader, signers));
        out.limits += limits;
    }
    if ((out.header & core::kHeaderRecovery) != 0) {
        LATCHKEY_CHECK(skip(reader, kRecoveryHashSize));
    }
    return out;
}

std::size_t signers_size(const std::vector<SignerEntry>& signers) {
    std::size_t size = 0;
    for (const SignerEntry& signer : signers) {
        size += 1 + signer.key.size();
    }
    return size;
}

}  // namespace

Bytes HoledGenesis::encode() const {
    ByteWriter writer;
    writer.write_u8(header);
    writer.write_u8(static_cast<std::uint8_t>((signers.size() - 1) | (rules - 1U) << 4));
    for (const SignerEntry& signer : signers) {
        writer.write_u8(signer.head).write(signer.key);
    }
    writer.write(rest);
    return writer.take();
}

Result<Bytes> HoledGenesis::fill(const std::vector<Bytes>& keys) const {
    HoledGenesis filled = *this;
    std::size_t next = 0;
    for (SignerEntry& signer : filled.signers) {
        if (!signer.key.empty()) {
            continue;
        }
        if (next == keys.size()) {
            return fail(ErrorCode::kInvalidArgument, "more keys were left out than are given");
        }
        if (keys[next].size() != key_size(signer.head)) {
            return fail(ErrorCode::kInvalidLength,
                        "key " + std::to_string(next) + " does not fit its signer's kind");
        }
        signer.key = keys[next++];
    }
    if (next != keys.size()) {
        return fail(ErrorCode::kInvalidArgument, "fewer keys were left out than are given");
    }
    return filled.encode();
}

Result<HoledGenesis> make_holed_genesis(ByteView genesis,
                                        const std::vector<std::uint8_t>& approving) {
    ByteReader reader(genesis);
    LATCHKEY_TRY(HoledGenesis out, read_holed_genesis(reader, {}));
    LATCHKEY_CHECK(reader.expect_end());
    for (const std::uint8_t signer : approving) {
        if (signer >= out.signers.size()) {
            return fail(ErrorCode::kOutOfRange,
                        "the genesis has no signer " + std::to_string(signer));
        }
        if (can_be_left_out(out.signers[signer].head)) {
            out.signers[signer].key.clear();
        }
    }
    return out;
}

Result<HoledGenesis> read_holed_genesis(ByteReader& reader,
                                        const std::vector<std::uint8_t>& approving) {
    const ByteView before = reader.rest();
    LATCHKEY_TRY(Walked walked, walk_shared(reader, approving));
    LATCHKEY_CHECK(
        skip(reader, (walked.header & core::kHeaderLongSalt) != 0 ? kLongSalt : kShortSalt));
    const std::size_t length = before.size() - reader.remaining();
    std::size_t filled = length;
    for (const SignerEntry& signer : walked.signers) {
        filled += signer.key.empty() ? key_size(signer.head) : 0;
    }
    if (filled > core::kMaximumGenesis) {
        return fail(ErrorCode::kOutOfRange, "a genesis has at most 480 bytes");
    }
    HoledGenesis out;
    out.header = walked.header;
    out.rules = static_cast<std::uint8_t>((before[1] >> 4) + 1);
    out.rest = core::to_bytes(before.first(length).subspan(2 + signers_size(walked.signers)));
    out.signers = std::move(walked.signers);
    return out;
}

Result<std::size_t> count_limits(ByteView shared) {
    ByteReader reader(shared);
    LATCHKEY_TRY(const Walked walked, walk_shared(reader, {}));
    LATCHKEY_CHECK(reader.expect_end());
    return walked.limits;
}

Result<std::size_t> count_local_limits(ByteView local_rule) {
    ByteReader reader(local_rule);
    LATCHKEY_TRY(const std::uint8_t counts, reader.read_u8());
    if ((counts & 0xf0) != 0) {
        return fail(ErrorCode::kUnsupported, "a local rule has exactly one rule");
    }
    for (unsigned i = 0; i <= counts; ++i) {
        LATCHKEY_CHECK(read_signer(reader, false));
    }
    LATCHKEY_TRY(const std::size_t limits, skip_rule(reader, counts + 1U));
    LATCHKEY_CHECK(reader.expect_end());
    return limits;
}

}  // namespace latchkey::solana
