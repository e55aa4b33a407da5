// SPDX-License-Identifier: Apache-2.0
// Limits and signed caps: what leaves the wallet, account by account (docs/spec/solana.md section
// 7).
#include "chains/solana/program/program_testing.hpp"

namespace latchkey::solana::testing {
namespace {

constexpr Address kSol{};

/// Data of token instructions.
Bytes token_data(std::uint8_t kind, std::optional<std::uint64_t> amount = std::nullopt) {
    core::ByteWriter writer;
    writer.write_u8(kind);
    if (amount) {
        writer.write_u64_le(*amount);
    }
    return writer.take();
}
Bytes set_authority_data(std::uint8_t type, const std::optional<Address>& next) {
    core::ByteWriter writer;
    writer.write_u8(6).write_u8(type).write_u8(next ? 1 : 0);
    if (next) {
        writer.write(next->view());
    }
    return writer.take();
}

class CountingTest : public ProgramTest {
  protected:
    static constexpr std::uint8_t kTransfer = 3;
    static constexpr std::uint8_t kApprove = 4;
    static constexpr std::uint8_t kRevoke = 5;
    static constexpr std::uint8_t kMintTo = 7;
    static constexpr std::uint8_t kBurn = 8;
    static constexpr std::uint8_t kClose = 9;
    static constexpr std::uint8_t kFreeze = 10;
    static constexpr std::uint8_t kSyncNative = 17;

    // Positions behind the fixed accounts of a transaction nonce.
    static constexpr std::uint8_t kOwn = 2;
    static constexpr std::uint8_t kTheirs = 3;
    static constexpr std::uint8_t kMint = 4;
    static constexpr std::uint8_t kProgramAt = 5;

    CountingTest() : forge_(world_.make_wallet(open_configuration({world_.add(ed25519_)}))) {
        EXPECT_ACCEPTED(world_.create_state(forge_));
        EXPECT_ACCEPTED(send(policy(configuration())));
        vault_ = forge_.wallet().vault;
        world_.put_data(mint_, kTokenProgram, encode_mint({std::nullopt, 1'000'000, 6, {}}));
        put_own({mint_, vault_, 1000});
        world_.put_data(theirs_, kTokenProgram, encode_token_account({mint_, other_, 0}));
    }

    /// Rule 0 may do everything. Rules 1 to 3 may call System, Token and the script program; 1 is
    /// limited in SOL and the mint, 2 in SOL alone, 3 not at all.
    core::Configuration configuration() const {
        core::Configuration configuration = open_configuration({ed25519_.entry()});
        core::Rule limited = rule(core::kActionExecute);
        limited.scope = {{core::Hash32(kSystemProgram.array()), {}},
                         {core::Hash32(kTokenProgram.array()), {}},
                         {core::Hash32(kToken2022Program.array()), {}},
                         {core::Hash32(world_.script().array()), {}}};
        core::normalize(limited);
        configuration.rules.push_back(limited);
        configuration.rules.push_back(limited);
        configuration.rules.push_back(limited);
        configuration.rules[1].limits = {{core::Hash32(), 1'000'000, 2'500'000, 100},
                                         {core::Hash32(mint_.array()), 100, 150, 0}};
        configuration.rules[2].limits = {{core::Hash32(), 1'000'000, 2'500'000, 100}};
        core::normalize(configuration.rules[1]);
        return configuration;
    }

    void put_own(const TokenAccountFields& fields, const Address& program = kTokenProgram) {
        world_.put_data(own_, program, encode_token_account(fields));
    }

    /// Calls of the token program (or another at position 5) under rule 1, from the state.
    Draft calls(std::vector<CompactCall> list, const Address& program = kTokenProgram,
                std::uint8_t rule_index = 1) const {
        Draft draft;
        draft.from_genesis = false;
        draft.rule.index = rule_index;
        draft.accounts = {writable(own_), writable(theirs_), writable(mint_), readonly(program)};
        draft.body = ExecuteBody{std::nullopt, std::move(list)};
        return draft;
    }
    static CompactCall token_transfer(std::uint64_t amount) {
        return compact_call(kProgramAt,
                            {{kOwn, true, false}, {kTheirs, true, false}, {1, false, true}},
                            token_data(kTransfer, amount));
    }
    Draft sol(std::uint64_t lamports, std::uint8_t rule_index = 1) const {
        Draft draft = from_state(transfer(lamports));
        draft.rule.index = rule_index;
        return draft;
    }
    NativeResult send(const Draft& draft) { return world_.send(forge_, draft); }
    /// The same call under the rule without limits is fine.
    void expect_limited_only(Verdict verdict, Draft draft) {
        draft.rule.index = 1;
        const NativeResult refused = send(draft);
        EXPECT_EQ(verdict_of(refused), verdict) << explain_result(refused);
        draft.rule.index = 3;
        EXPECT_ACCEPTED(send(draft));
    }

