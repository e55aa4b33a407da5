// SPDX-License-Identifier: Apache-2.0
// Less code of the same meaning, across functions. Version 3 lets a jump lead anywhere in the code,
// gives every function the same frame and restores r6 to r9 itself, so that the end of a function
// is the end of any function that goes on alike.
#pragma once

#include "tools/sbf-link/image.hpp"

namespace latchkey::sbf_link {

// Rewrites `image.code` and every address into it, after shorten():
// - of instructions that do the same and go on alike one is kept. Where others run into them, that
//   takes a jump, which must save two instructions, or one in Image::rare_code;
// - a call before an exit becomes a jump when nobody can tell that callee and caller have the same
//   frame;
// - what a jump leads to stands in its place where nothing else runs into that.
// Does nothing when a distance would not fit its field. The code has been checked (code_check.hpp).
void fold(Image& image);

}  // namespace latchkey::sbf_link
