// SPDX-License-Identifier: Apache-2.0
#include "tools/sbf-link/elf_object.hpp"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/sbf-link/testing/compile.hpp"
#include "tools/sbf-link/testing/object_builder.hpp"

namespace latchkey::sbf_link {
namespace {

using ::testing::HasSubstr;
using namespace sbf_link::testing;

Result<ElfObject> parse(const Bytes& bytes) {
    return parse_object({.name = "a.o", .bytes = bytes});
}

// A well-formed object that has one of everything; tests break one thing at a time.
struct Sample {
    Sample() {
        text = builder.add_section(
            {.name = ".text",
             .flags = kCodeFlags,
             .bytes = code({instruction(0x18), 0, instruction(0x85, 0, 1, 0, -1), kExit})});
        rodata = builder.add_section({.name = ".rodata", .bytes = Bytes(16, 7)});
        function_section = builder.add_section(
            {.name = ".text.f", .flags = kCodeFlags, .bytes = code({kClear, kExit})});
        table = builder.add_symbol({.name = "table",
                                    .type = elf::kSymbolObject,
                                    .section = rodata,
                                    .size = 16,
                                    .binding = elf::kBindingLocal});
        entry = builder.add_symbol({.name = "entrypoint", .section = text, .size = 32});
        function = builder.add_symbol(
            {.name = "f", .section = function_section, .size = 16, .binding = elf::kBindingWeak});
        builder.add_relocation(text, 0, elf::kRelocationLoadAddress, table);
        builder.add_relocation(text, 16, elf::kRelocationCall, function);
        builder.add_relocation(rodata, 8, elf::kRelocationDataAddress, function);
        builder.add_group(function, {function_section});
        bytes = builder.build();
    }

    std::size_t header(std::string_view section) const {
        return builder.section_header_offset(section);
    }
    std::size_t symbol(std::uint32_t index) const {
        return builder.contents_offset(".symtab") + index * elf::kSymbolSize;
    }

