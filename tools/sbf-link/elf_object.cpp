// SPDX-License-Identifier: Apache-2.0
#include "tools/sbf-link/elf_object.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include <fmt/format.h>

namespace latchkey::sbf_link {
namespace {

struct SectionHeader {
    std::uint32_t name;
    std::uint32_t type;
    std::uint64_t flags;
    std::uint64_t offset;
    std::uint64_t size;
    std::uint32_t link;
    std::uint32_t info;
    std::uint64_t alignment;
    std::uint64_t entry_size;
};

bool starts_with_any(std::string_view name, std::initializer_list<std::string_view> prefixes) {
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [name](std::string_view prefix) { return name.starts_with(prefix); });
}

SectionKind classify(const SectionHeader& header, std::string_view name) {
    if (header.type == elf::kSectionInitArray || header.type == elf::kSectionFiniArray ||
        header.type == elf::kSectionPreinitArray ||
        starts_with_any(name,
                        {".init_array", ".fini_array", ".preinit_array", ".ctors", ".dtors"})) {
        return header.size == 0 ? SectionKind::kIgnored : SectionKind::kConstructors;
    }
    if ((header.flags & elf::kFlagAllocate) == 0) {
        return SectionKind::kIgnored;
    }
    if (header.size == 0) {
        return (header.flags & elf::kFlagExecute) != 0 ? SectionKind::kCode
                                                       : SectionKind::kReadOnlyData;
    }
    if ((header.flags & (elf::kFlagThreadLocal | elf::kFlagCompressed)) != 0) {
        return SectionKind::kUnsupported;
    }
    if ((header.flags & elf::kFlagWrite) != 0 || header.type == elf::kSectionNoBits) {
        return SectionKind::kWritableData;
    }
    if (header.type != elf::kSectionProgramBits) {
        return SectionKind::kUnsupported;
    }
    return (header.flags & elf::kFlagExecute) != 0 ? SectionKind::kCode
                                                   : SectionKind::kReadOnlyData;
}

// One parse. Each step relies on what the steps before it have checked; parse() gives the order.
class Parser {
  public:
    explicit Parser(const InputFile& file) : bytes_(file.bytes) { object_.file_name = file.name; }

    Result<ElfObject> parse() {
        for (const auto step :
             {&Parser::read_file_header, &Parser::read_section_headers, &Parser::check_overlaps,
              &Parser::read_sections, &Parser::read_symbols, &Parser::read_groups,
              &Parser::read_relocations}) {
            if (auto done = (this->*step)(); !done) {
                return tl::unexpected(done.error());
            }
        }
        return std::move(object_);
    }

  private:
    using Step = Result<void>;

    tl::unexpected<Error> malformed(std::string_view what) const {
        return fail(ErrorCode::kMalformedObject,
                    fmt::format("{}: malformed object: {}", printable(object_.file_name), what));
    }

    tl::unexpected<Error> unsupported(std::string_view what) const {
        return fail(ErrorCode::kUnsupportedObject,
                    fmt::format("{}: {}", printable(object_.file_name), what));
    }

    bool in_file(std::uint64_t offset, std::uint64_t size) const {
        return offset <= bytes_.size() && size <= bytes_.size() - offset;
    }

    Step read_file_header();
    Step read_section_headers();
    Step check_overlaps();
    Step read_sections();
    Step read_symbols();
    Step read_symbol(std::uint32_t index, std::uint64_t offset, const SectionHeader& strings);
    Step read_groups();
    Step read_relocations();
    Step read_relocation_section(std::uint32_t index);
    Step check_relocation_order(Section& target);

    Result<std::string_view> read_name(const SectionHeader& strings, std::uint32_t offset) const;
    std::span<const std::uint8_t> contents(const SectionHeader& header) const {
        return bytes_.subspan(static_cast<std::size_t>(header.offset),
                              static_cast<std::size_t>(header.size));
    }

