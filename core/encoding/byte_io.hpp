// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"

namespace latchkey::core {

/// Byte-order conversions for every unsigned width; `at` must have sizeof(T) bytes.
template <std::unsigned_integral T>
constexpr T load_le(const std::uint8_t* at) {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        value = static_cast<T>(value | static_cast<T>(T{at[i]} << 8 * i));
    }
    return value;
}

template <std::unsigned_integral T>
constexpr T load_be(const std::uint8_t* at) {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        value = static_cast<T>(value | static_cast<T>(T{at[i]} << 8 * (sizeof(T) - 1 - i)));
    }
    return value;
}

template <std::unsigned_integral T>
constexpr void store_le(std::uint8_t* at, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        at[i] = static_cast<std::uint8_t>(value >> 8 * i);
    }
}

template <std::unsigned_integral T>
constexpr void store_be(std::uint8_t* at, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        at[i] = static_cast<std::uint8_t>(value >> 8 * (sizeof(T) - 1 - i));
    }
}

/// Reads fields one after the other and never past the end: a short input is kUnexpectedEnd and
/// leaves the position where it was. Views point into the input, which must outlive them.
class ByteReader {
  public:
    explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

    std::size_t position() const { return position_; }
    std::size_t remaining() const { return bytes_.size() - position_; }
    /// What has not been read yet.
    ByteView rest() const { return bytes_.subspan(position_); }

    Result<ByteView> read(std::size_t count) {
        if (count > remaining()) {
            return fail(ErrorCode::kUnexpectedEnd,
                        "need " + std::to_string(count) + " bytes at offset " +
                            std::to_string(position_) + ", have " + std::to_string(remaining()));
        }
        const ByteView out = bytes_.subspan(position_, count);
        position_ += count;
        return out;
    }

    /// For example `read_as<Hash32>()`.
    template <typename Fixed>
    Result<Fixed> read_as() {
        LATCHKEY_TRY(const ByteView bytes, read(Fixed::kSize));
        return Fixed::from(bytes);
    }

    /// `count` of them, one after the other; kUnexpectedEnd says how many `what` were announced.
    template <typename Fixed>
    Result<std::vector<Fixed>> read_list(std::size_t count, std::string_view what) {
        // Checked before reserving, so that a short hostile input cannot ask for much memory.
        if (count * Fixed::kSize > remaining()) {
            return fail(ErrorCode::kUnexpectedEnd,
                        std::to_string(count) + " " + std::string(what) + " announced");
        }
        std::vector<Fixed> out;
        out.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            LATCHKEY_TRY(const Fixed one, read_as<Fixed>());
            out.push_back(one);
        }
        return out;
    }

    template <std::unsigned_integral T>
    Result<T> read_le() {
        LATCHKEY_TRY(const ByteView bytes, read(sizeof(T)));
        return load_le<T>(bytes.data());
    }

    template <std::unsigned_integral T>
    Result<T> read_be() {
        LATCHKEY_TRY(const ByteView bytes, read(sizeof(T)));
        return load_be<T>(bytes.data());
    }

    Result<std::uint8_t> read_u8() { return read_le<std::uint8_t>(); }
    Result<std::uint16_t> read_u16_le() { return read_le<std::uint16_t>(); }
    Result<std::uint32_t> read_u32_le() { return read_le<std::uint32_t>(); }
    Result<std::uint64_t> read_u64_le() { return read_le<std::uint64_t>(); }
    Result<std::uint16_t> read_u16_be() { return read_be<std::uint16_t>(); }
    Result<std::uint32_t> read_u32_be() { return read_be<std::uint32_t>(); }
    Result<std::uint64_t> read_u64_be() { return read_be<std::uint64_t>(); }

    /// Strict: 0 or 1; else kNonCanonical.
    Result<bool> read_bool() {
        if (remaining() > 0 && bytes_[position_] > 1) {
            return fail(ErrorCode::kNonCanonical,
                        "a bool is 0 or 1, at offset " + std::to_string(position_));
        }
        LATCHKEY_TRY(const std::uint8_t value, read_u8());
        return value == 1;
    }

    /// kTrailingBytes unless everything has been read.
    Result<void> expect_end() const {
        if (remaining() != 0) {
            return fail(
                ErrorCode::kTrailingBytes,
                std::to_string(remaining()) + " bytes left at offset " + std::to_string(position_));
        }
        return {};
    }

  private:
    ByteView bytes_;
    std::size_t position_ = 0;
};

/// Appends fields to a growing buffer.
class ByteWriter {
  public:
    ByteWriter() = default;
    explicit ByteWriter(std::size_t expected_size) { bytes_.reserve(expected_size); }

    std::size_t size() const { return bytes_.size(); }
    const Bytes& bytes() const { return bytes_; }
    /// Hands the buffer over and leaves the writer empty.
    Bytes take() { return std::exchange(bytes_, {}); }

    ByteWriter& write(ByteView bytes) {
        append(bytes_, bytes);
        return *this;
    }

    template <std::unsigned_integral T>
    ByteWriter& write_le(T value) {
        std::array<std::uint8_t, sizeof(T)> bytes;
        store_le(bytes.data(), value);
        return write(bytes);
    }

    template <std::unsigned_integral T>
    ByteWriter& write_be(T value) {
        std::array<std::uint8_t, sizeof(T)> bytes;
        store_be(bytes.data(), value);
        return write(bytes);
    }

    ByteWriter& write_u8(std::uint8_t value) { return write_le(value); }
    ByteWriter& write_u16_le(std::uint16_t value) { return write_le(value); }
    ByteWriter& write_u32_le(std::uint32_t value) { return write_le(value); }
    ByteWriter& write_u64_le(std::uint64_t value) { return write_le(value); }
    ByteWriter& write_u16_be(std::uint16_t value) { return write_be(value); }
    ByteWriter& write_u32_be(std::uint32_t value) { return write_be(value); }
    ByteWriter& write_u64_be(std::uint64_t value) { return write_be(value); }
    ByteWriter& write_bool(bool value) { return write_u8(value ? 1 : 0); }

  private:
    Bytes bytes_;
};

}  // namespace latchkey::core
