// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace latchkey::evm {

/// chains/evm/chains.json as it was when the program was built. Inside this library only.
std::string_view builtin_chains_text();

}  // namespace latchkey::evm
