// SPDX-License-Identifier: Apache-2.0
// One 8-byte BPF instruction slot (RFC 9669, section 3) and the opcodes the linker must tell apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "tools/sbf-link/elf_format.hpp"

namespace latchkey::sbf_link {

inline constexpr std::size_t kInstructionSize = 8;

namespace opcode {
inline constexpr std::uint8_t kLoadImmediate64 = 0x18;
inline constexpr std::uint8_t kAdd64Immediate = 0x07;
inline constexpr std::uint8_t kMove64Immediate = 0xb7;
inline constexpr std::uint8_t kMove64Register = 0xbf;
inline constexpr std::uint8_t kJump = 0x05;
inline constexpr std::uint8_t kCall = 0x85;
inline constexpr std::uint8_t kCallRegister = 0x8d;
inline constexpr std::uint8_t kExit = 0x95;
}  // namespace opcode

// The source-register field of a call: a syscall (by hash) or a function of the program (relative).
inline constexpr std::uint8_t kCallSyscall = 0;
inline constexpr std::uint8_t kCallInternal = 1;

inline constexpr std::uint8_t kFramePointer = 10;

// The low three bits of an opcode.
enum class InstructionClass : std::uint8_t {
    kLoadImmediate = 0,
    kLoad = 1,
    kStoreImmediate = 2,
    kStore = 3,
    kAlu32 = 4,
    kJump64 = 5,
    kJump32 = 6,
    kAlu64 = 7,
};

struct Instruction {
    std::uint8_t opcode;
    std::uint8_t destination;
    std::uint8_t source;
    std::int16_t offset;
    std::int32_t immediate;

    // The slot at byte `at`; the caller has checked that it lies inside `code`.
    static Instruction decode(std::span<const std::uint8_t> code, std::size_t at) {
        return {.opcode = code[at],
                .destination = static_cast<std::uint8_t>(code[at + 1] & 0xf),
                .source = static_cast<std::uint8_t>(code[at + 1] >> 4),
                .offset = static_cast<std::int16_t>(elf::read<std::uint16_t>(code, at + 2)),
                .immediate = static_cast<std::int32_t>(elf::read<std::uint32_t>(code, at + 4))};
    }

    InstructionClass instruction_class() const {
        return static_cast<InstructionClass>(opcode & 0x07);
    }
    bool is_memory_access() const {
        const auto kind = instruction_class();
        return kind == InstructionClass::kLoad || kind == InstructionClass::kStoreImmediate ||
               kind == InstructionClass::kStore;
    }
    // Bytes that a memory access reads or writes.
    int access_size() const {
        constexpr int kSizes[] = {4, 2, 1, 8};
        return kSizes[(opcode >> 3) & 0x3];
    }
    // True for ja and every conditional jump: those whose target is `offset` slots further.
    bool is_jump() const { return is_jump_opcode(opcode); }
    static bool is_jump_opcode(std::uint8_t opcode) {
        return static_cast<InstructionClass>(opcode & 0x07) == InstructionClass::kJump64 &&
               opcode != opcode::kCall && opcode != opcode::kCallRegister &&
               opcode != opcode::kExit;
    }
    bool is_conditional_jump() const { return is_jump() && opcode != opcode::kJump; }
    std::size_t slots() const { return opcode == opcode::kLoadImmediate64 ? 2 : 1; }
};

}  // namespace latchkey::sbf_link
