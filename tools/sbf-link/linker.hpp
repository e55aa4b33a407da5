// SPDX-License-Identifier: Apache-2.0
// The whole link, from object bytes to program bytes, in memory.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tools/sbf-link/code_check.hpp"
#include "tools/sbf-link/elf_object.hpp"
#include "tools/sbf-link/error.hpp"
#include "tools/sbf-link/image.hpp"

namespace latchkey::sbf_link {

struct LinkOptions {
    std::string entry = "entrypoint";
    bool with_symbols = false;
    // Keep functions and constants that the entry function does not reach.
    bool keep_unreferenced = false;
    CodeRules rules;
    std::vector<SlotPatch> patches;
    // Bytes the stripped ELF may have at most.
    std::optional<std::uint64_t> size_max;
};

struct LinkedProgram {
    // The ELF file.
    std::vector<std::uint8_t> elf;
    // Addresses and sizes of everything in it.
    std::vector<ImageSymbol> symbols;
};

// Depends only on its arguments and is deterministic. Errors: every code but kUsage.
Result<LinkedProgram> link(std::span<const InputFile> files, const LinkOptions& options);

// One line "address size kind name" for each symbol, both numbers in hexadecimal; kind is "code" or
// "data".
std::string format_map(std::span<const ImageSymbol> symbols);

}  // namespace latchkey::sbf_link
