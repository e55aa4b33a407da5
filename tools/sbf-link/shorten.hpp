// SPDX-License-Identifier: Apache-2.0
// Shorter code of the same meaning. LLVM's BPF back end leaves four things on the table: it loads
// every address with two slots, although constants lie below 2^31 where one is enough; it jumps to
// jumps; it jumps to an exit, which is as long as an exit itself; and it loads a constant into a
// register to store it.
#pragma once

#include "tools/sbf-link/image.hpp"

namespace latchkey::sbf_link {

// Rewrites `image.code` and every address into it. The code has been checked (code_check.hpp):
// jumps lead to instructions, and no function runs past its end.
void shorten(Image& image);

}  // namespace latchkey::sbf_link
