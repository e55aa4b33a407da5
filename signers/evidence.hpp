// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/wallet/evidence.hpp"

namespace latchkey::signers {

using core::Evidence;
using core::verify_evidence;

}  // namespace latchkey::signers
