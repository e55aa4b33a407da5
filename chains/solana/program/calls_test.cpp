// SPDX-License-Identifier: Apache-2.0
// What a call may reach and whose signature it may carry.
#include "chains/solana/program/program_testing.hpp"

namespace latchkey::solana::testing {
namespace {

class CallsTest : public ProgramTest {
  protected:
    CallsTest() : forge_(world_.make_wallet(open_configuration({world_.add(ed25519_)}))) {}

    /// One call under the open rule.
    static Draft call(std::vector<AccountMeta> accounts, CompactCall compact,
                      const Nonce& nonce = TransactionNonce{}) {
        Draft draft;
        draft.nonce = nonce;
        draft.accounts = std::move(accounts);
        draft.body = ExecuteBody{std::nullopt, {std::move(compact)}};
        return draft;
    }
    static Bytes transfer_data(std::uint64_t lamports) {
        return transfer_call(0, 0, lamports).data;
    }

    Forge forge_;
};

TEST_F(CallsTest, FeePayerInTheVaultsPlace) {
    Forged forged = world_.forge(forge_, transfer(1'000'000));
    forged.wallet().accounts[1] = writable_signer(world_.payer().address());
    EXPECT_REFUSED(kSignerForwarded, world_.send(forged.instructions));
}

TEST_F(CallsTest, OperatorAsProgram) {
    // The operator's key is not in the leaf, so nobody has approved which program this is.
    ASSERT_ACCEPTED(world_.send({set_lane_operator(world_.program(), world_.lane().address,
                                                   world_.payer().address(), world_.script())}));
    Draft draft = call({}, compact_call(3, {}, {}), world_.lane_nonce());
    draft.lane_operator = world_.script();
    EXPECT_REFUSED(kAccountIndex, world_.send(forge_, draft));
    // Behind the fixed accounts its key is.
    draft.accounts = {readonly(world_.script())};
    draft.body = ExecuteBody{std::nullopt, {compact_call(4, {}, {})}};
    EXPECT_ACCEPTED(world_.send(forge_, draft));
}

TEST_F(CallsTest, FixedAccountsAreNoPrograms) {
    for (const std::uint8_t index : Bytes{0, 1}) {
        EXPECT_REFUSED(kAccountIndex, world_.send(forge_, call({}, compact_call(index, {}, {}))));
    }
    for (const std::uint8_t index : Bytes{0, 1, 2, 3}) {
        EXPECT_REFUSED(kAccountIndex, world_.send(forge_, call({}, compact_call(index, {}, {}),
                                                               world_.lane_nonce())));
    }
}

TEST_F(CallsTest, LaneAndOperatorCannotBeMeant) {
    for (const std::uint8_t index : Bytes{2, 3}) {
        EXPECT_REFUSED(kAccountIndex,
                       world_.send(forge_, call({readonly(world_.script())},
                                                compact_call(4, {{index, false, false}}, {}),
                                                world_.lane_nonce())));
    }
    EXPECT_ACCEPTED(world_.send(
        forge_, call({readonly(world_.script()), readonly(world_.lane().address)},
                     compact_call(4, {{5, false, false}, {0, false, false}, {1, false, false}}, {}),
                     world_.lane_nonce())));
}

TEST_F(CallsTest, AccountsBeyondTheLast) {
    // State, vault, script, signer: 4 is the first that is not there.
    EXPECT_REFUSED(kAccountIndex,
                   world_.send(forge_, call({readonly(world_.script())}, compact_call(4, {}, {}))));
    EXPECT_REFUSED(kAccountIndex,
                   world_.send(forge_, call({readonly(world_.script())},
                                            compact_call(2, {{4, false, false}}, {}))));
    EXPECT_REFUSED(kAccountIndex,
                   world_.send(forge_, call({readonly(world_.script())},
                                            compact_call(2, {{62, true, true}}, {}))));
    expect_only_change_refused(forge_, call({readonly(world_.script())}, compact_call(2, {}, {})),
                               Verdict::kAccountIndex,
                               // The program's byte has no flags.
                               [](Forged& bad) { bad.data()[bad.data().size() - 3] = 0x42; });
}

TEST_F(CallsTest, ReservedTargets) {
    EXPECT_REFUSED(kTargetReserved, world_.send(forge_, call({readonly(world_.program())},
                                                             compact_call(2, {}, {}))));
    core::Configuration named = open_configuration({ed25519_.entry()});
    constexpr Address kLoaders[] = {kUpgradeableLoader,
                                    "LoaderV411111111111111111111111111111111111"_address,
                                    "BPFLoader2111111111111111111111111111111111"_address,
                                    "BPFLoader1111111111111111111111111111111111"_address,
                                    "NativeLoader1111111111111111111111111111111"_address};
    for (const Address& address : kLoaders) {
        world_.chain().set_account(address, {1, address, {}, true});
        EXPECT_REFUSED(kTargetReserved,
                       world_.send(forge_, call({readonly(address)}, compact_call(2, {}, {}))));
        named.rules.push_back(rule(core::kActionExecute));
        named.rules.back().scope = {{core::Hash32(address.array()), {}}};
    }
    // A scope that names the loader is what it takes; then it is the runtime's business.
    const Forge forge = world_.make_wallet(named);
    for (std::uint8_t i = 0; i < 5; ++i) {
        Draft draft = call({readonly(Address(named.rules[i + 1U].scope[0].address.array()))},
                           compact_call(2, {}, {}));
        draft.rule.index = static_cast<std::uint8_t>(i + 1);
        const NativeResult result = world_.send(forge, draft);
        EXPECT_FALSE(result.ok);
        EXPECT_EQ(verdict_of(result), std::nullopt) << explain_result(result);
    }
}

TEST_F(CallsTest, Scope) {
    core::Configuration configuration = open_configuration({ed25519_.entry()});
    configuration.rules.push_back(rule(core::kActionExecute));
    core::Rule& scoped = configuration.rules.back();
    // System transfers, and the script program with any data.
    scoped.scope = {{core::Hash32(kSystemProgram.array()), {2, 0, 0, 0}},
                    {core::Hash32(world_.script().array()), {}}};
    core::normalize(scoped);
    const Forge forge = world_.make_wallet(configuration);
    Draft draft = transfer(5);
    draft.rule.index = 1;
    EXPECT_ACCEPTED(world_.send(forge, draft));
    Draft scripted = call({readonly(world_.script())}, compact_call(2, {}, {}));
    scripted.rule.index = 1;
    EXPECT_ACCEPTED(world_.send(forge, scripted));

    auto& body = std::get<ExecuteBody>(draft.body);
    body.calls[0].data[0] = 3;
    EXPECT_REFUSED(kTargetNotAllowed, world_.send(forge, draft));
    body.calls[0].data = {2, 0, 0};
    EXPECT_REFUSED(kTargetNotAllowed, world_.send(forge, draft));
    scripted.accounts = {readonly(kTokenProgram)};
    EXPECT_REFUSED(kTargetNotAllowed, world_.send(forge, scripted));
    // The second call counts as well.
    draft = transfer(5);
    draft.rule.index = 1;
    draft.accounts.push_back(readonly(kTokenProgram));
    std::get<ExecuteBody>(draft.body).calls.push_back(compact_call(4, {}, {}));
    EXPECT_REFUSED(kTargetNotAllowed, world_.send(forge, draft));
}

TEST_F(CallsTest, ForwardedSignatures) {
    const Address other = test_address(5);
    world_.put(other, 1'000'000'000);
    const auto pass = [&](const AccountMeta& meta, bool is_writable, const Nonce& nonce) {
        const std::uint8_t first = std::holds_alternative<LaneNonce>(nonce) ? 4 : 2;
        return world_.send(
            forge_,
            call({readonly(world_.script()), meta},
                 compact_call(first, {{static_cast<std::uint8_t>(first + 1), is_writable, true}},
                              {}),
                 nonce));
    };
    EXPECT_ACCEPTED(pass(readonly_signer(other), false, TransactionNonce{}));
    EXPECT_REFUSED(kSignerForwarded, pass(readonly(other), false, TransactionNonce{}));
    EXPECT_REFUSED(kSignerForwarded, pass(writable_signer(other), true, TransactionNonce{}));
    EXPECT_REFUSED(kSignerForwarded, pass(writable_signer(other), false, TransactionNonce{}));
    EXPECT_REFUSED(kSignerForwarded,
                   pass(writable_signer(world_.payer().address()), false, TransactionNonce{}));
    EXPECT_REFUSED(kSignerForwarded,
                   pass(readonly_signer(world_.payer().address()), false, world_.lane_nonce()));

    // A fresh account may sign for its own creation.
    const Address fresh = test_address(6);
    Bytes create = {0, 0, 0, 0};
    create.resize(52);
    core::store_le(create.data() + 4, world_.chain().minimum_balance(10));
    core::store_le(create.data() + 12, std::uint64_t{10});
    EXPECT_ACCEPTED(
        world_.send(forge_, call({readonly(kSystemProgram), writable_signer(fresh)},
                                 compact_call(2, {{1, true, true}, {3, true, true}}, create))));
    EXPECT_EQ(account_of(fresh).data.size(), 10U);
    // Not any more when it holds something.
    EXPECT_REFUSED(kSignerForwarded, pass(writable_signer(fresh), true, TransactionNonce{}));
    // Data alone is something, and so is another owner.
    world_.put(fresh, 0, world_.script());
    EXPECT_REFUSED(kSignerForwarded, pass(writable_signer(fresh), true, TransactionNonce{}));
}

TEST_F(CallsTest, OperatorIsNotForwardedWhateverItHolds) {
    const Address operator_address = test_address(8);
    world_.put(operator_address, 1'000'000'000);
    ASSERT_ACCEPTED(world_.send({set_lane_operator(world_.program(), world_.lane().address,
                                                   world_.payer().address(), operator_address)}));
    Draft draft = call({readonly(world_.script()), readonly_signer(operator_address)},
                       compact_call(4, {{5, false, true}}, {}), world_.lane_nonce());
    draft.lane_operator = operator_address;
    EXPECT_REFUSED(kSignerForwarded, world_.send(forge_, draft));
    std::get<ExecuteBody>(draft.body).calls[0].metas[0].is_signer = false;
    EXPECT_ACCEPTED(world_.send(forge_, draft));
}

TEST_F(CallsTest, VaultStaysPlain) {
    Bytes assign = {1, 0, 0, 0};
    core::append(assign, world_.script().view());
    EXPECT_REFUSED(kVaultChanged,
                   world_.send(forge_, call({readonly(kSystemProgram)},
                                            compact_call(2, {{1, true, true}}, assign))));
    Bytes allocate = {8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0};
    EXPECT_REFUSED(kVaultChanged,
                   world_.send(forge_, call({readonly(kSystemProgram)},
                                            compact_call(2, {{1, true, true}}, allocate))));
    allocate[4] = 0;
    EXPECT_ACCEPTED(world_.send(
        forge_, call({readonly(kSystemProgram)}, compact_call(2, {{1, true, true}}, allocate))));
}

TEST_F(CallsTest, NumberOfCalls) {
    Draft draft = call({readonly(world_.script())}, compact_call(2, {}, {}));
    auto& calls = std::get<ExecuteBody>(draft.body).calls;
    calls.resize(kMaximumCalls, calls[0]);
    Forged forged = world_.forge(forge_, draft);
    EXPECT_ACCEPTED(world_.send(forged.instructions));
    core::append(forged.data(), Bytes{2, 0, 0});
    EXPECT_REFUSED(kTooManyCalls, world_.send(forged.instructions));
    EXPECT_ACCEPTED(world_.send(forge_, nothing()));
}

TEST_F(CallsTest, LongData) {
    for (const std::size_t size : {0U, 127U, 128U, 1000U, 10'000U}) {
        const Draft draft = call({readonly(world_.script())},
                                 compact_call(2, {}, ScriptBuilder().give_back(Bytes(100)).take()));
        Draft sized = draft;
        Bytes& data = std::get<ExecuteBody>(sized.body).calls[0].data;
        // Scripts end where a step is unknown; returning 0 bytes is a step of two.
        data.clear();
        while (data.size() + 2 <= size) {
            core::append(data, ScriptBuilder().give_back({}).take());
        }
        EXPECT_ACCEPTED(world_.send(forge_, sized));
    }
    // 5 in two bytes.
    Draft draft = call({readonly(world_.script())},
                       compact_call(2, {}, ScriptBuilder().give_back(Bytes(3)).take()));
    expect_only_change_refused(forge_, draft, Verdict::kNonCanonical, [](Forged& bad) {
        Bytes& data = bad.data();
        data[data.size() - 6] = 0x80;
        data.insert(data.end() - 5, 5);
    });
}

TEST_F(CallsTest, EveryPrefixIsRefused) {
    Forged forged = world_.forge(forge_, transfer(1));
    const Bytes whole = forged.data();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        forged.data() = Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        const NativeResult result = world_.send(forged.instructions);
        // Up to the rule byte there is nothing to run: an execute without calls is a good one.
        EXPECT_EQ(result.ok, size + 17 == whole.size()) << size << ' ' << explain_result(result);
    }
}

TEST_F(CallsTest, CalleesErrorIsTheTransactions) {
    const NativeResult result = world_.send(
        forge_,
        call({readonly(world_.script())}, compact_call(2, {}, ScriptBuilder().fail(4242).take())));
    EXPECT_EQ(result.custom_code, 4242U);
    EXPECT_RUNTIME_ERROR("Custom", result);
}

TEST_F(CallsTest, HostileCallee) {
    const Address loot = test_address(9);
    world_.put(loot, 1'000'000'000);
    const Address state = forge_.wallet().state();
    ASSERT_ACCEPTED(world_.create_state(forge_));
    const auto run = [&](const std::vector<CallMeta>& metas, Bytes script) {
        return world_.send(forge_, call({readonly(world_.script()), writable(loot),
                                         readonly(kSystemProgram), readonly(world_.program())},
                                        compact_call(2, metas, std::move(script))));
    };
    const std::vector<CallMeta> unsigned_vault = {
        {1, true, false}, {3, true, false}, {4, false, false}};
    const std::vector<CallMeta> signed_vault = {
        {1, true, true}, {3, true, false}, {4, false, false}};
    const Bytes data = transfer_data(7);
    const std::vector<ScriptMeta> inner = {{0, true, true}, {1, false, true}};
    // The vault's signature is there only where the approval declares it.
    EXPECT_RUNTIME_ERROR("PrivilegeEscalation",
                         run(unsigned_vault, ScriptBuilder().call(2, inner, data).take()));
    EXPECT_ACCEPTED(run(signed_vault, ScriptBuilder().call(2, inner, data).take()));
    // Nobody but the owner takes lamports or writes data.
    EXPECT_RUNTIME_ERROR("ExternalAccountLamportSpend",
                         run(signed_vault, ScriptBuilder().move(0, 1, 5).take()));
    EXPECT_RUNTIME_ERROR("ModifiedProgramId",
                         run(signed_vault, ScriptBuilder().assign(0, 1).take()));
    const std::vector<CallMeta> with_state = {{0, true, false}, {1, true, true}};
    EXPECT_RUNTIME_ERROR("ExternalAccountDataModified",
                         run(with_state, ScriptBuilder().write(0, 8, 9).take()));
    EXPECT_RUNTIME_ERROR("AccountDataSizeChanged",
                         run(with_state, ScriptBuilder().resize(0, 5).take()));
    EXPECT_RUNTIME_ERROR("ExternalAccountLamportSpend",
                         run(with_state, ScriptBuilder().move(0, 1, 5).take()));
    // The wallet cannot be entered twice.
    const std::vector<CallMeta> with_program = {{5, false, false}};
    EXPECT_RUNTIME_ERROR("ReentrancyNotAllowed",
                         run(with_program, ScriptBuilder().call(0, {}, {}).take()));
    EXPECT_TRUE(world_.state_of(forge_).has_value());
    EXPECT_EQ(account_of(state).owner, world_.program());
}

TEST_F(CallsTest, WritableOnlyAsTheTransactionSays) {
    Forged forged = world_.forge(forge_, transfer(5));
    forged.wallet().accounts[2].is_writable = false;
    EXPECT_RUNTIME_ERROR("PrivilegeEscalation", world_.send(forged.instructions));
    forged.wallet().accounts[2].is_writable = true;
    forged.wallet().accounts[1].is_writable = false;
    EXPECT_RUNTIME_ERROR("PrivilegeEscalation", world_.send(forged.instructions));
}

TEST_F(CallsTest, WrongVaultMovesNothing) {
    const Address other = test_address(10);
    world_.put(other, 1'000'000'000);
    Forged forged = world_.forge(forge_, transfer(5));
    forged.wallet().accounts[1] = writable(other);
    const NativeResult result = world_.send(forged.instructions);
    EXPECT_FALSE(result.ok);
    EXPECT_EQ(world_.chain().lamports(other), 1'000'000'000U);
}

TEST_F(CallsTest, DeclaredBitsAreSigned) {
    // The submitter cannot add a privilege: the digest changes. With a transaction signature the
    // whole instruction is signed anyway.
    const Forge forge = world_.make_wallet(open_configuration({world_.add(p256_)}));
    Draft draft = transfer(5, world_.lane_nonce());
    std::get<ExecuteBody>(draft.body).calls[0].metas[1].is_signer = false;
    expect_only_change_refused(forge, draft, Verdict::kDigestMismatch, [](Forged& bad) {
        Bytes& data = bad.data();
        data[data.size() - 14] |= kMetaSigner;
    });
}

}  // namespace
}  // namespace latchkey::solana::testing
