// SPDX-License-Identifier: Apache-2.0
// Law 4 on the real VM with the real token programs: no instruction of theirs takes value or
// authority past a limit. Mints with extensions are made by Token-2022 itself.
#include "chains/solana/testing/native_addresses.hpp"
#include "chains/solana/testing/tokens_testing.hpp"

namespace latchkey::solana::testing {
namespace {

TEST_F(Tokens, DelegatesInEverySpelling) {
    const auto approve =
        raw(kTokenProgram, {writable(ours_), readonly(somebody()), readonly_signer(vault())},
            with_amount({4}, 1));
    EXPECT_REFUSED(kAuthorityChanged, limited({approve}));
    EXPECT_REFUSED(
        kAuthorityChanged,
        limited({token::approve_checked(kTokenProgram, ours_, mint_, somebody(), vault(), 1, 6)}));
    // A delegate over nothing today is one over something tomorrow, if the amount is raised.
    EXPECT_REFUSED(
        kAuthorityChanged,
        limited({token::approve_checked(kTokenProgram, ours_, mint_, somebody(), vault(), 0, 6)}));
    // Taken back within the action it is still refused: in between a call could use it.
    EXPECT_REFUSED(kAuthorityChanged,
                   limited({approve, token::revoke(kTokenProgram, ours_, vault())}));
    // One approved before by an unlimited rule must not be touched either.
    EXPECT_ACCEPTED(unlimited({approve}));
    EXPECT_REFUSED(kAuthorityChanged, limited({token::revoke(kTokenProgram, ours_, vault())}));
    EXPECT_ACCEPTED(unlimited({token::revoke(kTokenProgram, ours_, vault())}));
    EXPECT_ACCEPTED(limited({pay(100)}));
}

TEST_F(Tokens, AuthoritiesInEverySpelling) {
    for (const token::AuthorityType type :
         {token::AuthorityType::kAccountOwner, token::AuthorityType::kCloseAccount}) {
        EXPECT_REFUSED(
            kAuthorityChanged,
            limited({token::set_authority(kTokenProgram, ours_, vault(), type, somebody())}));
    }
    // Mint and freeze authority of a mint of the vault's.
    const Address own = Scenario::address(604);
    chain().put_mint(own, 6, vault());
    EXPECT_REFUSED(kAuthorityChanged,
                   limited({token::set_authority(kTokenProgram, own, vault(),
                                                 token::AuthorityType::kMintTokens, somebody())}));
    EXPECT_REFUSED(
        kAuthorityChanged,
        limited({token::mint_to_checked(kTokenProgram, own, chain().put_tokens(somebody(), own, 0),
                                        vault(), 1, 6)}));
    EXPECT_ACCEPTED(unlimited({token::set_authority(
        kTokenProgram, own, vault(), token::AuthorityType::kMintTokens, somebody())}));
}

TEST_F(Tokens, BatchesCountAsTheirParts) {
    // The token program's batch: one call, several transfers.
    const auto batch = [&](std::uint64_t first, std::uint64_t second) {
        Bytes data = {255};
        for (const std::uint64_t amount : {first, second}) {
            data.push_back(3);
            data.push_back(9);
            core::append(data, with_amount({3}, amount));
        }
        std::vector<AccountMeta> accounts;
        for (int i = 0; i < 2; ++i) {
            accounts.push_back(writable(ours_));
            accounts.push_back(writable(theirs_));
            accounts.push_back(readonly_signer(vault()));
        }
        return raw(kTokenProgram, accounts, data);
    };
    EXPECT_REFUSED(kLimitPerCall, limited({batch(60, 60)}));
    EXPECT_REFUSED(kLimitPerCall, limited({pay(60), pay(60)}));
    EXPECT_ACCEPTED(limited({batch(60, 40)}));
    EXPECT_EQ(chain().token_amount(theirs_), 100U);
    EXPECT_REFUSED(kLimitPerPeriod, limited({batch(30, 30)}));
}

TEST_F(Tokens, RoundTripsCountBothWays) {
    // Out and in again within one action: outflow is gross.
    const Address second = Scenario::address(605);
    Account account = *chain().account(ours_);
    std::fill(account.data.begin() + 64, account.data.begin() + 72, std::uint8_t{0});
    chain().put_account(second, account);
    const auto move = [&](const Address& from, const Address& to, std::uint64_t amount) {
        return token::transfer_checked(kTokenProgram, from, mint_, to, vault(), amount, 6);
    };
    EXPECT_REFUSED(kLimitPerCall, limited({move(ours_, second, 60), move(second, ours_, 60)}));
    EXPECT_ACCEPTED(limited({move(ours_, second, 60), move(second, ours_, 40)}));
}

TEST_F(Tokens, BurningCounts) {
    EXPECT_REFUSED(kLimitPerCall,
                   limited({token::burn_checked(kTokenProgram, ours_, mint_, vault(), 101, 6)}));
    EXPECT_ACCEPTED(limited({token::burn_checked(kTokenProgram, ours_, mint_, vault(), 100, 6)}));
}

TEST_F(Tokens, WrappedSolIsNoWayRoundTheLimitOfSol) {
    const std::uint64_t rent = chain().svm().minimum_balance(165);
    chain().put_mint(kNativeMint, 9);
    const Address wrapped = chain().put_tokens(vault(), kNativeMint, 0);
    Account account = *chain().account(wrapped);
    // is_native: some, the rent that stays.
    account.data[109] = 1;
    core::store_le(account.data.data() + 113, rent);
    account.lamports = rent;
    chain().put_account(wrapped, account);
    // Into the wrapping: the way out of the vault counts, and that from lamports to amount again.
    EXPECT_REFUSED(kLimitPerCall, limited({system::transfer(vault(), wrapped, 501),
                                           token::sync_native(kTokenProgram, wrapped)}));
    EXPECT_ACCEPTED(limited(
        {system::transfer(vault(), wrapped, 500), token::sync_native(kTokenProgram, wrapped)}));
    EXPECT_EQ(chain().token_amount(wrapped), 500U);
    // Out of the wrapping, to somebody: the wrapped mint is not listed.
    EXPECT_REFUSED(kAssetNotListed,
                   limited({token::transfer_checked(kTokenProgram, wrapped, kNativeMint,
                                                    chain().put_tokens(somebody(), kNativeMint, 0),
                                                    vault(), 1, 9)}));
    // All of it, with the rent, by closing; and by the token program's unwrapping.
    EXPECT_REFUSED(kAssetNotListed,
                   limited({token::close_account(kTokenProgram, wrapped, somebody(), vault())}));
    const Instruction unwrap =
        raw(kTokenProgram, {writable(wrapped), writable(somebody()), readonly_signer(vault())},
            {45, 0});
    EXPECT_REFUSED(kAssetNotListed, limited({unwrap}));
    EXPECT_ACCEPTED(unlimited({unwrap}));
    EXPECT_EQ(chain().lamports(somebody()), kSol + 500);
}

TEST_F(Tokens, RentOfAnAccountIsSol) {
    const std::uint64_t rent = chain().svm().minimum_balance(165);
    ASSERT_GT(rent, 1000U);
    const Address empty = Scenario::address(606);
    Account account = *chain().account(ours_);
    std::fill(account.data.begin() + 64, account.data.begin() + 72, std::uint8_t{0});
    chain().put_account(empty, account);
    const Instruction close = token::close_account(kTokenProgram, empty, somebody(), vault());
    EXPECT_REFUSED(kLimitPerCall, limited({close}));
    // To the vault itself as well: what comes in offsets nothing.
    EXPECT_REFUSED(kLimitPerCall,
                   limited({token::close_account(kTokenProgram, empty, vault(), vault())}));
    // Lamports beyond the rent, taken out of an account that stays.
    account.lamports += 1001;
    chain().put_account(empty, account);
    const Instruction excess =
        raw(kTokenProgram, {writable(empty), writable(somebody()), readonly_signer(vault())}, {38});
    EXPECT_REFUSED(kLimitPerCall, limited({excess}));
    account.lamports -= 1;
    chain().put_account(empty, account);
    EXPECT_ACCEPTED(limited({excess}));
    EXPECT_ACCEPTED(unlimited({close}));
}

TEST_F(Tokens, AccountsThatOthersShareAreUncountable) {
    // Somebody else's account with the vault as delegate: spending it shows in no account of ours.
    Account account = *chain().account(theirs_);
    account.data[72] = 1;
    std::copy_n(vault().array().begin(), 32, account.data.begin() + 76);
    chain().put_account(theirs_, account);
    EXPECT_REFUSED(kUncountable, limited({pay(1)}));
    account.data[72] = 0;
    chain().put_account(theirs_, account);
    EXPECT_ACCEPTED(limited({pay(1)}));
    // With the vault as close authority.
    account = *chain().account(theirs_);
    account.data[129] = 1;
    std::copy_n(vault().array().begin(), 32, account.data.begin() + 133);
    chain().put_account(theirs_, account);
    EXPECT_REFUSED(kUncountable, limited({pay(1)}));
    account.data[129] = 0;
    chain().put_account(theirs_, account);
    // A token multisig, even unwritten: it may stand for the vault.
    const Address multisig = Scenario::address(607);
    chain().put_account(multisig, {kSol, kTokenProgram.array(), Bytes(355, 1), false});
    Instruction with_multisig = pay(1);
    with_multisig.accounts.push_back(readonly(multisig));
    EXPECT_REFUSED(kUncountable, limited({with_multisig}));
    // A nonce account, which pays its lamports to whoever its authority says.
    const Address nonce = Scenario::address(608);
    chain().put_account(nonce, {kSol, kSystemProgram.array(), Bytes(80, 1), false});
    EXPECT_REFUSED(kUncountable,
                   limited({system::withdraw_nonce_account(nonce, vault(), somebody(), 1)}));
    EXPECT_ACCEPTED(limited({pay(1)}));
}

TEST_F(Tokens, TransferFeesAreOutflowToo) {
    // 1 % stays behind in the recipient's account.
    make_fee_mint(issuer_.address());
    const Address ours = account_of(vault(), issuer_, 1000);
    const Address theirs = account_of(somebody(), issuer_, 0);
    EXPECT_REFUSED(kLimitPerCall, limited({pay_2022(ours, theirs, 101)}));
    EXPECT_ACCEPTED(limited({pay_2022(ours, theirs, 100)}));
    EXPECT_EQ(chain().token_amount(theirs), 99U);
    EXPECT_REFUSED(kLimitPerPeriod, limited({pay_2022(ours, theirs, 51)}));
    // What arrives is what a cap counts: 100 sent to the vault are 99.
    const Instruction back =
        token::transfer_checked(kToken2022Program, ours, mint_2022_, theirs, vault(), 100, 6);
    EXPECT_REFUSED(kCapOutflow, capped({back}, {{ours, 99, 0}}, false));
    EXPECT_ACCEPTED(capped({back}, {{ours, 100, 0}}, false));
    // Fees withheld in the recipient's account go where the issuer says; the vault is not the
    // issuer, so that is none of its outflow. An account that it can sign for as issuer is.
    EXPECT_CALLEE_ERROR(4, unlimited({raw(kToken2022Program,
                                          {readonly(mint_2022_), writable(ours),
                                           readonly_signer(vault()), writable(theirs)},
                                          {26, 3, 1})}));
}

TEST_F(Tokens, MintsWithExtensionsAreUncountableWhenWritten) {
    make_fee_mint(vault());
    const Address ours = account_of(vault(), issuer_, 1000);
    // Withdrawing what the mint withholds writes the mint.
    const Instruction withdraw =
        raw(kToken2022Program, {writable(mint_2022_), writable(ours), readonly_signer(vault())},
            {26, 2});
    EXPECT_REFUSED(kUncountable, limited({withdraw}));
    EXPECT_ACCEPTED(unlimited({withdraw}));
}

TEST_F(Tokens, ConfidentialBalancesAreUncountable) {
    chain().put_mint(mint_2022_, 6, std::nullopt, kToken2022Program);
    const Address ours = chain().put_tokens(vault(), mint_2022_, 1000, kToken2022Program);
    const Address theirs = chain().put_tokens(somebody(), mint_2022_, 0, kToken2022Program);
    // Extension 5 is the confidential transfer account; behind another one it is found as well.
    const Bytes immutable_owner = extension(7, {});
    Bytes both = immutable_owner;
    core::append(both, extension(5, Bytes(295, 0)));
    extend(ours, both);
    EXPECT_REFUSED(kUncountable, limited({pay_2022(ours, theirs, 1)}));
    extend(ours, immutable_owner);
    EXPECT_ACCEPTED(limited({pay_2022(ours, theirs, 1)}));
}

TEST_F(Tokens, AGuardedAccountStaysShutInCalls) {
    // The token program's own guard against calls holds against the wallet as well.
    chain().put_mint(mint_2022_, 6, std::nullopt, kToken2022Program);
    const Address ours = chain().put_tokens(vault(), mint_2022_, 1000, kToken2022Program);
    const Address theirs = chain().put_tokens(somebody(), mint_2022_, 0, kToken2022Program);
    extend(ours, extension(11, {1}));
    constexpr std::uint32_t kCpiGuardTransferBlocked = 42;
    EXPECT_CALLEE_ERROR(kCpiGuardTransferBlocked, limited({pay_2022(ours, theirs, 1)}));
    EXPECT_CALLEE_ERROR(kCpiGuardTransferBlocked, unlimited({pay_2022(ours, theirs, 1)}));
    extend(ours, extension(11, {0}));
    EXPECT_ACCEPTED(limited({pay_2022(ours, theirs, 1)}));
    // And no call can shut it: that would lock the wallet out of its own account.
    constexpr std::uint32_t kCpiGuardSettingsLocked = 41;
    EXPECT_CALLEE_ERROR(
        kCpiGuardSettingsLocked,
        unlimited({raw(kToken2022Program, {writable(ours), readonly_signer(vault())}, {34, 0})}));
}

TEST_F(Tokens, AMemoIsACallBeforeTheTransfer) {
    chain().put_mint(mint_2022_, 6, std::nullopt, kToken2022Program);
    const Address ours = chain().put_tokens(vault(), mint_2022_, 1000, kToken2022Program);
    const Address theirs = chain().put_tokens(somebody(), mint_2022_, 0, kToken2022Program);
    extend(theirs, extension(8, {1}));
    constexpr std::uint32_t kNoMemo = 36;
    EXPECT_CALLEE_ERROR(kNoMemo, unlimited({pay_2022(ours, theirs, 1)}));
    EXPECT_ACCEPTED(unlimited({memo("rent").value(), pay_2022(ours, theirs, 1)}));
    // Under limits the memo program has to be in the scope like any other.
    EXPECT_REFUSED(kTargetNotAllowed, limited({memo("rent").value(), pay_2022(ours, theirs, 1)}));
}

TEST_F(Tokens, AHookThatCallsBackFindsTheDoorShut) {
    const Address hook = Scenario::address(609);
    load(hook, LATCHKEY_HOOK_ELF);
    Bytes initialize = {36, 0};
    core::append(initialize, issuer_.address().view());
    core::append(initialize, hook.view());
    make_mint(166 + 4 + 64, {on_mint(initialize)}, issuer_.address());
    const Address ours = account_of(vault(), issuer_, 1000);
    const Address theirs = account_of(somebody(), issuer_, 0);
    // What the hook sends: another transfer of the wallet, with the very approval that runs.
    const Attempt again = transfer(*wallet_, UseTransaction{});
    const Address payload = Scenario::address(610);
    chain().put_account(payload,
                        {kSol, hook.array(), again.instructions[again.wallet_index].data, false});
    const std::vector<core::ByteView> seeds = {core::as_bytes("extra-account-metas"),
                                               mint_2022_.view()};
    const Address list = derive_with_bump(seeds, hook).first;
    std::vector<AccountMeta> extra = {readonly(payload), readonly(chain().deployment().program)};
    for (const AccountMeta& meta : again.instructions[again.wallet_index].accounts) {
        extra.push_back({meta.address, false, meta.is_writable});
    }
    const auto put_list = [&](std::size_t count) {
        // Discriminator of Execute, length, count, {0: a literal address, address, signer,
        // writable}.
        core::ByteWriter writer;
        writer.write(Bytes{105, 37, 101, 197, 75, 251, 102, 26});
        writer.write_u32_le(static_cast<std::uint32_t>(4 + count * 35));
        writer.write_u32_le(static_cast<std::uint32_t>(count));
        for (std::size_t i = 0; i < count; ++i) {
            writer.write_u8(0).write(extra[i].address.view());
            writer.write_u8(extra[i].is_signer ? 1 : 0).write_u8(extra[i].is_writable ? 1 : 0);
        }
        chain().put_account(list, {kSol, hook.array(), writer.take(), false});
    };
    const auto pay_with = [&](std::size_t count) {
        put_list(count);
        Instruction pay = pay_2022(ours, theirs, 1);
        for (std::size_t i = 0; i < count; ++i) {
            pay.accounts.push_back(extra[i]);
        }
        pay.accounts.push_back(readonly(hook));
        pay.accounts.push_back(readonly(list));
        return pay;
    };
    const SendResult result = unlimited({pay_with(extra.size())});
    EXPECT_RUNTIME_ERROR("ReentrancyNotAllowed", result);
    EXPECT_EQ(chain().token_amount(ours), 1000U);
    EXPECT_ACCEPTED(unlimited({pay_with(0)}));
    EXPECT_ACCEPTED(limited({pay_with(0)}));
    EXPECT_EQ(chain().token_amount(theirs), 2U);
}

TEST_F(Tokens, CapsHoldForTokens) {
    EXPECT_REFUSED(kCapOutflow, capped({pay(10)}, {{ours_, 9, 0}}, false));
    EXPECT_REFUSED(kCapInflow, capped({pay(10)}, {{ours_, 10, 1}}, false));
    EXPECT_REFUSED(kUncountable, capped({pay(10)}, {{theirs_, 0, 10}}, false));
    const Instruction approve =
        token::approve_checked(kTokenProgram, ours_, mint_, somebody(), vault(), 1, 6);
    EXPECT_REFUSED(kAuthorityChanged, capped({approve}, {}, true));
    // What was the vault's before and is not afterwards, and the other way round.
    const std::vector<AddressedCap> anything = {{ours_, 1000, 0}};
    EXPECT_REFUSED(kUncountable,
                   capped({token::set_authority(kTokenProgram, ours_, vault(),
                                                token::AuthorityType::kAccountOwner, somebody())},
                          anything, false));
    const TestSigner giver = key(614);
    const Address given = chain().put_tokens(giver.address(), mint_, 5);
    ExecuteAction gift;
    gift.calls = {token::set_authority(kTokenProgram, given, giver.address(),
                                       token::AuthorityType::kAccountOwner, vault())};
    gift.forwarded_signers = {giver.address()};
    gift.caps = {{given, 0, 0}};
    EXPECT_REFUSED(kUncountable, wallet_->send({gift, UseTransaction{}, std::nullopt}, {{0}}));
    gift.caps.clear();
    EXPECT_ACCEPTED(wallet_->send({gift, UseTransaction{}, std::nullopt}, {{0}}));
    EXPECT_ACCEPTED(capped({pay(10)}, {{ours_, 10, 0}, {vault(), 0, 0}}, true));
}

TEST_F(Tokens, CapsFollowTheMintOfAnAccount) {
    // Closed and opened again under the same address, to be filled with what is worth nothing.
    const Address real = Scenario::address(611);
    const Address worthless = Scenario::address(612);
    chain().put_mint(real, 6, vault());
    chain().put_mint(worthless, 6, vault());
    const TestSigner own = key(613);
    Account account = *chain().account(chain().put_tokens(vault(), real, 0));
    chain().put_account(own.address(), account);
    const auto filled_with = [&](const Address& mint) {
        ExecuteAction body;
        body.calls = {
            token::close_account(kTokenProgram, own.address(), vault(), vault()),
            system::create_account(vault(), own.address(), account.lamports, 165, kTokenProgram),
            token::initialize_account3(kTokenProgram, own.address(), mint, vault()),
            token::mint_to_checked(kTokenProgram, mint, own.address(), vault(), 100, 6)};
        body.forwarded_signers = {own.address()};
        body.caps = {{own.address(), 0, 100}};
        return wallet_->send({body, UseTransaction{}, std::nullopt}, {{0}});
    };
    EXPECT_REFUSED(kAuthorityChanged, filled_with(worthless));
    EXPECT_ACCEPTED(filled_with(real));
}

TEST_F(Tokens, AnAccountTakenOverByItsProgramIsNoticed) {
    // A program closes a token account at an address that it can sign for, and puts the same bytes
    // there again as its own: nothing seems to have left.
    const Address script = Scenario::address(615);
    load(script, LATCHKEY_SCRIPT_ELF);
    core::Rule rule = limited_rule(1, script, to_hash(mint_), 100, 100, 0);
    rule.limits.push_back({core::Hash32(), kSol, kSol, 0});
    core::normalize(rule);
    WalletUnderTest wallet(chain(), {key(616)}, {plain_rule(kEverything, 1), rule});
    wallet.fund(100 * kSol);
    EXPECT_ACCEPTED(wallet.create_state());
    const Bytes seed = {1, 2, 3};
    const auto [derived, bump_byte] = derive_with_bump({seed}, script);
    const Bytes bump = {bump_byte};
    const Account placed = *chain().account(chain().put_tokens(wallet.vault(), mint_, 50));
    chain().put_account(derived, placed);
    // 0 derived, 1 theirs, 2 vault, 3 token, 4 system, 5 the script.
    const std::vector<AccountMeta> accounts = {
        writable(derived),       writable(theirs_),        writable_signer(wallet.vault()),
        readonly(kTokenProgram), readonly(kSystemProgram), readonly(script)};
    ScriptBuilder steps;
    steps.call(3, {{0, false, true}, {1, false, true}, {2, true, false}}, with_amount({3}, 50))
        .call(3, {{0, false, true}, {2, false, true}, {2, true, false}}, Bytes{9})
        .call(4, {{2, true, true}, {0, false, true}},
              system::transfer(wallet.vault(), derived, placed.lamports).data)
        .call(4, {{0, true, true}}, system::allocate(derived, 165).data, {seed, bump})
        .call(4, {{0, true, true}}, system::assign(derived, script).data, {seed, bump});
    for (std::size_t i = 0; i < placed.data.size(); ++i) {
        if (placed.data[i] != 0) {
            steps.write(0, static_cast<std::uint16_t>(i), placed.data[i]);
        }
    }
    const Instruction takeover = {script, accounts, steps.take()};
    EXPECT_REFUSED(kAuthorityChanged, call(wallet, {takeover}, kLimited));
    EXPECT_EQ(chain().token_amount(derived), 50U);
    EXPECT_ACCEPTED(call(wallet, {takeover}));
    EXPECT_EQ(chain().account(derived)->owner, script.array());
}

TEST_F(Tokens, EachAssetHasItsOwnBudget) {
    const auto both = [&](std::uint64_t tokens, std::uint64_t lamports) {
        return limited({pay(tokens), system::transfer(vault(), somebody(), lamports)});
    };
    EXPECT_REFUSED(kLimitPerCall, both(101, 1));
    EXPECT_REFUSED(kLimitPerCall, both(1, 1001));
    EXPECT_ACCEPTED(both(100, 600));
    // One budget that is used up ends the action, whatever the other one has left.
    EXPECT_REFUSED(kLimitPerPeriod, both(51, 1));
    EXPECT_REFUSED(kLimitPerPeriod, both(1, 401));
    EXPECT_ACCEPTED(both(50, 400));
    EXPECT_REFUSED(kLimitPerPeriod, both(0, 1));
    EXPECT_EQ(chain().token_amount(theirs_), 150U);
    EXPECT_EQ(chain().lamports(somebody()), kSol + 1000);
}

}  // namespace
}  // namespace latchkey::solana::testing
