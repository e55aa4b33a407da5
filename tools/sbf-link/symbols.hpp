// SPDX-License-Identifier: Apache-2.0
// Which definition each symbol means when several objects are linked into one program.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "tools/sbf-link/elf_object.hpp"
#include "tools/sbf-link/error.hpp"
#include "tools/sbf-link/syscalls.hpp"

namespace latchkey::sbf_link {

// A section of an object, by their indexes.
struct SectionId {
    std::uint32_t object;
    std::uint32_t section;
    auto operator<=>(const SectionId&) const = default;
};

// A place in a section; `offset` may equal the section's size (one past the end).
struct Place {
    SectionId section;
    std::uint64_t offset;
};

// What a relocation refers to: a place in the program or a function of the VM (a row of
// syscalls()).
using Target = std::variant<Place, const Syscall*>;

// Global symbols of all objects. Keeps a reference to the objects.
class SymbolIndex {
  public:
    // Errors: kDuplicateSymbol; kWritableData, kConstructor and kUnsupportedObject for sections
    // that no sBPF program can have.
    static Result<SymbolIndex> build(std::span<const ElfObject> objects);

    // What `relocation` of `section` refers to, with the addend stored in the section's bytes
    // applied. Errors: kUndefinedSymbol, kUnsupportedRelocation, kTargetOutOfRange.
    Result<Target> resolve(SectionId section, const Relocation& relocation) const;

    // The place where a global or weak symbol is defined.
    std::optional<Place> find_global(std::string_view name) const;

    // True for the copies of a COMDAT section that were dropped in favour of the first one.
    bool is_discarded(SectionId section) const {
        return discarded_[section.object][section.section];
    }

    std::span<const ElfObject> objects() const { return objects_; }
    const Section& section(SectionId id) const { return objects_[id.object].sections[id.section]; }

  private:
    struct Definition {
        std::uint32_t object;
        std::uint32_t symbol;
    };

    explicit SymbolIndex(std::span<const ElfObject> objects) : objects_(objects) {}

    void discard_repeated_groups();
    Result<void> refuse_sections() const;
    Result<void> collect_definitions();
    const Symbol& symbol(Definition definition) const {
        return objects_[definition.object].symbols[definition.symbol];
    }

    std::span<const ElfObject> objects_;
    std::vector<std::vector<bool>> discarded_;
    std::unordered_map<std::string_view, Definition> definitions_;
};

}  // namespace latchkey::sbf_link
