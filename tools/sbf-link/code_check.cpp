// SPDX-License-Identifier: Apache-2.0
#include "tools/sbf-link/code_check.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "tools/sbf-link/instruction.hpp"
#include "tools/sbf-link/syscalls.hpp"

namespace latchkey::sbf_link {
namespace {

constexpr std::string_view kAlu32Advice =
    "32-bit arithmetic or jump, which LLVM and sBPF understand differently; compile with -mcpu=v2";

// Why an opcode is refused, or nothing when sBPF v3 executes it as LLVM means it.
std::optional<std::string_view> opcode_fault(const Instruction& instruction) {
    const std::uint8_t code = instruction.opcode;
    const std::uint8_t mode = code & 0xe0;
    constexpr std::uint8_t kPlainMemory = 0x60;
    switch (instruction.instruction_class()) {
        case InstructionClass::kLoadImmediate:
            if (code == opcode::kLoadImmediate64) {
                return std::nullopt;
            }
            return "legacy packet access";
        case InstructionClass::kLoad:
            if (mode == kPlainMemory) {
                return std::nullopt;
            }
            return "sign-extending load of -mcpu=v4; compile with -mcpu=v2";
        case InstructionClass::kStoreImmediate:
            return "store of a constant of -mcpu=v4; compile with -mcpu=v2";
        case InstructionClass::kStore:
            if (mode == kPlainMemory) {
                return std::nullopt;
            }
            return "atomic operation, which the VM does not have";
        case InstructionClass::kAlu32: {
            constexpr std::uint8_t kToLittleEndian = 0xd4;
            constexpr std::uint8_t kToBigEndian = 0xdc;
            const bool width_fits = instruction.immediate == 16 || instruction.immediate == 32 ||
                                    instruction.immediate == 64;
            if ((code == kToLittleEndian || code == kToBigEndian) && width_fits) {
                return std::nullopt;
            }
            return kAlu32Advice;
        }
        case InstructionClass::kJump32:
            return kAlu32Advice;
        case InstructionClass::kJump64: {
            constexpr std::array<std::uint8_t, 26> kJumps = {
                0x05, 0x15, 0x1d, 0x25, 0x2d, 0x35, 0x3d, 0x45, 0x4d, 0x55, 0x5d, 0x65, 0x6d,
                0x75, 0x7d, 0x85, 0x8d, 0x95, 0xa5, 0xad, 0xb5, 0xbd, 0xc5, 0xcd, 0xd5, 0xdd};
            if (std::binary_search(kJumps.begin(), kJumps.end(), code)) {
                return std::nullopt;
            }
            return "jump that sBPF v3 does not have";
        }
        case InstructionClass::kAlu64: {
            constexpr std::array<std::uint8_t, 25> kAlu64 = {
                0x07, 0x0f, 0x17, 0x1f, 0x27, 0x2f, 0x37, 0x3f, 0x47, 0x4f, 0x57, 0x5f, 0x67,
                0x6f, 0x77, 0x7f, 0x87, 0x97, 0x9f, 0xa7, 0xaf, 0xb7, 0xbf, 0xc7, 0xcf};
            if (!std::binary_search(kAlu64.begin(), kAlu64.end(), code)) {
                return "arithmetic that sBPF v3 does not have; compile with -mcpu=v2";
            }
            if (instruction.offset != 0) {
                return "signed arithmetic of -mcpu=v4; compile with -mcpu=v2";
            }
            return std::nullopt;
        }
    }
    return "unknown instruction";
}

// Operands the VM's verifier rejects, found here because the message can name the function.
std::optional<std::string_view> operand_fault(const Instruction& instruction) {
    if (instruction.destination > kFramePointer || instruction.source > kFramePointer) {
        return "register that does not exist";
    }
    const auto kind = instruction.instruction_class();
    const bool writes_register =
        kind == InstructionClass::kAlu64 || kind == InstructionClass::kAlu32 ||
        kind == InstructionClass::kLoad || kind == InstructionClass::kLoadImmediate;
    if (writes_register && instruction.destination == kFramePointer) {
        return "write to the frame pointer";
    }
    constexpr std::uint8_t kOperation = 0xf0;
    const bool by_immediate = (instruction.opcode & 0x08) == 0;
    if (kind == InstructionClass::kAlu64 && by_immediate) {
        const std::uint8_t operation = instruction.opcode & kOperation;
        const bool divides = operation == 0x30 || operation == 0x90;
        const bool shifts = operation == 0x60 || operation == 0x70 || operation == 0xc0;
        if (divides && instruction.immediate == 0) {
            return "division by zero";
        }
        if (shifts && (instruction.immediate < 0 || instruction.immediate > 63)) {
            return "shift by more than 63 bits";
        }
    }
    if (instruction.opcode == opcode::kLoadImmediate64 && instruction.source != 0) {
        return "map or kernel reference, which the VM does not have";
    }
    if (instruction.opcode == opcode::kCall && instruction.source > kCallInternal) {
        return "call of a kernel function";
    }
    if (instruction.opcode == opcode::kCallRegister &&
        (instruction.destination == kFramePointer || instruction.source != 0 ||
         instruction.immediate != 0)) {
        return "call through a register in an encoding that sBPF v3 does not have";
    }
    return std::nullopt;
}

// A target in code must be the start of an instruction; one in data may be any place.
bool is_sound_target(const SymbolIndex& index, InstructionStarts& all_starts, const Target& target,
                     bool must_be_code) {
    const Place* const place = std::get_if<Place>(&target);
    if (place == nullptr) {
        return true;
    }
    if (index.section(place->section).kind != SectionKind::kCode) {
        return !must_be_code;
    }
    return all_starts.is_instruction(*place);
}

class CodeChecker {
  public:
    CodeChecker(const SymbolIndex& index, InstructionStarts& all_starts, const CodeRules& rules,
                SectionId id)
        : index_(index),
          all_starts_(all_starts),
          rules_(rules),
          id_(id),
          section_(index.section(id)),
          starts_(all_starts.of(id)),
          jumped_to_(starts_.size(), false) {}

