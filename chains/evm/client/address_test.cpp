// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/address.hpp"

#include <gtest/gtest.h>

#include "chains/evm/client/viem_testing.hpp"
#include "core/base/result_testing.hpp"
#include "core/crypto/hash.hpp"

namespace latchkey::evm {
namespace {

using core::ErrorCode;
using core::crypto::keccak256;
using testing::fixed;
using testing::hex;
using testing::text;

TEST(Address, checksums_of_eip_55) {
    for (const std::string_view address : {
             "0x52908400098527886E0F7030069857D2E4169EE7",
             "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
             "0xde709f2102306220921060314715629080e2fb77",
             "0x27b1fdb04752bbc536007a920d24acb045561c26",
             "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
             "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
             "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
             "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
         }) {
        EXPECT_EQ(to_string(parse_address(address).value()), address);
    }
}

TEST(Address, wrong_texts_are_refused) {
    EXPECT_ERROR(ErrorCode::kNonCanonical,
                 parse_address("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"));
    EXPECT_OK(parse_address("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"));
    EXPECT_OK(parse_address("0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED"));
    EXPECT_ERROR(ErrorCode::kInvalidHex, parse_address("5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"));
    EXPECT_ERROR(ErrorCode::kInvalidLength,
                 parse_address("0x5aaeb6053f3e94c9b9a09f33669435e7ef1b"));
}

TEST(Address, create2_examples_of_eip_1014) {
    struct Case {
        const char* creator;
        const char* salt;
        const char* init_code;
        const char* address;
    };
    const std::string zeros(64, '0');
    const std::string feed = "0x000000000000000000000000feed000000000000000000000000000000000000";
    const std::string long_code = "0x" + [] {
        std::string out;
        for (int i = 0; i < 11; ++i) {
            out += "deadbeef";
        }
        return out;
    }();
    const std::string zero_salt = "0x" + zeros;
    for (const Case& one : {
             Case{"0x0000000000000000000000000000000000000000", zero_salt.c_str(), "0x00",
                  "0x4D1A2e2bB4F88F0250f26Ffff098B0b30B26BF38"},
             Case{"0xdeadbeef00000000000000000000000000000000", zero_salt.c_str(), "0x00",
                  "0xB928f69Bb1D91Cd65274e3c79d8986362984fDA3"},
             Case{"0xdeadbeef00000000000000000000000000000000", feed.c_str(), "0x00",
                  "0xD04116cDd17beBE565EB2422F2497E06cC1C9833"},
             Case{"0x0000000000000000000000000000000000000000", zero_salt.c_str(), "0xdeadbeef",
                  "0x70f2b2914A2a4b783FaEFb75f459A580616Fcb5e"},
             Case{"0x00000000000000000000000000000000deadbeef",
                  "0x00000000000000000000000000000000000000000000000000000000cafebabe",
                  "0xdeadbeef", "0x60f3f640a8508fC6a86d45DF051962668E1e8AC7"},
             Case{"0x00000000000000000000000000000000deadbeef",
                  "0x00000000000000000000000000000000000000000000000000000000cafebabe",
                  long_code.c_str(), "0x1d8bfDC5D46DC4f61D6b6115972536eBE6A8854C"},
             Case{"0x0000000000000000000000000000000000000000", zero_salt.c_str(), "0x",
                  "0xE33C0C7F7df4809055C3ebA6c09CFe4BaF1BD9e0"},
         }) {
        const Address address = create2_address(
            fixed<Address>(one.creator), fixed<Hash32>(one.salt), keccak256(hex(one.init_code)));
        EXPECT_EQ(to_string(address), one.address);
    }
}

TEST(Address, contracts_agree_with_viem) {
    for (const auto& one : testing::viem_cases("addresses")) {
        const Address address = parse_address(text(one.at("address"))).value();
        EXPECT_EQ(to_string(address), text(one.at("address")));
        const std::uint64_t nonce = *testing::decimal(text(one.at("nonce"))).to_u64();
        EXPECT_EQ(to_string(create_address(address, nonce)), text(one.at("create")));
        EXPECT_EQ(to_string(create2_address(address, fixed<Hash32>(text(one.at("salt"))),
                                            fixed<Hash32>(text(one.at("init_code_hash"))))),
                  text(one.at("create2")));
    }
}

}  // namespace
}  // namespace latchkey::evm
