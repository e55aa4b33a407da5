// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/wallet/configuration.hpp"

/// Who approves, and how long that makes an action wait (docs/spec/authorization.md, sections 1 and
/// 8): the same on every chain.
namespace latchkey::core {

/// The same key, whatever its party and options.
bool is_same_key(const Signer& a, const Signer& b);

/// Distinct parties among these signers, which are indexes into `all`.
std::size_t count_parties(std::span<const Signer> all, std::span<const std::uint8_t> signers);

/// One signer of each party that `mask` counts and that has a key among `available`: the first one,
/// in order, until there are `wanted` of them.
std::vector<std::uint8_t> choose_parties(std::span<const Signer> all, std::uint16_t mask,
                                         std::span<const Signer> available, std::size_t wanted);

/// How long an action that `parties` approved under the rule waits; 0: it is done at once.
/// `is_guarded`: it changes who may do what, so that one party alone waits for the guard.
std::uint64_t wait_seconds(const Configuration& configuration, const Rule& rule,
                           std::size_t parties, bool is_guarded);

}  // namespace latchkey::core
