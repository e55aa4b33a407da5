// SPDX-License-Identifier: Apache-2.0
#include "tools/sbf-link/testing/object_builder.hpp"

#include <algorithm>
#include <array>

namespace latchkey::sbf_link::testing {
namespace {

class Output {
  public:
    template <std::unsigned_integral Integer>
    void put(Integer value) {
        bytes.resize(bytes.size() + sizeof(Integer));
        elf::write(std::span(bytes), bytes.size() - sizeof(Integer), value);
    }
    std::uint32_t put_text(std::string_view text) {
        const auto offset = static_cast<std::uint32_t>(bytes.size());
        bytes.insert(bytes.end(), text.begin(), text.end());
        bytes.push_back(0);
        return offset;
    }

    Bytes bytes;
};

constexpr std::uint16_t kSymbolTableIndex = 1;
constexpr std::uint16_t kStringTableIndex = 2;

Bytes file_header(std::uint64_t table_offset, std::size_t section_count) {
    Output header;
    header.bytes.assign(elf::kIdentification.begin(), elf::kIdentification.end());
    header.put(elf::kTypeRelocatable);
    header.put(elf::kMachineBpf);
    header.put(elf::kVersionCurrent);
    header.put(std::uint64_t{0});
    header.put(std::uint64_t{0});
    header.put(table_offset);
    header.put(std::uint32_t{0});
    header.put(std::uint16_t{elf::kFileHeaderSize});
    header.put(std::uint16_t{0});
    header.put(std::uint16_t{0});
    header.put(std::uint16_t{elf::kSectionHeaderSize});
    header.put(static_cast<std::uint16_t>(section_count));
    header.put(kStringTableIndex);
    return header.bytes;
}

}  // namespace

std::uint64_t instruction(std::uint8_t opcode, std::uint8_t destination, std::uint8_t source,
                          std::int16_t offset, std::int32_t immediate) {
    return std::uint64_t{opcode} | std::uint64_t{destination} << 8 | std::uint64_t{source} << 12 |
           std::uint64_t{static_cast<std::uint16_t>(offset)} << 16 |
           std::uint64_t{static_cast<std::uint32_t>(immediate)} << 32;
}

Bytes code(std::initializer_list<std::uint64_t> instructions) {
    Output out;
    for (const std::uint64_t word : instructions) {
        out.put(word);
    }
    return out.bytes;
}

ObjectBuilder::ObjectBuilder() {
    add_section({.name = "", .type = elf::kSectionNull, .flags = 0, .bytes = {}, .alignment = 0});
    add_section({.name = ".symtab",
                 .type = elf::kSectionSymbolTable,
                 .flags = 0,
                 .bytes = {},
                 .link = kStringTableIndex,
                 .entry_size = elf::kSymbolSize});
    add_section({.name = ".strtab",
                 .type = elf::kSectionStringTable,
                 .flags = 0,
                 .bytes = {},
                 .alignment = 1});
    add_symbol({.name = "", .type = elf::kSymbolNone, .binding = elf::kBindingLocal});
}

std::uint16_t ObjectBuilder::add_section(SectionSpec section) {
    sections_.push_back(std::move(section));
    return static_cast<std::uint16_t>(sections_.size() - 1);
}

std::uint32_t ObjectBuilder::add_symbol(SymbolSpec symbol) {
    symbols_.push_back(std::move(symbol));
    return static_cast<std::uint32_t>(symbols_.size() - 1);
}

void ObjectBuilder::add_relocation(std::uint16_t section, std::uint64_t offset, std::uint32_t type,
                                   std::uint32_t symbol) {
    auto found = std::find_if(relocations_.begin(), relocations_.end(),
                              [section](const auto& entry) { return entry.section == section; });
    if (found == relocations_.end()) {
        found = relocations_.insert(relocations_.end(), {section, {}});
    }
    Output out{found->entries};
    out.put(offset);
    out.put(type);
    out.put(symbol);
    found->entries = std::move(out.bytes);
}

void ObjectBuilder::add_group(std::uint32_t signature, std::initializer_list<std::uint32_t> members,
                              std::uint32_t flags) {
    Output out;
    out.put(flags);
    for (const std::uint32_t member : members) {
        out.put(member);
    }
    add_section({.name = ".group",
                 .type = elf::kSectionGroup,
                 .flags = 0,
                 .bytes = out.bytes,
                 .alignment = 4,
                 .link = kSymbolTableIndex,
                 .info = signature,
                 .entry_size = 4});
}

// All sections with their final contents, and the offsets of their names in .strtab.
std::vector<SectionSpec> ObjectBuilder::finished_sections(std::vector<std::uint32_t>& names) const {
    std::vector<SectionSpec> sections = sections_;
    for (const RelocationSpec& relocation : relocations_) {
        sections.push_back({.name = ".rel" + sections[relocation.section].name,
                            .type = elf::kSectionRelocations,
                            .flags = elf::kFlagInfoLink,
                            .bytes = relocation.entries,
                            .link = kSymbolTableIndex,
                            .info = relocation.section,
                            .entry_size = elf::kRelocationSize});
    }
    Output strings;
    strings.put_text("");
    Output symbols;
    std::uint32_t local_symbols = 0;
    for (const SymbolSpec& symbol : symbols_) {
        local_symbols += symbol.binding == elf::kBindingLocal ? 1 : 0;
        symbols.put(symbol.name.empty() ? 0U : strings.put_text(symbol.name));
        symbols.put(static_cast<std::uint8_t>(symbol.binding << 4 | symbol.type));
        symbols.put(std::uint8_t{0});
        symbols.put(symbol.section);
        symbols.put(symbol.value);
        symbols.put(symbol.size);
    }
    for (const SectionSpec& section : sections) {
        names.push_back(section.name.empty() ? 0 : strings.put_text(section.name));
    }
    sections[kSymbolTableIndex].bytes = symbols.bytes;
    sections[kSymbolTableIndex].info = local_symbols;
    sections[kStringTableIndex].bytes = strings.bytes;
    return sections;
}

Bytes ObjectBuilder::build() {
    std::vector<std::uint32_t> names;
    const std::vector<SectionSpec> sections = finished_sections(names);
    Output file;
    file.bytes.resize(elf::kFileHeaderSize);
    built_names_.clear();
    built_offsets_.clear();
    for (const SectionSpec& section : sections) {
        file.bytes.resize((file.bytes.size() + 7) / 8 * 8);
        built_names_.push_back(section.name);
        built_offsets_.push_back(file.bytes.size());
        file.bytes.insert(file.bytes.end(), section.bytes.begin(), section.bytes.end());
    }
    file.bytes.resize((file.bytes.size() + 7) / 8 * 8);
    table_offset_ = file.bytes.size();
    for (std::size_t index = 0; index < sections.size(); ++index) {
        const SectionSpec& section = sections[index];
        file.put(names[index]);
        file.put(section.type);
        file.put(section.flags);
        file.put(std::uint64_t{0});
        file.put(std::uint64_t{index == 0 ? 0 : built_offsets_[index]});
        file.put(section.size.value_or(section.bytes.size()));
        file.put(section.link);
        file.put(section.info);
        file.put(section.alignment);
        file.put(section.entry_size);
    }
    const Bytes header = file_header(table_offset_, sections.size());
    std::copy(header.begin(), header.end(), file.bytes.begin());
    return file.bytes;
}

std::size_t ObjectBuilder::index_of(std::string_view name) const {
    return static_cast<std::size_t>(std::find(built_names_.begin(), built_names_.end(), name) -
                                    built_names_.begin());
}

std::size_t ObjectBuilder::section_header_offset(std::string_view name) const {
    return table_offset_ + index_of(name) * elf::kSectionHeaderSize;
}

std::size_t ObjectBuilder::contents_offset(std::string_view name) const {
    return built_offsets_.at(index_of(name));
}

Bytes object_with_function(std::string_view name, const Bytes& body) {
    ObjectBuilder builder;
    const auto text = builder.add_section({.name = ".text", .flags = kCodeFlags, .bytes = body});
    builder.add_symbol({.name = std::string(name), .section = text, .size = body.size()});
    return builder.build();
}

Result<LinkedProgram> link_objects(std::initializer_list<Bytes> objects,
                                   const LinkOptions& options) {
    static constexpr std::array<std::string_view, 4> kNames = {"a.o", "b.o", "c.o", "d.o"};
    std::vector<InputFile> files;
    for (const Bytes& bytes : objects) {
        files.push_back({.name = kNames.at(files.size()), .bytes = bytes});
    }
    return link(files, options);
}

}  // namespace latchkey::sbf_link::testing
