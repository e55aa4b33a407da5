// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/encoding/byte_io.hpp"

namespace latchkey::solana {

using core::Bytes;
using core::ByteView;
using core::Result;

/// A signer's entry in a configuration, as far as its length matters.
struct SignerEntry {
    /// Kind and flags.
    std::uint8_t head = 0;
    /// Empty when it was left out.
    Bytes key;
    friend bool operator==(const SignerEntry&, const SignerEntry&) = default;
};

/// A genesis in which the keys of the approving signers are left out, because the transaction has
/// them elsewhere. (Not those of program signers, of which it has only a half.) Only the structure
/// is checked here: the filled genesis is hashed by whoever believes it, and validated by the
/// configuration's own decoder.
struct HoledGenesis {
    std::uint8_t header = 0;
    /// 1 to 16.
    std::uint8_t rules = 1;
    /// 1 to 16.
    std::vector<SignerEntry> signers;
    /// Rules, recovery hash and salt, as written.
    Bytes rest;

    /// The wire form.
    [[nodiscard]] Bytes encode() const;
    /// `keys` are those of the signers without one, in order. Errors: kInvalidArgument (their
    /// number), kInvalidLength (a key of another length than its kind has).
    [[nodiscard]] Result<Bytes> fill(const std::vector<Bytes>& keys) const;

    friend bool operator==(const HoledGenesis&, const HoledGenesis&) = default;
};

/// Leaves the keys of `approving` (ascending signer indexes) out. Errors: kOutOfRange (no such
/// signer), and those of read_holed_genesis.
Result<HoledGenesis> make_holed_genesis(ByteView genesis,
                                        const std::vector<std::uint8_t>& approving);

/// Reads one from an instruction; the signers in `approving` have no key there
/// unless they are programs. Errors:
/// kUnexpectedEnd, kUnsupported (version, reserved bits, signer kinds, waiting rules), kOutOfRange
/// (an approving signer that the genesis does not have; a genesis over 480 bytes when filled).
Result<HoledGenesis> read_holed_genesis(core::ByteReader& reader,
                                        const std::vector<std::uint8_t>& approving);

/// Number of limits in all rules of a shared part, which decides how many counters a state account
/// has. The shared part must fill `shared`. Errors: kTrailingBytes, and those of
/// read_holed_genesis.
Result<std::size_t> count_limits(ByteView shared);
/// The same for the one rule of a local rule.
Result<std::size_t> count_local_limits(ByteView local_rule);

}  // namespace latchkey::solana
