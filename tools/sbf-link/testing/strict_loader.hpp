// SPDX-License-Identifier: Apache-2.0
// What the VM demands of a program, written down a second time: the oracle for tests and the
// fuzzer.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace latchkey::sbf_link::testing {

// A program as the VM sees it; spans point into the ELF.
struct LoadedProgram {
    std::span<const std::uint8_t> read_only_data;
    std::span<const std::uint8_t> code;
    std::uint64_t entry_slot = 0;
};

// Loads an ELF by the rules of solana-sbpf 0.23 (load_with_strict_parser) plus those of older
// strict parsers (ET_DYN, a section table), then verifies each instruction as RequisiteVerifier
// does for v3 and demands in addition that every syscall is known. Returns what is wrong, or
// nothing.
std::optional<std::string> find_violation(std::span<const std::uint8_t> elf_file,
                                          LoadedProgram* loaded = nullptr);

}  // namespace latchkey::sbf_link::testing