    std::span<const std::uint8_t> bytes_;
    ElfObject object_;
    std::uint64_t section_table_offset_ = 0;
    std::uint16_t section_name_index_ = 0;
    std::vector<SectionHeader> headers_;
    std::optional<std::uint32_t> symbol_table_;
};

Parser::Step Parser::read_file_header() {
    if (bytes_.size() > kFileSizeMax) {
        return unsupported(fmt::format("the file is larger than {} bytes", kFileSizeMax));
    }
    if (bytes_.size() < elf::kFileHeaderSize) {
        return malformed("the file ends inside the ELF header");
    }
    if (!std::equal(elf::kIdentification.begin(), elf::kIdentification.end(), bytes_.begin())) {
        return malformed("it is no little-endian ELF64 file");
    }
    if (elf::read<std::uint16_t>(bytes_, 16) != elf::kTypeRelocatable ||
        elf::read<std::uint16_t>(bytes_, 18) != elf::kMachineBpf) {
        return unsupported("it is no relocatable BPF object; compile with clang -target bpf -c");
    }
    if (elf::read<std::uint32_t>(bytes_, 20) != elf::kVersionCurrent ||
        elf::read<std::uint16_t>(bytes_, 52) != elf::kFileHeaderSize ||
        elf::read<std::uint16_t>(bytes_, 58) != elf::kSectionHeaderSize) {
        return malformed("the ELF header has a wrong version or wrong table entry sizes");
    }
    if (elf::read<std::uint64_t>(bytes_, 24) != 0 || elf::read<std::uint64_t>(bytes_, 32) != 0 ||
        elf::read<std::uint32_t>(bytes_, 48) != 0 || elf::read<std::uint16_t>(bytes_, 56) != 0) {
        return unsupported("a relocatable object has no entry point, segments or flags");
    }
    return {};
}

Parser::Step Parser::read_section_headers() {
    section_table_offset_ = elf::read<std::uint64_t>(bytes_, 40);
    const auto count = elf::read<std::uint16_t>(bytes_, 60);
    section_name_index_ = elf::read<std::uint16_t>(bytes_, 62);
    if (count == 0 || count >= elf::kIndexReservedFirst) {
        return unsupported("it has no section table or one with extended numbering");
    }
    if (!in_file(section_table_offset_, std::uint64_t{count} * elf::kSectionHeaderSize)) {
        return malformed("the section table lies outside the file");
    }
    for (std::uint32_t index = 0; index < count; ++index) {
        const auto at =
            static_cast<std::size_t>(section_table_offset_) + index * elf::kSectionHeaderSize;
        const SectionHeader header{
            .name = elf::read<std::uint32_t>(bytes_, at),
            .type = elf::read<std::uint32_t>(bytes_, at + 4),
            .flags = elf::read<std::uint64_t>(bytes_, at + 8),
            .offset = elf::read<std::uint64_t>(bytes_, at + 24),
            .size = elf::read<std::uint64_t>(bytes_, at + 32),
            .link = elf::read<std::uint32_t>(bytes_, at + 40),
            .info = elf::read<std::uint32_t>(bytes_, at + 44),
            .alignment = elf::read<std::uint64_t>(bytes_, at + 48),
            .entry_size = elf::read<std::uint64_t>(bytes_, at + 56),
        };
        if (elf::read<std::uint64_t>(bytes_, at + 16) != 0) {
            return malformed(fmt::format("section {} already has an address", index));
        }
        if (index == 0 && (header.type != elf::kSectionNull || header.size != 0)) {
            return malformed("section 0 is not the empty section");
        }
        if (header.type != elf::kSectionNoBits && !in_file(header.offset, header.size)) {
            return malformed(fmt::format("section {} lies outside the file", index));
        }
        headers_.push_back(header);
    }
    if (section_name_index_ >= count ||
        headers_[section_name_index_].type != elf::kSectionStringTable) {
        return malformed("the section name table is missing");
    }
    return {};
}

// Also what bounds the work on hostile files: each byte of the file belongs to one section at most.
Parser::Step Parser::check_overlaps() {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
    ranges.emplace_back(0, elf::kFileHeaderSize);
    ranges.emplace_back(section_table_offset_, headers_.size() * elf::kSectionHeaderSize);
    for (const SectionHeader& header : headers_) {
        if (header.type != elf::kSectionNoBits && header.size != 0) {
            ranges.emplace_back(header.offset, header.size);
        }
    }
    std::sort(ranges.begin(), ranges.end());
    for (std::size_t index = 1; index < ranges.size(); ++index) {
        if (ranges[index - 1].first + ranges[index - 1].second > ranges[index].first) {
            return malformed(
                fmt::format("two sections overlap at file offset {:#x}", ranges[index].first));
        }
    }
    return {};
}

Result<std::string_view> Parser::read_name(const SectionHeader& strings,
                                           std::uint32_t offset) const {
    const auto table = contents(strings);
    if (offset >= table.size()) {
        return malformed("a name lies outside its string table");
    }
    const auto rest = table.subspan(offset, std::min(kNameLengthMax + 1, table.size() - offset));
    const auto end = std::find(rest.begin(), rest.end(), std::uint8_t{0});
    if (end == rest.end()) {
        return malformed(
            fmt::format("a name has no end or more than {} characters", kNameLengthMax));
    }
    return std::string_view(reinterpret_cast<const char*>(rest.data()),
                            static_cast<std::size_t>(end - rest.begin()));
}

Parser::Step Parser::read_sections() {
    for (std::uint32_t index = 0; index < headers_.size(); ++index) {
        const SectionHeader& header = headers_[index];
        Section section;
        if (index != 0) {
            const auto name = read_name(headers_[section_name_index_], header.name);
            if (!name) {
                return tl::unexpected(name.error());
            }
            section.name = *name;
            section.kind = classify(header, *name);
        }
        section.size = header.size;
        if (header.type != elf::kSectionNoBits) {
            section.bytes = contents(header);
        }
        section.alignment = std::max<std::uint64_t>(header.alignment, 1);
        if (!std::has_single_bit(section.alignment)) {
            return malformed(fmt::format("section {} has an alignment that is no power of two",
                                         printable(section.name)));
        }
        const bool loaded = section.kind != SectionKind::kIgnored;
        if (loaded && section.alignment > kAlignmentMax) {
            return unsupported(fmt::format("section {} wants an alignment above {}",
                                           printable(section.name), kAlignmentMax));
        }
        if (section.kind == SectionKind::kCode && section.alignment > 8) {
            // There is no instruction to pad code with.
            return unsupported(
                fmt::format("code section {} wants an alignment above 8", printable(section.name)));
        }
        if (section.kind == SectionKind::kCode && section.size % 8 != 0) {
            return malformed(fmt::format("code section {} is no whole number of instructions",
                                         printable(section.name)));
        }
        if (header.type == elf::kSectionSymbolTableIndexes ||
            header.type == elf::kSectionRelocationsWithAddend) {
            return unsupported(fmt::format("section {} has a type that clang does not emit for BPF",
                                           printable(section.name)));
        }
        if (header.type == elf::kSectionSymbolTable) {
            if (symbol_table_) {
                return malformed("it has two symbol tables");
            }
            symbol_table_ = index;
        }
        object_.sections.push_back(std::move(section));
    }
    return {};
}

Parser::Step Parser::read_symbols() {
    if (!symbol_table_) {
        return malformed("it has no symbol table");
    }
    const SectionHeader& table = headers_[*symbol_table_];
    if (table.entry_size != elf::kSymbolSize || table.size % elf::kSymbolSize != 0 ||
        table.size == 0) {
        return malformed("the symbol table has a wrong entry size");
    }
    if (table.link >= headers_.size() || headers_[table.link].type != elf::kSectionStringTable) {
        return malformed("the symbol table has no string table");
    }
    const std::uint64_t count = table.size / elf::kSymbolSize;
    if (table.info > count) {
        return malformed("the symbol table counts more local symbols than it has");
    }
    for (std::uint32_t index = 0; index < count; ++index) {
        const auto offset = table.offset + std::uint64_t{index} * elf::kSymbolSize;
        if (auto done = read_symbol(index, offset, headers_[table.link]); !done) {
            return done;
        }
        if (object_.symbols.back().is_local() != (index < table.info)) {
            return malformed("local symbols do not come before global ones");
        }
    }
    return {};
}

Parser::Step Parser::read_symbol(std::uint32_t index, std::uint64_t offset,
                                 const SectionHeader& strings) {
    const auto at = static_cast<std::size_t>(offset);
    const auto name = read_name(strings, elf::read<std::uint32_t>(bytes_, at));
    if (!name) {
        return tl::unexpected(name.error());
    }
    const auto info = elf::read<std::uint8_t>(bytes_, at + 4);
    const auto section = elf::read<std::uint16_t>(bytes_, at + 6);
    Symbol symbol;
    symbol.name = *name;
    symbol.value = elf::read<std::uint64_t>(bytes_, at + 8);
    symbol.size = elf::read<std::uint64_t>(bytes_, at + 16);
    if ((info & 0xf) > elf::kSymbolFile || (info >> 4) > elf::kBindingWeak) {
        return unsupported(fmt::format("symbol {} has a type or binding that sBPF has no use for",
                                       printable(*name)));
    }
    symbol.type = static_cast<elf::SymbolType>(info & 0xf);
    symbol.binding = static_cast<elf::SymbolBinding>(info >> 4);
    if (!symbol.is_local() && name->empty()) {
        return malformed(fmt::format("symbol {} is global but has no name", index));
    }
    if (section == elf::kIndexCommon) {
        return fail(ErrorCode::kWritableData,
                    fmt::format("{}: variable {} is writable; an sBPF program has constants only",
                                printable(object_.file_name), printable(*name)));
    }
    if (section == elf::kIndexUndefined) {
        symbol.undefined = index != 0;
        if (symbol.undefined && symbol.is_local()) {
            return malformed(fmt::format("symbol {} is local but undefined", index));
        }
    } else if (section == elf::kIndexAbsolute) {
        if (symbol.type != elf::kSymbolFile) {
            return unsupported(fmt::format("symbol {} is absolute", printable(*name)));
        }
    } else if (section >= headers_.size()) {
        return malformed(
            fmt::format("symbol {} is in a section that does not exist", printable(*name)));
    } else {
        const std::uint64_t section_size = headers_[section].size;
        if (symbol.value > section_size || symbol.size > section_size - symbol.value) {
            return malformed(fmt::format("symbol {} leaves its section", printable(*name)));
        }
        if (symbol.type == elf::kSymbolSection && symbol.value != 0) {
            return malformed("a section symbol does not start its section");
        }
        symbol.section = section;
        object_.sections[section].symbols.push_back(index);
    }
    object_.symbols.push_back(symbol);
    return {};
}

Parser::Step Parser::read_groups() {
    std::vector<bool> grouped(headers_.size(), false);
    for (const SectionHeader& header : headers_) {
        if (header.type != elf::kSectionGroup) {
            continue;
        }
        if (header.entry_size != 4 || header.size < 4 || header.size % 4 != 0 ||
            header.link != *symbol_table_ || header.info >= object_.symbols.size()) {
            return malformed("a section group is malformed");
        }
        const auto words = contents(header);
        const auto flags = elf::read<std::uint32_t>(words, 0);
        if (flags > elf::kGroupComdat) {
            return unsupported("a section group has unknown flags");
        }
        ComdatGroup group{.signature = object_.symbols[header.info].name, .sections = {}};
        for (std::size_t at = 4; at < words.size(); at += 4) {
            const auto member = elf::read<std::uint32_t>(words, at);
            if (member == 0 || member >= headers_.size() || grouped[member]) {
                return malformed(
                    "a section group has a member that does not exist or has two groups");
            }
            grouped[member] = true;
            group.sections.push_back(member);
        }
        if (flags == elf::kGroupComdat) {
            if (group.signature.empty()) {
                return malformed("a section group has no signature");
            }
            object_.comdat_groups.push_back(std::move(group));
        }
    }
    return {};
}

Parser::Step Parser::read_relocations() {
    std::vector<bool> relocated(headers_.size(), false);
    for (std::uint32_t index = 0; index < headers_.size(); ++index) {
        const SectionHeader& header = headers_[index];
        if (header.type != elf::kSectionRelocations) {
            continue;
        }
        if (header.entry_size != elf::kRelocationSize || header.size % elf::kRelocationSize != 0 ||
            header.link != *symbol_table_ || header.info == 0 || header.info >= headers_.size() ||
            relocated[header.info]) {
            return malformed(fmt::format("relocation section {} is malformed",
                                         printable(object_.sections[index].name)));
        }
        relocated[header.info] = true;
        const SectionKind kind = object_.sections[header.info].kind;
        if (kind != SectionKind::kCode && kind != SectionKind::kReadOnlyData) {
            continue;
        }
        if (auto done = read_relocation_section(index); !done) {
            return done;
        }
    }
    return {};
}

Parser::Step Parser::read_relocation_section(std::uint32_t index) {
    const SectionHeader& header = headers_[index];
    Section& target = object_.sections[header.info];
    const auto entries = contents(header);
    target.relocations.reserve(entries.size() / elf::kRelocationSize);
    for (std::size_t at = 0; at < entries.size(); at += elf::kRelocationSize) {
        const Relocation relocation{.offset = elf::read<std::uint64_t>(entries, at),
                                    .type = elf::read<std::uint32_t>(entries, at + 8),
                                    .symbol = elf::read<std::uint32_t>(entries, at + 12)};
        if (relocation.symbol == 0 || relocation.symbol >= object_.symbols.size()) {
            return malformed(
                fmt::format("a relocation of section {} names a symbol that does "
                            "not exist",
                            printable(target.name)));
        }
        if (relocation.offset >= target.size || target.size - relocation.offset < 8) {
            return malformed(fmt::format("a relocation at {:#x} lies outside section {}",
                                         relocation.offset, printable(target.name)));
        }
        const bool code = target.kind == SectionKind::kCode;
        const bool known = code ? relocation.type == elf::kRelocationLoadAddress ||
                                      relocation.type == elf::kRelocationCall
                                : relocation.type == elf::kRelocationDataAddress;
        if (!known || (code && relocation.offset % 8 != 0)) {
            return fail(ErrorCode::kUnsupportedRelocation,
                        fmt::format("{}: relocation type {} is not supported there",
                                    describe_location(object_, header.info, relocation.offset),
                                    relocation.type));
        }
        target.relocations.push_back(relocation);
    }
    return check_relocation_order(target);
}

Parser::Step Parser::check_relocation_order(Section& target) {
    auto& relocations = target.relocations;
    std::sort(
        relocations.begin(), relocations.end(),
        [](const Relocation& left, const Relocation& right) { return left.offset < right.offset; });
    for (std::size_t index = 1; index < relocations.size(); ++index) {
        if (relocations[index].offset - relocations[index - 1].offset < 8) {
            return malformed(fmt::format("two relocations overlap at {:#x} of section {}",
                                         relocations[index].offset, printable(target.name)));
        }
    }
    return {};
}

}  // namespace

Result<ElfObject> parse_object(const InputFile& file) {
    return Parser(file).parse();
}

std::string describe_location(const ElfObject& object, std::uint32_t section,
                              std::uint64_t offset) {
    for (const std::uint32_t index : object.sections[section].symbols) {
        const Symbol& symbol = object.symbols[index];
        if (symbol.type != elf::kSymbolSection && offset >= symbol.value &&
            offset - symbol.value < symbol.size) {
            return fmt::format("{}: {} {}+{:#x}", printable(object.file_name),
                               symbol.type == elf::kSymbolFunction ? "function" : "variable",
                               printable(symbol.name), offset - symbol.value);
        }
    }
    return fmt::format("{}: section {}+{:#x}", printable(object.file_name),
                       printable(object.sections[section].name), offset);
}

}  // namespace latchkey::sbf_link
