// SPDX-License-Identifier: Apache-2.0
#pragma once

// For fuzzers only.
#include <cstdint>

#include "core/base/bytes.hpp"

namespace latchkey::core::testing {

/// Stops the fuzzer, which keeps the input as a crash.
inline void require(bool holds) {
    if (!holds) {
        __builtin_trap();
    }
}

/// libFuzzer's input.
inline ByteView fuzz_input(const std::uint8_t* data, std::size_t size) {
    // An empty input may come with a null pointer, which views may not have offsets from.
    return size == 0 ? ByteView() : ByteView(data, size);
}

}  // namespace latchkey::core::testing
