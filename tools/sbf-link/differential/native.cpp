// SPDX-License-Identifier: Apache-2.0
// The host side: chooses the operands and computes what every operation must give for them.
// Writes to standard output, little-endian: number of operations (u32), number of operand pairs
// (u32), for each pair the operands and then all results (u64 each); then the names of the
// operations, one a line.
#include <bit>
#include <cstdint>
#include <cstdio>
#include <utility>
#include <vector>

#include "tools/sbf-link/differential/operations.hpp"

namespace latchkey::sbf_link::differential {
namespace {

static_assert(std::endian::native == std::endian::little, "results are written as they lie");

std::vector<std::pair<std::uint64_t, std::uint64_t>> choose_operands() {
    // The edges of every width, and their neighbours.
    std::vector<std::uint64_t> edges = {0, 1, 2, 3, 7, 10, 63, 64, 100, 0xdeadbeef};
    for (const int bits : {8, 16, 31, 32, 33, 48, 63, 64}) {
        const std::uint64_t top = std::uint64_t{1} << (bits - 1);
        for (const std::uint64_t value : {top - 1, top, top + 1, 2 * top - 1}) {
            edges.push_back(value);
        }
    }
    std::vector<std::pair<std::uint64_t, std::uint64_t>> operands;
    for (const std::uint64_t a : edges) {
        for (const std::uint64_t b : edges) {
            operands.emplace_back(a, b);
        }
    }
    // splitmix64 with a fixed seed: the same operands in every run.
    std::uint64_t state = 0x6c6174636b6579;
    const auto next = [&state] {
        state += 0x9e3779b97f4a7c15;
        std::uint64_t value = state;
        value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
        value = (value ^ value >> 27) * 0x94d049bb133111eb;
        return value ^ value >> 31;
    };
    constexpr int kRandomPairs = 600;
    for (int index = 0; index < kRandomPairs; ++index) {
        const std::uint64_t a = next();
        const std::uint64_t b = next();
        // Also values of fewer bits: random 64-bit values are nearly all large.
        operands.emplace_back(a >> (index % 4 * 16), b >> (index / 4 % 4 * 16));
    }
    return operands;
}

void write(const void* bytes, std::size_t size) {
    std::fwrite(bytes, 1, size, stdout);
}

int run() {
    const auto operands = choose_operands();
    const std::uint32_t counts[] = {static_cast<std::uint32_t>(kOperationCount),
                                    static_cast<std::uint32_t>(operands.size())};
    write(counts, sizeof(counts));
    for (const auto& [a, b] : operands) {
        const std::uint64_t pair[] = {a, b};
        write(pair, sizeof(pair));
        for (const Operation& operation : kOperations) {
            const std::uint64_t result = operation.function(a, b);
            write(&result, sizeof(result));
        }
    }
    for (const Operation& operation : kOperations) {
        std::printf("%s\n", operation.name);
    }
    return std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace
}  // namespace latchkey::sbf_link::differential

int main() {
    return latchkey::sbf_link::differential::run();
}
