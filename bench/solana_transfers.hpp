// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// What one SOL transfer out of a wallet costs, as a whole transaction on the real Solana VM. Every
/// wallet is a legal configuration: a policy rule, a recovery part by its hash, all checks on.
namespace latchkey::bench {

struct Measure {
    /// As docs/benchmarks.md names it.
    std::string metric;
    std::uint64_t value = 0;
    /// `cu`, `bytes` or `lamports`.
    std::string unit;
};

/// All figures of the wallet program. Exact, so one run is enough. Throws std::runtime_error when a
/// transaction is refused or moves another amount than it should.
std::vector<Measure> measure_solana();

}  // namespace latchkey::bench
