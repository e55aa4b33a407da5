// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/authorization/configuration.hpp"

namespace latchkey::core {

/// The curve checks of a configuration's keys by this host's libraries, answering as the Solana VM
/// does: an ed25519 key whose y is not reduced counts as on the curve (none of them has a known
/// private key). Thread-safe; lives as long as the process.
const KeyChecker& host_key_checker();

}  // namespace latchkey::core
