// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/result.hpp"
#include "net/url.hpp"

/// Until when something is good is computed from what nodes say that the time is.
namespace latchkey::cli {

using core::Result;

/// Unix seconds by this computer's clock.
std::uint64_t own_time();

/// `told`, unless it is ahead of `own` by so much that the node would decide how long an approval
/// or a session lasts. Nodes on this machine are believed: on a development chain time passes at
/// will. Error: kCommandInput.
Result<std::uint64_t> believe_time(std::uint64_t told, std::uint64_t own,
                                   const std::vector<net::Url>& nodes);

}  // namespace latchkey::cli
