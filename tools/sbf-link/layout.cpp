// SPDX-License-Identifier: Apache-2.0
#include "tools/sbf-link/layout.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace latchkey::sbf_link {
namespace {

bool is_loadable(const SymbolIndex& index, SectionId id) {
    const Section& section = index.section(id);
    return (section.kind == SectionKind::kCode || section.kind == SectionKind::kReadOnlyData) &&
           !index.is_discarded(id);
}

std::vector<SectionId> all_loadable(const SymbolIndex& index) {
    std::vector<SectionId> sections;
    for (std::uint32_t object = 0; object < index.objects().size(); ++object) {
        for (std::uint32_t section = 0; section < index.objects()[object].sections.size();
             ++section) {
            if (is_loadable(index, {object, section})) {
                sections.push_back({object, section});
            }
        }
    }
    return sections;
}

// Gives each section the next address that its alignment allows; returns the end of the last.
std::uint64_t place_sections(const SymbolIndex& index, const std::vector<SectionId>& sections,
                             std::uint64_t start, std::uint64_t alignment_min,
                             std::map<SectionId, std::uint64_t>& addresses) {
    std::uint64_t next = start;
    for (const SectionId id : sections) {
        const Section& section = index.section(id);
        const std::uint64_t alignment = std::max(section.alignment, alignment_min);
        next = (next + alignment - 1) & ~(alignment - 1);
        addresses[id] = next;
        next += section.size;
    }
    return (next + 7) & ~std::uint64_t{7};
}

}  // namespace

Result<std::vector<SectionId>> live_sections(const SymbolIndex& index, const Place& entry,
                                             bool keep_unreferenced) {
    if (keep_unreferenced) {
        return all_loadable(index);
    }
    std::set<SectionId> live = {entry.section};
    std::vector<SectionId> pending = {entry.section};
    while (!pending.empty()) {
        const SectionId id = pending.back();
        pending.pop_back();
        for (const Relocation& relocation : index.section(id).relocations) {
            const auto target = index.resolve(id, relocation);
            if (!target) {
                return tl::unexpected(target.error());
            }
            const Place* const place = std::get_if<Place>(&*target);
            if (place != nullptr && live.insert(place->section).second) {
                pending.push_back(place->section);
            }
        }
    }
    return std::vector<SectionId>(live.begin(), live.end());
}

Result<Layout> lay_out(const SymbolIndex& index, const std::vector<SectionId>& live) {
    Layout layout;
    for (const SectionId id : live) {
        const bool code = index.section(id).kind == SectionKind::kCode;
        (code ? layout.code : layout.read_only_data).push_back(id);
    }
    std::sort(layout.read_only_data.begin(), layout.read_only_data.end(),
              [&](SectionId left, SectionId right) {
                  const auto left_alignment = index.section(left).alignment;
                  const auto right_alignment = index.section(right).alignment;
                  return left_alignment != right_alignment ? left_alignment > right_alignment
                                                           : left < right;
              });
    layout.code_size =
        place_sections(index, layout.code, kCodeAddress, 8, layout.addresses) - kCodeAddress;
    layout.read_only_data_size =
        place_sections(index, layout.read_only_data, kReadOnlyDataAddress + kNullPadding, 1,
                       layout.addresses) -
        kReadOnlyDataAddress;
    if (layout.code_size > kSegmentSizeMax || layout.read_only_data_size > kSegmentSizeMax) {
        return fail(ErrorCode::kTooLarge,
                    fmt::format("the program has {} bytes of code and {} of constants, but an "
                                "account holds at most {}",
                                layout.code_size, layout.read_only_data_size, kSegmentSizeMax));
    }
    return layout;
}

}  // namespace latchkey::sbf_link
