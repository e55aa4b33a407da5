// SPDX-License-Identifier: Apache-2.0
#include "tools/sbf-link/syscalls.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

namespace latchkey::sbf_link {
namespace {

// In the order of create_program_runtime_environment (agave 4.3, syscalls/src/lib.rs).
constexpr std::array kSyscalls = {
    std::string_view("abort"),
    std::string_view("sol_panic_"),
    std::string_view("sol_log_"),
    std::string_view("sol_log_64_"),
    std::string_view("sol_log_pubkey"),
    std::string_view("sol_log_compute_units_"),
    std::string_view("sol_create_program_address"),
    std::string_view("sol_try_find_program_address"),
    std::string_view("sol_sha256"),
    std::string_view("sol_keccak256"),
    std::string_view("sol_secp256k1_recover"),
    std::string_view("sol_blake3"),
    std::string_view("sol_sha512"),
    std::string_view("sol_curve_validate_point"),
    std::string_view("sol_curve_group_op"),
    std::string_view("sol_curve_multiscalar_mul"),
    std::string_view("sol_curve_decompress"),
    std::string_view("sol_curve_pairing_map"),
    std::string_view("sol_get_clock_sysvar"),
    std::string_view("sol_get_epoch_schedule_sysvar"),
    std::string_view("sol_get_fees_sysvar"),
    std::string_view("sol_get_rent_sysvar"),
    std::string_view("sol_get_last_restart_slot"),
    std::string_view("sol_get_epoch_rewards_sysvar"),
    std::string_view("sol_memcpy_"),
    std::string_view("sol_memmove_"),
    std::string_view("sol_memset_"),
    std::string_view("sol_memcmp_"),
    std::string_view("sol_get_processed_sibling_instruction"),
    std::string_view("sol_get_stack_height"),
    std::string_view("sol_set_return_data"),
    std::string_view("sol_get_return_data"),
    std::string_view("sol_invoke_signed_c"),
    std::string_view("sol_invoke_signed_rust"),
    std::string_view("sol_alloc_free_"),
    std::string_view("sol_alt_bn128_group_op"),
    std::string_view("sol_big_mod_exp"),
    std::string_view("sol_poseidon"),
    std::string_view("sol_remaining_compute_units"),
    std::string_view("sol_alt_bn128_compression"),
    std::string_view("sol_get_sysvar"),
    std::string_view("sol_get_epoch_stake"),
    std::string_view("sol_log_data"),
};

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

bool is_syscall(std::string_view name) {
    return std::find(kSyscalls.begin(), kSyscalls.end(), name) != kSyscalls.end();
}

std::optional<std::string_view> syscall_name(std::uint32_t hash) {
    const auto found = std::find_if(kSyscalls.begin(), kSyscalls.end(),
                                    [hash](auto name) { return syscall_hash(name) == hash; });
    if (found == kSyscalls.end()) {
        return std::nullopt;
    }
    return *found;
}

bool never_returns(std::string_view name) {
    return name == "abort" || name == "sol_panic_";
}

}  // namespace latchkey::sbf_link
