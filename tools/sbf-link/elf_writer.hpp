// SPDX-License-Identifier: Apache-2.0
// Writes a program as the ELF file that the strict sBPF v3 parser accepts (SIMD-0189).
#pragma once

#include <cstdint>
#include <vector>

#include "tools/sbf-link/image.hpp"

namespace latchkey::sbf_link {

// The file: ELF header, two program headers, constants, code, and a section table. Without symbols
// that table has one empty entry, for loaders that want one to exist; with symbols it names .text
// and .rodata and carries .symtab and .strtab, which the VM's tracer needs. Constants and code are
// the same bytes at the same file offsets either way.
std::vector<std::uint8_t> write_elf(const Image& image, bool with_symbols);

}  // namespace latchkey::sbf_link
