// SPDX-License-Identifier: Apache-2.0
// Law 4 on the real VM for a wallet that issues tokens: what its authorities
// over a mint are worth is not in any account of its own.
#include "chains/solana/testing/tokens_testing.hpp"

namespace latchkey::solana::testing {
namespace {

class Issuer : public Tokens {};

TEST_F(Issuer, WithheldFeesAreNotASessionsToTake) {
    // The vault may withdraw the fees that recipients' accounts withhold; the
    // mint is only read.
    make_fee_mint(vault());
    const Address ours = account_of(vault(), issuer_, 1'000'000);
    const Address theirs = account_of(somebody(), issuer_, 0);
    const Address thief = account_of(Scenario::address(620), issuer_, 0);
    EXPECT_ACCEPTED(unlimited({pay_2022(ours, theirs, 1'000'000)}));
    const Instruction withdraw =
        raw(kToken2022Program,
            {readonly(mint_2022_), writable(thief), readonly_signer(vault()), writable(theirs)},
            {26, 3, 1});
    EXPECT_REFUSED(kUncountable, limited({withdraw}));
    EXPECT_EQ(chain().token_amount(thief), 0U);
    EXPECT_ACCEPTED(unlimited({withdraw}));
}

TEST_F(Issuer, PermanentDelegationIsNotASessionsToUse) {
    Bytes delegate = {35};
    core::append(delegate, vault().view());
    make_mint(166 + 4 + 32, {on_mint(delegate)}, issuer_.address());
    const Address theirs = account_of(somebody(), issuer_, 1'000'000);
    const Address thief = account_of(Scenario::address(620), issuer_, 0);
    EXPECT_REFUSED(kUncountable, limited({pay_2022(theirs, thief, 1'000'000)}));
    EXPECT_EQ(chain().token_amount(thief), 0U);
    EXPECT_ACCEPTED(unlimited({pay_2022(theirs, thief, 1'000'000)}));
}

TEST_F(Issuer, LamportsOfItsMintAreSol) {
    const Address own = Scenario::address(621);
    chain().put_mint(own, 6, vault());
    chain().set_lamports(own, 5 * kSol);
    const Instruction excess =
        raw(kTokenProgram, {writable(own), writable(somebody()), readonly_signer(vault())}, {38});
    EXPECT_REFUSED(kLimitPerCall, limited({excess}));
    EXPECT_EQ(chain().lamports(somebody()), kSol);
    EXPECT_ACCEPTED(unlimited({excess}));
}

TEST_F(Issuer, FreezingIsNotASessionsToDo) {
    const Address own = Scenario::address(622);
    chain().put_mint(own, 6, vault());
    Account mint = *chain().account(own);
    mint.data[46] = 1;
    std::copy_n(vault().array().begin(), 32, mint.data.begin() + 50);
    chain().put_account(own, mint);
    const Address theirs = chain().put_tokens(somebody(), own, 5);
    const Instruction freeze = token::freeze_account(kTokenProgram, theirs, own, vault());
    const SendResult result = limited({freeze});
    EXPECT_FALSE(result.ok);
    EXPECT_ACCEPTED(unlimited({freeze}));
}

}  // namespace
}  // namespace latchkey::solana::testing
