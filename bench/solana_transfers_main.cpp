// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>

#include "bench/solana_transfers.hpp"

/// Prints one JSON line for each figure.
int main() {
    try {
        for (const auto& measure : latchkey::bench::measure_solana()) {
            std::printf(R"({"metric":"%s","value":%llu,"unit":"%s"})"
                        "\n",
                        measure.metric.c_str(), static_cast<unsigned long long>(measure.value),
                        measure.unit.c_str());
        }
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "solana_transfers: %s\n", error.what());
        return 1;
    }
}
