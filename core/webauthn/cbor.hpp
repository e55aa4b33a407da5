// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "core/encoding/byte_io.hpp"

namespace latchkey::core::webauthn {

/// CBOR major types, RFC 8949 section 3.1.
enum class CborType : std::uint8_t {
    kUnsigned = 0,
    kNegative = 1,
    kBytes = 2,
    kText = 3,
    kArray = 4,
    kMap = 5,
    kTag = 6,
    kSimple = 7,
};

/// Reads the CTAP2 canonical subset of CBOR (CTAP 2.1 section 8): shortest lengths, definite
/// lengths, no tags, no floating point, map keys ascending and so unique. Views point into the
/// input. Every error is kMalformedCbor.
class CborReader {
  public:
    explicit CborReader(ByteView bytes) : reader_(bytes) {}

    std::size_t position() const { return reader_.position(); }
    std::size_t remaining() const { return reader_.remaining(); }
    ByteView rest() const { return reader_.rest(); }

    /// An integer in [-2^63, 2^63 - 1].
    Result<std::int64_t> read_integer();
    Result<ByteView> read_bytes();
    /// Valid UTF-8.
    Result<std::string_view> read_text();
    /// The number of entries; the caller reads each key and value.
    Result<std::uint64_t> read_map();
    Result<std::uint64_t> read_array();
    /// Checks one whole item of any type and returns its bytes.
    Result<ByteView> read_item();

  private:
    struct Head {
        CborType type;
        std::uint64_t argument;
    };

    Result<Head> read_head();
    Result<std::uint64_t> read_head_of(CborType type);
    Result<void> skip_item(unsigned depth_max);
    Result<void> skip_map(std::uint64_t entries, unsigned depth_max);

    ByteReader reader_;
};

/// Writes the same subset; the caller writes map keys in ascending order.
class CborWriter {
  public:
    CborWriter& write_integer(std::int64_t value);
    CborWriter& write_bytes(ByteView bytes);
    CborWriter& write_text(std::string_view text);
    CborWriter& write_map(std::uint64_t entries);
    CborWriter& write_array(std::uint64_t entries);
    /// An item that is already encoded.
    CborWriter& write_item(ByteView item);
    Bytes take() { return writer_.take(); }

  private:
    void write_head(CborType type, std::uint64_t argument);

    ByteWriter writer_;
};

}  // namespace latchkey::core::webauthn
