// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "core/base/bytes.hpp"

namespace latchkey::core::crypto {

/// r || s, 32 big-endian bytes each, without any statement about their range.
using RawEcdsaSignature = std::array<std::uint8_t, 64>;

/// The longest DER ECDSA signature over a 256-bit curve.
inline constexpr std::size_t kEcdsaDerSizeMax = 72;

/// Strict DER (X.690) of SEQUENCE { INTEGER r, INTEGER s } with 0 <= r, s < 2^256: shortest
/// lengths, shortest integers, no negative numbers, nothing behind; else kMalformedSignature.
Result<RawEcdsaSignature> ecdsa_signature_from_der(ByteView der);

/// The one DER encoding of r and s.
Bytes ecdsa_signature_to_der(std::span<const std::uint8_t, 64> signature);

/// The same into a caller's buffer; returns the number of bytes written.
std::size_t ecdsa_signature_to_der(std::span<const std::uint8_t, 64> signature,
                                   std::span<std::uint8_t, kEcdsaDerSizeMax> der);

}  // namespace latchkey::core::crypto
