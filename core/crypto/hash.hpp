// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>

#include "core/base/bytes.hpp"

namespace latchkey::core::crypto {

/// SHA-256 (FIPS 180-4) over the bytes, or over all parts in order.
Hash32 sha256(ByteView bytes);
Hash32 sha256(std::span<const ByteView> parts);
inline Hash32 sha256(std::initializer_list<ByteView> parts) {
    return sha256(std::span<const ByteView>(parts.begin(), parts.size()));
}

/// Keccak-256 as Ethereum and Solana use it (not SHA3-256), over the bytes or all parts in order.
Hash32 keccak256(ByteView bytes);
Hash32 keccak256(std::span<const ByteView> parts);
inline Hash32 keccak256(std::initializer_list<ByteView> parts) {
    return keccak256(std::span<const ByteView>(parts.begin(), parts.size()));
}

}  // namespace latchkey::core::crypto
