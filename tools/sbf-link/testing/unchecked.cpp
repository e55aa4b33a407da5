// SPDX-License-Identifier: Apache-2.0
#include "tools/sbf-link/testing/unchecked.hpp"

#include "tools/sbf-link/elf_writer.hpp"
#include "tools/sbf-link/image.hpp"
#include "tools/sbf-link/layout.hpp"
#include "tools/sbf-link/symbols.hpp"

namespace latchkey::sbf_link::testing {

Result<std::vector<std::uint8_t>> link_unchecked(std::span<const InputFile> files) {
    std::vector<ElfObject> objects;
    for (const InputFile& file : files) {
        auto object = parse_object(file);
        if (!object) {
            return tl::unexpected(object.error());
        }
        objects.push_back(std::move(*object));
    }
    const auto index = SymbolIndex::build(objects);
    if (!index) {
        return tl::unexpected(index.error());
    }
    const auto entry = index->find_global("entrypoint");
    if (!entry) {
        return fail(ErrorCode::kNoEntry, "no entrypoint");
    }
    const auto live = live_sections(*index, *entry, /*keep_unreferenced=*/false);
    if (!live) {
        return tl::unexpected(live.error());
    }
    const auto layout = lay_out(*index, *live);
    if (!layout) {
        return tl::unexpected(layout.error());
    }
    const auto image = build_image(*index, *layout, *entry);
    if (!image) {
        return tl::unexpected(image.error());
    }
    return write_elf(*image, /*with_symbols=*/false);
}

}  // namespace latchkey::sbf_link::testing
