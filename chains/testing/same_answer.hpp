// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "chains/testing/move.hpp"

namespace latchkey::chains::testing {

/// Whether two chains that answer this to one action agree. Accepted is accepted on both. Where
/// both refuse, they may name another reason only as listed here, with why. `solana` is absent when
/// a precompile refused a signature, so that the program did not run.
bool is_same_answer(core::Verdict evm, std::optional<core::Verdict> solana, const Aspect& aspect);

}  // namespace latchkey::chains::testing
