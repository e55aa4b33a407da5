// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/bytes.hpp"

namespace latchkey::solana {

/// A Solana account address: an ed25519 public key, or a program-derived address, which is no point
/// of the curve. Ordered by bytes.
using Address = core::FixedBytes<32, struct AddressTag>;

}  // namespace latchkey::solana
