// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/authorization/configuration.hpp"

namespace latchkey::core {

/// Whether a configuration's key is one, by this host's libraries, answering as the Solana VM does:
/// an ed25519 key whose y is not reduced counts as on the curve (none of them has a known private
/// key). A KeyChecker; thread-safe.
Truth is_host_key(std::uint64_t kind, const std::uint8_t* key);

/// The same as far as a chain looks: a P-256 key that is no point cannot approve anything, so none
/// asks.
Truth is_chain_key(std::uint64_t kind, const std::uint8_t* key);

/// The format alone decides.
inline constexpr KeyChecker kAnyKey = nullptr;

}  // namespace latchkey::core
