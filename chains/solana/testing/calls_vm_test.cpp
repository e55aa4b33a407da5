// SPDX-License-Identifier: Apache-2.0
// Law 8 on the real VM: what calls can reach, and who can call.

#include "chains/solana/client/instructions.hpp"
#include "chains/solana/testing/laws_testing.hpp"
#include "chains/solana/testing/native_addresses.hpp"

namespace latchkey::solana::testing {
namespace {

constexpr Address kNativeLoaderProgram = "NativeLoader1111111111111111111111111111111"_address;

// Law 8 and inner calls.

TEST_F(Laws, OuterSignaturesAreNotPassedOn) {
    const WalletUnderTest wallet = owned_by(key(26));
    const Address payer = chain().payer().address();
    const std::uint64_t before = chain().lamports(payer);
    // A call that takes the sponsor's money: the sponsor signed the transaction as its fee payer.
    Attempt attempt = wallet.attempt(
        wallet.execute({system::transfer(wallet.vault(), payer, 1)}, UseTransaction{}), {{0}});
    Bytes& data = attempt.data();
    // Call: program, 2 metas, vault, payer, ... : turn it round, payer -> vault, payer as a signer.
    for (std::size_t i = 0; i + 4 < data.size(); ++i) {
        if (data[i] == 2 && data[i + 1] == (1 | kMetaWritable | kMetaSigner)) {
            const std::uint8_t payer_index = data[i + 2] & kMetaIndexMask;
            data[i + 1] = static_cast<std::uint8_t>(payer_index | kMetaWritable | kMetaSigner);
            data[i + 2] = 1 | kMetaWritable;
            break;
        }
    }
    EXPECT_REFUSED(kSignerForwarded, chain().send(attempt));
    EXPECT_GE(chain().lamports(payer) + 20'000, before);
}

TEST_F(Laws, VaultCannotBeReassigned) {
    const WalletUnderTest wallet = owned_by(key(27));
    EXPECT_REFUSED(kVaultChanged,
                   wallet.send(wallet.execute({system::assign(wallet.vault(), kTokenProgram)},
                                              UseTransaction{}),
                               {{0}}));
    EXPECT_REFUSED(kVaultChanged, wallet.send(wallet.execute({system::allocate(wallet.vault(), 10)},
                                                             UseTransaction{}),
                                              {{0}}));
    expect_untouched(wallet);
}

TEST_F(Laws, ProgramAndLoadersAreNoTargets) {
    const WalletUnderTest wallet = owned_by(key(28));
    for (const Address& target :
         {chain().deployment().program, kUpgradeableLoader, kNativeLoaderProgram}) {
        Attempt attempt =
            wallet.attempt(wallet.execute({{somebody(), {}, {1}}}, UseTransaction{}), {{0}});
        for (AccountMeta& meta : attempt.wallet_instruction().accounts) {
            if (meta.address == somebody()) {
                meta.address = target;
            }
        }
        EXPECT_REFUSED(kTargetReserved, chain().send(attempt));
    }
}

TEST_F(Laws, TooManyCallsAreRefused) {
    const WalletUnderTest wallet = owned_by(key(29));
    std::vector<Instruction> calls(16, system::transfer(wallet.vault(), somebody(), 1000));
    EXPECT_ACCEPTED(wallet.send(wallet.execute(calls, UseTransaction{}), {{0}}));
    Attempt attempt = wallet.attempt(wallet.execute(calls, UseTransaction{}), {{0}});
    Bytes& data = attempt.data();
    const Bytes last(data.end() - 17, data.end());
    data.insert(data.end(), last.begin(), last.end());
    EXPECT_REFUSED(kTooManyCalls, chain().send(attempt));
}

// The top level: behind another program.

class Behind : public Laws {
  protected:
    void SetUp() override {
        Laws::SetUp();
        std::ifstream file(LATCHKEY_PROXY_ELF, std::ios::binary);
        const Bytes elf((std::istreambuf_iterator<char>(file)), {});
        ASSERT_FALSE(elf.empty());
        chain().svm().load_program(proxy().array(), elf);
    }
    static Address proxy() { return Scenario::address(2000); }
    /// The same instruction, called by another program.
    static void wrap(Instruction& instruction, std::uint8_t mode = 0, std::uint8_t bump = 0) {
        instruction.accounts.insert(instruction.accounts.begin(), readonly(instruction.program));
        instruction.program = proxy();
        instruction.data.insert(instruction.data.begin(), {mode, bump});
    }
};

TEST_F(Behind, TransactionSignaturesDoNotCount) {
    const WalletUnderTest wallet = owned_by(key(41));
    Attempt attempt = transfer(wallet, UseTransaction{});
    const Attempt good = attempt;
    wrap(attempt.wallet_instruction());
    EXPECT_REFUSED(kNotTopLevel, chain().send(attempt));
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Behind, PrecompilesDoNotCount) {
    const WalletUnderTest wallet = owned_by(TestSigner::passkey(42));
    Attempt attempt = transfer(wallet, chain().use_lane());
    const Attempt good = attempt;
    wrap(attempt.wallet_instruction());
    EXPECT_REFUSED(kPrecompileMissing, chain().send(attempt));
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Behind, RecoveredSignaturesDoNotCount) {
    const WalletUnderTest wallet = owned_by(TestSigner::eip712(43));
    Attempt attempt = transfer(wallet, chain().use_lane());
    const Attempt good = attempt;
    wrap(attempt.wallet_instruction());
    EXPECT_REFUSED(kNotTopLevel, chain().send(attempt));
    EXPECT_ACCEPTED(chain().send(good));
}

// Hostile callees: programs that do what they like with what they are given.

class Hostile : public Behind {
  protected:
    void SetUp() override {
        Behind::SetUp();
        load(script(), LATCHKEY_SCRIPT_ELF);
        wallet_.emplace(with_state(key(700)));
    }
    static Address script() { return Scenario::address(2001); }
    Address vault() { return wallet_->vault(); }
    SendResult run(std::vector<AccountMeta> accounts, ScriptBuilder& steps) {
        return call(*wallet_, {{script(), std::move(accounts), steps.take()}});
    }

    std::optional<WalletUnderTest> wallet_;
};

TEST_F(Hostile, VaultsSignatureIsThereOnlyWhereDeclared) {
    const Bytes take = system::transfer(vault(), somebody(), kSol).data;
    const auto steal = [&](const AccountMeta& as) {
        return run({as, writable(somebody()), readonly(kSystemProgram)},
                   ScriptBuilder().call(2, {{0, true, true}, {1, false, true}}, take));
    };
    EXPECT_RUNTIME_ERROR("PrivilegeEscalation", steal(writable(vault())));
    EXPECT_RUNTIME_ERROR("PrivilegeEscalation", steal(readonly_signer(vault())));
    EXPECT_RUNTIME_ERROR("PrivilegeEscalation", steal(readonly(vault())));
    expect_untouched(*wallet_);
    EXPECT_ACCEPTED(steal(writable_signer(vault())));
}

TEST_F(Hostile, TheUsersSignatureIsThereOnlyWhereDeclared) {
    // The approving key signed the transaction; it holds money of its own.
    const TestSigner user = key(700);
    chain().set_lamports(user.address(), 50 * kSol);
    const auto memo_by_user = [&](bool declared) {
        ExecuteAction body;
        body.calls = {{script(),
                       {declared ? readonly_signer(user.address()) : readonly(user.address()),
                        readonly(kMemoProgram)},
                       ScriptBuilder().call(1, {{0, true, false}}, Bytes{'h', 'i'}).take()}};
        if (declared) {
            body.forwarded_signers = {user.address()};
        }
        return wallet_->send({body, UseTransaction{}, std::nullopt}, {{0}});
    };
    EXPECT_RUNTIME_ERROR("PrivilegeEscalation", memo_by_user(false));
    EXPECT_ACCEPTED(memo_by_user(true));
    // Its money: the account is read-only, so no declaration makes it writable.
    const Bytes take = system::transfer(user.address(), somebody(), kSol).data;
    EXPECT_RUNTIME_ERROR(
        "PrivilegeEscalation",
        run({readonly(user.address()), writable(somebody()), readonly(kSystemProgram)},
            ScriptBuilder().call(2, {{0, true, true}, {1, false, true}}, take)));
    EXPECT_EQ(chain().lamports(user.address()), 50 * kSol);
}

TEST_F(Hostile, WritableOnlyWhereDeclared) {
    const auto move = [&](const AccountMeta& to) {
        return run({writable_signer(vault()), to, readonly(kSystemProgram)},
                   ScriptBuilder().call(2, {{0, true, true}, {1, false, true}},
                                        system::transfer(vault(), to.address, kSol).data));
    };
    EXPECT_RUNTIME_ERROR("PrivilegeEscalation", move(readonly(somebody())));
    expect_untouched(*wallet_);
    EXPECT_ACCEPTED(move(writable(somebody())));
}

TEST_F(Hostile, CalleesCannotTakeTheVaultOver) {
    const Bytes assign = system::assign(vault(), script()).data;
    const Bytes allocate = system::allocate(vault(), 8).data;
    const std::vector<AccountMeta> accounts = {writable_signer(vault()), readonly(kSystemProgram),
                                               readonly(script()), writable(somebody())};
    EXPECT_REFUSED(kVaultChanged,
                   run(accounts, ScriptBuilder().call(1, {{0, true, true}}, assign)));
    EXPECT_REFUSED(kVaultChanged,
                   run(accounts, ScriptBuilder().call(1, {{0, true, true}}, allocate)));
    EXPECT_REFUSED(kVaultChanged, run(accounts, ScriptBuilder()
                                                    .call(1, {{0, true, true}}, allocate)
                                                    .call(1, {{0, true, true}}, assign)));
    // Taken over, and its lamports moved by its new owner.
    EXPECT_REFUSED(
        kVaultChanged,
        run(accounts, ScriptBuilder().call(1, {{0, true, true}}, assign).move(0, 3, kSol)));
    expect_untouched(*wallet_);
    EXPECT_ACCEPTED(
        run(accounts, ScriptBuilder().call(1, {{0, true, true}, {3, false, true}},
                                           system::transfer(vault(), somebody(), kSol).data)));
}

TEST_F(Hostile, TheStateIsNobodysToWrite) {
    const std::vector<AccountMeta> accounts = {writable(wallet_->state()), writable(somebody()),
                                               readonly(script())};
    const auto as_is = [&](ScriptBuilder& steps) {
        Attempt attempt = calling(*wallet_, {{script(), accounts, steps.take()}});
        attempt.wallet_instruction().accounts[0].is_writable = true;
        return chain().send(attempt);
    };
    EXPECT_RUNTIME_ERROR("ExternalAccountDataModified", as_is(ScriptBuilder().write(0, 8, 9)));
    EXPECT_RUNTIME_ERROR("ExternalAccountLamportSpend", as_is(ScriptBuilder().move(0, 1, 1)));
    EXPECT_RUNTIME_ERROR("ModifiedProgramId", as_is(ScriptBuilder().assign(0, 2)));
    EXPECT_ACCEPTED(as_is(ScriptBuilder().move(1, 0, 0)));
}

TEST_F(Hostile, FeePayerInTheVaultsPlace) {
    const Address payer = chain().payer().address();
    Attempt attempt = calling(*wallet_, {system::transfer(vault(), somebody(), kSol)});
    const Attempt good = attempt;
    attempt.wallet_instruction().accounts[1] = writable_signer(payer);
    EXPECT_REFUSED(kSignerForwarded, chain().send(attempt));
    // Any other signer of the transaction as well.
    const TestSigner other = key(701);
    chain().set_lamports(other.address(), 10 * kSol);
    attempt.wallet_instruction().accounts[1] = writable_signer(other.address());
    EXPECT_REFUSED(kSignerForwarded, chain().send(attempt));
    EXPECT_EQ(chain().lamports(other.address()), 10 * kSol);
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Hostile, TheOperatorsSignatureIsNeverPassedOn) {
    const WalletUnderTest wallet = owned_by(key(702));
    // A call that names the lane's operator as a signer, by the position it is passed again.
    const Address payer = chain().payer().address();
    Attempt attempt = wallet.attempt(
        wallet.execute({{script(), {readonly(payer)}, {kScriptReturn, 0}}}, chain().use_lane()),
        {{0}});
    const Attempt good = attempt;
    Bytes& data = attempt.data();
    // The end is: meta, length 2, the script's two bytes.
    data[data.size() - 4] |= kMetaSigner;
    EXPECT_REFUSED(kSignerForwarded, chain().send(attempt));
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Hostile, ReentryIsRefusedAtEveryDepth) {
    const Address program = chain().deployment().program;
    const Attempt inner = transfer(*wallet_, UseTransaction{});
    const Instruction& again = inner.instructions[inner.wallet_index];
    const auto through_proxy = [&](const Address& target, const std::vector<AccountMeta>& metas,
                                   const Bytes& data) {
        Instruction call = {proxy(), {readonly(target)}, {0, 0}};
        core::append(call.data, data);
        for (const AccountMeta& meta : metas) {
            call.accounts.push_back(meta);
        }
        return call;
    };
    std::vector<AccountMeta> unsigned_metas = again.accounts;
    for (AccountMeta& meta : unsigned_metas) {
        meta.is_signer = false;
    }
    // Directly the program refuses; through another program the runtime does.
    EXPECT_RUNTIME_ERROR("ReentrancyNotAllowed",
                         call(*wallet_, {through_proxy(program, unsigned_metas, again.data)}));
    const Instruction nested = through_proxy(program, unsigned_metas, again.data);
    EXPECT_RUNTIME_ERROR("ReentrancyNotAllowed",
                         call(*wallet_, {through_proxy(proxy(), nested.accounts, nested.data)}));
    expect_untouched(*wallet_);
    const Instruction pay = system::transfer(vault(), somebody(), kSol);
    EXPECT_ACCEPTED(call(*wallet_, {through_proxy(kSystemProgram, pay.accounts, pay.data)}));
}

TEST_F(Hostile, AFailedCallTakesTheOthersWithIt) {
    const std::vector<Instruction> calls = {system::transfer(vault(), somebody(), kSol),
                                            {script(), {}, ScriptBuilder().fail(77).take()},
                                            system::transfer(vault(), somebody(), kSol)};
    EXPECT_CALLEE_ERROR(77, call(*wallet_, calls));
    EXPECT_EQ(chain().lamports(somebody()), kSol);
    expect_untouched(*wallet_);
    EXPECT_ACCEPTED(call(*wallet_, {calls[0], calls[2]}));
}

TEST_F(Hostile, ProgramSignersSignForThemselvesAlone) {
    std::uint8_t bump = 0;
    std::optional<Address> derived;
    for (; !derived; ++bump) {
        const std::uint8_t one[] = {bump};
        derived =
            derive_address(std::vector<core::ByteView>{core::as_bytes("signer"), one}, proxy());
    }
    --bump;
    core::Configuration configuration;
    configuration.signers = {core::Signer::program(to_hash(proxy()), to_hash(*derived)),
                             key(703).entry()};
    configuration.rules = {plain_rule(core::kActionExecute, 1), plain_rule(kEverything, 2)};
    WalletUnderTest wallet(chain(), {}, configuration);
    wallet.fund(100 * kSol);
    const Attempt plain =
        wallet.attempt(wallet.transfer(somebody(), kSol, UseTransaction{}), {{0}});
    // Not behind its program nobody can sign for the address.
    Attempt alone = plain;
    for (AccountMeta& meta : alone.wallet_instruction().accounts) {
        meta.is_signer = false;
    }
    EXPECT_REFUSED(kTransactionSignature, chain().send(alone));
    const auto behind = [&](std::uint8_t mode, const Address& caller) {
        Attempt attempt = alone;
        Instruction& instruction = attempt.wallet_instruction();
        // The proxy signs for the last account.
        instruction.accounts.push_back(readonly(*derived));
        instruction.data[2] = static_cast<std::uint8_t>(instruction.accounts.size() - 1);
        wrap(instruction, mode, bump);
        instruction.program = caller;
        return chain().send(attempt);
    };
    EXPECT_REFUSED(kTransactionSignature, behind(0, proxy()));
    // A copy of the program at another address derives another signer.
    const Address copy = Scenario::address(2002);
    load(copy, LATCHKEY_PROXY_ELF);
    EXPECT_RUNTIME_ERROR("PrivilegeEscalation", behind(1, copy));
    expect_untouched(wallet);
    EXPECT_ACCEPTED(behind(1, proxy()));
}

TEST_F(Hostile, AnotherSignersAccountIsNoProgramSigner) {
    const Address derived = derive_with_bump({core::as_bytes("signer")}, proxy()).first;
    core::Configuration configuration;
    configuration.signers = {core::Signer::program(to_hash(proxy()), to_hash(derived)),
                             key(704).entry()};
    configuration.rules = {plain_rule(kEverything, 3)};
    WalletUnderTest wallet(chain(), {}, configuration);
    wallet.fund(100 * kSol);
    // The second signer's own approval, named as the first one's.
    Attempt attempt = wallet.attempt(wallet.transfer(somebody(), kSol, UseTransaction{}), {{1}});
    const Attempt good = attempt;
    EXPECT_ACCEPTED(wallet.create_state());
    Attempt by_state = wallet.attempt(wallet.transfer(somebody(), kSol, UseTransaction{}), {{1}});
    by_state.data()[1] &= 0xf0;
    EXPECT_REFUSED(kKeyMismatch, chain().send(by_state));
    expect_untouched(wallet);
    EXPECT_ACCEPTED(chain().send(good));
}

}  // namespace
}  // namespace latchkey::solana::testing
