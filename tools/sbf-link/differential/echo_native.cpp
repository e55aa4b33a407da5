// SPDX-License-Identifier: Apache-2.0
// Runs testdata/echo.cpp on the host. Writes one line for each case: instruction data and return
// data, both in hexadecimal.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "tools/sbf-link/testdata/echo.hpp"

extern "C" uint64_t entrypoint(const uint8_t* input, const uint8_t* data);

namespace {

std::array<std::uint8_t, 8> g_return_data;

}  // namespace

extern "C" uint64_t sol_log_(const char*, uint64_t) {
    return 0;
}

extern "C" uint64_t sol_set_return_data(const uint8_t* bytes, uint64_t size) {
    if (size == g_return_data.size()) {
        std::memcpy(g_return_data.data(), bytes, g_return_data.size());
    }
    return 0;
}

int main() {
    std::uint32_t state = 1;
    constexpr int kCases = 300;
    for (int index = 0; index < kCases; ++index) {
        std::array<std::uint8_t, 5> data;
        for (std::uint8_t& byte : data) {
            // Numerical Recipes' generator; the upper bits are the better ones.
            state = state * 1664525U + 1013904223U;
            byte = static_cast<std::uint8_t>(state >> 24);
        }
        if (entrypoint(nullptr, data.data()) != 0) {
            return 1;
        }
        for (const std::uint8_t byte : data) {
            std::printf("%02x", byte);
        }
        std::printf(" ");
        for (const std::uint8_t byte : g_return_data) {
            std::printf("%02x", byte);
        }
        std::printf("\n");
    }
    return 0;
}
