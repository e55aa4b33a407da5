// SPDX-License-Identifier: Apache-2.0
#include "tools/sbf-link/symbols.hpp"

#include <fmt/format.h>

#include "tools/sbf-link/instruction.hpp"

namespace latchkey::sbf_link {
namespace {

// The first variable or function of a section, for messages.
std::string_view first_symbol_of(const ElfObject& object, std::uint32_t section) {
    for (const std::uint32_t index : object.sections[section].symbols) {
        if (!object.symbols[index].name.empty()) {
            return object.symbols[index].name;
        }
    }
    return "(unnamed)";
}

// The addend that clang stored in the bytes a relocation will overwrite (SHT_REL has no field for
// it), as an offset in bytes. Offsets of calls count from the instruction after the call.
std::optional<std::int64_t> stored_addend(const Section& section, const Relocation& relocation) {
    const auto at = static_cast<std::size_t>(relocation.offset);
    switch (relocation.type) {
        case elf::kRelocationDataAddress:
            return static_cast<std::int64_t>(elf::read<std::uint64_t>(section.bytes, at));
        case elf::kRelocationCall: {
            const auto instruction = Instruction::decode(section.bytes, at);
            if (instruction.opcode != opcode::kCall) {
                return std::nullopt;
            }
            return (std::int64_t{instruction.immediate} + 1) * std::int64_t{kInstructionSize};
        }
        case elf::kRelocationLoadAddress: {
            if (section.bytes[at] != opcode::kLoadImmediate64 ||
                section.bytes.size() - at < 2 * kInstructionSize ||
                elf::read<std::uint32_t>(section.bytes, at + 12) != 0) {
                return std::nullopt;
            }
            return std::int64_t{elf::read<std::uint32_t>(section.bytes, at + 4)};
        }
        default:
            return std::nullopt;
    }
}

}  // namespace

Result<SymbolIndex> SymbolIndex::build(std::span<const ElfObject> objects) {
    SymbolIndex index(objects);
    index.discard_repeated_groups();
    if (auto done = index.refuse_sections(); !done) {
        return tl::unexpected(done.error());
    }
    if (auto done = index.collect_definitions(); !done) {
        return tl::unexpected(done.error());
    }
    return index;
}

void SymbolIndex::discard_repeated_groups() {
    std::unordered_map<std::string_view, std::uint32_t> first_object;
    for (std::uint32_t object = 0; object < objects_.size(); ++object) {
        discarded_.emplace_back(objects_[object].sections.size(), false);
        for (const ComdatGroup& group : objects_[object].comdat_groups) {
            if (first_object.emplace(group.signature, object).second) {
                continue;
            }
            for (const std::uint32_t section : group.sections) {
                discarded_[object][section] = true;
            }
        }
    }
}

Result<void> SymbolIndex::refuse_sections() const {
    for (const ElfObject& object : objects_) {
        for (std::uint32_t index = 0; index < object.sections.size(); ++index) {
            const Section& section = object.sections[index];
            const auto file = printable(object.file_name);
            const auto name = printable(section.name);
            switch (section.kind) {
                case SectionKind::kWritableData:
                    return fail(ErrorCode::kWritableData,
                                fmt::format("{}: variable {} in section {} is writable; an sBPF "
                                            "program has constants only (declare it constexpr)",
                                            file, printable(first_symbol_of(object, index)), name));
                case SectionKind::kConstructors:
                    return fail(ErrorCode::kConstructor,
                                fmt::format("{}: section {} runs code before the entry function, "
                                            "which sBPF cannot (declare the variable constinit)",
                                            file, name));
                case SectionKind::kUnsupported:
                    return fail(ErrorCode::kUnsupportedObject,
                                fmt::format("{}: section {} has a type or flags that an sBPF "
                                            "program cannot have",
                                            file, name));
                case SectionKind::kIgnored:
                case SectionKind::kCode:
                case SectionKind::kReadOnlyData:
                    break;
            }
        }
    }
    return {};
}

Result<void> SymbolIndex::collect_definitions() {
    for (std::uint32_t object = 0; object < objects_.size(); ++object) {
        const auto& symbols = objects_[object].symbols;
        for (std::uint32_t index = 0; index < symbols.size(); ++index) {
            const Symbol& candidate = symbols[index];
            if (candidate.is_local() || !candidate.section ||
                is_discarded({object, *candidate.section})) {
                continue;
            }
            if (find_syscall(candidate.name) != nullptr) {
                return fail(
                    ErrorCode::kDuplicateSymbol,
                    fmt::format("{}: {} is defined here but is a function of the VM",
                                printable(objects_[object].file_name), printable(candidate.name)));
            }
            const auto [entry, added] =
                definitions_.try_emplace(candidate.name, Definition{object, index});
            if (added || candidate.binding == elf::kBindingWeak) {
                continue;
            }
            if (symbol(entry->second).binding != elf::kBindingWeak) {
                return fail(
                    ErrorCode::kDuplicateSymbol,
                    fmt::format("{}: {} is already defined in {}",
                                printable(objects_[object].file_name), printable(candidate.name),
                                printable(objects_[entry->second.object].file_name)));
            }
            entry->second = Definition{object, index};
        }
    }
    return {};
}

std::optional<Place> SymbolIndex::find_global(std::string_view name) const {
    const auto found = definitions_.find(name);
    if (found == definitions_.end()) {
        return std::nullopt;
    }
    const Symbol& defined = symbol(found->second);
    return Place{{found->second.object, *defined.section}, defined.value};
}

Result<Target> SymbolIndex::resolve(SectionId from, const Relocation& relocation) const {
    const ElfObject& object = objects_[from.object];
    const Symbol& used = object.symbols[relocation.symbol];
    const auto where = [&] { return describe_location(object, from.section, relocation.offset); };

    const auto addend = stored_addend(section(from), relocation);
    if (!addend) {
        return fail(ErrorCode::kUnsupportedRelocation,
                    fmt::format("{}: a relocation of type {} does not fit the instruction there",
                                where(), relocation.type));
    }
    std::optional<Place> base;
    if (!used.is_local()) {
        base = find_global(used.name);
        const Syscall* const syscall = base ? nullptr : find_syscall(used.name);
        if (syscall != nullptr && relocation.type == elf::kRelocationCall && *addend == 0) {
            return syscall;
        }
        if (!base) {
            return fail(ErrorCode::kUndefinedSymbol,
                        fmt::format("{}: {} is neither defined by an object nor a syscall that "
                                    "can be used there",
                                    where(), printable(used.name)));
        }
    } else if (used.section && !is_discarded({from.object, *used.section})) {
        base = Place{{from.object, *used.section}, used.value};
    } else {
        return fail(
            ErrorCode::kUnsupportedRelocation,
            fmt::format("{}: it refers to a section that is not part of the program", where()));
    }
    const Section& destination = section(base->section);
    if (destination.kind != SectionKind::kCode && destination.kind != SectionKind::kReadOnlyData) {
        return fail(ErrorCode::kUnsupportedRelocation,
                    fmt::format("{}: it refers to section {}, which is never loaded", where(),
                                printable(destination.name)));
    }
    // base->offset is at most kFileSizeMax, so only the addend can be extreme.
    const auto offset = static_cast<std::uint64_t>(*addend) + base->offset;
    if (offset > destination.size) {
        return fail(ErrorCode::kTargetOutOfRange,
                    fmt::format("{}: it refers to a place outside section {}", where(),
                                printable(destination.name)));
    }
    return Place{base->section, offset};
}

}  // namespace latchkey::sbf_link
