// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/loader.hpp"

#include <gtest/gtest.h>

#include "chains/solana/client/client_testing.hpp"
#include "core/base/result_testing.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::solana::loader {
namespace {

using core::concat;
using core::ErrorCode;
using testing::address_of;

const Address kProgram = address_of(1);
const Address kBuffer = address_of(2);
const Address kAuthority = address_of(3);
const Address kOther = address_of(4);

Address data_address() {
    return program_data_address(kProgram).value();
}

// Accounts and data as UpgradeableLoaderInstruction of solana-loader-v3-interface lists them.
TEST(Loader, buffers) {
    EXPECT_EQ(
        initialize_buffer(kBuffer, kAuthority),
        (Instruction{kUpgradeableLoader, {writable(kBuffer), readonly(kAuthority)}, {0, 0, 0, 0}}));
    EXPECT_EQ(write(kBuffer, kAuthority, 0x01020304, Bytes{9, 8}),
              (Instruction{kUpgradeableLoader,
                           {writable(kBuffer), readonly_signer(kAuthority)},
                           {1, 0, 0, 0, 4, 3, 2, 1, 2, 0, 0, 0, 0, 0, 0, 0, 9, 8}}));
    EXPECT_EQ(close_buffer(kBuffer, kOther, kAuthority),
              (Instruction{kUpgradeableLoader,
                           {writable(kBuffer), writable(kOther), readonly_signer(kAuthority)},
                           {5, 0, 0, 0}}));
    EXPECT_EQ(set_authority(kBuffer, kAuthority, kOther),
              (Instruction{kUpgradeableLoader,
                           {writable(kBuffer), readonly_signer(kAuthority), readonly(kOther)},
                           {4, 0, 0, 0}}));
    EXPECT_EQ(set_authority(data_address(), kAuthority, std::nullopt),
              (Instruction{kUpgradeableLoader,
                           {writable(data_address()), readonly_signer(kAuthority)},
                           {4, 0, 0, 0}}));
}

TEST(Loader, programs) {
    EXPECT_EQ(deploy(kOther, kProgram, kBuffer, kAuthority, 0x0102).value(),
              (Instruction{kUpgradeableLoader,
                           {writable_signer(kOther), writable(data_address()), writable(kProgram),
                            writable(kBuffer), readonly(kRentSysvar), readonly(kClockSysvar),
                            readonly(kSystemProgram), readonly_signer(kAuthority)},
                           {2, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0}}));
    EXPECT_EQ(upgrade(kProgram, kBuffer, kOther, kAuthority).value(),
              (Instruction{kUpgradeableLoader,
                           {writable(data_address()), writable(kProgram), writable(kBuffer),
                            writable(kOther), readonly(kRentSysvar), readonly(kClockSysvar),
                            readonly_signer(kAuthority)},
                           {3, 0, 0, 0}}));
    EXPECT_EQ(extend(kProgram, kOther, 0x0102).value(),
              (Instruction{kUpgradeableLoader,
                           {writable(data_address()), writable(kProgram), readonly(kSystemProgram),
                            writable_signer(kOther)},
                           {6, 0, 0, 0, 2, 1, 0, 0}}));
}

TEST(Loader, reads_buffers) {
    const Bytes code = {0x7f, 'E', 'L', 'F'};
    const Bytes data = concat(Bytes{1, 0, 0, 0, 1}, kAuthority, code);
    EXPECT_EQ(data.size(), kBufferHead + code.size());
    const auto buffer = decode_buffer(data);
    ASSERT_OK(buffer);
    EXPECT_EQ(buffer->authority, kAuthority);
    EXPECT_EQ(buffer->code, code);
    // Nobody's: what stands in the place of an authority says nothing.
    const auto final = decode_buffer(concat(Bytes{1, 0, 0, 0, 0}, kAuthority, code));
    ASSERT_OK(final);
    EXPECT_FALSE(final->authority);
    EXPECT_EQ(final->code, code);
    EXPECT_TRUE(decode_buffer(ByteView(data).first(kBufferHead))->code.empty());
    for (std::size_t size = 0; size < kBufferHead; ++size) {
        EXPECT_ERROR(ErrorCode::kUnexpectedEnd, decode_buffer(ByteView(data).first(size))) << size;
    }
    for (const std::uint8_t tag : Bytes{0, 2, 3, 4, 255}) {
        Bytes other = data;
        other[0] = tag;
        EXPECT_ERROR(ErrorCode::kUnsupported, decode_buffer(other)) << int{tag};
    }
    Bytes other = data;
    other[4] = 2;
    EXPECT_ERROR(ErrorCode::kNonCanonical, decode_buffer(other));
}

TEST(Loader, code_is_named_by_its_keccak) {
    // Keccak-256 of nothing and of "abc", from the Keccak team's vectors.
    EXPECT_EQ(core::encode_hex(code_hash({}).view()),
              "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    EXPECT_EQ(core::encode_hex(code_hash(core::as_bytes("abc")).view()),
              "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
}

}  // namespace
}  // namespace latchkey::solana::loader