    Address mint_ = test_address(20);
    Address own_ = test_address(21);
    Address theirs_ = test_address(22);
    Address other_ = test_address(23);
    Address vault_;
    Forge forge_;
};

TEST_F(CountingTest, SolPerCall) {
    EXPECT_REFUSED(kLimitPerCall, send(sol(1'000'001)));
    EXPECT_ACCEPTED(send(sol(1'000'000)));
}

TEST_F(CountingTest, SolPerPeriod) {
    EXPECT_ACCEPTED(send(sol(1'000'000)));
    EXPECT_ACCEPTED(send(sol(1'000'000)));
    EXPECT_REFUSED(kLimitPerPeriod, send(sol(500'001)));
    EXPECT_ACCEPTED(send(sol(500'000)));
    EXPECT_REFUSED(kLimitPerPeriod, send(sol(1)));
    // The other rule has a counter of its own, and a new window a new budget.
    EXPECT_ACCEPTED(send(sol(1, 2)));
    world_.advance(100);
    EXPECT_ACCEPTED(send(sol(1'000'000)));
    const std::optional<StateAccount> state = world_.state_of(forge_);
    ASSERT_TRUE(state);
    ASSERT_EQ(state->counters.size(), 3U);
    EXPECT_EQ(state->counters[0], (SpendingCounter{world_.now() / 100, 1'000'000}));
    EXPECT_EQ(state->counters[1], (SpendingCounter{0, 0}));
    EXPECT_EQ(state->counters[2], (SpendingCounter{world_.now() / 100 - 1, 1}));
}

TEST_F(CountingTest, ClockThatStepsBackOpensNoWindow) {
    EXPECT_ACCEPTED(send(sol(1'000'000)));
    world_.advance(200);
    EXPECT_ACCEPTED(send(sol(1'000'000)));
    EXPECT_ACCEPTED(send(sol(1'000'000)));
    world_.chain().set_time(world_.chain().time() - 200);
    EXPECT_REFUSED(kLimitPerPeriod, send(sol(1'000'000)));
    EXPECT_ACCEPTED(send(sol(500'000)));
}

TEST_F(CountingTest, OutflowIsGross) {
    // Two transfers in one action, and what comes back does not count.
    Draft draft = sol(600'000);
    auto& list = std::get<ExecuteBody>(draft.body).calls;
    list.push_back(list[0]);
    EXPECT_REFUSED(kLimitPerCall, send(draft));
    world_.put(to_, 10'000'000'000, world_.script());
    draft = sol(600'000);
    draft.accounts.push_back(readonly(world_.script()));
    auto& back = std::get<ExecuteBody>(draft.body).calls;
    back.push_back(compact_call(4, {{2, true, false}, {1, true, false}},
                                ScriptBuilder().move(0, 1, 600'000).take()));
    EXPECT_ACCEPTED(send(draft));
    back.push_back(back[0]);
    EXPECT_REFUSED(kLimitPerCall, send(draft));
}

TEST_F(CountingTest, Tokens) {
    EXPECT_REFUSED(kLimitPerCall, send(calls({token_transfer(101)})));
    EXPECT_REFUSED(kLimitPerCall, send(calls({token_transfer(50), token_transfer(51)})));
    EXPECT_ACCEPTED(send(calls({token_transfer(100)})));
    EXPECT_REFUSED(kLimitPerPeriod, send(calls({token_transfer(51)})));
    EXPECT_ACCEPTED(send(calls({token_transfer(50)})));
    world_.advance(1'000'000);
    EXPECT_REFUSED(kLimitPerPeriod, send(calls({token_transfer(1)})));
    EXPECT_EQ(token_amount(world_.chain().find_account(theirs_)), 150U);
    EXPECT_ACCEPTED(send(calls({token_transfer(0)})));
}

TEST_F(CountingTest, AssetsNotListed) {
    EXPECT_REFUSED(kAssetNotListed, send(calls({token_transfer(1)}, kTokenProgram, 2)));
    core::Configuration configuration = open_configuration({ed25519_.entry()});
    configuration.rules.push_back(limited_rule(kSystemProgram, mint_, 5, 5));
    const Forge forge = world_.make_wallet(configuration);
    ASSERT_ACCEPTED(world_.create_state(forge));
    EXPECT_REFUSED(kAssetNotListed, world_.send(forge, sol(1)));
}

TEST_F(CountingTest, BurnCounts) {
    const auto burn = [&](std::uint64_t amount) {
        return calls(
            {compact_call(kProgramAt, {{kOwn, true, false}, {kMint, true, false}, {1, false, true}},
                          token_data(kBurn, amount))});
    };
    EXPECT_REFUSED(kLimitPerCall, send(burn(101)));
    EXPECT_ACCEPTED(send(burn(100)));
    EXPECT_REFUSED(kLimitPerPeriod, send(burn(51)));
}

TEST_F(CountingTest, ADelegatesTransferCounts) {
    // The delegate signs the transaction itself; the call passes its signature on.
    put_own({mint_, vault_, 1000, other_, 500});
    Draft draft = calls(
        {compact_call(kProgramAt, {{kOwn, true, false}, {kTheirs, true, false}, {6, false, true}},
                      token_data(kTransfer, 5))});
    draft.accounts.push_back(readonly_signer(other_));
    // The delegated amount shrinks: an authority that must stay.
    expect_limited_only(Verdict::kAuthorityChanged, draft);
}

TEST_F(CountingTest, AuthoritiesStay) {
    const std::vector<CallMeta> own_vault = {{kOwn, true, false}, {1, false, true}};
    const std::vector<CallMeta> own_theirs_vault = {
        {kOwn, true, false}, {kTheirs, false, false}, {1, false, true}};
    const Bytes scripts[] = {set_authority_data(2, other_), set_authority_data(3, other_)};
    for (const Bytes& data : scripts) {
        expect_limited_only(Verdict::kAuthorityChanged,
                            calls({compact_call(kProgramAt, own_vault, data)}));
        put_own({mint_, vault_, 1000});
    }
    expect_limited_only(
        Verdict::kAuthorityChanged,
        calls({compact_call(kProgramAt, own_theirs_vault, token_data(kApprove, 1))}));
    // Now there is a delegate: it must stay, too.
    expect_limited_only(Verdict::kAuthorityChanged,
                        calls({compact_call(kProgramAt, own_vault, token_data(kRevoke))}));
    // Freezing.
    world_.put_data(mint_, kTokenProgram, encode_mint({std::nullopt, 1'000'000, 6, other_}));
    Draft freeze = calls(
        {compact_call(kProgramAt, {{kOwn, true, false}, {kMint, false, false}, {6, false, true}},
                      token_data(kFreeze))});
    freeze.accounts.push_back(readonly_signer(other_));
    expect_limited_only(Verdict::kAuthorityChanged, freeze);
}

TEST_F(CountingTest, MintsOfTheVaultStay) {
    world_.put_data(mint_, kTokenProgram, encode_mint({vault_, 1'000'000, 6, {}}));
    expect_limited_only(
        Verdict::kAuthorityChanged,
        calls({compact_call(kProgramAt,
                            {{kMint, true, false}, {kTheirs, true, false}, {1, false, true}},
                            token_data(kMintTo, 1))}));
    // Who may freeze accounts needs no change of the mint for that.
    const CompactCall reassign = compact_call(kProgramAt, {{kMint, true, false}, {1, false, true}},
                                              set_authority_data(1, other_));
    world_.put_data(mint_, kTokenProgram, encode_mint({other_, 1'000'000, 6, vault_}));
    Draft seen = sol(1);
    seen.accounts.push_back(readonly(mint_));
    expect_limited_only(Verdict::kUncountable, seen);
    expect_limited_only(Verdict::kUncountable, calls({reassign}));
    // A mint of somebody else may change.
    world_.put_data(mint_, kTokenProgram, encode_mint({other_, 1'000'000, 6, {}}));
    Draft minting = calls(
        {compact_call(kProgramAt, {{kMint, true, false}, {kTheirs, true, false}, {6, false, true}},
                      token_data(kMintTo, 1))});
    minting.accounts.push_back(readonly_signer(other_));
    EXPECT_ACCEPTED(send(minting));
}

TEST_F(CountingTest, ClosingCountsAll) {
    // Rent goes to the vault or elsewhere: gone from the account either way.
    put_own({mint_, vault_, 0});
    const std::uint64_t rent = world_.chain().lamports(own_);
    ASSERT_LT(rent, 2'000'000U);
    const Draft close =
        calls({compact_call(kProgramAt, {{kOwn, true, false}, {1, true, false}, {1, false, true}},
                            token_data(kClose))});
    EXPECT_REFUSED(kLimitPerCall, send(close));
    core::Configuration configuration = open_configuration({ed25519_.entry()});
    configuration.rules.push_back(limited_rule(kTokenProgram, kSol, rent, rent));
    const Forge forge = world_.make_wallet(configuration);
    ASSERT_ACCEPTED(world_.create_state(forge));
    put_own({mint_, forge.wallet().vault, 0});
    EXPECT_ACCEPTED(world_.send(forge, close));
    EXPECT_EQ(world_.state_of(forge)->counters[0].spent, rent);
    EXPECT_EQ(world_.chain().find_account(own_), nullptr);
}

TEST_F(CountingTest, WrappedSolCountsAsItsMintAndItsRest) {
    const std::uint64_t rent = world_.chain().minimum_balance(165);
    core::Configuration configuration = open_configuration({ed25519_.entry()});
    configuration.rules.push_back(limited_rule(kTokenProgram, kNativeMint, 1000, 1000));
    configuration.rules.push_back(configuration.rules[1]);
    configuration.rules[2].limits.push_back({core::Hash32(), rent, rent, 0});
    core::normalize(configuration.rules[2]);
    const Forge forge = world_.make_wallet(configuration);
    ASSERT_ACCEPTED(world_.create_state(forge));
    const Address& vault = forge.wallet().vault;
    const auto wrap = [&](const Address& address, const Address& owner, std::uint64_t amount) {
        world_.put(address, rent + amount, kTokenProgram,
                   encode_token_account({kNativeMint, owner, amount, {}, 0, {}, 1, rent}));
    };
    wrap(own_, vault, 5000);
    wrap(theirs_, other_, 0);
    EXPECT_REFUSED(kLimitPerCall, world_.send(forge, calls({token_transfer(1001)})));
    EXPECT_ACCEPTED(world_.send(forge, calls({token_transfer(1000)})));
    EXPECT_EQ(world_.chain().lamports(theirs_), rent + 1000);
    // Closing takes amount and rent.
    wrap(own_, vault, 500);
    Draft close = calls(
        {compact_call(kProgramAt, {{kOwn, true, false}, {kTheirs, true, false}, {1, false, true}},
                      token_data(kClose))});
    EXPECT_REFUSED(kAssetNotListed, world_.send(forge, close));
    close.rule.index = 2;
    EXPECT_ACCEPTED(world_.send(forge, close));
    EXPECT_EQ(world_.state_of(forge)->counters[1].spent, rent);
    EXPECT_EQ(world_.state_of(forge)->counters[2].spent, 500U);
    // Lamports that came in unsynced are rest until they are synced; then the rest has shrunk.
    wrap(own_, vault, 500);
    world_.put(own_, rent + 700, kTokenProgram, account_of(own_).data);
    const Draft sync =
        calls({compact_call(kProgramAt, {{kOwn, true, false}}, token_data(kSyncNative))});
    EXPECT_REFUSED(kAssetNotListed, world_.send(forge, sync));
}

TEST_F(CountingTest, UncountableAccounts) {
    const auto expect_uncountable = [&](const Address& owner, const Bytes& data,
                                        bool when_readonly) {
        const Address address = test_address(30);
        world_.put_data(address, owner, data);
        Draft draft = sol(1);
        draft.accounts.push_back(writable(address));
        expect_limited_only(Verdict::kUncountable, draft);
        draft.accounts.back() = readonly(address);
        if (when_readonly) {
            expect_limited_only(Verdict::kUncountable, draft);
        } else {
            EXPECT_ACCEPTED(send(draft));
        }
    };
    const Bytes some(100, 1);
    for (const Address& owner :
         {"Stake11111111111111111111111111111111111111"_address,
          "Vote111111111111111111111111111111111111111"_address, kAddressLookupTableProgram,
          kUpgradeableLoader, "LoaderV411111111111111111111111111111111111"_address,
          kSystemProgram}) {
        expect_uncountable(owner, some, false);
    }
    for (const Address& owner : {kTokenProgram, kToken2022Program}) {
        expect_uncountable(owner, Bytes(355, 1), true);
        expect_uncountable(owner, some, false);
        expect_uncountable(owner, encode_token_account({mint_, other_, 1, vault_, 1}), false);
        expect_uncountable(owner, encode_token_account({mint_, other_, 1, {}, 0, vault_}), false);
    }
    // A mint with extensions; even when it is only read, if the vault is an authority of any.
    Bytes extended = encode_token_account({mint_, other_, 1});
    extended.push_back(1);
    extended.resize(180);
    expect_uncountable(kToken2022Program, extended, false);
    for (const std::size_t at : {std::size_t{166}, std::size_t{170}, std::size_t{171}}) {
        Bytes issued = extended;
        issued.resize(171 + 32);
        std::copy(vault_.begin(), vault_.end(), issued.begin() + static_cast<std::ptrdiff_t>(at));
        expect_uncountable(kToken2022Program, issued, true);
    }
    extended = encode_token_account({mint_, vault_, 1});
    extended.resize(180);
    extended[165] = 2;
    // An account with the extension for confidential transfers (5), behind another one.
    extended[166] = 7;
    extended[170] = 5;
    expect_uncountable(kToken2022Program, extended, false);
}

TEST_F(CountingTest, CountableAccounts) {
    const auto expect_fine = [&](const Address& owner, const Bytes& data) {
        const Address address = test_address(30);
        world_.put_data(address, owner, data);
        Draft draft = sol(1);
        draft.accounts.push_back(writable(address));
        EXPECT_ACCEPTED(send(draft));
    };
    expect_fine(world_.script(), Bytes(165, 1));
    expect_fine(kTokenProgram, Bytes(165));
    expect_fine(kTokenProgram, encode_mint({other_, 1, 6, other_}));
    expect_fine(kTokenProgram, encode_token_account({mint_, other_, 1, other_, 1, other_}));
    Bytes extended = encode_token_account({mint_, vault_, 1});
    extended.push_back(2);
    extended.resize(180);
    expect_fine(kToken2022Program, extended);
    // Passed twice it is remembered once.
    Draft draft = calls({token_transfer(60)});
    draft.accounts.push_back(writable(own_));
    EXPECT_ACCEPTED(send(draft));
    EXPECT_EQ(world_.state_of(forge_)->counters[1].spent, 60U);
}

TEST_F(CountingTest, ExtendedAccountsOfToken2022Count) {
    Bytes extended = encode_token_account({mint_, vault_, 1000});
    extended.push_back(2);
    extended.resize(175);
    world_.put_data(own_, kToken2022Program, extended);
    world_.put_data(theirs_, kToken2022Program, encode_token_account({mint_, other_, 0}));
    EXPECT_REFUSED(kLimitPerCall, send(calls({token_transfer(101)}, kToken2022Program)));
    EXPECT_ACCEPTED(send(calls({token_transfer(100)}, kToken2022Program)));
}

TEST_F(CountingTest, OwnerProgramOfAnAccountStays) {
    // The script program closes a token account at an address that it can sign for, and puts the
    // same bytes there again as its own.
    const Bytes seed = {1, 2, 3};
    Bytes bump = {255};
    Address derived;
    for (;; --bump[0]) {
        const ByteView seeds[] = {seed, bump};
        const auto found = derive_address(seeds, world_.script());
        if (found) {
            derived = *found;
            break;
        }
    }
    const Bytes before = encode_token_account({mint_, vault_, 50});
    world_.put_data(derived, kTokenProgram, before);
    Draft draft;
    draft.from_genesis = false;
    draft.rule.index = 1;
    draft.accounts = {writable(derived),        writable(theirs_),         readonly(kTokenProgram),
                      readonly(kSystemProgram), readonly(world_.script()), writable(to_)};
    // In the callee: 0 derived, 1 theirs, 2 vault, 3 token, 4 system, 5 to.
    const std::vector<CallMeta> metas = {{2, true, false},  {3, true, false},  {1, true, true},
                                         {4, false, false}, {5, false, false}, {7, true, false}};
    const std::uint64_t rent = world_.chain().lamports(derived);
    Bytes allocate = {8, 0, 0, 0, 165, 0, 0, 0, 0, 0, 0, 0};
    Bytes assign = {1, 0, 0, 0};
    core::append(assign, world_.script().view());
    core::ByteWriter refund;
    refund.write_u32_le(2).write_u64_le(rent);
    ScriptBuilder script;
    script
        .call(3, {{0, false, true}, {1, false, true}, {2, true, false}}, token_data(kTransfer, 50))
        .call(3, {{0, false, true}, {2, false, true}, {2, true, false}}, token_data(kClose))
        .call(4, {{2, true, true}, {0, false, true}}, refund.take())
        .call(4, {{0, true, true}}, allocate, {seed, bump})
        .call(4, {{0, true, true}}, assign, {seed, bump});
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (before[i] != 0) {
            script.write(0, static_cast<std::uint16_t>(i), before[i]);
        }
    }
    draft.body = ExecuteBody{std::nullopt, {compact_call(6, metas, script.take())}};
    draft.rule.index = 3;
    const NativeAccount theirs = account_of(theirs_);
    const NativeAccount placed = account_of(derived);
    EXPECT_ACCEPTED(send(draft));
    EXPECT_EQ(account_of(derived).owner, world_.script());
    EXPECT_EQ(account_of(derived).data, before);
    world_.chain().set_account(theirs_, theirs);
    world_.chain().set_account(derived, placed);
    draft.rule.index = 1;
    EXPECT_REFUSED(kAuthorityChanged, send(draft));
}

TEST_F(CountingTest, LimitsNeedTheState) {
    core::Configuration configuration = open_configuration({ed25519_.entry()});
    configuration.rules.push_back(limited_rule(kSystemProgram, kSol, 5, 5));
    const Forge forge = world_.make_wallet(configuration);
    Draft draft = transfer(1);
    draft.rule.index = 1;
    EXPECT_REFUSED(kStateNeeded, world_.send(forge, draft));
    ASSERT_ACCEPTED(world_.create_state(forge));
    EXPECT_REFUSED(kStateNeeded, world_.send(forge, draft));
    EXPECT_ACCEPTED(world_.send(forge, from_state(draft)));
}

// Caps.

class CapsTest : public CountingTest {
  protected:
    Draft capped(Draft draft, std::vector<Cap> caps, bool no_new_authority = false) const {
        std::get<ExecuteBody>(draft.body).caps = Caps{no_new_authority, std::move(caps)};
        draft.rule.index = 0;
        return draft;
    }
};

TEST_F(CapsTest, OutflowOfTheVault) {
    EXPECT_REFUSED(kCapOutflow, send(capped(sol(101), {{1, 100, 0}})));
    EXPECT_ACCEPTED(send(capped(sol(100), {{1, 100, 0}})));
}

TEST_F(CapsTest, CapsAreNet) {
    world_.put(to_, 10'000'000'000, world_.script());
    Draft draft = capped(sol(600), {{1, 100, 0}});
    draft.accounts.push_back(readonly(world_.script()));
    auto& list = std::get<ExecuteBody>(draft.body).calls;
    list.push_back(compact_call(4, {{2, true, false}, {1, true, false}},
                                ScriptBuilder().move(0, 1, 500).take()));
    EXPECT_ACCEPTED(send(draft));
    list.pop_back();
    EXPECT_REFUSED(kCapOutflow, send(draft));
}

TEST_F(CapsTest, InflowOfTheVault) {
    world_.put(to_, 10'000'000'000, world_.script());
    const auto bring = [&](std::uint64_t lamports) {
        Draft draft = sol(0);
        draft.accounts.push_back(readonly(world_.script()));
        draft.body = ExecuteBody{std::nullopt,
                                 {compact_call(4, {{2, true, false}, {1, true, false}},
                                               ScriptBuilder().move(0, 1, lamports).take())}};
        return capped(draft, {{1, 0, 100}});
    };
    EXPECT_REFUSED(kCapInflow, send(bring(99)));
    EXPECT_ACCEPTED(send(bring(100)));
    EXPECT_REFUSED(kCapInflow, send(capped(sol(1), {{1, 5, 1}})));
}

TEST_F(CapsTest, TokenAccounts) {
    EXPECT_REFUSED(kCapOutflow, send(capped(calls({token_transfer(11)}), {{kOwn, 10, 0}})));
    EXPECT_ACCEPTED(send(capped(calls({token_transfer(10)}), {{kOwn, 10, 0}})));
    // An account of somebody else cannot be capped; one that does not exist yet holds nothing.
    EXPECT_REFUSED(kUncountable, send(capped(calls({token_transfer(10)}), {{kTheirs, 10, 0}})));
    Draft draft = calls({token_transfer(1)});
    draft.accounts.push_back(writable(test_address(31)));
    EXPECT_ACCEPTED(send(capped(draft, {{6, 0, 0}})));
    EXPECT_REFUSED(kCapInflow, send(capped(draft, {{6, 0, 1}})));
    EXPECT_REFUSED(kUncountable, send(capped(calls({token_transfer(1)}), {{kMint, 0, 0}})));
    EXPECT_REFUSED(kUncountable, send(capped(calls({token_transfer(1)}), {{0, 0, 0}})));
    EXPECT_REFUSED(kAccountIndex, send(capped(calls({token_transfer(1)}), {{40, 0, 0}})));
}

TEST_F(CapsTest, SeveralCaps) {
    EXPECT_ACCEPTED(send(capped(calls({token_transfer(5)}), {{1, 0, 0}, {kOwn, 5, 0}})));
    EXPECT_REFUSED(kCapOutflow,
                   send(capped(calls({token_transfer(5)}), {{kOwn, 5, 0}, {kOwn, 4, 0}})));
}

TEST_F(CapsTest, NoNewAuthority) {
    const std::vector<CallMeta> own_vault = {{kOwn, true, false}, {1, false, true}};
    const Draft reassign =
        calls({compact_call(kProgramAt, own_vault, set_authority_data(2, other_))});
    EXPECT_REFUSED(kAuthorityChanged, send(capped(reassign, {}, true)));
    // No limits: anything may be passed and spent.
    EXPECT_ACCEPTED(send(capped(calls({token_transfer(500)}), {}, true)));
    Draft odd = calls({token_transfer(1)});
    world_.put_data(test_address(30), kSystemProgram, Bytes(80, 1));
    odd.accounts.push_back(writable(test_address(30)));
    EXPECT_ACCEPTED(send(capped(odd, {{kOwn, 1, 0}}, true)));
    EXPECT_REFUSED(kCapOutflow, send(capped(odd, {{kOwn, 0, 0}}, true)));
}

TEST_F(CapsTest, UnderLimitsToo) {
    Draft draft = capped(calls({token_transfer(50)}), {{kOwn, 49, 0}});
    draft.rule.index = 1;
    EXPECT_REFUSED(kCapOutflow, send(draft));
    draft = capped(calls({token_transfer(50)}), {{kOwn, 50, 0}});
    draft.rule.index = 1;
    EXPECT_ACCEPTED(send(draft));
    draft = capped(calls({token_transfer(100)}), {{kOwn, 100, 0}});
    draft.rule.index = 1;
    EXPECT_ACCEPTED(send(draft));
    EXPECT_REFUSED(kLimitPerPeriod, send(draft));
}

TEST_F(CapsTest, Encoding) {
    const Draft draft = capped(sol(5), {{1, 100, 0}});
    const std::size_t from_end = 17 + 17 + 1;
    const auto head = [&](std::uint8_t value) {
        return [=](Forged& bad) { bad.data()[bad.data().size() - from_end] = value; };
    };
    expect_only_change_refused(forge_, draft, Verdict::kNonCanonical, head(0x11));
    expect_only_change_refused(forge_, draft, Verdict::kNonCanonical, head(0));
    expect_only_change_refused(forge_, draft, Verdict::kDataTooShort, head(0x0f));
}

}  // namespace
}  // namespace latchkey::solana::testing
