// SPDX-License-Identifier: Apache-2.0
// Builds relocatable objects byte by byte, well-formed or not, for tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sbf-link/elf_format.hpp"
#include "tools/sbf-link/error.hpp"
#include "tools/sbf-link/linker.hpp"

namespace latchkey::sbf_link::testing {

using Bytes = std::vector<std::uint8_t>;

// One 8-byte instruction.
std::uint64_t instruction(std::uint8_t opcode, std::uint8_t destination = 0,
                          std::uint8_t source = 0, std::int16_t offset = 0,
                          std::int32_t immediate = 0);

// The bytes of some instructions.
Bytes code(std::initializer_list<std::uint64_t> instructions);

inline constexpr std::uint64_t kExit = 0x95;
// r0 = 0
inline constexpr std::uint64_t kClear = 0xb7;

struct SectionSpec {
    std::string name;
    std::uint32_t type = elf::kSectionProgramBits;
    std::uint64_t flags = elf::kFlagAllocate;
    Bytes bytes;
    std::uint64_t alignment = 8;
    std::uint32_t link = 0;
    std::uint32_t info = 0;
    std::uint64_t entry_size = 0;
    // What the header says, where that is not the truth.
    std::optional<std::uint64_t> size = std::nullopt;
};

struct SymbolSpec {
    std::string name;
    elf::SymbolType type = elf::kSymbolFunction;
    std::uint16_t section = 0;
    std::uint64_t value = 0;
    std::uint64_t size = 0;
    elf::SymbolBinding binding = elf::kBindingGlobal;
};

inline constexpr std::uint64_t kCodeFlags = elf::kFlagAllocate | elf::kFlagExecute;

// Sections and symbols get the index that adding them returns. Local symbols come first.
class ObjectBuilder {
  public:
    ObjectBuilder();

    std::uint16_t add_section(SectionSpec section);
    std::uint32_t add_symbol(SymbolSpec symbol);
    void add_relocation(std::uint16_t section, std::uint64_t offset, std::uint32_t type,
                        std::uint32_t symbol);
    // A COMDAT group, or with other `flags` one of another kind.
    void add_group(std::uint32_t signature, std::initializer_list<std::uint32_t> members,
                   std::uint32_t flags = elf::kGroupComdat);

    // Section contents, then the section table. Afterwards the *_offset functions are meaningful.
    Bytes build();

    // Positions in the file built last, for pokes.
    std::size_t section_header_offset(std::string_view name) const;
    std::size_t contents_offset(std::string_view name) const;

  private:
    struct RelocationSpec {
        std::uint16_t section;
        Bytes entries;
    };
    std::vector<SectionSpec> finished_sections(std::vector<std::uint32_t>& names) const;
    std::size_t index_of(std::string_view name) const;

    std::vector<SectionSpec> sections_;
    std::vector<SymbolSpec> symbols_;
    std::vector<RelocationSpec> relocations_;
    std::vector<std::string> built_names_;
    std::vector<std::size_t> built_offsets_;
    std::size_t table_offset_ = 0;
};

// An object whose only function, the global `name`, has these instructions.
Bytes object_with_function(std::string_view name, const Bytes& body);

// Overwrites bytes of a built object with a little-endian integer.
template <std::unsigned_integral Integer>
void poke(Bytes& bytes, std::size_t offset, Integer value) {
    elf::write(std::span(bytes), offset, value);
}

// Links objects named "a.o", "b.o", ... in memory.
Result<LinkedProgram> link_objects(std::initializer_list<Bytes> objects,
                                   const LinkOptions& options = {});

}  // namespace latchkey::sbf_link::testing
