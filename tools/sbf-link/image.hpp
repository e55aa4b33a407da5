// SPDX-License-Identifier: Apache-2.0
// The finished program: bytes with every address filled in, and its symbols.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/sbf-link/error.hpp"
#include "tools/sbf-link/layout.hpp"
#include "tools/sbf-link/symbols.hpp"

namespace latchkey::sbf_link {

// A function or variable of the finished program; address and size in bytes.
struct ImageSymbol {
    std::string name;
    std::uint64_t address;
    std::uint64_t size;
    bool is_function;
};

// Bytes of the code, as offsets.
struct CodeRange {
    std::size_t begin;
    std::size_t end;
};

struct Image {
    // Starts at kReadOnlyDataAddress, with kNullPadding zero bytes.
    std::vector<std::uint8_t> read_only_data;
    // Starts at kCodeAddress.
    std::vector<std::uint8_t> code;
    std::uint64_t entry_address;
    // Offsets of what holds an address of code: two-slot loads, and 8 bytes of constants.
    std::vector<std::size_t> code_addresses_in_code;
    std::vector<std::size_t> code_addresses_in_data;
    // Functions that the compiler takes to run rarely: the sections that it calls unlikely.
    std::vector<CodeRange> rare_code;
    // Functions and variables in ascending order of address, then name.
    std::vector<ImageSymbol> symbols;
};

// Bytes to put into a 32-byte constant. `name` is the symbol's name in the object file.
struct SlotPatch {
    std::string name;
    std::vector<std::uint8_t> bytes;
};

inline constexpr std::size_t kSlotSize = 32;

// Copies the sections and applies their relocations. Errors: as SymbolIndex::resolve().
Result<Image> build_image(const SymbolIndex& index, const Layout& layout, const Place& entry);

// Overwrites the constant that `patch` names. Errors: kPatchSlot when it is not exactly one
// constant of kSlotSize bytes in the program, when the bytes are not kSlotSize, or when the
// constant contains an address.
Result<void> patch_slot(const SymbolIndex& index, const Layout& layout, const SlotPatch& patch,
                        Image& image);

}  // namespace latchkey::sbf_link
