// SPDX-License-Identifier: Apache-2.0
#include "tools/sbf-link/linker.hpp"

#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "tools/sbf-link/elf_writer.hpp"
#include "tools/sbf-link/fold.hpp"
#include "tools/sbf-link/layout.hpp"
#include "tools/sbf-link/shorten.hpp"
#include "tools/sbf-link/symbols.hpp"

namespace latchkey::sbf_link {
namespace {

Result<std::vector<ElfObject>> parse_all(std::span<const InputFile> files) {
    std::vector<ElfObject> objects;
    for (const InputFile& file : files) {
        auto object = parse_object(file);
        if (!object) {
            return tl::unexpected(object.error());
        }
        objects.push_back(std::move(*object));
    }
    return objects;
}

Result<Place> find_entry(const SymbolIndex& index, InstructionStarts& starts,
                         const std::string& name) {
    const auto entry = index.find_global(name);
    if (!entry || !starts.is_instruction(*entry)) {
        return fail(ErrorCode::kNoEntry,
                    fmt::format("no object defines the entry function {}; declare it extern \"C\"",
                                printable(name)));
    }
    return *entry;
}

Result<void> check_sections(const SymbolIndex& index, InstructionStarts& starts,
                            const std::vector<SectionId>& live, const CodeRules& rules) {
    for (const SectionId id : live) {
        const bool code = index.section(id).kind == SectionKind::kCode;
        if (auto done = code ? check_code(index, starts, rules, id) : check_data(index, starts, id);
            !done) {
            return done;
        }
    }
    return {};
}

Result<Image> make_image(const SymbolIndex& index, const LinkOptions& options) {
    InstructionStarts starts(index);
    const auto entry = find_entry(index, starts, options.entry);
    if (!entry) {
        return tl::unexpected(entry.error());
    }
    const auto live = live_sections(index, *entry, options.keep_unreferenced);
    if (!live) {
        return tl::unexpected(live.error());
    }
    if (auto done = check_sections(index, starts, *live, options.rules); !done) {
        return tl::unexpected(done.error());
    }
    const auto layout = lay_out(index, *live);
    if (!layout) {
        return tl::unexpected(layout.error());
    }
    auto image = build_image(index, *layout, *entry);
    if (!image) {
        return image;
    }
    shorten(*image);
    fold(*image);
    std::set<std::string_view> patched;
    for (const SlotPatch& patch : options.patches) {
        if (!patched.insert(patch.name).second) {
            return fail(ErrorCode::kPatchSlot,
                        fmt::format("--patch-slot {}: given twice", printable(patch.name)));
        }
        if (auto done = patch_slot(index, *layout, patch, *image); !done) {
            return tl::unexpected(done.error());
        }
    }
    return image;
}

}  // namespace

Result<LinkedProgram> link(std::span<const InputFile> files, const LinkOptions& options) {
    const auto objects = parse_all(files);
    if (!objects) {
        return tl::unexpected(objects.error());
    }
    const auto index = SymbolIndex::build(*objects);
    if (!index) {
        return tl::unexpected(index.error());
    }
    auto image = make_image(*index, options);
    if (!image) {
        return tl::unexpected(image.error());
    }
    auto stripped = write_elf(*image, /*with_symbols=*/false);
    if (options.size_max && stripped.size() > *options.size_max) {
        return fail(
            ErrorCode::kTooLarge,
            fmt::format("the program has {} bytes, {} more than its budget of {}", stripped.size(),
                        stripped.size() - *options.size_max, *options.size_max));
    }
    return LinkedProgram{.elf = options.with_symbols ? write_elf(*image, /*with_symbols=*/true)
                                                     : std::move(stripped),
                         .symbols = std::move(image->symbols)};
}

std::string format_map(std::span<const ImageSymbol> symbols) {
    std::string text;
    for (const ImageSymbol& symbol : symbols) {
        text += fmt::format("{:#011x} {:#x} {} {}\n", symbol.address, symbol.size,
                            symbol.is_function ? "code" : "data", printable(symbol.name));
    }
    return text;
}

}  // namespace latchkey::sbf_link
