// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace latchkey::core {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// N public bytes with a meaning. The tag makes two kinds of equal length different types, so that
/// a wallet id cannot be passed where a digest is meant. Not for secrets: those are Secret<N>.
template <std::size_t N, typename Tag>
class FixedBytes {
  public:
    static constexpr std::size_t kSize = N;

    /// All zero.
    constexpr FixedBytes() = default;
    constexpr explicit FixedBytes(const std::array<std::uint8_t, N>& bytes) : bytes_(bytes) {}

    /// Refuses any other length with kInvalidLength.
    static Result<FixedBytes> from(ByteView bytes) {
        if (bytes.size() != N) {
            return fail(
                ErrorCode::kInvalidLength,
                "expected " + std::to_string(N) + " bytes, got " + std::to_string(bytes.size()));
        }
        FixedBytes out;
        std::copy(bytes.begin(), bytes.end(), out.bytes_.begin());
        return out;
    }
    /// For lengths the type system already knows.
    static constexpr FixedBytes from(std::span<const std::uint8_t, N> bytes) {
        FixedBytes out;
        std::copy(bytes.begin(), bytes.end(), out.bytes_.begin());
        return out;
    }

    static constexpr std::size_t size() { return N; }
    constexpr std::uint8_t* data() { return bytes_.data(); }
    constexpr const std::uint8_t* data() const { return bytes_.data(); }
    constexpr auto begin() { return bytes_.begin(); }
    constexpr auto end() { return bytes_.end(); }
    constexpr auto begin() const { return bytes_.begin(); }
    constexpr auto end() const { return bytes_.end(); }
    constexpr std::uint8_t& operator[](std::size_t index) { return bytes_[index]; }
    constexpr std::uint8_t operator[](std::size_t index) const { return bytes_[index]; }
    constexpr const std::array<std::uint8_t, N>& array() const { return bytes_; }
    constexpr std::span<const std::uint8_t, N> view() const { return bytes_; }
    constexpr std::span<std::uint8_t, N> span() { return bytes_; }

    constexpr bool is_zero() const {
        return std::all_of(bytes_.begin(), bytes_.end(), [](std::uint8_t b) { return b == 0; });
    }

    friend constexpr bool operator==(const FixedBytes&, const FixedBytes&) = default;
    /// Byte order, first byte most significant.
    friend constexpr auto operator<=>(const FixedBytes&, const FixedBytes&) = default;

  private:
    std::array<std::uint8_t, N> bytes_{};
};

/// A 32-byte hash of any function; what was hashed is the business of a more specific type.
using Hash32 = FixedBytes<32, struct Hash32Tag>;

/// The text's own bytes, without a terminator; valid as long as the text.
inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// The bytes as characters, without any check; valid as long as the bytes.
inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes to_bytes(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

inline void append(Bytes& out, ByteView more) {
    out.insert(out.end(), more.begin(), more.end());
}

/// One buffer with all parts in order.
template <typename... Parts>
Bytes concat(const Parts&... parts) {
    Bytes out;
    out.reserve((ByteView(parts).size() + ... + 0));
    (append(out, ByteView(parts)), ...);
    return out;
}

/// Not constant time: for public values only.
inline bool equal(ByteView a, ByteView b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin());
}

}  // namespace latchkey::core

/// Good enough for tables keyed by hashes and keys, which are uniform; not for hostile short
/// inputs.
template <std::size_t N, typename Tag>
struct std::hash<latchkey::core::FixedBytes<N, Tag>> {
    std::size_t operator()(const latchkey::core::FixedBytes<N, Tag>& bytes) const noexcept {
        return std::hash<std::string_view>{}(
            std::string_view(reinterpret_cast<const char*>(bytes.data()), N));
    }
};
