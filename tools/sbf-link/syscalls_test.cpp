// SPDX-License-Identifier: Apache-2.0
#include "tools/sbf-link/syscalls.hpp"

#include <set>

#include <gtest/gtest.h>

namespace latchkey::sbf_link {
namespace {

// sol_log_: observed in programs of the platform tools (shared facts on sBPF). The rest, which
// cover each length modulo 4: Python package mmh3, mmh3.hash(name, 0, signed=False).
TEST(Syscalls, HashIsMurmur3) {
    EXPECT_EQ(syscall_hash("sol_log_"), 0x207559bdU);
    EXPECT_EQ(syscall_hash("abort"), 0xb6fc1a11U);
    EXPECT_EQ(syscall_hash("sol_panic_"), 0x686093bbU);
    EXPECT_EQ(syscall_hash("sol_sha256"), 0x11f49d86U);
    EXPECT_EQ(syscall_hash("sol_memcpy_"), 0x717cc4a3U);
    EXPECT_EQ(syscall_hash("sol_invoke_signed_c"), 0xa22b9c85U);
    EXPECT_EQ(syscall_hash(""), 0U);
}

TEST(Syscalls, FindsByNameAndByHash) {
    for (const Syscall& syscall : syscalls()) {
        EXPECT_EQ(find_syscall(syscall.name), &syscall) << syscall.name;
        EXPECT_EQ(find_syscall(syscall_hash(syscall.name)), &syscall) << syscall.name;
    }
    EXPECT_EQ(find_syscall("sol_log"), nullptr);
    EXPECT_EQ(find_syscall(0xdeadbeefU), nullptr);
}

TEST(Syscalls, StatusAndReturn) {
    EXPECT_EQ(find_syscall("sol_get_processed_sibling_instruction")->status,
              SyscallStatus::kActive);
    EXPECT_EQ(find_syscall("sol_blake3")->status, SyscallStatus::kGated);
    EXPECT_EQ(find_syscall("sol_alloc_free_")->status, SyscallStatus::kRetired);
    std::set<std::string_view> ends;
    for (const Syscall& syscall : syscalls()) {
        if (never_returns(syscall)) {
            ends.insert(syscall.name);
        }
    }
    EXPECT_EQ(ends, (std::set<std::string_view>{"abort", "sol_panic_"}));
}

}  // namespace
}  // namespace latchkey::sbf_link
