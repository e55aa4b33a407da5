// SPDX-License-Identifier: Apache-2.0
// Reader for one relocatable object as clang -target bpf writes it. The bytes are hostile: after
// parse_object() every index, offset and size in an ElfObject is known to be in range.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sbf-link/elf_format.hpp"
#include "tools/sbf-link/error.hpp"

namespace latchkey::sbf_link {

// A file given to the linker. `name` appears in messages; both outlive the link.
struct InputFile {
    std::string_view name;
    std::span<const std::uint8_t> bytes;
};

struct Relocation {
    // Byte offset inside the section it changes.
    std::uint64_t offset;
    std::uint32_t type;
    // Index into ElfObject::symbols.
    std::uint32_t symbol;
};

// What a section is to the linker.
enum class SectionKind : std::uint8_t {
    // Never loaded: debug information, symbol and string tables.
    kIgnored,
    kCode,
    kReadOnlyData,
    kWritableData,
    kConstructors,
    // Loaded, but of a kind the linker does not know.
    kUnsupported,
};

struct Section {
    std::string_view name;
    SectionKind kind = SectionKind::kIgnored;
    // Size in memory. Equals bytes.size() unless the section has no bytes in the file (.bss).
    std::uint64_t size = 0;
    std::span<const std::uint8_t> bytes;
    // A power of two, 1 to kAlignmentMax.
    std::uint64_t alignment = 1;
    // Sorted by offset; no two at the same offset.
    std::vector<Relocation> relocations;
    // Indexes of the symbols defined in it, in the order of the symbol table.
    std::vector<std::uint32_t> symbols;
};

struct Symbol {
    std::string_view name;
    std::uint64_t value = 0;
    std::uint64_t size = 0;
    elf::SymbolType type = elf::kSymbolNone;
    elf::SymbolBinding binding = elf::kBindingLocal;
    // Index into ElfObject::sections. Empty: undefined here, or neither (file names).
    std::optional<std::uint32_t> section;
    // True for a symbol that another object or the VM must supply.
    bool undefined = false;

    bool is_local() const { return binding == elf::kBindingLocal; }
};

// Sections of which one copy is kept among all objects that carry the same signature.
struct ComdatGroup {
    std::string_view signature;
    std::vector<std::uint32_t> sections;
};

// Views point into the InputFile.
struct ElfObject {
    std::string_view file_name;
    std::vector<Section> sections;
    std::vector<Symbol> symbols;
    std::vector<ComdatGroup> comdat_groups;
};

inline constexpr std::uint64_t kAlignmentMax = 4096;
inline constexpr std::size_t kFileSizeMax = std::size_t{64} << 20;
inline constexpr std::size_t kNameLengthMax = 4096;

// Errors: kMalformedObject, kUnsupportedObject, kUnsupportedRelocation.
Result<ElfObject> parse_object(const InputFile& file);

// "file.o: function f+0x18" (offset from the function's start, in bytes) or, where no function or
// variable covers the offset, "file.o: section .text+0x18". For messages.
std::string describe_location(const ElfObject& object, std::uint32_t section, std::uint64_t offset);

}  // namespace latchkey::sbf_link
