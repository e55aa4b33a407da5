// SPDX-License-Identifier: Apache-2.0
// The functions the Solana VM offers to programs. An sBPF v3 program names them by hash, and the VM
// checks the hash only when the call is executed: the linker is the last place to catch a wrong
// one.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace latchkey::sbf_link {

// MurmurHash3 x86_32 with seed 0, the `call` immediate of a syscall (SIMD-0178).
std::uint32_t syscall_hash(std::string_view name);

// True when Agave 4.3 registers `name` for sBPF v3 programs.
bool is_syscall(std::string_view name);

// The syscall whose hash is `hash`.
std::optional<std::string_view> syscall_name(std::uint32_t hash);

// True for the syscalls that end the program: abort and sol_panic_.
bool never_returns(std::string_view name);

}  // namespace latchkey::sbf_link
