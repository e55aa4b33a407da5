// SPDX-License-Identifier: Apache-2.0
// The whole link over hostile objects: raw bytes, or objects whose ELF is sound and whose code,
// symbols and relocations come from the fuzzer. What is accepted must be a program the VM loads,
// and linking it again must give the same bytes.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <fuzzer/FuzzedDataProvider.h>

#include "tools/sbf-link/linker.hpp"
#include "tools/sbf-link/testing/object_builder.hpp"
#include "tools/sbf-link/testing/strict_loader.hpp"

namespace latchkey::sbf_link::testing {
namespace {

Bytes build_object(FuzzedDataProvider& input) {
    ObjectBuilder builder;
    constexpr std::uint16_t kFirstSection = 3;
    const auto section_count = input.ConsumeIntegralInRange<std::uint16_t>(1, 4);
    for (std::uint16_t index = 0; index < section_count; ++index) {
        constexpr std::uint64_t kFlags[] = {kCodeFlags, kCodeFlags, elf::kFlagAllocate,
                                            elf::kFlagAllocate | elf::kFlagMerge};
        const std::uint64_t flags = index == 0 ? kCodeFlags : input.PickValueInArray(kFlags);
        const auto words = input.ConsumeIntegralInRange<std::size_t>(0, 12);
        builder.add_section({.name = ".s" + std::to_string(index),
                             .flags = flags,
                             .bytes = input.ConsumeBytes<std::uint8_t>(words * 8),
                             .alignment = std::uint64_t{1} << input.ConsumeIntegralInRange(0, 6)});
    }
    const auto pick_section = [&] {
        return static_cast<std::uint16_t>(kFirstSection +
                                          input.ConsumeIntegralInRange<int>(0, section_count - 1));
    };
    std::uint32_t symbols = 1;
    const auto add_symbols = [&](elf::SymbolBinding binding) {
        const auto count = input.ConsumeIntegralInRange<int>(0, 3);
        for (int index = 0; index < count; ++index) {
            constexpr elf::SymbolType kTypes[] = {elf::kSymbolFunction, elf::kSymbolObject,
                                                  elf::kSymbolSection, elf::kSymbolNone};
            const char* const kNames[] = {"f", "g", "sol_log_", "abort", "kSlot"};
            builder.add_symbol({.name = input.PickValueInArray(kNames),
                                .type = input.PickValueInArray(kTypes),
                                .section = input.ConsumeBool() ? pick_section() : std::uint16_t{0},
                                .value = input.ConsumeIntegralInRange<std::uint64_t>(0, 12) * 4,
                                .size = input.ConsumeIntegralInRange<std::uint64_t>(0, 12) * 4,
                                .binding = binding});
            ++symbols;
        }
    };
    add_symbols(elf::kBindingLocal);
    builder.add_symbol({.name = "entrypoint",
                        .type = input.ConsumeBool() ? elf::kSymbolFunction : elf::kSymbolNone,
                        .section = kFirstSection,
                        .value = input.ConsumeIntegralInRange<std::uint64_t>(0, 4) * 8,
                        .size = input.ConsumeIntegralInRange<std::uint64_t>(0, 12) * 8});
    ++symbols;
    add_symbols(elf::kBindingGlobal);
    add_symbols(elf::kBindingWeak);
    const auto relocations = input.ConsumeIntegralInRange<int>(0, 6);
    for (int index = 0; index < relocations; ++index) {
        constexpr std::uint32_t kTypes[] = {1, 2, 10, 3};
        builder.add_relocation(pick_section(),
                               input.ConsumeIntegralInRange<std::uint64_t>(0, 12) * 8,
                               input.PickValueInArray(kTypes),
                               input.ConsumeIntegralInRange<std::uint32_t>(0, symbols));
    }
    if (input.ConsumeBool()) {
        builder.add_group(input.ConsumeIntegralInRange<std::uint32_t>(0, symbols),
                          {pick_section()});
    }
    return builder.build();
}

void require(bool condition, const std::string& what) {
    if (!condition) {
        std::fprintf(stderr, "sbf-link: %s\n", what.c_str());
        std::abort();
    }
}

void run(FuzzedDataProvider& input) {
    LinkOptions options;
    options.with_symbols = input.ConsumeBool();
    options.keep_unreferenced = input.ConsumeBool();
    options.rules.allow_gated_syscalls = input.ConsumeBool();
    if (input.ConsumeBool()) {
        options.patches.push_back({.name = "kSlot", .bytes = Bytes(kSlotSize, 0xee)});
    }
    const bool raw = input.ConsumeBool();
    const bool twice = input.ConsumeBool();
    std::vector<Bytes> objects;
    if (raw) {
        objects.push_back(input.ConsumeRemainingBytes<std::uint8_t>());
        if (twice) {
            objects.push_back(objects.front());
        }
    } else {
        objects.push_back(build_object(input));
        if (twice) {
            objects.push_back(build_object(input));
        }
    }
    std::vector<InputFile> files;
    for (const Bytes& object : objects) {
        files.push_back({.name = "a.o", .bytes = object});
    }
    const auto program = link(files, options);
    const auto again = link(files, options);
    require(program.has_value() == again.has_value(), "two links differ");
    if (!program) {
        require(!program.error().message.empty(), "refused without a reason");
        require(program.error().message == again.error().message, "two messages differ");
        return;
    }
    require(program->elf == again->elf, "two programs differ");
    const auto violation = find_violation(program->elf);
    require(!violation, violation.value_or(""));
    require(!format_map(program->symbols).empty(), "no symbols");
}

}  // namespace
}  // namespace latchkey::sbf_link::testing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    FuzzedDataProvider input(data, size);
    latchkey::sbf_link::testing::run(input);
    return 0;
}
