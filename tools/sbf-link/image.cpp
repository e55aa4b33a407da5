// SPDX-License-Identifier: Apache-2.0
#include "tools/sbf-link/image.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "tools/sbf-link/instruction.hpp"

namespace latchkey::sbf_link {
namespace {

constexpr std::size_t kRegistersField = 1;
constexpr std::size_t kImmediateField = 4;
constexpr std::size_t kSecondImmediateField = 12;
constexpr std::string_view kRareSections = ".text.unlikely.";

void set_call(std::span<std::uint8_t> instruction, std::uint8_t kind, std::uint32_t immediate) {
    elf::write<std::uint8_t>(instruction, kRegistersField, static_cast<std::uint8_t>(kind << 4));
    elf::write<std::uint32_t>(instruction, kImmediateField, immediate);
}

// Writes the address of `target` where `relocation` says; `bytes` starts at the place to change and
// has address `place_address`. Distances fit: code is at most kSegmentSizeMax bytes.
void apply(const Relocation& relocation, const Target& target, const Layout& layout,
           std::uint64_t place_address, std::span<std::uint8_t> bytes) {
    if (const auto* const syscall = std::get_if<const Syscall*>(&target)) {
        set_call(bytes, kCallSyscall, syscall_hash((*syscall)->name));
        return;
    }
    const std::uint64_t address = layout.address_of(std::get<Place>(target));
    switch (relocation.type) {
        case elf::kRelocationLoadAddress:
            elf::write<std::uint32_t>(bytes, kImmediateField, static_cast<std::uint32_t>(address));
            elf::write<std::uint32_t>(bytes, kSecondImmediateField,
                                      static_cast<std::uint32_t>(address >> 32));
            break;
        case elf::kRelocationDataAddress:
            elf::write<std::uint64_t>(bytes, 0, address);
            break;
        default: {
            const std::uint64_t next = place_address + kInstructionSize;
            set_call(bytes, kCallInternal,
                     static_cast<std::uint32_t>((address - next) / kInstructionSize));
        }
    }
}

Result<void> copy_section(const SymbolIndex& index, const Layout& layout, SectionId id,
                          std::uint64_t segment_address, std::span<std::uint8_t> segment,
                          std::vector<std::size_t>& code_addresses) {
    const Section& section = index.section(id);
    const std::uint64_t address = layout.addresses.at(id);
    const auto bytes = segment.subspan(static_cast<std::size_t>(address - segment_address),
                                       static_cast<std::size_t>(section.size));
    std::copy(section.bytes.begin(), section.bytes.end(), bytes.begin());
    for (const Relocation& relocation : section.relocations) {
        const auto target = index.resolve(id, relocation);
        if (!target) {
            return tl::unexpected(target.error());
        }
        apply(relocation, *target, layout, address + relocation.offset,
              bytes.subspan(static_cast<std::size_t>(relocation.offset)));
        const auto* const place = std::get_if<Place>(&*target);
        if (relocation.type != elf::kRelocationCall && place != nullptr &&
            layout.address_of(*place) >= kCodeAddress) {
            code_addresses.push_back(
                static_cast<std::size_t>(address - segment_address + relocation.offset));
        }
    }
    return {};
}

std::vector<ImageSymbol> collect_symbols(const SymbolIndex& index, const Layout& layout) {
    std::vector<ImageSymbol> symbols;
    for (const auto& [id, address] : layout.addresses) {
        const ElfObject& object = index.objects()[id.object];
        for (const std::uint32_t number : object.sections[id.section].symbols) {
            const Symbol& symbol = object.symbols[number];
            if (symbol.name.empty() || symbol.type == elf::kSymbolSection) {
                continue;
            }
            symbols.push_back({.name = std::string(symbol.name),
                               .address = address + symbol.value,
                               .size = symbol.size,
                               .is_function = symbol.type == elf::kSymbolFunction});
        }
    }
    std::sort(symbols.begin(), symbols.end(),
              [](const ImageSymbol& left, const ImageSymbol& right) {
                  return std::tie(left.address, left.name) < std::tie(right.address, right.name);
              });
    return symbols;
}

}  // namespace

Result<Image> build_image(const SymbolIndex& index, const Layout& layout, const Place& entry) {
    Image image;
    image.code.resize(static_cast<std::size_t>(layout.code_size));
    image.read_only_data.resize(static_cast<std::size_t>(layout.read_only_data_size));
    for (const SectionId id : layout.code) {
        if (auto done = copy_section(index, layout, id, kCodeAddress, image.code,
                                     image.code_addresses_in_code);
            !done) {
            return tl::unexpected(done.error());
        }
        if (index.section(id).name.starts_with(kRareSections)) {
            const auto begin = static_cast<std::size_t>(layout.addresses.at(id) - kCodeAddress);
            image.rare_code.push_back(
                {begin, begin + static_cast<std::size_t>(index.section(id).size)});
        }
    }
    for (const SectionId id : layout.read_only_data) {
        if (auto done = copy_section(index, layout, id, kReadOnlyDataAddress, image.read_only_data,
                                     image.code_addresses_in_data);
            !done) {
            return tl::unexpected(done.error());
        }
    }
    image.entry_address = layout.address_of(entry);
    image.symbols = collect_symbols(index, layout);
    return image;
}

Result<void> patch_slot(const SymbolIndex& index, const Layout& layout, const SlotPatch& patch,
                        Image& image) {
    const auto refuse = [&patch](std::string_view what) {
        return fail(ErrorCode::kPatchSlot,
                    fmt::format("--patch-slot {}: {}", printable(patch.name), what));
    };
    if (patch.bytes.size() != kSlotSize) {
        return refuse(
            fmt::format("{} bytes were given, a slot has {}", patch.bytes.size(), kSlotSize));
    }
    std::optional<Place> slot;
    for (const SectionId id : layout.read_only_data) {
        const ElfObject& object = index.objects()[id.object];
        for (const std::uint32_t number : object.sections[id.section].symbols) {
            const Symbol& symbol = object.symbols[number];
            if (symbol.name != patch.name || symbol.type != elf::kSymbolObject) {
                continue;
            }
            if (slot) {
                return refuse("the program has several constants of that name");
            }
            if (symbol.size != kSlotSize) {
                return refuse(fmt::format("the constant has {} bytes, a slot has {}", symbol.size,
                                          kSlotSize));
            }
            slot = Place{id, symbol.value};
        }
    }
    if (!slot) {
        return refuse("no constant of that name is part of the program");
    }
    for (const Relocation& relocation : index.section(slot->section).relocations) {
        if (relocation.offset + 8 > slot->offset && relocation.offset < slot->offset + kSlotSize) {
            return refuse("the constant contains an address");
        }
    }
    const std::uint64_t start = layout.address_of(*slot) - kReadOnlyDataAddress;
    std::copy(patch.bytes.begin(), patch.bytes.end(),
              image.read_only_data.begin() + static_cast<std::ptrdiff_t>(start));
    return {};
}

}  // namespace latchkey::sbf_link
