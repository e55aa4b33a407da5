// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace latchkey::core {

/// Work grows with the square of the length, so both directions have a bound well above a Solana
/// transaction (1,232 bytes).
inline constexpr std::size_t kBase58BytesMax = 2048;

/// Bitcoin alphabet, as Solana uses it; one '1' for each leading zero byte. `bytes` must not be
/// longer than kBase58BytesMax, else kInputTooLong.
Result<std::string> encode_base58(ByteView bytes);

/// For keys, hashes and signatures, whose length cannot be too long.
template <std::size_t N, typename Tag>
std::string encode_base58(const FixedBytes<N, Tag>& bytes) {
    static_assert(N <= kBase58BytesMax);
    return *encode_base58(ByteView(bytes.view()));
}

/// Every text has at most one preimage, so whatever decodes also re-encodes identically.
/// Errors: kInvalidBase58, kInputTooLong.
Result<Bytes> decode_base58(std::string_view text);

/// For types of fixed length: `decode_base58_as<Hash32>(text)`; also kInvalidLength.
template <typename Fixed>
Result<Fixed> decode_base58_as(std::string_view text) {
    // log(256) / log(58) is less than 1.366: a longer text cannot be of this type.
    if (text.size() > Fixed::kSize * 1366 / 1000 + 1) {
        return fail(ErrorCode::kInvalidLength,
                    "expected base58 of " + std::to_string(Fixed::kSize) + " bytes");
    }
    LATCHKEY_TRY(const Bytes bytes, decode_base58(text));
    return Fixed::from(ByteView(bytes));
}

}  // namespace latchkey::core