    Result<void> check();

  private:
    static constexpr std::size_t kNumberOfRegisters = 11;

    tl::unexpected<Error> refuse(ErrorCode code, std::size_t slot, std::string_view what) const {
        return fail(code, fmt::format("{}: {}",
                                      describe_location(index_.objects()[id_.object], id_.section,
                                                        slot * kInstructionSize),
                                      what));
    }
    Instruction at(std::size_t slot) const {
        return Instruction::decode(section_.bytes, slot * kInstructionSize);
    }
    const Relocation* relocation_at(std::size_t slot) const;

    Result<void> check_shape(std::size_t slot);
    Result<void> check_call(std::size_t slot, const Instruction& instruction) const;
    const Syscall* called_syscall(std::size_t slot, const Instruction& instruction) const;
    Result<void> check_stack();
    Result<void> check_stack_access(std::size_t slot, const Instruction& instruction) const;
    void follow_frame_pointer(const Instruction& instruction);
    Result<void> check_relocations() const;
    Result<void> check_function_ends() const;
    Result<void> check_leaves(std::size_t last_slot) const;
    bool leaves_function(std::size_t slot) const;
    bool is_start(std::int64_t slot) const {
        return slot >= 0 && static_cast<std::uint64_t>(slot) < starts_.size() &&
               starts_[static_cast<std::size_t>(slot)];
    }

