// SPDX-License-Identifier: Apache-2.0
// Checks on code sections that neither the compiler nor the chain makes for sBPF v3.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "tools/sbf-link/error.hpp"
#include "tools/sbf-link/symbols.hpp"

namespace latchkey::sbf_link {

// Bytes of stack each function has. There are no gaps between frames in v3: an access beyond the
// frame silently changes the caller's variables (SIMD-0166 dynamic frames are not in v3).
inline constexpr int kFrameSize = 4096;

// Where instructions start in each code section; worked out once for each section asked for.
class InstructionStarts {
  public:
    explicit InstructionStarts(const SymbolIndex& index) : index_(index) {}

    // For each 8-byte slot of the code section, whether an instruction starts there (false: second
    // half of lddw). The reference stays valid.
    const std::vector<bool>& of(SectionId id);

    // True when `place` is in code and an instruction starts there.
    bool is_instruction(const Place& place);

  private:
    const SymbolIndex& index_;
    std::map<SectionId, std::vector<bool>> starts_;
};

struct CodeRules {
    // Accept syscalls that fail on mainnet-beta until a feature is activated there.
    bool allow_gated_syscalls = false;
};

// Checks the code section `id`:
// - kForbiddenInstruction: opcodes sBPF v3 lacks, 32-bit arithmetic and jumps (LLVM assumes that
//   32-bit results are zero-extended, sBPF sign-extends some), atomics, writes to r10;
// - kFrameTooLarge: accesses through r10, or copies of it, outside the frame;
// - kTargetOutOfRange: jumps and calls to anything but an instruction of the program;
// - kFallsThrough: a function whose last instruction is not one that leaves it;
// - kUnknownSyscall: calls by a hash that belongs to no syscall, and syscalls that `rules` exclude;
// - kUndefinedSymbol, kUnsupportedRelocation: from SymbolIndex::resolve().
Result<void> check_code(const SymbolIndex& index, InstructionStarts& starts, const CodeRules& rules,
                        SectionId id);

// Checks that each address stored in the data section `id` is that of a constant or of a function's
// first instruction. Errors: as SymbolIndex::resolve().
Result<void> check_data(const SymbolIndex& index, InstructionStarts& starts, SectionId id);

}  // namespace latchkey::sbf_link
