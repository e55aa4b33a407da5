// SPDX-License-Identifier: Apache-2.0
#include "tools/sbf-link/syscalls.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

namespace latchkey::sbf_link {
namespace {

// Registered by create_program_runtime_environment of agave 4.3 (syscalls/src/lib.rs). The status
// was found by calling each one in litesvm 1.5.0; differential/syscalls_vm_test.mjs does it again.
constexpr auto kSyscalls = std::to_array<Syscall>({
    {"abort", SyscallStatus::kActive},
    {"sol_panic_", SyscallStatus::kActive},
    {"sol_log_", SyscallStatus::kActive},
    {"sol_log_64_", SyscallStatus::kActive},
    {"sol_log_pubkey", SyscallStatus::kActive},
    {"sol_log_compute_units_", SyscallStatus::kActive},
    {"sol_create_program_address", SyscallStatus::kActive},
    {"sol_try_find_program_address", SyscallStatus::kActive},
    {"sol_sha256", SyscallStatus::kActive},
    {"sol_keccak256", SyscallStatus::kActive},
    {"sol_secp256k1_recover", SyscallStatus::kActive},
    {"sol_curve_validate_point", SyscallStatus::kActive},
    {"sol_curve_group_op", SyscallStatus::kActive},
    {"sol_curve_multiscalar_mul", SyscallStatus::kActive},
    {"sol_curve_decompress", SyscallStatus::kActive},
    {"sol_curve_pairing_map", SyscallStatus::kActive},
    {"sol_get_clock_sysvar", SyscallStatus::kActive},
    {"sol_get_epoch_schedule_sysvar", SyscallStatus::kActive},
    {"sol_get_rent_sysvar", SyscallStatus::kActive},
    {"sol_get_last_restart_slot", SyscallStatus::kActive},
    {"sol_get_epoch_rewards_sysvar", SyscallStatus::kActive},
    {"sol_memcpy_", SyscallStatus::kActive},
    {"sol_memmove_", SyscallStatus::kActive},
    {"sol_memset_", SyscallStatus::kActive},
    {"sol_memcmp_", SyscallStatus::kActive},
    {"sol_get_processed_sibling_instruction", SyscallStatus::kActive},
    {"sol_get_stack_height", SyscallStatus::kActive},
    {"sol_set_return_data", SyscallStatus::kActive},
    {"sol_get_return_data", SyscallStatus::kActive},
    {"sol_invoke_signed_c", SyscallStatus::kActive},
    {"sol_invoke_signed_rust", SyscallStatus::kActive},
    {"sol_alt_bn128_group_op", SyscallStatus::kActive},
    {"sol_poseidon", SyscallStatus::kActive},
    {"sol_alt_bn128_compression", SyscallStatus::kActive},
    {"sol_get_sysvar", SyscallStatus::kActive},
    {"sol_get_epoch_stake", SyscallStatus::kActive},
    {"sol_log_data", SyscallStatus::kActive},
    {"sol_blake3", SyscallStatus::kGated},
    {"sol_sha512", SyscallStatus::kGated},
    {"sol_big_mod_exp", SyscallStatus::kGated},
    {"sol_remaining_compute_units", SyscallStatus::kGated},
    {"sol_get_fees_sysvar", SyscallStatus::kRetired},
    {"sol_alloc_free_", SyscallStatus::kRetired},
});

std::uint32_t mix(std::uint32_t block) {
    return std::rotl(block * 0xcc9e2d51U, 15) * 0x1b873593U;
}

}  // namespace

std::uint32_t syscall_hash(std::string_view name) {
    std::uint32_t hash = 0;
    std::uint32_t block = 0;
    for (std::size_t index = 0; index < name.size(); ++index) {
        block |= std::uint32_t{static_cast<std::uint8_t>(name[index])} << (8 * (index % 4));
        if (index % 4 == 3) {
            hash = std::rotl(hash ^ mix(block), 13) * 5 + 0xe6546b64U;
            block = 0;
        }
    }
    hash ^= mix(block);
    hash ^= static_cast<std::uint32_t>(name.size());
    hash = (hash ^ (hash >> 16)) * 0x85ebca6bU;
    hash = (hash ^ (hash >> 13)) * 0xc2b2ae35U;
    return hash ^ (hash >> 16);
}

std::span<const Syscall> syscalls() {
    return kSyscalls;
}

const Syscall* find_syscall(std::string_view name) {
    const auto found = std::find_if(kSyscalls.begin(), kSyscalls.end(),
                                    [name](const Syscall& row) { return row.name == name; });
    return found == kSyscalls.end() ? nullptr : &*found;
}

const Syscall* find_syscall(std::uint32_t hash) {
    const auto found = std::find_if(kSyscalls.begin(), kSyscalls.end(), [hash](const Syscall& row) {
        return syscall_hash(row.name) == hash;
    });
    return found == kSyscalls.end() ? nullptr : &*found;
}

bool never_returns(const Syscall& syscall) {
    return syscall.name == "abort" || syscall.name == "sol_panic_";
}

}  // namespace latchkey::sbf_link
