// SPDX-License-Identifier: Apache-2.0
#include "tools/sbf-link/elf_writer.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "tools/sbf-link/elf_format.hpp"

namespace latchkey::sbf_link {
namespace {

constexpr std::uint32_t kSbpfVersion = 3;
constexpr std::uint16_t kNumberOfSegments = 2;
constexpr std::uint64_t kSegmentsOffset =
    elf::kFileHeaderSize + kNumberOfSegments * elf::kProgramHeaderSize;
// The VM's tracer gives up on longer names.
constexpr std::size_t kSymbolNameMax = 250;

class Writer {
  public:
    template <std::unsigned_integral Integer>
    void put(Integer value) {
        bytes_.resize(bytes_.size() + sizeof(Integer));
        elf::write(std::span(bytes_), bytes_.size() - sizeof(Integer), value);
    }
    void put_bytes(std::span<const std::uint8_t> bytes) {
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    }
    // Returns the offset at which the text, ended by a zero byte, was written.
    std::uint32_t put_text(std::string_view text) {
        const auto offset = static_cast<std::uint32_t>(bytes_.size());
        bytes_.insert(bytes_.end(), text.begin(), text.end());
        bytes_.push_back(0);
        return offset;
    }
    void align(std::size_t alignment) {
        bytes_.resize((bytes_.size() + alignment - 1) / alignment * alignment, 0);
    }
    std::size_t size() const { return bytes_.size(); }
    std::vector<std::uint8_t> take() { return std::move(bytes_); }

  private:
    std::vector<std::uint8_t> bytes_;
};

struct SectionRow {
    // Offset of the name in .strtab.
    std::uint32_t name = 0;
    std::uint32_t type = elf::kSectionNull;
    std::uint64_t flags = 0;
    std::uint64_t address = 0;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint32_t link = 0;
    std::uint32_t info = 0;
    std::uint64_t alignment = 0;
    std::uint64_t entry_size = 0;
};

constexpr std::uint16_t kReadOnlyDataIndex = 1;
constexpr std::uint16_t kCodeIndex = 2;
constexpr std::uint16_t kStringTableIndex = 4;

void put_file_header(Writer& out, std::uint64_t entry, std::uint64_t section_table,
                     std::uint16_t sections, std::uint16_t name_section) {
    out.put_bytes(elf::kIdentification);
    out.put(elf::kTypeDynamic);
    out.put(elf::kMachineBpf);
    out.put(elf::kVersionCurrent);
    out.put(entry);
    out.put(std::uint64_t{elf::kFileHeaderSize});
    out.put(section_table);
    out.put(kSbpfVersion);
    out.put(std::uint16_t{elf::kFileHeaderSize});
    out.put(std::uint16_t{elf::kProgramHeaderSize});
    out.put(kNumberOfSegments);
    out.put(std::uint16_t{elf::kSectionHeaderSize});
    out.put(sections);
    out.put(name_section);
}

void put_segment(Writer& out, std::uint32_t flags, std::uint64_t offset, std::uint64_t address,
                 std::uint64_t size) {
    out.put(elf::kSegmentLoad);
    out.put(flags);
    out.put(offset);
    out.put(address);
    out.put(address);
    out.put(size);
    out.put(size);
    out.put(std::uint64_t{8});
}

void put_section(Writer& out, const SectionRow& row) {
    out.put(row.name);
    out.put(row.type);
    out.put(row.flags);
    out.put(row.address);
    out.put(row.offset);
    out.put(row.size);
    out.put(row.link);
    out.put(row.info);
    out.put(row.alignment);
    out.put(row.entry_size);
}

struct SymbolTable {
    std::vector<std::uint8_t> symbols;
    std::vector<std::uint8_t> strings;
    // Offsets of the section names in `strings`.
    std::uint32_t read_only_data_name = 0;
    std::uint32_t code_name = 0;
    std::uint32_t symbols_name = 0;
    std::uint32_t strings_name = 0;
};

SymbolTable make_symbol_table(const Image& image) {
    Writer symbols;
    Writer strings;
    strings.put_text("");
    SymbolTable table;
    table.read_only_data_name = strings.put_text(".rodata");
    table.code_name = strings.put_text(".text");
    table.symbols_name = strings.put_text(".symtab");
    table.strings_name = strings.put_text(".strtab");
    constexpr std::array<std::uint8_t, elf::kSymbolSize> kNullSymbol = {};
    symbols.put_bytes(kNullSymbol);
    for (const ImageSymbol& symbol : image.symbols) {
        const auto kind = symbol.is_function ? elf::kSymbolFunction : elf::kSymbolObject;
        const bool in_code = symbol.address >= kCodeAddress;
        symbols.put(strings.put_text(std::string_view(symbol.name).substr(0, kSymbolNameMax)));
        symbols.put(static_cast<std::uint8_t>((elf::kBindingGlobal << 4) | kind));
        symbols.put(std::uint8_t{0});
        symbols.put(in_code ? kCodeIndex : kReadOnlyDataIndex);
        symbols.put(symbol.address);
        symbols.put(symbol.size);
    }
    table.symbols = symbols.take();
    table.strings = strings.take();
    return table;
}

void put_segments(Writer& out, const Image& image) {
    put_segment(out, elf::kSegmentReadable, kSegmentsOffset, kReadOnlyDataAddress,
                image.read_only_data.size());
    put_segment(out, elf::kSegmentExecutable, kSegmentsOffset + image.read_only_data.size(),
                kCodeAddress, image.code.size());
    out.put_bytes(image.read_only_data);
    out.put_bytes(image.code);
}

}  // namespace

std::vector<std::uint8_t> write_elf(const Image& image, bool with_symbols) {
    const std::uint64_t code_offset = kSegmentsOffset + image.read_only_data.size();
    const std::uint64_t segments_end = code_offset + image.code.size();
    Writer out;
    if (!with_symbols) {
        put_file_header(out, image.entry_address, segments_end, 1, 0);
        put_segments(out, image);
        put_section(out, SectionRow{});
        return out.take();
    }
    const SymbolTable table = make_symbol_table(image);
    const std::uint64_t strings_offset = segments_end + table.symbols.size();
    const std::array<SectionRow, 5> rows = {{
        {},
        {.name = table.read_only_data_name,
         .type = elf::kSectionProgramBits,
         .flags = elf::kFlagAllocate,
         .address = kReadOnlyDataAddress,
         .offset = kSegmentsOffset,
         .size = image.read_only_data.size(),
         .alignment = 8},
        {.name = table.code_name,
         .type = elf::kSectionProgramBits,
         .flags = elf::kFlagAllocate | elf::kFlagExecute,
         .address = kCodeAddress,
         .offset = code_offset,
         .size = image.code.size(),
         .alignment = 8},
        {.name = table.symbols_name,
         .type = elf::kSectionSymbolTable,
         .offset = segments_end,
         .size = table.symbols.size(),
         .link = kStringTableIndex,
         .info = 1,
         .alignment = 8,
         .entry_size = elf::kSymbolSize},
        {.name = table.strings_name,
         .type = elf::kSectionStringTable,
         .offset = strings_offset,
         .size = table.strings.size(),
         .alignment = 1},
    }};
    const std::uint64_t table_offset = (strings_offset + table.strings.size() + 7) / 8 * 8;
    put_file_header(out, image.entry_address, table_offset, rows.size(), kStringTableIndex);
    put_segments(out, image);
    out.put_bytes(table.symbols);
    out.put_bytes(table.strings);
    out.align(8);
    for (const SectionRow& row : rows) {
        put_section(out, row);
    }
    return out.take();
}

}  // namespace latchkey::sbf_link
