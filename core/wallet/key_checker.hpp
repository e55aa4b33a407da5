// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/authorization/configuration.hpp"

namespace latchkey::core {

/// The KeyChecker of this host's libraries, answering as the Solana VM does: an ed25519 key whose y
/// is not reduced counts as on the curve (none of them has a known private key). Thread-safe.
Truth is_host_key(std::uint64_t kind, const std::uint8_t* key);

/// The same without a look at P-256 points, as the Solana program judges.
Truth is_solana_key(std::uint64_t kind, const std::uint8_t* key);

}  // namespace latchkey::core
