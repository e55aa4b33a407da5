// SPDX-License-Identifier: Apache-2.0
#include "tools/sbf-link/testing/strict_loader.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "tools/sbf-link/elf_format.hpp"
#include "tools/sbf-link/syscalls.hpp"

namespace latchkey::sbf_link::testing {
namespace {

using elf::read;

constexpr std::uint64_t kCodeStart = 0x1'0000'0000;

std::optional<std::string> header_violation(std::span<const std::uint8_t> file) {
    if (file.size() < 64 + 2 * 56) {
        return "too short";
    }
    constexpr std::array<std::uint8_t, 16> kIdentification = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    if (!std::equal(kIdentification.begin(), kIdentification.end(), file.begin())) {
        return "e_ident";
    }
    const bool fixed_fields =
        read<std::uint16_t>(file, 16) == 3 && read<std::uint16_t>(file, 18) == 247 &&
        read<std::uint32_t>(file, 20) == 1 && read<std::uint64_t>(file, 32) == 64 &&
        read<std::uint32_t>(file, 48) == 3 && read<std::uint16_t>(file, 52) == 64 &&
        read<std::uint16_t>(file, 54) == 56 && read<std::uint16_t>(file, 56) == 2 &&
        read<std::uint16_t>(file, 58) == 64;
    if (!fixed_fields) {
        return "file header field";
    }
    const auto sections = read<std::uint16_t>(file, 60);
    const auto table = read<std::uint64_t>(file, 40);
    if (read<std::uint16_t>(file, 62) >= sections || table > file.size() || table % 8 != 0 ||
        std::uint64_t{sections} * 64 > file.size() - table ||
        read<std::uint32_t>(file, table + 4) != 0) {
        return "section table";
    }
    return std::nullopt;
}

std::optional<std::string> segment_violation(std::span<const std::uint8_t> file,
                                             LoadedProgram& program) {
    std::uint64_t expected_offset = 64 + 2 * 56;
    for (std::size_t index = 0; index < 2; ++index) {
        const std::size_t at = 64 + index * 56;
        const bool is_code = index == 1;
        const auto offset = read<std::uint64_t>(file, at + 8);
        const auto size = read<std::uint64_t>(file, at + 32);
        const std::uint64_t address = is_code ? kCodeStart : 0;
        if (read<std::uint32_t>(file, at) != 1 ||
            read<std::uint32_t>(file, at + 4) != (is_code ? 1U : 4U) || offset != expected_offset ||
            read<std::uint64_t>(file, at + 16) != address ||
            read<std::uint64_t>(file, at + 24) != address ||
            read<std::uint64_t>(file, at + 40) != size || offset % 8 != 0 || size % 8 != 0 ||
            offset >= file.size() || size > file.size() - offset || size >= kCodeStart) {
            return fmt::format("program header {}", index);
        }
        expected_offset += size;
        (is_code ? program.code : program.read_only_data) = file.subspan(offset, size);
    }
    const auto entry = read<std::uint64_t>(file, 24);
    if (entry % 8 != 0 || entry < kCodeStart || entry - kCodeStart >= program.code.size()) {
        return "e_entry";
    }
    program.entry_slot = (entry - kCodeStart) / 8;
    return std::nullopt;
}

const std::set<std::uint8_t>& known_opcodes() {
    static const std::set<std::uint8_t> opcodes = {
        // lddw, loads, stores
        0x18, 0x61, 0x69, 0x71, 0x79, 0x62, 0x6a, 0x72, 0x7a, 0x63, 0x6b, 0x73, 0x7b,
        // le, be
        0xd4, 0xdc,
        // 64-bit arithmetic
        0x07, 0x0f, 0x17, 0x1f, 0x27, 0x2f, 0x37, 0x3f, 0x47, 0x4f, 0x57, 0x5f, 0x67, 0x6f, 0x77,
        0x7f, 0x87, 0x97, 0x9f, 0xa7, 0xaf, 0xb7, 0xbf, 0xc7, 0xcf,
        // jumps, calls, exit
        0x05, 0x15, 0x1d, 0x25, 0x2d, 0x35, 0x3d, 0x45, 0x4d, 0x55, 0x5d, 0x65, 0x6d, 0x75, 0x7d,
        0xa5, 0xad, 0xb5, 0xbd, 0xc5, 0xcd, 0xd5, 0xdd, 0x85, 0x8d, 0x95};
    return opcodes;
}

std::optional<std::string> instruction_violation(std::span<const std::uint8_t> code,
                                                 const std::vector<bool>& starts,
                                                 std::size_t slot) {
    const std::size_t at = slot * 8;
    const std::uint8_t opcode = code[at];
    const int destination = code[at + 1] & 15;
    const int source = code[at + 1] >> 4;
    const auto offset = static_cast<std::int16_t>(read<std::uint16_t>(code, at + 2));
    const auto immediate = static_cast<std::int32_t>(read<std::uint32_t>(code, at + 4));
    const auto reaches = [&](std::int64_t target) {
        return target >= 0 && target < static_cast<std::int64_t>(starts.size()) &&
               starts[static_cast<std::size_t>(target)];
    };
    const std::int64_t next = static_cast<std::int64_t>(slot) + 1;
    const int kind = opcode & 7;
    if (!known_opcodes().contains(opcode)) {
        return "opcode";
    }
    if (source > 10 || destination > 10 ||
        (destination == 10 && kind != 2 && kind != 3 && kind != 5)) {
        return "register";
    }
    if (opcode == 0x18 && (at + 16 > code.size() || code[at + 8] != 0)) {
        return "lddw";
    }
    if ((opcode == 0xd4 || opcode == 0xdc) && immediate != 16 && immediate != 32 &&
        immediate != 64) {
        return "byte swap";
    }
    if ((opcode == 0x37 || opcode == 0x97) && immediate == 0) {
        return "division by zero";
    }
    if ((opcode == 0x67 || opcode == 0x77 || opcode == 0xc7) && (immediate < 0 || immediate > 63)) {
        return "shift";
    }
    if (kind == 7 && offset != 0) {
        return "offset of arithmetic";
    }
    const bool jumps = kind == 5 && opcode != 0x85 && opcode != 0x8d && opcode != 0x95;
    if (jumps && !reaches(next + offset)) {
        return "jump";
    }
    if (opcode == 0x85 && source == 0 &&
        find_syscall(static_cast<std::uint32_t>(immediate)) == nullptr) {
        return "syscall";
    }
    if (opcode == 0x85 && source == 1 && !reaches(next + immediate)) {
        return "call";
    }
    if ((opcode == 0x85 && source > 1) ||
        (opcode == 0x8d && (destination == 10 || immediate != 0))) {
        return "call encoding";
    }
    return std::nullopt;
}

std::optional<std::string> code_violation(std::span<const std::uint8_t> code) {
    if (code.empty()) {
        return "no code";
    }
    std::vector<bool> starts(code.size() / 8, false);
    for (std::size_t slot = 0; slot < starts.size(); slot += code[slot * 8] == 0x18 ? 2 : 1) {
        starts[slot] = true;
    }
    for (std::size_t slot = 0; slot < starts.size(); ++slot) {
        if (!starts[slot]) {
            continue;
        }
        if (const auto reason = instruction_violation(code, starts, slot)) {
            return fmt::format("{} of instruction {}", *reason, slot);
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> find_violation(std::span<const std::uint8_t> elf_file,
                                          LoadedProgram* loaded) {
    LoadedProgram program;
    if (auto violation = header_violation(elf_file)) {
        return violation;
    }
    if (auto violation = segment_violation(elf_file, program)) {
        return violation;
    }
    if (auto violation = code_violation(program.code)) {
        return violation;
    }
    if (program.code[program.entry_slot * 8] == 0) {
        return "the entry is no instruction";
    }
    if (program.read_only_data.size() < 16 ||
        std::any_of(program.read_only_data.begin(), program.read_only_data.begin() + 16,
                    [](std::uint8_t byte) { return byte != 0; })) {
        return "address 0 is in use";
    }
    if (loaded != nullptr) {
        *loaded = program;
    }
    return std::nullopt;
}

}  // namespace latchkey::sbf_link::testing
