// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/client/transaction.hpp"

namespace latchkey::solana::detail {

/// The rules every message of its version obeys, whichever way it came to be: compiled, filled in
/// by hand or decoded: the runtime's sanitisation rules.
Result<void> check_message(const Message& message);
/// No lookup table twice. The runtime allows it, so others may send it; it only costs bytes.
Result<void> check_tables(const Message& message);

}  // namespace latchkey::solana::detail
