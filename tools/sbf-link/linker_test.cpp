// SPDX-License-Identifier: Apache-2.0
#include "tools/sbf-link/linker.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/sbf-link/testing/compile.hpp"
#include "tools/sbf-link/testing/object_builder.hpp"
#include "tools/sbf-link/testing/strict_loader.hpp"

namespace latchkey::sbf_link {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace sbf_link::testing;

void expect_refused(const Result<LinkedProgram>& program, ErrorCode code,
                    std::string_view message) {
    ASSERT_FALSE(program);
    EXPECT_EQ(program.error().code, code) << program.error().message;
    EXPECT_THAT(program.error().message, HasSubstr(message));
    EXPECT_THAT(program.error().message, Not(HasSubstr("\n")));
}

// The program, loaded by the test's own loader.
struct Loaded {
    explicit Loaded(Result<LinkedProgram> linked) {
        if (!linked) {
            ADD_FAILURE() << linked.error().message;
            return;
        }
        program = std::move(*linked);
        EXPECT_EQ(find_violation(program.elf, &view), std::nullopt);
        for (const ImageSymbol& symbol : program.symbols) {
            addresses[symbol.name] = symbol.address;
        }
    }
    // What lddw number `slot` of the code loads.
    std::uint64_t immediate64(std::size_t slot) const {
        return elf::read<std::uint32_t>(view.code, slot * 8 + 4) |
               std::uint64_t{elf::read<std::uint32_t>(view.code, slot * 8 + 12)} << 32;
    }
    std::uint64_t data64(std::uint64_t address) const {
        return elf::read<std::uint64_t>(view.read_only_data, address);
    }
    std::vector<std::string> names() const {
        std::vector<std::string> result;
        for (const ImageSymbol& symbol : program.symbols) {
            result.push_back(symbol.name);
        }
        return result;
    }

