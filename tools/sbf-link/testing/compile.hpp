// SPDX-License-Identifier: Apache-2.0
// Runs the real compiler on source given as text, with the flags that Solana programs are built
// with.
#pragma once

#include <string>
#include <string_view>

#include "tools/sbf-link/testing/object_builder.hpp"

namespace latchkey::sbf_link::testing {

// The object that clang-19 makes of C++ source. `more_flags` come after the ones of
// cmake/sbf.cmake. Throws std::runtime_error when it does not compile: the test's source is wrong.
Bytes compile(std::string_view source, std::string_view more_flags = "");

}  // namespace latchkey::sbf_link::testing
