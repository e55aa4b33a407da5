// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/address.hpp"

#include <gtest/gtest.h>

#include "chains/solana/client/vectors/vectors.hpp"

namespace latchkey::solana {
namespace {

using core::ErrorCode;

std::vector<ByteView> views(const std::vector<Bytes>& parts) {
    return {parts.begin(), parts.end()};
}

TEST(address, literals_equal_what_the_parser_reads) {
    EXPECT_TRUE(kSystemProgram.is_zero());
    EXPECT_EQ(to_base58(kSystemProgram), "11111111111111111111111111111111");
    for (const auto& [id, text] : std::initializer_list<std::pair<Address, std::string_view>>{
             {kTokenProgram, "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"},
             {kSecp256r1Program, "Secp256r1SigVerify1111111111111111111111111"},
             {kClockSysvar, "SysvarC1ock11111111111111111111111111111111"}}) {
        EXPECT_EQ(parse_address(text).value(), id);
        EXPECT_EQ(to_base58(id), text);
    }
}

TEST(address, refuses_other_lengths_and_alphabets) {
    EXPECT_EQ(parse_address("").error().code, ErrorCode::kInvalidLength);
    EXPECT_EQ(parse_address("1111111111111111111111111111111").error().code,
              ErrorCode::kInvalidLength);
    EXPECT_EQ(parse_address("111111111111111111111111111111111").error().code,
              ErrorCode::kInvalidLength);
    EXPECT_EQ(parse_address("0okenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA").error().code,
              ErrorCode::kInvalidBase58);
}

TEST(program_address, equals_kit) {
    const auto& cases = vectors::client().at("program_addresses").as_array();
    ASSERT_GE(cases.size(), 65U);
    for (const auto& vector : cases) {
        std::vector<Bytes> seeds;
        for (const auto& seed : vector.at("seeds").as_array()) {
            seeds.push_back(core::decode_hex(vectors::text(seed)).value());
        }
        const Address program = vectors::address(vector.at("program"));
        const auto found = find_program_address(views(seeds), program).value();
        EXPECT_EQ(to_base58(found.address), vectors::text(vector.at("address")));
        EXPECT_EQ(found.bump, vector.at("bump").as_int64());
        EXPECT_FALSE(is_on_curve(found.address));
        seeds.push_back({found.bump});
        EXPECT_EQ(create_program_address(views(seeds), program).value(), found.address);
        for (unsigned bump = 255; bump > found.bump; --bump) {
            seeds.back() = {static_cast<std::uint8_t>(bump)};
            EXPECT_EQ(create_program_address(views(seeds), program).error().code,
                      ErrorCode::kAddressOnCurve);
        }
    }
}

TEST(program_address, refuses_too_many_or_too_long_seeds) {
    const std::vector<Bytes> long_seed{Bytes(33)};
    EXPECT_EQ(find_program_address(views(long_seed), kTokenProgram).error().code,
              ErrorCode::kSeedsTooLong);
    EXPECT_EQ(create_program_address(views(long_seed), kTokenProgram).error().code,
              ErrorCode::kSeedsTooLong);
    // The bump is the sixteenth.
    const std::vector<Bytes> sixteen(16, Bytes(1));
    EXPECT_EQ(find_program_address(views(sixteen), kTokenProgram).error().code,
              ErrorCode::kSeedsTooLong);
    const std::vector<Bytes> seventeen(17, Bytes(1));
    EXPECT_EQ(create_program_address(views(seventeen), kTokenProgram).error().code,
              ErrorCode::kSeedsTooLong);
}

TEST(program_address, seeds_are_joined_without_separators) {
    const std::vector<Bytes> split{{'a', 'b'}, {'c'}};
    const std::vector<Bytes> whole{{'a', 'b', 'c'}};
    EXPECT_EQ(find_program_address(views(split), kTokenProgram),
              find_program_address(views(whole), kTokenProgram));
}

TEST(associated_token_address, equals_the_token_client) {
    for (const auto& vector : vectors::client().at("associated_token_addresses").as_array()) {
        EXPECT_EQ(associated_token_address(vectors::address(vector.at("wallet")),
                                           vectors::address(vector.at("mint")),
                                           vectors::address(vector.at("token_program"))),
                  vectors::address(vector.at("address")));
    }
}

TEST(address_with_seed, equals_kit) {
    for (const auto& vector : vectors::client().at("seeded_addresses").as_array()) {
        EXPECT_EQ(create_address_with_seed(vectors::address(vector.at("base")),
                                           vectors::text(vector.at("seed")),
                                           vectors::address(vector.at("owner")))
                      .value(),
                  vectors::address(vector.at("address")));
    }
    EXPECT_EQ(
        create_address_with_seed(kTokenProgram, std::string(33, 'x'), kTokenProgram).error().code,
        ErrorCode::kSeedsTooLong);
    Address owner;
    constexpr std::string_view kMarker = "ProgramDerivedAddress";
    std::copy(kMarker.begin(), kMarker.end(), owner.end() - kMarker.size());
    EXPECT_EQ(create_address_with_seed(kTokenProgram, "", owner).error().code,
              ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace latchkey::solana
