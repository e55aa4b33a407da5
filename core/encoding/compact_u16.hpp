// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/encoding/byte_io.hpp"

namespace latchkey::core {

/// Solana's compact-u16 ("shortvec"): seven bits a byte, least significant first, the top bit says
/// that another byte follows; one to three bytes.
void write_compact_u16(ByteWriter& writer, std::uint16_t value);

/// Reads the canonical (shortest) form only. Errors: kUnexpectedEnd, kNonCanonical, kOutOfRange
/// (above 65,535). On an error the reader's position is unspecified.
Result<std::uint16_t> read_compact_u16(ByteReader& reader);

/// 1, 2 or 3.
constexpr std::size_t compact_u16_size(std::uint16_t value) {
    return value < 0x80 ? 1 : value < 0x4000 ? 2 : 3;
}

}  // namespace latchkey::core
