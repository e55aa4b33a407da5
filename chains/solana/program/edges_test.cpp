// SPDX-License-Identifier: Apache-2.0
// What changing the program in one place showed that no other native test asks.
#include "chains/solana/program/program_testing.hpp"
#include "core/encoding/byte_io.hpp"

namespace latchkey::solana::testing {
namespace {

class EdgesTest : public ProgramTest {};

TEST_F(EdgesTest, caps_are_of_the_vault_and_of_nothing_in_its_place) {
    const Forge forge = world_.make_wallet(open_configuration({world_.add(ed25519_)}));
    Draft draft = nothing();
    draft.body = ExecuteBody{Caps{false, {{1, 0, 0}}}, {}};
    expect_only_change_refused(forge, draft, Verdict::kAccountType, [&](Forged& forged) {
        forged.wallet().accounts[1] = writable(to_);
    });
}

/// A token account that a call makes the vault's counts in the next call.
TEST_F(EdgesTest, what_becomes_the_vaults_counts_from_then_on) {
    const Address mint = test_address(200);
    const Address tokens = test_address(201);
    const Address other = test_address(202);
    const TestSigner giver = TestSigner::ed25519(90);
    core::Configuration configuration = open_configuration({world_.add(ed25519_)});
    configuration.rules.push_back(limited_rule(kTokenProgram, mint, 10, 100));
    const Forge forge = world_.make_wallet(configuration);
    ASSERT_ACCEPTED(world_.create_state(forge));
    world_.put_data(mint, kTokenProgram, encode_mint({std::nullopt, 1000, 6, {}}));
    world_.put_data(tokens, kTokenProgram,
                    encode_token_account({.mint = mint, .owner = giver.address(), .amount = 50}));
    world_.put_data(other, kTokenProgram,
                    encode_token_account({.mint = mint, .owner = to_, .amount = 0}));
    const auto give_and_take = [&](std::uint64_t amount) {
        Draft draft;
        draft.from_genesis = false;
        draft.rule.index = 1;
        draft.accounts = {writable(tokens), writable(other), readonly_signer(giver.address()),
                          readonly(kTokenProgram)};
        // SetAuthority: u8 6, u8 2 (owner), u8 1, the new owner.
        core::ByteWriter give;
        give.write_u8(6).write_u8(2).write_u8(1).write(forge.wallet().vault.view());
        core::ByteWriter take;
        take.write_u8(3).write_u64_le(amount);
        draft.body = ExecuteBody{
            std::nullopt,
            {compact_call(5, {{2, true, false}, {4, false, true}}, give.take()),
             compact_call(5, {{2, true, false}, {3, true, false}, {1, false, true}}, take.take())}};
        return draft;
    };
    EXPECT_REFUSED(kLimitPerCall, world_.send(forge, give_and_take(11)));
    EXPECT_ACCEPTED(world_.send(forge, give_and_take(10)));
    EXPECT_EQ(token_amount(world_.chain().find_account(other)), 10U);
}

}  // namespace
}  // namespace latchkey::solana::testing
