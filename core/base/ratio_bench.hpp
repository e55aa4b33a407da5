// SPDX-License-Identifier: Apache-2.0
#pragma once

// For benchmarks only: compares two ways to do the same work in one run.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::core::testing {

/// One line of the results: `{"metric":"...","value":...,"unit":"..."}`.
inline void print_metric(std::string_view metric, double value, std::string_view unit) {
    std::printf("{\"metric\":\"%.*s\",\"value\":%.4f,\"unit\":\"%.*s\"}\n",
                static_cast<int>(metric.size()), metric.data(), value,
                static_cast<int>(unit.size()), unit.data());
}

/// Keeps the compiler from dropping work whose result nobody reads.
template <typename T>
void keep(const T& value) {
    asm volatile("" : : "g"(&value) : "memory");
}

template <typename Work>
double nanoseconds_per_call(const Work& work, std::size_t calls) {
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < calls; ++i) {
        work();
    }
    const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - begin;
    return spent.count() / static_cast<double>(calls);
}

inline double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// Prints the time of `ours` by the time of `theirs`: the median over rounds, in each of which both
/// take turns for about two milliseconds, so that whatever slows the machine slows both. Also
/// prints our time under the name <name>.ns.
template <typename Ours, typename Theirs>
void print_ratio(std::string_view name, const Ours& ours, const Theirs& theirs) {
    constexpr std::size_t kRounds = 151;
    constexpr double kRoundNanoseconds = 2e6;
    const double estimate = nanoseconds_per_call(theirs, 32);
    const auto calls = static_cast<std::size_t>(kRoundNanoseconds / estimate) + 1;
    std::vector<double> ratios;
    std::vector<double> times;
    for (std::size_t round = 0; round < kRounds; ++round) {
        // Who goes first changes, so that neither always finds the warmer cache.
        double their_time = round % 2 == 0 ? nanoseconds_per_call(theirs, calls) : 0;
        const double our_time = nanoseconds_per_call(ours, calls);
        if (round % 2 != 0) {
            their_time = nanoseconds_per_call(theirs, calls);
        }
        ratios.push_back(our_time / their_time);
        times.push_back(our_time);
    }
    print_metric(std::string(name) + ".ratio", median(ratios), "ratio");
    print_metric(std::string(name) + ".ns", median(times), "ns");
}

}  // namespace latchkey::core::testing
