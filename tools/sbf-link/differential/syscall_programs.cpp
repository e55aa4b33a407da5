// SPDX-License-Identifier: Apache-2.0
// Writes, for each syscall the linker knows, a program that calls it with five zeros: one line of
// name, status (active, gated, retired) and the ELF in hexadecimal.
#include <cstdio>
#include <string>

#include "tools/sbf-link/syscalls.hpp"
#include "tools/sbf-link/testing/object_builder.hpp"
#include "tools/sbf-link/testing/unchecked.hpp"

namespace latchkey::sbf_link::testing {
namespace {

const char* status_name(SyscallStatus status) {
    switch (status) {
        case SyscallStatus::kActive:
            return "active";
        case SyscallStatus::kGated:
            return "gated";
        case SyscallStatus::kRetired:
            return "retired";
    }
    return "";
}

Bytes object_calling(std::string_view name) {
    constexpr std::uint8_t kMoveImmediate = 0xb7;
    ObjectBuilder builder;
    const auto text = builder.add_section(
        {.name = ".text",
         .flags = kCodeFlags,
         .bytes = code({instruction(kMoveImmediate, 1), instruction(kMoveImmediate, 2),
                        instruction(kMoveImmediate, 3), instruction(kMoveImmediate, 4),
                        instruction(kMoveImmediate, 5), instruction(0x85, 0, 1, 0, -1), kExit})});
    builder.add_symbol({.name = "entrypoint", .section = text, .size = 56});
    const auto callee = builder.add_symbol({.name = std::string(name), .type = elf::kSymbolNone});
    builder.add_relocation(text, 40, elf::kRelocationCall, callee);
    return builder.build();
}

int run() {
    for (const Syscall& syscall : syscalls()) {
        const Bytes object = object_calling(syscall.name);
        const InputFile file{.name = "a.o", .bytes = object};
        const auto program = link_unchecked({&file, 1});
        if (!program) {
            std::fprintf(stderr, "%s\n", program.error().message.c_str());
            return 1;
        }
        std::printf("%s %s ", std::string(syscall.name).c_str(), status_name(syscall.status));
        for (const std::uint8_t byte : *program) {
            std::printf("%02x", byte);
        }
        std::printf("\n");
    }
    return 0;
}

}  // namespace
}  // namespace latchkey::sbf_link::testing

int main() {
    return latchkey::sbf_link::testing::run();
}