    ObjectBuilder builder;
    std::uint16_t text;
    std::uint16_t rodata;
    std::uint16_t function_section;
    std::uint32_t table;
    std::uint32_t entry;
    std::uint32_t function;
    Bytes bytes;
};

// Fields of an ELF64 section header.
constexpr std::size_t kType = 4;
constexpr std::size_t kAddress = 16;
constexpr std::size_t kOffset = 24;
constexpr std::size_t kSize = 32;
constexpr std::size_t kLink = 40;
constexpr std::size_t kInfo = 44;
constexpr std::size_t kAlignment = 48;
constexpr std::size_t kEntrySize = 56;

TEST(ElfObject, ReadsEverything) {
    const Sample sample;
    const auto object = parse(sample.bytes);
    ASSERT_TRUE(object) << object.error().message;
    const Section& text = object->sections[sample.text];
    EXPECT_EQ(text.name, ".text");
    EXPECT_EQ(text.kind, SectionKind::kCode);
    EXPECT_EQ(text.size, 32U);
    ASSERT_EQ(text.relocations.size(), 2U);
    EXPECT_EQ(text.relocations[1].offset, 16U);
    EXPECT_EQ(text.relocations[1].type, elf::kRelocationCall);
    EXPECT_EQ(text.relocations[1].symbol, sample.function);
    EXPECT_EQ(object->sections[sample.rodata].kind, SectionKind::kReadOnlyData);
    EXPECT_EQ(object->sections[1].kind, SectionKind::kIgnored);
    const Symbol& table = object->symbols[sample.table];
    EXPECT_EQ(table.name, "table");
    EXPECT_TRUE(table.is_local());
    EXPECT_EQ(table.section, sample.rodata);
    ASSERT_EQ(object->comdat_groups.size(), 1U);
    EXPECT_EQ(object->comdat_groups[0].signature, "f");
    EXPECT_THAT(object->comdat_groups[0].sections, ::testing::ElementsAre(sample.function_section));
}

TEST(ElfObject, ReadsWhatClangWrites) {
    const Bytes bytes = compile(
        "extern \"C\" unsigned long helper(unsigned long);"
        "static const unsigned char kTable[5] = {1, 2, 3, 4, 5};"
        "extern \"C\" unsigned long entrypoint(const unsigned char* in) {"
        "    return helper(kTable[in[0] % 5]); }",
        "-g");
    const auto object = parse(bytes);
    ASSERT_TRUE(object) << object.error().message;
    bool found = false;
    for (const Symbol& symbol : object->symbols) {
        if (symbol.name == "entrypoint") {
            found = true;
            EXPECT_EQ(object->sections[symbol.section.value()].name, ".text.entrypoint");
            EXPECT_EQ(object->sections[symbol.section.value()].relocations.size(), 2U);
        }
        if (symbol.name == "helper") {
            EXPECT_TRUE(symbol.undefined);
        }
    }
    EXPECT_TRUE(found);
}

struct Fault {
    std::string_view name;
    std::function<void(Sample&)> inflict;
    ErrorCode code;
    std::string_view message;
};

// Names a parameter in test listings.
std::ostream& operator<<(std::ostream& out, const Fault& fault) {
    return out << fault.name;
}

class ElfObjectFault : public ::testing::TestWithParam<Fault> {};

TEST_P(ElfObjectFault, IsRefused) {
    Sample sample;
    ASSERT_TRUE(parse(sample.bytes));
    GetParam().inflict(sample);
    const auto object = parse(sample.bytes);
    ASSERT_FALSE(object);
    EXPECT_EQ(object.error().code, GetParam().code) << object.error().message;
    EXPECT_THAT(object.error().message, HasSubstr("a.o: "));
    EXPECT_THAT(object.error().message, HasSubstr(GetParam().message));
}

template <typename Integer>
std::function<void(Sample&)> in_file(std::size_t offset, Integer value) {
    return [=](Sample& sample) { poke(sample.bytes, offset, value); };
}

template <typename Integer>
std::function<void(Sample&)> in_header(std::string_view section, std::size_t field, Integer value) {
    return [=](Sample& sample) { poke(sample.bytes, sample.header(section) + field, value); };
}

template <typename Integer>
std::function<void(Sample&)> in_symbol(std::uint32_t Sample::* index, std::size_t field,
                                       Integer value) {
    return [=](Sample& sample) { poke(sample.bytes, sample.symbol(sample.*index) + field, value); };
}

template <typename Integer>
std::function<void(Sample&)> in_contents(std::string_view section, std::size_t offset,
                                         Integer value) {
    return [=](Sample& sample) {
        poke(sample.bytes, sample.builder.contents_offset(section) + offset, value);
    };
}

constexpr auto kMalformed = ErrorCode::kMalformedObject;
constexpr auto kUnsupported = ErrorCode::kUnsupportedObject;
constexpr std::uint64_t kHuge = 0xffff'ffff'ffff'fff8;

const Fault kFaults[] = {
    {"empty", [](Sample& s) { s.bytes.clear(); }, kMalformed, "ends inside the ELF header"},
    {"cut_header", [](Sample& s) { s.bytes.resize(63); }, kMalformed, "inside the ELF header"},
    {"magic", in_file(0, std::uint8_t{0x7e}), kMalformed, "no little-endian ELF64"},
    {"elf32", in_file(4, std::uint8_t{1}), kMalformed, "no little-endian ELF64"},
    {"big_endian", in_file(5, std::uint8_t{2}), kMalformed, "no little-endian ELF64"},
    {"abi", in_file(7, std::uint8_t{3}), kMalformed, "no little-endian ELF64"},
    {"identification_padding", in_file(15, std::uint8_t{1}), kMalformed, "no little-endian ELF64"},
    {"executable", in_file(16, std::uint16_t{2}), kUnsupported, "no relocatable BPF object"},
    {"x86", in_file(18, std::uint16_t{62}), kUnsupported, "no relocatable BPF object"},
    {"version", in_file(20, std::uint32_t{2}), kMalformed, "wrong version"},
    {"header_size", in_file(52, std::uint16_t{65}), kMalformed, "wrong table entry sizes"},
    {"section_entry_size", in_file(58, std::uint16_t{40}), kMalformed, "wrong table entry sizes"},
    {"entry", in_file(24, std::uint64_t{8}), kUnsupported, "no entry point"},
    {"segment_table", in_file(32, std::uint64_t{64}), kUnsupported, "no entry point"},
    {"too_large", [](Sample& s) { s.bytes.resize(kFileSizeMax + 1); }, kUnsupported,
     "larger than 67108864 bytes"},
    {"segments", in_file(56, std::uint16_t{1}), kUnsupported, "no entry point"},
    {"flags", in_file(48, std::uint32_t{3}), kUnsupported, "no entry point"},
    {"no_sections", in_file(60, std::uint16_t{0}), kUnsupported, "no section table"},
    {"many_sections", in_file(60, std::uint16_t{0xff00}), kUnsupported, "extended numbering"},
    {"section_count", in_file(60, std::uint16_t{0xfeff}), kMalformed, "outside the file"},
    {"table_offset", in_file(40, std::uint64_t{1} << 40), kMalformed, "outside the file"},
    {"table_offset_overflow", in_file(40, kHuge), kMalformed, "outside the file"},
    {"names_index", in_file(62, std::uint16_t{99}), kMalformed, "section name table"},
    {"names_type", in_file(62, std::uint16_t{3}), kMalformed, "section name table"},
    {"null_section", in_header("", kType, std::uint32_t{1}), kMalformed, "not the empty section"},
    {"address", in_header(".text", kAddress, std::uint64_t{8}), kMalformed, "has an address"},
    {"offset", in_header(".text", kOffset, std::uint64_t{1} << 33), kMalformed, "outside the file"},
    {"offset_overflow", in_header(".text", kOffset, kHuge), kMalformed, "outside the file"},
    {"size", in_header(".text", kSize, std::uint64_t{1} << 33), kMalformed, "outside the file"},
    {"size_overflow", in_header(".text", kSize, kHuge), kMalformed, "outside the file"},
    {"overlap",
     [](Sample& s) {
         poke(s.bytes, s.header(".rodata") + kOffset,
              std::uint64_t{s.builder.contents_offset(".text") + 8});
     },
     kMalformed, "overlap"},
    {"overlap_file_header", in_header(".rodata", kOffset, std::uint64_t{56}), kMalformed,
     "overlap"},
    {"overlap_section_table",
     [](Sample& s) {
         poke(s.bytes, s.header(".rodata") + kOffset, std::uint64_t{s.header(".rodata")});
     },
     kMalformed, "overlap"},
    {"alignment", in_header(".text", kAlignment, std::uint64_t{12}), kMalformed, "no power of two"},
    {"alignment_size", in_header(".rodata", kAlignment, std::uint64_t{8192}), kUnsupported,
     "alignment above 4096"},
    {"code_alignment", in_header(".text", kAlignment, std::uint64_t{16}), kUnsupported,
     "code section .text wants an alignment above 8"},
    {"half_instruction", in_header(".text", kSize, std::uint64_t{28}), kMalformed,
     "no whole number of instructions"},
    {"section_name", in_header(".text", 0, std::uint32_t{100000}), kMalformed,
     "outside its string table"},
    {"name_without_end",
     [](Sample& s) {
         const auto size = elf::read<std::uint64_t>(s.bytes, s.header(".strtab") + kSize);
         poke(s.bytes, s.builder.contents_offset(".strtab") + size - 1, std::uint8_t{'x'});
     },
     kMalformed, "a name has no end"},
    {"relocations_with_addend", in_header(".rel.text", kType, std::uint32_t{4}), kUnsupported,
     "does not emit"},
    {"symbol_section_indexes", in_header(".rodata", kType, std::uint32_t{18}), kUnsupported,
     "does not emit"},
    {"no_symbols", in_header(".symtab", kType, std::uint32_t{1}), kMalformed, "no symbol table"},
    {"two_symbol_tables", in_header(".rodata", kType, std::uint32_t{2}), kMalformed,
     "two symbol tables"},
    {"symbol_entry_size", in_header(".symtab", kEntrySize, std::uint64_t{0}), kMalformed,
     "wrong entry size"},
    {"symbol_table_size", in_header(".symtab", kSize, std::uint64_t{25}), kMalformed,
     "wrong entry size"},
    {"symbol_table_empty", in_header(".symtab", kSize, std::uint64_t{0}), kMalformed,
     "wrong entry size"},
    {"symbol_strings", in_header(".symtab", kLink, std::uint32_t{77}), kMalformed,
     "no string table"},
    {"symbol_strings_type", in_header(".symtab", kLink, std::uint32_t{3}), kMalformed,
     "no string table"},
    {"local_symbols", in_header(".symtab", kInfo, std::uint32_t{1000}), kMalformed,
     "more local symbols"},
    {"local_symbol_order", in_header(".symtab", kInfo, std::uint32_t{1}), kMalformed,
     "local symbols do not come"},
    {"symbol_name", in_symbol(&Sample::entry, 0, std::uint32_t{100000}), kMalformed,
     "outside its string table"},
    {"global_without_name", in_symbol(&Sample::entry, 0, std::uint32_t{0}), kMalformed,
     "has no name"},
    {"symbol_type", in_symbol(&Sample::entry, 4, std::uint8_t{0x16}), kUnsupported,
     "type or binding"},
    {"symbol_binding", in_symbol(&Sample::entry, 4, std::uint8_t{0xa2}), kUnsupported,
     "type or binding"},
    {"symbol_section", in_symbol(&Sample::entry, 6, std::uint16_t{200}), kMalformed,
     "section that does not exist"},
    {"symbol_absolute", in_symbol(&Sample::entry, 6, std::uint16_t{0xfff1}), kUnsupported,
     "is absolute"},
    {"symbol_reserved", in_symbol(&Sample::entry, 6, std::uint16_t{0xff01}), kMalformed,
     "section that does not exist"},
    {"symbol_common", in_symbol(&Sample::entry, 6, std::uint16_t{0xfff2}), ErrorCode::kWritableData,
     "variable entrypoint is writable"},
    {"local_undefined", in_symbol(&Sample::table, 6, std::uint16_t{0}), kMalformed,
     "local but undefined"},
    {"symbol_value", in_symbol(&Sample::entry, 8, std::uint64_t{33}), kMalformed,
     "leaves its section"},
    {"symbol_size", in_symbol(&Sample::entry, 16, std::uint64_t{33}), kMalformed,
     "leaves its section"},
    {"symbol_size_overflow", in_symbol(&Sample::entry, 16, kHuge), kMalformed,
     "leaves its section"},
    {"section_symbol_value",
     [](Sample& s) {
         poke(s.bytes, s.symbol(s.table) + 4, std::uint8_t{3});
         poke(s.bytes, s.symbol(s.table) + 8, std::uint64_t{8});
         poke(s.bytes, s.symbol(s.table) + 16, std::uint64_t{0});
     },
     kMalformed, "section symbol"},
    {"group_entry_size", in_header(".group", kEntrySize, std::uint64_t{8}), kMalformed,
     "section group"},
    {"group_member_twice",
     [](Sample& s) {
         s.builder.add_group(s.function, {s.function_section});
         s.bytes = s.builder.build();
     },
     kMalformed, "does not exist or has two groups"},
    {"group_size", in_header(".group", kSize, std::uint64_t{6}), kMalformed, "section group"},
    {"group_empty", in_header(".group", kSize, std::uint64_t{0}), kMalformed, "section group"},
    {"group_symbols", in_header(".group", kLink, std::uint32_t{2}), kMalformed, "section group"},
    {"group_signature", in_header(".group", kInfo, std::uint32_t{99}), kMalformed, "section group"},
    {"group_no_signature", in_header(".group", kInfo, std::uint32_t{0}), kMalformed,
     "no signature"},
    {"group_flags", in_contents(".group", 0, std::uint32_t{2}), kUnsupported, "unknown flags"},
    {"group_member", in_contents(".group", 4, std::uint32_t{500}), kMalformed,
     "does not exist or has two groups"},
    {"group_null_member", in_contents(".group", 4, std::uint32_t{0}), kMalformed,
     "does not exist or has two groups"},
    {"relocation_entry_size", in_header(".rel.text", kEntrySize, std::uint64_t{24}), kMalformed,
     "relocation section .rel.text"},
    {"relocation_size", in_header(".rel.text", kSize, std::uint64_t{24}), kMalformed,
     "relocation section .rel.text"},
    {"relocation_symbols", in_header(".rel.text", kLink, std::uint32_t{2}), kMalformed,
     "relocation section .rel.text"},
    {"relocation_target", in_header(".rel.text", kInfo, std::uint32_t{44}), kMalformed,
     "relocation section .rel.text"},
    {"relocation_target_null", in_header(".rel.text", kInfo, std::uint32_t{0}), kMalformed,
     "relocation section .rel.text"},
    {"relocations_twice",
     [](Sample& s) { poke(s.bytes, s.header(".rel.rodata") + kInfo, std::uint32_t{s.text}); },
     kMalformed, "relocation section .rel.rodata"},
    {"relocation_symbol", in_contents(".rel.text", 12, std::uint32_t{1000}), kMalformed,
     "names a symbol that does not exist"},
    {"relocation_null_symbol", in_contents(".rel.text", 12, std::uint32_t{0}), kMalformed,
     "names a symbol that does not exist"},
    {"relocation_offset", in_contents(".rel.text", 0, std::uint64_t{32}), kMalformed,
     "lies outside section .text"},
    {"relocation_offset_end", in_contents(".rel.rodata", 0, std::uint64_t{9}), kMalformed,
     "lies outside section .rodata"},
    {"relocation_offset_overflow", in_contents(".rel.text", 0, kHuge), kMalformed,
     "lies outside section .text"},
    {"relocation_unaligned", in_contents(".rel.text", 0, std::uint64_t{1}),
     ErrorCode::kUnsupportedRelocation, "function entrypoint+0x1: relocation type 1"},
    {"relocation_overlap", in_contents(".rel.text", 16, std::uint64_t{0}), kMalformed,
     "two relocations overlap"},
    {"relocation_type", in_contents(".rel.text", 24, std::uint32_t{4}),
     ErrorCode::kUnsupportedRelocation, "function entrypoint+0x10: relocation type 4"},
    {"relocation_data_type_in_code", in_contents(".rel.text", 8, std::uint32_t{2}),
     ErrorCode::kUnsupportedRelocation, "function entrypoint+0x0: relocation type 2"},
    {"relocation_code_type_in_data", in_contents(".rel.rodata", 8, std::uint32_t{1}),
     ErrorCode::kUnsupportedRelocation, "variable table+0x8: relocation type 1"},
};

INSTANTIATE_TEST_SUITE_P(All, ElfObjectFault, ::testing::ValuesIn(kFaults),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(ElfObject, ClassifiesSections) {
    struct Row {
        std::string name;
        std::uint32_t type;
        std::uint64_t flags;
        SectionKind kind;
    };
    constexpr std::uint64_t kRead = elf::kFlagAllocate;
    const Row rows[] = {
        {".text.a", elf::kSectionProgramBits, kCodeFlags, SectionKind::kCode},
        {".rodata.cst8", elf::kSectionProgramBits, kRead | elf::kFlagMerge,
         SectionKind::kReadOnlyData},
        {".data.a", elf::kSectionProgramBits, kRead | elf::kFlagWrite, SectionKind::kWritableData},
        {".text.writable", elf::kSectionProgramBits, kCodeFlags | elf::kFlagWrite,
         SectionKind::kWritableData},
        {".bss.a", elf::kSectionNoBits, kRead | elf::kFlagWrite, SectionKind::kWritableData},
        {".rodata.zero", elf::kSectionNoBits, kRead, SectionKind::kWritableData},
        {".tdata", elf::kSectionProgramBits, kRead | elf::kFlagThreadLocal,
         SectionKind::kUnsupported},
        {".rodata.packed", elf::kSectionProgramBits, kRead | elf::kFlagCompressed,
         SectionKind::kUnsupported},
        {".note", 7, kRead, SectionKind::kUnsupported},
        {".init_array", elf::kSectionInitArray, kRead | elf::kFlagWrite,
         SectionKind::kConstructors},
        {".ctors.1", elf::kSectionProgramBits, kRead, SectionKind::kConstructors},
        {".debug_info", elf::kSectionProgramBits, 0, SectionKind::kIgnored},
    };
    for (const Row& row : rows) {
        ObjectBuilder builder;
        const auto section = builder.add_section(
            {.name = row.name, .type = row.type, .flags = row.flags, .bytes = Bytes(8)});
        const auto object = parse(builder.build());
        ASSERT_TRUE(object) << row.name << ": " << object.error().message;
        EXPECT_EQ(object->sections[section].kind, row.kind) << row.name;
    }
}

TEST(ElfObject, EmptySectionsAreHarmless) {
    ObjectBuilder builder;
    const auto bss = builder.add_section({.name = ".bss",
                                          .type = elf::kSectionNoBits,
                                          .flags = elf::kFlagAllocate | elf::kFlagWrite,
                                          .bytes = {}});
    const auto object = parse(builder.build());
    ASSERT_TRUE(object) << object.error().message;
    EXPECT_EQ(object->sections[bss].kind, SectionKind::kReadOnlyData);
}

TEST(ElfObject, NamesInMessagesArePrintable) {
    Sample sample;
    const auto object = parse_object({.name = "a\x1b[31m\n.o", .bytes = {}});
    ASSERT_FALSE(object);
    EXPECT_THAT(object.error().message, HasSubstr("a\\x1b[31m\\x0a.o: "));
    EXPECT_EQ(printable(std::string(1000, 'n')).size(), 203U);
}

}  // namespace
}  // namespace latchkey::sbf_link