    const SymbolIndex& index_;
    InstructionStarts& all_starts_;
    CodeRules rules_;
    SectionId id_;
    const Section& section_;
    const std::vector<bool>& starts_;
    // Slots that a jump reaches: what registers hold there is not known.
    std::vector<bool> jumped_to_;
    // For each register, its distance in bytes from r10 where that is known.
    std::array<std::optional<std::int64_t>, kNumberOfRegisters> frame_offset_;
};

Result<void> CodeChecker::check() {
    for (std::size_t slot = 0; slot < starts_.size(); ++slot) {
        if (!starts_[slot]) {
            continue;
        }
        if (auto done = check_shape(slot); !done) {
            return done;
        }
    }
    if (auto done = check_relocations(); !done) {
        return done;
    }
    for (std::size_t slot = 0; slot < starts_.size(); ++slot) {
        if (!starts_[slot] || at(slot).opcode != opcode::kCall) {
            continue;
        }
        if (auto done = check_call(slot, at(slot)); !done) {
            return done;
        }
    }
    if (auto done = check_stack(); !done) {
        return done;
    }
    return check_function_ends();
}

const Relocation* CodeChecker::relocation_at(std::size_t slot) const {
    const std::uint64_t offset = slot * kInstructionSize;
    const auto found = std::lower_bound(
        section_.relocations.begin(), section_.relocations.end(), offset,
        [](const Relocation& relocation, std::uint64_t at) { return relocation.offset < at; });
    return found != section_.relocations.end() && found->offset == offset ? &*found : nullptr;
}

Result<void> CodeChecker::check_shape(std::size_t slot) {
    const Instruction instruction = at(slot);
    const auto opcode_reason = opcode_fault(instruction);
    const auto reason = opcode_reason ? opcode_reason : operand_fault(instruction);
    if (reason) {
        return refuse(ErrorCode::kForbiddenInstruction, slot,
                      fmt::format("opcode {:#04x}: {}", instruction.opcode, *reason));
    }
    if (instruction.opcode == opcode::kLoadImmediate64) {
        const bool complete =
            slot + 1 < starts_.size() &&
            elf::read<std::uint32_t>(section_.bytes, (slot + 1) * kInstructionSize) == 0;
        if (!complete) {
            return refuse(ErrorCode::kForbiddenInstruction, slot,
                          "opcode 0x18: lacks its second half");
        }
    }
    if (instruction.is_jump()) {
        const std::int64_t target = static_cast<std::int64_t>(slot) + 1 + instruction.offset;
        if (!is_start(target)) {
            return refuse(ErrorCode::kTargetOutOfRange, slot,
                          "the jump does not end at an instruction of its section");
        }
        jumped_to_[static_cast<std::size_t>(target)] = true;
    }
    return {};
}

Result<void> CodeChecker::check_call(std::size_t slot, const Instruction& instruction) const {
    const Syscall* const syscall = called_syscall(slot, instruction);
    if (syscall != nullptr) {
        const bool allowed =
            syscall->status == SyscallStatus::kActive ||
            (syscall->status == SyscallStatus::kGated && rules_.allow_gated_syscalls);
        if (allowed) {
            return {};
        }
        return refuse(ErrorCode::kUnknownSyscall, slot,
                      fmt::format("{} {}", syscall->name,
                                  syscall->status == SyscallStatus::kGated
                                      ? "is not active on mainnet-beta, where the call would fail "
                                        "(--allow-gated-syscalls links it anyway)"
                                      : "is retired: new programs cannot use it"));
    }
    if (relocation_at(slot) != nullptr) {
        return {};
    }
    if (instruction.source == kCallSyscall) {
        return refuse(ErrorCode::kUnknownSyscall, slot,
                      fmt::format("hash {:#010x} belongs to no syscall",
                                  static_cast<std::uint32_t>(instruction.immediate)));
    }
    if (!is_start(static_cast<std::int64_t>(slot) + 1 + instruction.immediate)) {
        return refuse(ErrorCode::kTargetOutOfRange, slot,
                      "the call does not end at an instruction of its section");
    }
    return {};
}

// The function of the VM that the call names, by symbol or by hash; nullptr when it names none.
const Syscall* CodeChecker::called_syscall(std::size_t slot, const Instruction& instruction) const {
    if (const Relocation* const relocation = relocation_at(slot)) {
        const auto target = index_.resolve(id_, *relocation);
        const auto* const syscall = target ? std::get_if<const Syscall*>(&*target) : nullptr;
        return syscall != nullptr ? *syscall : nullptr;
    }
    return instruction.source == kCallSyscall
               ? find_syscall(static_cast<std::uint32_t>(instruction.immediate))
               : nullptr;
}

Result<void> CodeChecker::check_stack() {
    for (std::size_t slot = 0; slot < starts_.size(); ++slot) {
        if (!starts_[slot]) {
            continue;
        }
        if (jumped_to_[slot]) {
            frame_offset_.fill(std::nullopt);
        }
        frame_offset_[kFramePointer] = 0;
        const Instruction instruction = at(slot);
        if (auto done = check_stack_access(slot, instruction); !done) {
            return done;
        }
        follow_frame_pointer(instruction);
    }
    return {};
}

Result<void> CodeChecker::check_stack_access(std::size_t slot,
                                             const Instruction& instruction) const {
    if (instruction.is_memory_access()) {
        const bool load = instruction.instruction_class() == InstructionClass::kLoad;
        const auto base = frame_offset_[load ? instruction.source : instruction.destination];
        if (!base) {
            return {};
        }
        const std::int64_t first = *base + instruction.offset;
        if (first < -kFrameSize || first + instruction.access_size() > 0) {
            return refuse(ErrorCode::kFrameTooLarge, slot,
                          fmt::format("the access at r10{:+} leaves the function's {}-byte frame",
                                      first, kFrameSize));
        }
    }
    if (instruction.opcode == opcode::kAdd64Immediate) {
        const auto base = frame_offset_[instruction.destination];
        if (base &&
            (*base + instruction.immediate < -kFrameSize || *base + instruction.immediate > 0)) {
            return refuse(ErrorCode::kFrameTooLarge, slot,
                          fmt::format("the address r10{:+} is outside the function's {}-byte frame",
                                      *base + instruction.immediate, kFrameSize));
        }
    }
    return {};
}

void CodeChecker::follow_frame_pointer(const Instruction& instruction) {
    auto& destination = frame_offset_[instruction.destination];
    switch (instruction.instruction_class()) {
        case InstructionClass::kAlu64:
            if (instruction.opcode == opcode::kMove64Register) {
                destination = frame_offset_[instruction.source];
            } else if (instruction.opcode == opcode::kAdd64Immediate && destination) {
                *destination += instruction.immediate;
            } else {
                destination.reset();
            }
            break;
        case InstructionClass::kAlu32:
        case InstructionClass::kLoad:
        case InstructionClass::kLoadImmediate:
            destination.reset();
            break;
        case InstructionClass::kJump64:
            if (instruction.opcode == opcode::kCall ||
                instruction.opcode == opcode::kCallRegister) {
                // r0 is the result, r1 to r5 are lost, r6 to r9 survive.
                std::fill(frame_offset_.begin(), frame_offset_.begin() + 6, std::nullopt);
            } else if (instruction.opcode == opcode::kExit || instruction.opcode == opcode::kJump) {
                frame_offset_.fill(std::nullopt);
            }
            break;
        case InstructionClass::kStoreImmediate:
        case InstructionClass::kStore:
        case InstructionClass::kJump32:
            break;
    }
}

Result<void> CodeChecker::check_relocations() const {
    for (const Relocation& relocation : section_.relocations) {
        const auto slot = static_cast<std::size_t>(relocation.offset / kInstructionSize);
        const auto target = index_.resolve(id_, relocation);
        if (!target) {
            return tl::unexpected(target.error());
        }
        const bool must_be_code = relocation.type == elf::kRelocationCall;
        if (!is_sound_target(index_, all_starts_, *target, must_be_code)) {
            return refuse(ErrorCode::kTargetOutOfRange, slot,
                          "it refers to a place in code where no instruction starts");
        }
    }
    return {};
}

bool CodeChecker::leaves_function(std::size_t slot) const {
    const Instruction instruction = at(slot);
    if (instruction.opcode == opcode::kExit || instruction.opcode == opcode::kJump ||
        instruction.opcode == opcode::kCallRegister) {
        return true;
    }
    if (instruction.opcode != opcode::kCall) {
        return false;
    }
    // A function of the program may be one that never returns; of a syscall it is known.
    const Syscall* const syscall = called_syscall(slot, instruction);
    return syscall == nullptr || never_returns(*syscall);
}

Result<void> CodeChecker::check_function_ends() const {
    const ElfObject& object = index_.objects()[id_.object];
    for (const std::uint32_t number : section_.symbols) {
        const Symbol& symbol = object.symbols[number];
        if (symbol.type != elf::kSymbolFunction) {
            continue;
        }
        const auto first = static_cast<std::size_t>(symbol.value / kInstructionSize);
        if (symbol.value % kInstructionSize != 0 || symbol.size % kInstructionSize != 0 ||
            symbol.size == 0 || !starts_[first]) {
            return refuse(
                ErrorCode::kFallsThrough, first,
                fmt::format("function {} has no instructions of its own", printable(symbol.name)));
        }
        if (auto done = check_leaves(first + static_cast<std::size_t>(symbol.size / 8) - 1);
            !done) {
            return done;
        }
    }
    return starts_.empty() ? Result<void>() : check_leaves(starts_.size() - 1);
}

Result<void> CodeChecker::check_leaves(std::size_t last_slot) const {
    if (!leaves_function(last_slot)) {
        return refuse(ErrorCode::kFallsThrough, last_slot,
                      "execution can run past the function's last instruction, which is undefined "
                      "behaviour in its source");
    }
    return {};
}

}  // namespace

const std::vector<bool>& InstructionStarts::of(SectionId id) {
    const auto [entry, added] = starts_.try_emplace(id);
    if (added) {
        const auto code = index_.section(id).bytes;
        auto& starts = entry->second;
        starts.resize(code.size() / kInstructionSize, false);
        for (std::size_t slot = 0; slot < starts.size();) {
            starts[slot] = true;
            slot += Instruction::decode(code, slot * kInstructionSize).slots();
        }
    }
    return entry->second;
}

bool InstructionStarts::is_instruction(const Place& place) {
    if (index_.section(place.section).kind != SectionKind::kCode ||
        place.offset % kInstructionSize != 0) {
        return false;
    }
    const auto& starts = of(place.section);
    const auto slot = static_cast<std::size_t>(place.offset / kInstructionSize);
    return slot < starts.size() && starts[slot];
}

Result<void> check_code(const SymbolIndex& index, InstructionStarts& starts, const CodeRules& rules,
                        SectionId id) {
    return CodeChecker(index, starts, rules, id).check();
}

Result<void> check_data(const SymbolIndex& index, InstructionStarts& starts, SectionId id) {
    for (const Relocation& relocation : index.section(id).relocations) {
        const auto target = index.resolve(id, relocation);
        if (!target) {
            return tl::unexpected(target.error());
        }
        if (!is_sound_target(index, starts, *target, /*must_be_code=*/false)) {
            return fail(ErrorCode::kTargetOutOfRange,
                        fmt::format("{}: it refers to a place in code where no instruction starts",
                                    describe_location(index.objects()[id.object], id.section,
                                                      relocation.offset)));
        }
    }
    return {};
}

}  // namespace latchkey::sbf_link
