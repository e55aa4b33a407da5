// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/instructions.hpp"

#include <gtest/gtest.h>

#include <map>

#include "chains/solana/client/precompiles.hpp"
#include "chains/solana/client/vectors/vectors.hpp"

namespace latchkey::solana {
namespace {

using core::ErrorCode;
using vectors::named;

constexpr std::uint64_t kAmount = 0x0102030405060708;

std::map<std::string, Instruction> built_system() {
    const Address a = named("a"), b = named("b"), c = named("c"), d = named("d");
    return {
        {"system transfer", system::transfer(a, b, kAmount)},
        {"system create_account", system::create_account(a, b, kAmount, 165, c)},
        {"system create_account_allow_prefund",
         system::create_account_allow_prefund(a, b, kAmount, 165, c)},
        {"system create_account_with_seed",
         system::create_account_with_seed(a, b, c, "stake:0", kAmount, 200, d).value()},
        {"system assign", system::assign(a, b)},
        {"system allocate", system::allocate(a, 4096)},
        {"system advance_nonce_account", system::advance_nonce_account(a, b)},
        {"system initialize_nonce_account", system::initialize_nonce_account(a, b)},
        {"system withdraw_nonce_account", system::withdraw_nonce_account(a, b, c, kAmount)},
        {"system authorize_nonce_account", system::authorize_nonce_account(a, b, c)},
        {"associated_token create", associated_token::create(a, b, c, kTokenProgram)},
        {"associated_token create_idempotent",
         associated_token::create_idempotent(a, b, c, kToken2022Program)},
    };
}

std::map<std::string, Instruction> built_token() {
    const Address a = named("a"), b = named("b"), c = named("c"), d = named("d");
    const Address program = kTokenProgram;
    using token::AuthorityType;
    return {
        {"token transfer", token::transfer(program, a, b, c, kAmount)},
        {"token transfer_checked", token::transfer_checked(program, a, b, c, d, kAmount, 6)},
        {"token approve_checked", token::approve_checked(program, a, b, c, d, kAmount, 6)},
        {"token revoke", token::revoke(program, a, b)},
        {"token set_authority",
         token::set_authority(program, a, b, AuthorityType::kAccountOwner, c)},
        {"token set_authority none",
         token::set_authority(program, a, b, AuthorityType::kMintTokens, std::nullopt)},
        {"token mint_to_checked", token::mint_to_checked(program, a, b, c, kAmount, 6)},
        {"token burn_checked", token::burn_checked(program, a, b, c, kAmount, 6)},
        {"token close_account", token::close_account(program, a, b, c)},
        {"token freeze_account", token::freeze_account(program, a, b, c)},
        {"token thaw_account", token::thaw_account(program, a, b, c)},
        {"token sync_native", token::sync_native(program, a)},
        {"token initialize_account3", token::initialize_account3(program, a, b, c)},
        {"token initialize_mint2", token::initialize_mint2(program, a, 9, b, c)},
        {"token initialize_mint2 none", token::initialize_mint2(program, a, 9, b, std::nullopt)},
    };
}

TEST(instructions, equal_the_program_clients) {
    auto built = built_system();
    built.merge(built_token());
    const auto& expected = vectors::client().at("instructions").as_array();
    EXPECT_EQ(expected.size(), built.size());
    for (const auto& vector : expected) {
        const std::string name = vectors::text(vector.at("name"));
        ASSERT_TRUE(built.contains(name)) << name;
        EXPECT_EQ(built.at(name), vectors::instruction(vector.as_object())) << name;
    }
}

TEST(instructions, with_seed_needs_no_second_signature_of_the_payer) {
    const Address a = named("a"), b = named("b");
    const auto instruction =
        system::create_account_with_seed(a, b, a, "seed", 1, 2, kTokenProgram).value();
    EXPECT_EQ(instruction.accounts.size(), 2U);
    EXPECT_EQ(system::create_account_with_seed(a, b, a, std::string(33, 's'), 1, 2, b).error().code,
              ErrorCode::kSeedsTooLong);
}

TEST(compute_budget, data_is_the_interface_crates) {
    // Borsh of solana-compute-budget-interface: u8 variant (1 heap, 2 limit, 3 price, 4 loaded
    // data), then the value in little endian.
    EXPECT_EQ(core::encode_hex(compute_budget::set_unit_limit(200'000).data), "02400d0300");
    EXPECT_EQ(core::encode_hex(compute_budget::set_unit_price(1).data), "030100000000000000");
    EXPECT_EQ(core::encode_hex(compute_budget::request_heap_frame(262'144).data), "0100000400");
    EXPECT_EQ(core::encode_hex(compute_budget::set_loaded_accounts_bytes_limit(65'536).data),
              "0400000100");
}

TEST(compute_budget, a_fee_becomes_a_price_that_pays_at_least_that_fee) {
    TransactionConfig config;
    config.priority_fee_lamports = 1;
    EXPECT_EQ(compute_budget::instructions_for(config).error().code,
              ErrorCode::kInvalidInstruction);
    config.compute_unit_limit = 300'000;
    const auto instructions = compute_budget::instructions_for(config).value();
    ASSERT_EQ(instructions.size(), 2U);
    EXPECT_EQ(instructions[0], compute_budget::set_unit_limit(300'000));
    // 4 micro-lamports * 300,000 = 1.2 lamports; 3 would pay 0.9.
    EXPECT_EQ(instructions[1], compute_budget::set_unit_price(4));
    config.priority_fee_lamports = ~std::uint64_t{0};
    EXPECT_EQ(compute_budget::instructions_for(config).error().code,
              ErrorCode::kInvalidInstruction);
}

TEST(memo, takes_utf8_only) {
    const std::array<Address, 1> signers{named("a")};
    const auto good = memo("caf\xC3\xA9 \xF0\x9F\x94\x91", signers).value();
    EXPECT_EQ(good.accounts, std::vector{readonly_signer(named("a"))});
    EXPECT_EQ(good.program, kMemoProgram);
    // Continuation alone, overlong, cut off, surrogate, above U+10FFFF, never-used bytes.
    for (const std::string_view bad :
         {"\x80", "\xC0\xAF", "\xE0\x80\xAF", "\xE2\x82", "\xED\xA0\x80", "\xF4\x90\x80\x80",
          "\xF5\x80\x80\x80", "\xFF"}) {
        EXPECT_EQ(memo(bad).error().code, ErrorCode::kInvalidInstruction);
    }
}

TEST(lookup_table, derives_the_table_and_packs_bincode) {
    const Address authority = named("a"), payer = named("b");
    const auto created = lookup_table::create(authority, payer, 7);
    Bytes slot{7, 0, 0, 0, 0, 0, 0, 0};
    const std::array<ByteView, 2> seeds{authority.view(), slot};
    const auto derived = find_program_address(seeds, kAddressLookupTableProgram).value();
    EXPECT_EQ(created.table, derived.address);
    EXPECT_EQ(core::encode_hex(created.instruction.data),
              "00000000"
              "0700000000000000" +
                  core::encode_hex(Bytes{derived.bump}));
    const std::array<Address, 2> entries{named("c"), named("d")};
    const auto extended = lookup_table::extend(created.table, authority, payer, entries);
    EXPECT_EQ(extended.data.size(), 4U + 8U + 64U);
    EXPECT_EQ(core::encode_hex(ByteView(extended.data).first(12)),
              "02000000"
              "0200000000000000");
}

core::crypto::P256PublicKey r1_key(std::uint8_t fill) {
    core::crypto::P256PublicKey key;
    key.span()[0] = 2;
    std::fill(key.begin() + 1, key.end(), fill);
    return key;
}

TEST(precompiles, secp256r1_layout) {
    std::vector<precompiles::Secp256r1Entry> entries(2);
    entries[0].public_key = r1_key(0xaa);
    entries[0].message = Bytes(69, 1);
    entries[1].public_key = r1_key(0xbb);
    entries[1].message = Bytes(32, 2);
    const auto instruction = precompiles::secp256r1(entries).value();
    EXPECT_EQ(instruction.program, kSecp256r1Program);
    EXPECT_TRUE(instruction.accounts.empty());
    // 2 + 2*14 = 30 = 0x1e: key; 63 = 0x3f: signature; 127 = 0x7f: message of 69 = 0x45 bytes;
    // 196 = 0xc4: second key; 229 = 0xe5: signature; 293 = 0x125: message of 32 bytes.
    EXPECT_EQ(core::encode_hex(ByteView(instruction.data).first(30)),
              "0200"
              "3f00ffff1e00ffff7f004500ffff"
              "e500ffffc400ffff25012000ffff");
    EXPECT_EQ(instruction.data.size(), 325U);
    EXPECT_TRUE(core::equal(ByteView(instruction.data).subspan(30, 33), r1_key(0xaa).view()));
    EXPECT_TRUE(core::equal(ByteView(instruction.data).subspan(196, 33), r1_key(0xbb).view()));
    EXPECT_TRUE(core::equal(ByteView(instruction.data).subspan(293), Bytes(32, 2)));
}

TEST(precompiles, ed25519_layout) {
    std::vector<precompiles::Ed25519Entry> entries(1);
    entries[0].message = Bytes{'h', 'i'};
    const auto instruction = precompiles::ed25519(entries).value();
    // 16 = 0x10: key; 48 = 0x30: signature; 112 = 0x70: message of 2 bytes.
    EXPECT_EQ(core::encode_hex(ByteView(instruction.data).first(16)),
              "01003000ffff1000ffff70000200ffff");
    EXPECT_EQ(instruction.data.size(), 114U);
}

TEST(precompiles, refuse_what_does_not_fit) {
    EXPECT_EQ(precompiles::secp256r1({}).error().code, ErrorCode::kInvalidInstruction);
    EXPECT_TRUE(precompiles::secp256r1(std::vector<precompiles::Secp256r1Entry>(8)).has_value());
    EXPECT_EQ(precompiles::secp256r1(std::vector<precompiles::Secp256r1Entry>(9)).error().code,
              ErrorCode::kInvalidInstruction);
    std::vector<precompiles::Ed25519Entry> large(1);
    large[0].message = Bytes(65'535 - 112);
    EXPECT_TRUE(precompiles::ed25519(large).has_value());
    large[0].message.push_back(0);
    EXPECT_EQ(precompiles::ed25519(large).error().code, ErrorCode::kInvalidInstruction);
}

}  // namespace
}  // namespace latchkey::solana
