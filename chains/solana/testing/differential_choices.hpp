// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/bytes.hpp"

/// Where a generated test takes its decisions from.
namespace latchkey::solana::testing {

/// Decisions by a seed, or by a fuzzer's bytes. 0 and `false` are the ordinary choice, so bytes
/// that have run out give ordinary behaviour.
class Choices {
  public:
    explicit Choices(std::uint64_t seed) : state_(seed) {}
    explicit Choices(core::ByteView bytes) : bytes_(bytes), has_bytes_(true) {}

    /// From 0 to bound - 1; bound is at least 1.
    std::uint64_t below(std::uint64_t bound) {
        if (!has_bytes_) {
            return next() % bound;
        }
        std::uint64_t value = take();
        for (std::uint64_t range = bound - 1; range > 0xff; range >>= 8) {
            value = value << 8 | take();
        }
        return value % bound;
    }
    bool chance(unsigned percent) { return below(100) >= 100 - percent; }
    template <typename T>
    const T& one_of(const std::vector<T>& values) {
        return values[below(values.size())];
    }
    /// The fuzzer's bytes have run out; never by a seed.
    bool is_empty() const { return has_bytes_ && bytes_.empty(); }

  private:
    /// SplitMix64 (Steele, Lea and Flood, 2014).
    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    std::uint8_t take() {
        if (bytes_.empty()) {
            return 0;
        }
        const std::uint8_t byte = bytes_.front();
        bytes_ = bytes_.subspan(1);
        return byte;
    }

    std::uint64_t state_ = 0;
    core::ByteView bytes_;
    bool has_bytes_ = false;
};

}  // namespace latchkey::solana::testing
