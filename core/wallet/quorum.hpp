// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/wallet/configuration.hpp"

/// Who of those at hand approves: the same choice on every chain.
namespace latchkey::core {

/// The same key, whatever its party and options.
bool is_same_key(const Signer& a, const Signer& b);

/// One signer of each party that `mask` counts and that has a key among `available`: the first one,
/// in order, until there are `wanted` of them.
std::vector<std::uint8_t> choose_parties(std::span<const Signer> all, std::uint16_t mask,
                                         std::span<const Signer> available, std::size_t wanted);

}  // namespace latchkey::core
