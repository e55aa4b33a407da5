// SPDX-License-Identifier: Apache-2.0
// Shorter code of the same meaning. LLVM's BPF back end leaves three things on the table that only
// the linker can see: it loads every address with two slots, although constants lie below 2^31
// where one is enough; it jumps to jumps; and it jumps to an exit, which is as long as an exit
// itself.
#pragma once

#include "tools/sbf-link/image.hpp"

namespace latchkey::sbf_link {

// Rewrites `image.code` and every address into it. The code has been checked (code_check.hpp):
// jumps lead to instructions, and no function runs past its end.
void shorten(Image& image);

}  // namespace latchkey::sbf_link
