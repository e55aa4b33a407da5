// SPDX-License-Identifier: Apache-2.0
// The functions the Solana VM offers to programs. An sBPF v3 program names them by hash, and the VM
// checks the hash only when the call is executed: the linker is the last place to catch a wrong
// one.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace latchkey::sbf_link {

// MurmurHash3 x86_32 with seed 0, the `call` immediate of a syscall (SIMD-0178).
std::uint32_t syscall_hash(std::string_view name);

enum class SyscallStatus : std::uint8_t {
    // Every cluster has it.
    kActive,
    // Agave 4.3 has it behind a feature that mainnet-beta had not activated on 2026-08-20: the call
    // fails there.
    kGated,
    // Removed, or kept for old programs only.
    kRetired,
};

// One function of the VM.
struct Syscall {
    std::string_view name;
    SyscallStatus status;
};

// Every function that Agave 4.3 knows for sBPF v3 programs.
std::span<const Syscall> syscalls();

// The row of that name, or of that hash, in syscalls(); nullptr when there is none.
const Syscall* find_syscall(std::string_view name);
const Syscall* find_syscall(std::uint32_t hash);

// True for the syscalls that end the program: abort and sol_panic_.
bool never_returns(const Syscall& syscall);

}  // namespace latchkey::sbf_link
