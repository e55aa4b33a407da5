// SPDX-License-Identifier: Apache-2.0
// Which sections become part of the program, and at which addresses.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "tools/sbf-link/error.hpp"
#include "tools/sbf-link/symbols.hpp"

namespace latchkey::sbf_link {

// The memory map of sBPF v3 (SIMD-0189): constants at 0, code 4 GiB above.
inline constexpr std::uint64_t kReadOnlyDataAddress = 0;
inline constexpr std::uint64_t kCodeAddress = std::uint64_t{1} << 32;
// Unused bytes at the start of the constants: no object has address 0, and none is taken for null.
inline constexpr std::uint64_t kNullPadding = 16;
// A program account holds at most 10 MiB (MAX_PERMITTED_DATA_LENGTH).
inline constexpr std::uint64_t kSegmentSizeMax = std::uint64_t{10} << 20;

struct Layout {
    // In ascending order of address.
    std::vector<SectionId> code;
    std::vector<SectionId> read_only_data;
    // The address of each of them.
    std::map<SectionId, std::uint64_t> addresses;
    // Multiples of 8.
    std::uint64_t code_size = 0;
    std::uint64_t read_only_data_size = 0;

    std::uint64_t address_of(const Place& place) const {
        return addresses.at(place.section) + place.offset;
    }
};

// All loadable sections that `entry` reaches through relocations, or, with `keep_unreferenced`,
// every loadable section; sorted by object, then section. Errors: as SymbolIndex::resolve().
Result<std::vector<SectionId>> live_sections(const SymbolIndex& index, const Place& entry,
                                             bool keep_unreferenced);

// Depends only on its arguments: same input, same addresses. Code keeps the order of `live`;
// constants are ordered by falling alignment so that little padding is needed.
// Errors: kTooLarge.
Result<Layout> lay_out(const SymbolIndex& index, const std::vector<SectionId>& live);

}  // namespace latchkey::sbf_link
