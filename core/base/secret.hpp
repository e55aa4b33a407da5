// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/bytes.hpp"

namespace latchkey::core {

/// Bytes that must not leak: move-only, in their own guarded pages (locked against swapping where
/// the system's limits allow it, excluded from core dumps), zeroised when destroyed. There is
/// deliberately no output operator, formatter, ordering or ==; compare with constant_time_equal.
class SecretBytes {
  public:
    /// Empty.
    SecretBytes() = default;
    /// `size` zero bytes. Ends the process if the system has no memory left.
    explicit SecretBytes(std::size_t size);
    ~SecretBytes();
    SecretBytes(const SecretBytes&) = delete;
    SecretBytes& operator=(const SecretBytes&) = delete;
    SecretBytes(SecretBytes&& other) noexcept;
    SecretBytes& operator=(SecretBytes&& other) noexcept;

    /// Copies; the source stays the caller's to wipe.
    static SecretBytes copy_of(ByteView bytes);
    /// Copies and wipes the source.
    static SecretBytes take(std::span<std::uint8_t> source);

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    /// The plain bytes: named so that every use is easy to find and to review.
    ByteView expose() const { return {data_, size_}; }
    std::span<std::uint8_t> expose_mutable() { return {data_, size_}; }
    /// Wipes and drops everything after the first `size` bytes; `size` must not exceed size().
    void truncate(std::size_t size);

  private:
    std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0;
};

/// Overwrites with zeros in a way the compiler may not remove.
void wipe(std::span<std::uint8_t> bytes);

/// Time depends on the lengths only; unequal lengths are unequal.
bool constant_time_equal(ByteView a, ByteView b);

/// Exactly N secret bytes. A moved-from Secret is empty and must not be used again.
template <std::size_t N>
class Secret {
  public:
    static constexpr std::size_t kSize = N;

    /// All zero, to be filled through expose_mutable().
    Secret() : bytes_(N) {}

    /// Refuses any other length with kInvalidLength. Copies; wiping the source is the caller's.
    static Result<Secret> copy_of(ByteView bytes) {
        if (bytes.size() != N) {
            return fail(ErrorCode::kInvalidLength,
                        "expected " + std::to_string(N) + " secret bytes");
        }
        return Secret(SecretBytes::copy_of(bytes));
    }

    std::span<const std::uint8_t, N> expose() const { return bytes_.expose().first<N>(); }
    std::span<std::uint8_t, N> expose_mutable() { return bytes_.expose_mutable().first<N>(); }

  private:
    explicit Secret(SecretBytes bytes) : bytes_(std::move(bytes)) {}

    SecretBytes bytes_;
};

}  // namespace latchkey::core
