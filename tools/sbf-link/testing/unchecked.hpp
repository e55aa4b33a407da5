// SPDX-License-Identifier: Apache-2.0
// The link without its checks on code, so that tests can show what the checks keep out.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tools/sbf-link/elf_object.hpp"
#include "tools/sbf-link/error.hpp"

namespace latchkey::sbf_link::testing {

// As link(), but any instruction passes. Never part of sbf-link itself.
Result<std::vector<std::uint8_t>> link_unchecked(std::span<const InputFile> files);

}  // namespace latchkey::sbf_link::testing