    LinkedProgram program;
    LoadedProgram view;
    std::map<std::string, std::uint64_t> addresses;
};

constexpr std::uint64_t kLddw = 0x18;
const std::uint64_t kCallSymbol = instruction(0x85, 0, 1, 0, -1);
// r0 = r6, so that a call before it is not the last thing that a function does.
const std::uint64_t kKeep = instruction(0xbf, 0, 6, 0, 0);

// ---- Layout and relocations, by hand, so that each address can be foretold.

TEST(Linker, PlacesAndRelocates) {
    ObjectBuilder builder;
    const auto text = builder.add_section(
        {.name = ".text",
         .flags = kCodeFlags,
         .bytes =
             code({instruction(0x18, 1, 0, 0, 8), 0, kCallSymbol, kKeep, kExit, kClear, kExit})});
    const auto rodata = builder.add_section({.name = ".rodata", .bytes = Bytes(24, 0)});
    const auto bytes =
        builder.add_section({.name = ".rodata.bytes", .bytes = {1, 2, 3}, .alignment = 1});
    const auto data = builder.add_symbol({.name = "",
                                          .type = elf::kSymbolSection,
                                          .section = rodata,
                                          .binding = elf::kBindingLocal});
    const auto code_section = builder.add_symbol(
        {.name = "", .type = elf::kSymbolSection, .section = text, .binding = elf::kBindingLocal});
    builder.add_symbol({.name = "entrypoint", .section = text, .size = 40});
    const auto helper =
        builder.add_symbol({.name = "helper", .section = text, .value = 40, .size = 16});
    const auto letters = builder.add_symbol(
        {.name = "letters", .type = elf::kSymbolObject, .section = bytes, .size = 3});
    builder.add_relocation(text, 0, elf::kRelocationLoadAddress, data);
    builder.add_relocation(text, 16, elf::kRelocationCall, helper);
    builder.add_relocation(rodata, 0, elf::kRelocationDataAddress, letters);
    builder.add_relocation(rodata, 8, elf::kRelocationDataAddress, code_section);
    Bytes object = builder.build();
    // Addend of the second address in .rodata: the helper, as an offset into .text.
    poke(object, builder.contents_offset(".rodata") + 8, std::uint64_t{40});

    const Loaded loaded(link_objects({object}));
    // 16 bytes of padding, 24 of .rodata, 3 of .rodata.bytes, rounded up to 8.
    EXPECT_EQ(loaded.view.read_only_data.size(), 48U);
    EXPECT_EQ(loaded.addresses.at("letters"), 40U);
    EXPECT_EQ(loaded.addresses.at("entrypoint"), 0x1'0000'0000U);
    // One slot earlier than in the object: the load of the address became a move.
    EXPECT_EQ(loaded.addresses.at("helper"), 0x1'0000'0020U);
    EXPECT_EQ(loaded.view.entry_slot, 0U);
    EXPECT_EQ(elf::read<std::uint64_t>(loaded.view.code, 0), instruction(0xb7, 1, 0, 0, 16 + 8));
    EXPECT_EQ(loaded.data64(16), 40U);
    EXPECT_EQ(loaded.data64(24), 0x1'0000'0020U);
    EXPECT_THAT(loaded.view.read_only_data.subspan(40, 3), ElementsAre(1, 2, 3));
    // call helper: from slot 2 to slot 4.
    EXPECT_EQ(elf::read<std::uint64_t>(loaded.view.code, 8), instruction(0x85, 0, 1, 0, 2));
}

TEST(Linker, AlignsConstants) {
    ObjectBuilder builder;
    const auto text = builder.add_section({.name = ".text",
                                           .flags = kCodeFlags,
                                           .bytes = code({kLddw, 0, kLddw, 0, kLddw, 0, kExit})});
    builder.add_symbol({.name = "entrypoint", .section = text, .size = 56});
    std::uint64_t offset = 0;
    for (const std::uint64_t alignment : {1U, 8U, 64U}) {
        const std::string name = fmt::format("aligned_{}", alignment);
        const auto section = builder.add_section(
            {.name = ".rodata." + name, .bytes = Bytes(5, 9), .alignment = alignment});
        const auto symbol = builder.add_symbol(
            {.name = name, .type = elf::kSymbolObject, .section = section, .size = 5});
        builder.add_relocation(text, offset, elf::kRelocationLoadAddress, symbol);
        offset += 16;
    }
    const Loaded loaded(link_objects({builder.build()}));
    EXPECT_EQ(loaded.addresses.at("aligned_64"), 64U);
    EXPECT_EQ(loaded.addresses.at("aligned_8"), 72U);
    EXPECT_EQ(loaded.addresses.at("aligned_1"), 77U);
}

TEST(Linker, CallsThroughSectionSymbols) {
    // Without names clang writes "section + (imm + 1) * 8".
    ObjectBuilder builder;
    const auto text =
        builder.add_section({.name = ".text",
                             .flags = kCodeFlags,
                             .bytes = code({instruction(0x85, 0, 1, 0, 1), kKeep, kExit})});
    const auto other = builder.add_section(
        {.name = ".text.other", .flags = kCodeFlags, .bytes = code({kKeep, kExit, kClear, kExit})});
    const auto symbol = builder.add_symbol(
        {.name = "", .type = elf::kSymbolSection, .section = other, .binding = elf::kBindingLocal});
    builder.add_symbol({.name = "entrypoint", .section = text, .size = 24});
    builder.add_relocation(text, 0, elf::kRelocationCall, symbol);
    const Loaded loaded(link_objects({builder.build()}));
    // The first two instructions of the other section are the end of this one.
    EXPECT_EQ(elf::read<std::uint64_t>(loaded.view.code, 0), instruction(0x85, 0, 1, 0, 2));
}

// One relocation against `symbol_name`, on an instruction of the caller's choice.
Bytes object_with_reference(std::initializer_list<std::uint64_t> body, std::uint32_t type,
                            const SymbolSpec& symbol, std::uint64_t offset = 0) {
    ObjectBuilder builder;
    const Bytes bytes = code(body);
    const auto text = builder.add_section({.name = ".text", .flags = kCodeFlags, .bytes = bytes});
    builder.add_section({.name = ".rodata", .bytes = Bytes(8)});
    builder.add_section({.name = ".debug", .flags = 0, .bytes = Bytes(8)});
    std::uint32_t number = 0;
    const bool local = symbol.binding == elf::kBindingLocal;
    if (local) {
        number = builder.add_symbol(symbol);
    }
    builder.add_symbol({.name = "entrypoint", .section = text, .size = bytes.size()});
    if (!local) {
        number = builder.add_symbol(symbol);
    }
    builder.add_relocation(text, offset, type, number);
    return builder.build();
}

constexpr std::uint16_t kTextIndex = 3;
constexpr std::uint16_t kRodataIndex = 4;
constexpr std::uint16_t kDebugIndex = 5;

TEST(Linker, RefusesRelocationsThatDoNotFit) {
    const SymbolSpec data = {.name = "",
                             .type = elf::kSymbolSection,
                             .section = kRodataIndex,
                             .binding = elf::kBindingLocal};
    const SymbolSpec text = {.name = "",
                             .type = elf::kSymbolSection,
                             .section = kTextIndex,
                             .binding = elf::kBindingLocal};
    const SymbolSpec debug = {.name = "",
                              .type = elf::kSymbolSection,
                              .section = kDebugIndex,
                              .binding = elf::kBindingLocal};
    constexpr auto kUnsupported = ErrorCode::kUnsupportedRelocation;
    constexpr auto kRange = ErrorCode::kTargetOutOfRange;
    const auto load = elf::kRelocationLoadAddress;
    const auto call = elf::kRelocationCall;
    expect_refused(link_objects({object_with_reference({kClear, kExit}, load, data)}), kUnsupported,
                   "function entrypoint+0x0: a relocation of type 1 does not fit");
    expect_refused(link_objects({object_with_reference({kExit, kLddw}, load, data, 8)}),
                   kUnsupported, "does not fit");
    expect_refused(link_objects({object_with_reference({kLddw, instruction(0, 0, 0, 0, 1), kExit},
                                                       load, data)}),
                   kUnsupported, "does not fit");
    expect_refused(link_objects({object_with_reference({kClear, kExit}, call, text)}), kUnsupported,
                   "a relocation of type 10 does not fit");
    // On the second half of lddw, where the bytes look like a call.
    expect_refused(
        link_objects({object_with_reference({kLddw, kCallSymbol, kExit}, call, text, 8)}),
        ErrorCode::kForbiddenInstruction, "second half");
    expect_refused(link_objects({object_with_reference({kLddw, 0, kExit}, load, debug)}),
                   kUnsupported, "section .debug, which is never loaded");
    expect_refused(link_objects({object_with_reference({instruction(0x18, 0, 0, 0, 9), 0, kExit},
                                                       load, data)}),
                   kRange, "a place outside section .rodata");
    expect_refused(link_objects({object_with_reference({kCallSymbol, kExit}, call, data)}), kRange,
                   "where no instruction starts");
    expect_refused(
        link_objects({object_with_reference({instruction(0x85, 0, 1, 0, 1), kExit}, call, text)}),
        kRange, "where no instruction starts");
    expect_refused(
        link_objects({object_with_reference({instruction(0x85, 0, 1, 0, -2), kExit}, call, text)}),
        kRange, "outside section .text");
    expect_refused(link_objects({object_with_reference(
                       {instruction(0x85, 0, 1, 0, 1), instruction(0x18), 0, kExit}, call, text)}),
                   kRange, "where no instruction starts");
    // The address of the middle of an instruction.
    expect_refused(link_objects({object_with_reference({instruction(0x18, 0, 0, 0, 4), 0, kExit},
                                                       load, text)}),
                   kRange, "where no instruction starts");
    // One past the end of data is an address C++ may form.
    EXPECT_TRUE(link_objects(
        {object_with_reference({instruction(0x18, 0, 0, 0, 8), 0, kExit}, load, data)}));
}

TEST(Linker, RefusesBadAddressesInData) {
    for (const std::uint64_t addend : {std::uint64_t{9}, std::uint64_t{0} - 8, std::uint64_t{4}}) {
        ObjectBuilder builder;
        const auto text = builder.add_section(
            {.name = ".text", .flags = kCodeFlags, .bytes = code({kLddw, 0, kExit})});
        const auto rodata = builder.add_section({.name = ".rodata", .bytes = Bytes(8)});
        const auto table = builder.add_symbol({.name = "table",
                                               .type = elf::kSymbolObject,
                                               .section = rodata,
                                               .size = 8,
                                               .binding = elf::kBindingLocal});
        const auto entry = builder.add_symbol({.name = "entrypoint", .section = text, .size = 24});
        builder.add_relocation(text, 0, elf::kRelocationLoadAddress, table);
        builder.add_relocation(rodata, 0, elf::kRelocationDataAddress, entry);
        Bytes object = builder.build();
        poke(object, builder.contents_offset(".rodata"), addend);
        expect_refused(link_objects({object}), ErrorCode::kTargetOutOfRange, "variable table+0x0");
    }
}

// ---- Symbols across objects, by clang.

constexpr std::string_view kCaller =
    "extern \"C\" unsigned long helper(unsigned long);"
    "extern \"C\" unsigned long entrypoint(unsigned long* in) { return helper(in[0]); }";
constexpr std::string_view kHelper =
    "extern \"C\" unsigned long helper(unsigned long v) { return v + 1; }";

TEST(Linker, JoinsObjects) {
    const Bytes caller = compile(kCaller);
    const Bytes helper = compile(kHelper);
    const Loaded loaded(link_objects({caller, helper}));
    EXPECT_THAT(loaded.names(), ElementsAre("entrypoint", "helper"));
    const Loaded swapped(link_objects({helper, caller}));
    EXPECT_THAT(swapped.names(), ElementsAre("helper", "entrypoint"));
    EXPECT_NE(swapped.view.entry_slot, 0U);
}

TEST(Linker, UndefinedSymbols) {
    expect_refused(link_objects({compile(kCaller)}), ErrorCode::kUndefinedSymbol,
                   "a.o: function entrypoint+0x8: helper is neither defined by an object nor a "
                   "syscall");
    expect_refused(
        link_objects({compile("extern const unsigned char table[];"
                              "extern \"C\" unsigned long entrypoint(unsigned long* in) {"
                              "    return table[in[0]]; }")}),
        ErrorCode::kUndefinedSymbol, "table is neither defined");
    // A syscall can be called, but it has no address.
    expect_refused(
        link_objects({compile("extern \"C\" void sol_log_(const char*, unsigned long);"
                              "extern \"C\" unsigned long entrypoint() {"
                              "    return reinterpret_cast<unsigned long>(&sol_log_); }")}),
        ErrorCode::kUndefinedSymbol, "sol_log_ is neither defined");
    // What clang calls of its own accord.
    expect_refused(link_objects({compile("extern \"C\" unsigned long entrypoint(const char* in) {"
                                         "    return __builtin_memcmp(in, in + 64, 64); }")}),
                   ErrorCode::kUndefinedSymbol, "memcmp is neither defined");
}

TEST(Linker, DuplicateSymbols) {
    const Bytes caller = compile(kCaller);
    const Bytes helper = compile(kHelper);
    expect_refused(link_objects({caller, helper, helper}), ErrorCode::kDuplicateSymbol,
                   "c.o: helper is already defined in b.o");
    expect_refused(link_objects({caller, helper, compile(kCaller)}), ErrorCode::kDuplicateSymbol,
                   "c.o: entrypoint is already defined in a.o");
    // A host mock that got into the program.
    expect_refused(
        link_objects({caller, helper,
                      compile("extern \"C\" unsigned long sol_log_(const char*, unsigned long) {"
                              "    return 0; }")}),
        ErrorCode::kDuplicateSymbol, "c.o: sol_log_ is defined here but is a function of the VM");
}

TEST(Linker, StrongReplacesWeak) {
    const Bytes weak = compile(
        "extern \"C\" [[gnu::weak]] unsigned long helper(unsigned long v) { return v * 77; }");
    const Bytes strong = compile(kHelper);
    const Bytes caller = compile(kCaller);
    const Loaded expected(link_objects({caller, strong}));
    for (const auto& linked :
         {link_objects({caller, weak, strong}), link_objects({caller, strong, weak})}) {
        const Loaded loaded(linked);
        EXPECT_TRUE(std::ranges::equal(loaded.view.code, expected.view.code));
    }
    // The first of several weak ones.
    const Loaded weak_only(link_objects({caller, weak, weak}));
    EXPECT_THAT(weak_only.names(), ElementsAre("entrypoint", "helper"));
}

TEST(Linker, KeepsOneCopyOfInlineFunctions) {
    constexpr std::string_view kShared =
        "template <int kFactor> struct Scale {"
        "    [[gnu::noinline]] static unsigned long of(unsigned long v) {"
        "        return v * kFactor + kTable[v & 7]; }"
        "    static constexpr unsigned long kTable[8] = {1, 2, 3, 4, 5, 6, 7, kFactor}; };";
    const std::string caller = std::string(kShared) +
                               "extern \"C\" unsigned long helper(unsigned long);"
                               "extern \"C\" unsigned long entrypoint(unsigned long* in) {"
                               "    return helper(Scale<3>::of(in[0])) + Scale<5>::of(in[1]); }";
    const std::string helper = std::string(kShared) +
                               "extern \"C\" unsigned long helper(unsigned long v) {"
                               "    return Scale<3>::of(v) ^ 5; }";
    const Loaded loaded(link_objects({compile(caller), compile(helper)}));
    EXPECT_THAT(loaded.names(),
                ::testing::UnorderedElementsAre("_ZN5ScaleILi3EE6kTableE",
                                                "_ZN5ScaleILi5EE6kTableE", "entrypoint", "helper",
                                                "_ZN5ScaleILi3EE2ofEm", "_ZN5ScaleILi5EE2ofEm"));
}

TEST(Linker, RefusesReferencesToDroppedCopies) {
    // A local symbol of a COMDAT section that another object already supplied.
    const auto object = [](bool with_entry) {
        ObjectBuilder builder;
        const auto text = builder.add_section(
            {.name = ".text", .flags = kCodeFlags, .bytes = code({kCallSymbol, kExit})});
        const auto shared = builder.add_section(
            {.name = ".text.f", .flags = kCodeFlags, .bytes = code({kClear, kExit})});
        const auto local = builder.add_symbol(
            {.name = "hidden", .section = shared, .size = 16, .binding = elf::kBindingLocal});
        const auto function = builder.add_symbol(
            {.name = "f", .section = shared, .size = 16, .binding = elf::kBindingWeak});
        builder.add_symbol({.name = with_entry ? "entrypoint" : "g", .section = text, .size = 16});
        builder.add_group(function, {shared});
        builder.add_relocation(text, 0, elf::kRelocationCall, local);
        return builder.build();
    };
    EXPECT_TRUE(link_objects({object(true), object(false)}));
    expect_refused(link_objects({object(false), object(true)}), ErrorCode::kUnsupportedRelocation,
                   "b.o: function entrypoint+0x0: it refers to a section that is not part of");
}

TEST(Linker, Entry) {
    expect_refused(link_objects({compile(kHelper)}), ErrorCode::kNoEntry,
                   "no object defines the entry function entrypoint");
    LinkOptions options;
    options.entry = "helper";
    EXPECT_TRUE(link_objects({compile(kHelper)}, options));
    options.entry = "table";
    expect_refused(link_objects({compile("extern \"C\" { extern const int table;"
                                         "const int table = 4; }")},
                                options),
                   ErrorCode::kNoEntry, "table");
    expect_refused(link_objects({}), ErrorCode::kNoEntry, "entrypoint");
}

TEST(Linker, EntryIsAnInstruction) {
    for (const std::uint64_t value : {8U, 4U, 32U}) {
        ObjectBuilder builder;
        const auto text = builder.add_section(
            {.name = ".text", .flags = kCodeFlags, .bytes = code({kLddw, 0, kClear, kExit})});
        builder.add_symbol(
            {.name = "entrypoint", .type = elf::kSymbolNone, .section = text, .value = value});
        expect_refused(link_objects({builder.build()}), ErrorCode::kNoEntry, "entrypoint");
    }
}

TEST(Linker, DropsWhatNothingReaches) {
    const Bytes object = compile(
        "extern \"C\" unsigned long missing();"
        "extern \"C\" { extern const unsigned long unused[3]; const unsigned long unused[3] = {1}; "
        "}"
        "extern \"C\" unsigned long dead(unsigned long i) { return unused[i] + missing(); }"
        "static unsigned long live(unsigned long v) { return v ^ 5; }"
        "using Operation = unsigned long (*)(unsigned long);"
        "static unsigned long live_too(unsigned long v) { return v ^ 7; }"
        "static constexpr Operation kOperations[] = {live, live_too};"
        "extern \"C\" unsigned long entrypoint(unsigned long* in) {"
        "    return kOperations[in[0]](in[1]); }");
    const Loaded loaded(link_objects({object}));
    EXPECT_THAT(loaded.names(),
                ElementsAre("_ZL11kOperations", "entrypoint", "_ZL4livem", "_ZL8live_toom"));
    LinkOptions options;
    options.keep_unreferenced = true;
    expect_refused(link_objects({object}, options), ErrorCode::kUndefinedSymbol, "function dead");
}

TEST(Linker, KeepsEverythingOnRequest) {
    LinkOptions options;
    options.keep_unreferenced = true;
    const Loaded loaded(
        link_objects({compile(std::string(kHelper) + "extern \"C\" unsigned long entrypoint() {"
                                                     "    return 0; }")},
                     options));
    EXPECT_THAT(loaded.names(), ElementsAre("helper", "entrypoint"));
}

// ---- What an sBPF program cannot have.

TEST(Linker, WritableData) {
    constexpr auto kCode = ErrorCode::kWritableData;
    expect_refused(link_objects({compile("static unsigned long counter;"
                                         "extern \"C\" unsigned long entrypoint() {"
                                         "    return ++counter; }")}),
                   kCode, "variable _ZL7counter in section .bss._ZL7counter is writable");
    expect_refused(link_objects({compile("unsigned long counter = 5;"
                                         "extern \"C\" unsigned long entrypoint() { return 0; }")}),
                   kCode, "variable counter in section .data.counter is writable");
    expect_refused(
        link_objects({compile("extern \"C\" unsigned long entrypoint(unsigned long* in) {"
                              "    static unsigned long first = in[0]; return first; }")}),
        kCode, "is writable");
}

TEST(Linker, Constructors) {
    expect_refused(link_objects({compile("extern \"C\" unsigned long read();"
                                         "const unsigned long kStart = read();"
                                         "extern \"C\" unsigned long entrypoint() {"
                                         "    return kStart; }")}),
                   ErrorCode::kWritableData, "kStart");
    expect_refused(
        link_objects({compile("extern \"C\" void sol_log_(const char*, unsigned long);"
                              "[[gnu::constructor]] static void start() { sol_log_(0, 0); }"
                              "extern \"C\" unsigned long entrypoint() { return 0; }")}),
        ErrorCode::kConstructor, "runs code before the entry function");
}

TEST(Linker, ThreadLocal) {
    ObjectBuilder builder;
    builder.add_section(
        {.name = ".tdata", .flags = elf::kFlagAllocate | elf::kFlagThreadLocal, .bytes = Bytes(8)});
    expect_refused(link_objects({builder.build()}), ErrorCode::kUnsupportedObject, ".tdata");
}

// ---- Options.

constexpr std::string_view kWithSlot =
    "extern \"C\" { extern const unsigned char kSlot[32]; extern const unsigned long kPair[2];"
    "  extern const unsigned char* const kPointers[4];"
    "  const unsigned char kSlot[32] = {1}; const unsigned long kPair[2] = {2, 3};"
    "  const unsigned char* const kPointers[4] = {kSlot, kSlot}; }"
    "extern \"C\" unsigned long entrypoint(unsigned long* in) {"
    "    const volatile unsigned char* slot = kSlot; const volatile unsigned long* pair = kPair;"
    "    return slot[in[0]] + pair[in[1]] + *kPointers[in[2]]; }";

TEST(Linker, PatchesSlot) {
    const Bytes object = compile(kWithSlot);
    Bytes value(32);
    for (std::size_t index = 0; index < value.size(); ++index) {
        value[index] = static_cast<std::uint8_t>(0xf0 + index);
    }
    LinkOptions options;
    const Loaded plain(link_objects({object}, options));
    options.patches = {{.name = "kSlot", .bytes = value}};
    const Loaded patched(link_objects({object}, options));
    const std::uint64_t address = plain.addresses.at("kSlot");
    EXPECT_TRUE(std::ranges::equal(patched.view.read_only_data.subspan(address, 32), value));
    // Nothing else changed.
    Bytes expected = plain.program.elf;
    std::ranges::copy(value, expected.begin() + 176 + static_cast<std::ptrdiff_t>(address));
    EXPECT_EQ(patched.program.elf, expected);
}

TEST(Linker, RefusesPatches) {
    const Bytes object = compile(kWithSlot);
    const auto patch = [&](std::vector<SlotPatch> patches) {
        LinkOptions options;
        options.patches = std::move(patches);
        return link_objects({object}, options);
    };
    constexpr auto kCode = ErrorCode::kPatchSlot;
    expect_refused(patch({{"kNothing", Bytes(32)}}), kCode,
                   "--patch-slot kNothing: no constant of that name");
    expect_refused(patch({{"entrypoint", Bytes(32)}}), kCode, "no constant of that name");
    expect_refused(patch({{"kSlot", Bytes(31)}}), kCode, "31 bytes were given, a slot has 32");
    expect_refused(patch({{"kSlot", Bytes(33)}}), kCode, "33 bytes were given");
    expect_refused(patch({{"kPair", Bytes(32)}}), kCode, "the constant has 16 bytes");
    expect_refused(patch({{"kPointers", Bytes(32)}}), kCode, "contains an address");
    expect_refused(patch({{"kSlot", Bytes(32)}, {"kSlot", Bytes(32)}}), kCode, "given twice");
    const Bytes other = compile(
        "namespace { const unsigned char kSlot[32] = {2}; }"
        "extern \"C\" unsigned long entrypoint(unsigned long* in) {"
        "    const volatile unsigned char* slot = kSlot; return slot[in[0]]; }");
    LinkOptions options;
    options.patches = {{"kSlot", Bytes(32)}};
    expect_refused(link_objects({other}, options), kCode, "no constant of that name");
}

TEST(Linker, RefusesAmbiguousPatch) {
    const auto object = [](std::string_view function, std::string_view more) {
        return compile(
            fmt::format("static const unsigned char kSlot[32] = {{2}}; {}"
                        "extern \"C\" unsigned long {}(unsigned long i) {{"
                        "    const volatile unsigned char* slot = kSlot; return slot[i]{}; }}",
                        more.empty() ? "" : "extern \"C\" unsigned long helper(unsigned long);",
                        function, more));
    };
    LinkOptions options;
    options.patches = {{"_ZL5kSlot", Bytes(32)}};
    expect_refused(
        link_objects({object("entrypoint", " + helper(i)"), object("helper", "")}, options),
        ErrorCode::kPatchSlot, "several constants of that name");
}

TEST(Linker, SizeBudget) {
    const Bytes object = compile(kWithSlot);
    const auto size = link_objects({object})->elf.size();
    LinkOptions options;
    options.size_max = size;
    EXPECT_TRUE(link_objects({object}, options));
    options.with_symbols = true;
    EXPECT_TRUE(link_objects({object}, options)) << "the budget is for the stripped program";
    options.size_max = size - 1;
    expect_refused(
        link_objects({object}, options), ErrorCode::kTooLarge,
        fmt::format("the program has {} bytes, 1 more than its budget of {}", size, size - 1));
}

TEST(Linker, RefusesProgramsTooLargeForAnAccount) {
    ObjectBuilder builder;
    const auto text = builder.add_section(
        {.name = ".text", .flags = kCodeFlags, .bytes = code({kLddw, 0, kExit})});
    const auto rodata =
        builder.add_section({.name = ".rodata", .bytes = Bytes((std::size_t{10} << 20) - 15)});
    builder.add_symbol({.name = "entrypoint", .section = text, .size = 24});
    const auto big =
        builder.add_symbol({.name = "big", .type = elf::kSymbolObject, .section = rodata});
    builder.add_relocation(text, 0, elf::kRelocationLoadAddress, big);
    expect_refused(link_objects({builder.build()}), ErrorCode::kTooLarge, "at most 10485760");

    const std::size_t too_many = kSegmentSizeMax / 8 + 1;
    Bytes body(too_many * 8);
    for (std::size_t at = 0; at < body.size(); at += 8) {
        poke(body, at, kExit);
    }
    expect_refused(link_objects({object_with_function("entrypoint", body)}), ErrorCode::kTooLarge,
                   "has 10485768 bytes of code");
}

TEST(Linker, SymbolsChangeNothingElse) {
    const Bytes object = compile(kWithSlot, "-g");
    LinkOptions options;
    const Loaded stripped(link_objects({object}, options));
    options.with_symbols = true;
    const Loaded with_symbols(link_objects({object}, options));
    EXPECT_TRUE(std::ranges::equal(stripped.view.code, with_symbols.view.code));
    EXPECT_TRUE(std::ranges::equal(stripped.view.read_only_data, with_symbols.view.read_only_data));
    EXPECT_GT(with_symbols.program.elf.size(), stripped.program.elf.size());
    const std::string text(with_symbols.program.elf.begin(), with_symbols.program.elf.end());
    EXPECT_THAT(text, HasSubstr(std::string("\0entrypoint\0", 12)));
    EXPECT_THAT(text, HasSubstr(std::string("\0.symtab\0", 9)));
    const std::string bare(stripped.program.elf.begin(), stripped.program.elf.end());
    EXPECT_THAT(bare, Not(HasSubstr("entrypoint")));
    // Debug information does not change the program.
    const Loaded without_debug(link_objects({compile(kWithSlot)}));
    EXPECT_EQ(without_debug.program.elf, stripped.program.elf);
}

TEST(Linker, Map) {
    const Loaded loaded(link_objects({compile(kWithSlot)}));
    EXPECT_EQ(format_map(loaded.program.symbols).substr(0, 68),
              "0x000000010 0x10 data kPair\n"
              "0x000000020 0x20 data kPointers\n"
              "0x000000");
    EXPECT_THAT(format_map(loaded.program.symbols), HasSubstr("0x100000000 0x"));
    EXPECT_THAT(format_map(loaded.program.symbols), HasSubstr(" code entrypoint\n"));
}

// ---- Hostile bytes: nothing crashes, and what is accepted is a program the VM would load.

void expect_refused_or_sound(const Bytes& object, std::string_view what) {
    const auto program = link_objects({object});
    if (!program) {
        ASSERT_FALSE(program.error().message.empty()) << what;
        return;
    }
    ASSERT_EQ(find_violation(program->elf), std::nullopt) << what;
}

TEST(LinkerHostile, EveryPrefixIsRefused) {
    const Bytes object = compile(kWithSlot);
    for (std::size_t size = 0; size < object.size(); ++size) {
        const auto program = link_objects(
            {Bytes(object.begin(), object.begin() + static_cast<std::ptrdiff_t>(size))});
        ASSERT_FALSE(program) << size;
        ASSERT_EQ(program.error().code, ErrorCode::kMalformedObject) << size;
    }
}

TEST(LinkerHostile, EveryByteChanged) {
    const Bytes object = compile(kWithSlot);
    std::size_t refused = 0;
    for (std::size_t at = 0; at < object.size(); ++at) {
        for (const int flip : {0x01, 0x02, 0x10, 0x80, 0xff}) {
            Bytes changed = object;
            changed[at] = static_cast<std::uint8_t>(changed[at] ^ flip);
            refused += link_objects({changed}) ? 0 : 1;
            expect_refused_or_sound(changed, fmt::format("byte {} ^ {:#x}", at, flip));
        }
    }
    // Far from all bytes matter (names, padding, constants), but many do.
    EXPECT_GT(refused, object.size());
}

TEST(LinkerHostile, EveryFieldExtreme) {
    const Bytes object = compile(kWithSlot);
    for (std::size_t at = 0; at + 8 <= object.size(); at += 4) {
        for (const std::uint64_t value :
             {std::uint64_t{0}, ~std::uint64_t{0}, ~std::uint64_t{0} - 7, std::uint64_t{1} << 63,
              std::uint64_t{0x7fffffff}, std::uint64_t{0xffffffff}, std::uint64_t{object.size()}}) {
            Bytes changed = object;
            poke(changed, at, value);
            expect_refused_or_sound(changed, fmt::format("8 bytes at {}", at));
            changed = object;
            poke(changed, at, static_cast<std::uint32_t>(value));
            expect_refused_or_sound(changed, fmt::format("4 bytes at {}", at));
        }
    }
}

}  // namespace
}  // namespace latchkey::sbf_link
