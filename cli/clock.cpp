// SPDX-License-Identifier: Apache-2.0
#include "cli/clock.hpp"

#include <algorithm>
#include <chrono>

#include "core/wallet/describe.hpp"

namespace latchkey::cli {

namespace {

/// What clocks of computers are wrong by, and blocks may be ahead.
constexpr std::uint64_t kAheadSecondsMax = 600;

bool is_on_this_machine(const net::Url& node) {
    return node.host == "localhost" || node.host == "127.0.0.1" || node.host == "::1";
}

}  // namespace

std::uint64_t own_time() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::seconds>(now).count());
}

Result<std::uint64_t> believe_time(std::uint64_t told, std::uint64_t own,
                                   const std::vector<net::Url>& nodes) {
    const bool is_ahead = told > own && told - own > kAheadSecondsMax;
    if (!is_ahead || std::all_of(nodes.begin(), nodes.end(), is_on_this_machine)) {
        return told;
    }
    return core::fail(core::ErrorCode::kCommandInput,
                      "the node says that it is " + core::describe_time(told) +
                          ", this computer's clock says " + core::describe_time(own) +
                          ": what is approved now would last longer than it should; ask another "
                          "node with --rpc, or set the clock");
}

}  // namespace latchkey::cli
