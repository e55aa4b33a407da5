// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/client/transaction.hpp"

namespace latchkey::solana::detail {

/// The rules every message of its version obeys, whichever way it came to be: compiled, filled in
/// by hand or decoded. They are the runtime's sanitisation rules, plus: no lookup table twice.
Result<void> check_message(const Message& message);

}  // namespace latchkey::solana::detail
