// SPDX-License-Identifier: Apache-2.0
// Everything that makes an instruction or an approval bad, one fault at a time: the exact verdict,
// and the same transaction without the fault is accepted.
#include "chains/solana/program/program_testing.hpp"

namespace latchkey::solana::testing {
namespace {

class ApprovalsTest : public ProgramTest {
  protected:
    ApprovalsTest() {
        for (const TestSigner& signer : {ed25519_, p256_, passkey_, eip712_, eip191_, strict_}) {
            signers_.push_back(world_.add(signer));
        }
    }

    /// All kinds, any one of which is enough; the state may exist as well.
    core::Configuration configuration() const {
        core::Configuration out = open_configuration(signers_);
        return out;
    }
    /// A wallet of its own for every use, in its genesis or with a state.
    Forge fresh(bool has_state) {
        core::Configuration next = configuration();
        next.recovery.emplace();
        next.recovery->hash.span()[0] = ++wallets_;
        Forge forge = world_.make_wallet(next);
        if (has_state) {
            EXPECT_ACCEPTED(world_.create_state(forge));
        }
        return forge;
    }
    /// Approved by one signer in this form, by a lane.
    Draft by(std::uint8_t signer, std::optional<std::uint64_t> form, bool has_state,
             const PasskeyAnswer& answer = {}) {
        Draft draft = approved_by(transfer(1, world_.lane_nonce()), {{signer, form, answer}});
        draft.from_genesis = !has_state;
        return draft;
    }
    /// The fault is refused in both modes.
    void expect_refused(Verdict verdict, std::uint8_t signer, std::optional<std::uint64_t> form,
                        const std::function<void(Forged&)>& change,
                        const PasskeyAnswer& answer = {}) {
        for (const bool has_state : {false, true}) {
            SCOPED_TRACE(has_state);
            expect_only_change_refused(fresh(has_state), by(signer, form, has_state, answer),
                                       verdict, change);
        }
    }
    /// An answer that the passkey signed, but that is not what it must be.
    void expect_answer_refused(Verdict verdict, std::uint8_t signer, const PasskeyAnswer& answer) {
        for (const bool has_state : {false, true}) {
            for (const std::uint64_t form : {kFormHost, kFormRest}) {
                const NativeResult result =
                    world_.send(fresh(has_state), by(signer, form, has_state, answer));
                EXPECT_EQ(verdict_of(result), verdict)
                    << has_state << form << explain_result(result);
            }
        }
    }
    /// The wallet's instruction as a call of the script program, whose signatures it passes on.
    Instruction as_call(const Instruction& wallet, const std::vector<Bytes>& seeds = {},
                        const std::optional<Address>& derived = std::nullopt) const {
        Instruction outer{world_.script(), {readonly(world_.program())}, {}};
        std::vector<ScriptMeta> metas;
        for (const AccountMeta& meta : wallet.accounts) {
            const auto position = static_cast<std::uint8_t>(outer.accounts.size());
            const bool is_derived = derived && meta.address == *derived;
            outer.accounts.push_back(
                {meta.address, meta.is_signer && !is_derived, meta.is_writable});
            metas.push_back({position, meta.is_signer, meta.is_writable});
        }
        outer.data = ScriptBuilder().call(0, metas, wallet.data, seeds).take();
        return outer;
    }

    static constexpr std::uint8_t kEd25519 = 0;
    static constexpr std::uint8_t kP256 = 1;
    static constexpr std::uint8_t kPasskey = 2;
    static constexpr std::uint8_t kEip712 = 3;
    static constexpr std::uint8_t kEip191 = 4;
    static constexpr std::uint8_t kStrict = 5;

    TestSigner strict_ = TestSigner::passkey(9, "example.com", true);
    std::vector<core::Signer> signers_;
    std::uint8_t wallets_ = 0;
};

// The instruction.

TEST_F(ApprovalsTest, Heads) {
    const Forge forge = fresh(false);
    const auto change = [&](Verdict verdict, std::uint8_t action) {
        expect_only_change_refused(forge, by(kP256, {}, false), verdict, [=](Forged& bad) {
            bad.data()[0] = static_cast<std::uint8_t>((bad.data()[0] & 0xf0) | action);
        });
    };
    change(Verdict::kUnknownAction, 0);
    change(Verdict::kUnknownAction, 10);
    // The approval stands where the number of what waits would be.
    change(Verdict::kUnknownAction, kApply);
    // They have no lane's nonce; and an upgrade needs the state.
    change(Verdict::kReservedBits, kCancel);
    change(Verdict::kReservedBits, kFreeze);
    change(Verdict::kReservedBits, kRecover);
    change(Verdict::kStateNeeded, kUpgrade);
    expect_only_change_refused(forge, by(kP256, {}, false), Verdict::kReservedBits,
                               [](Forged& bad) { bad.data()[0] |= 0x60; });
    expect_only_change_refused(forge, by(kP256, {}, false), Verdict::kDataTooShort,
                               [](Forged& bad) { bad.data().clear(); });
    expect_only_change_refused(forge, by(kP256, {}, false), Verdict::kDataTooShort,
                               [](Forged& bad) { bad.data().resize(1); });
}

TEST_F(ApprovalsTest, NumberOfAccounts) {
    const Forge forge = fresh(false);
    for (const std::size_t count : {0U, 1U}) {
        expect_only_change_refused(forge, by(kP256, {}, false), Verdict::kAccountIndex,
                                   [=](Forged& bad) { bad.wallet().accounts.resize(count); });
    }
    for (const std::size_t count : {63U, 64U, 200U}) {
        Draft draft = approved_by(nothing(), {{kEd25519, {}, {}}});
        draft.accounts = {readonly_signer(ed25519_.address())};
        draft.accounts.resize(count - 2, readonly(to_));
        if (count == 63) {
            EXPECT_ACCEPTED(world_.send(forge, draft));
        } else {
            draft.accounts.resize(61);
            Forged forged = world_.forge(forge, draft);
            forged.wallet().accounts.resize(count, readonly(to_));
            EXPECT_REFUSED(kTooManyAccounts, world_.send(forged.instructions));
        }
    }
}

TEST_F(ApprovalsTest, ApprovalList) {
    for (const bool has_state : {false, true}) {
        const Forge forge = fresh(has_state);
        Draft draft = by(kEip712, {}, has_state);
        draft.approvals.push_back({kEip191, {}, {}});
        const std::size_t second = 1 + 1 + 65;
        const auto change = [&](Verdict verdict, std::size_t at, std::uint8_t value) {
            draft.nonce = world_.lane_nonce();
            expect_only_change_refused(forge, draft, verdict,
                                       [=](Forged& bad) { bad.data()[at] = value; });
        };
        constexpr std::uint8_t kRecover = kFormRecover << kApprovalFormShift;
        // The same twice, descending, never the last.
        change(Verdict::kApprovalOrder, second, kRecover | kApprovalLast | kEip712);
        change(Verdict::kApprovalOrder, second, kRecover | kApprovalLast | kPasskey);
        change(Verdict::kSignerNotInRule, second, kRecover | kApprovalLast | 15);
        change(Verdict::kReservedBits, second, 6 << kApprovalFormShift | kApprovalLast | kEip191);
        change(Verdict::kReservedBits, 1, 7 << kApprovalFormShift | kEip712);
    }
}

TEST_F(ApprovalsTest, SixteenApprovalsWithoutALast) {
    const Forge forge = fresh(true);
    Forged forged = world_.forge(forge, by(kP256, {}, true));
    forged.data() = {static_cast<std::uint8_t>(kExecute | kNonceLane << kHeadNonceShift)};
    for (std::uint8_t i = 0; i < 16; ++i) {
        forged.data().push_back(i);
    }
    forged.data().resize(100, 0xff);
    EXPECT_REFUSED(kApprovalOrder, world_.send(forged.instructions));
}

TEST_F(ApprovalsTest, RuleByte) {
    const Forge forge = fresh(true);
    const auto change = [&](Verdict verdict, std::uint8_t value) {
        expect_only_change_refused(forge, by(kP256, {}, true), verdict,
                                   [=](Forged& bad) { bad.data()[2] = value; });
    };
    // The lane's nonce stands where the recovery part's length would be.
    change(Verdict::kDataTooShort, kRuleRecovery);
    change(Verdict::kUnknownRule, 1);
    change(Verdict::kUnknownRule, 15);
    change(Verdict::kUnknownRule, 16);
    change(Verdict::kUnknownRule, 31);
    const Forge in_genesis = fresh(false);
    for (const std::uint8_t index : Bytes{1, 15, 16, 31}) {
        expect_only_change_refused(
            in_genesis, by(kP256, {}, false), Verdict::kUnknownRule,
            [=](Forged& bad) { bad.data()[bad.data().size() - 17 - 2 - 1] = index; });
    }
    expect_only_change_refused(
        in_genesis, by(kP256, {}, false), Verdict::kReservedBits,
        [](Forged& bad) { bad.data()[bad.data().size() - 17 - 2 - 1] |= kRuleRecovery; });
}

TEST_F(ApprovalsTest, GenesisBytes) {
    const Forge forge = fresh(false);
    const Draft draft = approved_by(transfer(1), {{kEd25519, {}, {}}});
    const std::size_t at = 3;
    const auto change = [&](Verdict verdict, std::size_t where, std::uint8_t value) {
        expect_only_change_refused(forge, draft, verdict,
                                   [=](Forged& bad) { bad.data()[where] = value; });
    };
    change(Verdict::kConfigurationVersion, at, 0x20);
    change(Verdict::kConfigurationVersion, at, 0x18 | 1);
    change(Verdict::kConfigurationTruncated, at + 1, 0xf5);
    // Any other byte of it: another wallet. The last one of the data is the rule byte's neighbour.
    const std::size_t size = world_.forge(forge, draft).data().size() - 18 - 1;
    for (const std::size_t where : {at + 2 + 1 + 1 + 10, size - 20, size - 1}) {
        expect_only_change_refused(forge, draft, Verdict::kStateAddress,
                                   [=](Forged& bad) { bad.data()[where] ^= 1; });
    }
    // Somebody else's wallet.
    expect_only_change_refused(forge, draft, Verdict::kStateAddress,
                               [&](Forged& bad) { bad.wallet().accounts[0].address = to_; });
    // A flag more: the key's owner may pay fees.
    expect_only_change_refused(forge, draft, Verdict::kStateAddress,
                               [=](Forged& bad) { bad.data()[at + 2] |= core::kSignerOption; });
}

// Who approves.

TEST_F(ApprovalsTest, SignersOutsideTheRule) {
    for (const bool has_state : {false, true}) {
        core::Configuration next = configuration();
        next.rules.push_back(rule(core::kActionExecute, 1U << kP256));
        next.rules.push_back(rule(core::kActionExecute, 1U << kP256 | 1U << kEip712, 2));
        const Forge forge = world_.make_wallet(next);
        if (has_state) {
            ASSERT_ACCEPTED(world_.create_state(forge));
        }
        for (const std::uint8_t signer : {kEd25519, kPasskey, kEip712}) {
            Draft draft = by(signer, {}, has_state);
            EXPECT_ACCEPTED(world_.send(forge, draft));
            draft.rule.index = 1;
            draft.nonce = world_.lane_nonce();
            EXPECT_REFUSED(kSignerNotInRule, world_.send(forge, draft));
        }
        Draft draft = by(kP256, {}, has_state);
        draft.rule.index = 2;
        EXPECT_REFUSED(kThresholdNotMet, world_.send(forge, draft));
        draft.approvals.push_back({kEip712, {}, {}});
        EXPECT_ACCEPTED(world_.send(forge, draft));
        draft.rule.index = 1;
        draft.nonce = world_.lane_nonce();
        EXPECT_REFUSED(kSignerNotInRule, world_.send(forge, draft));
    }
}

TEST_F(ApprovalsTest, UnusableSigners) {
    core::Configuration next = configuration();
    next.signers.push_back(core::Signer::contract(1, core::crypto::EthereumAddress({1})));
    next.rules[0].mask = 0x7f;
    const Forge forge = world_.make_wallet(next);
    ASSERT_ACCEPTED(world_.create_state(forge));
    const std::uint64_t all[] = {kFormNone, kFormAccount, kFormHost, kFormRest, kFormRecover};
    const std::vector<std::vector<std::uint64_t>> usable = {{kFormNone, kFormAccount},
                                                            {kFormNone},
                                                            {kFormHost, kFormRest},
                                                            {kFormRecover},
                                                            {kFormRecover},
                                                            {kFormHost, kFormRest},
                                                            {}};
    for (std::uint8_t signer = 0; signer < usable.size(); ++signer) {
        for (const std::uint64_t form : all) {
            const bool fits = std::find(usable[signer].begin(), usable[signer].end(), form) !=
                              usable[signer].end();
            if (fits) {
                EXPECT_ACCEPTED(world_.send(forge, by(signer, form, true)));
                continue;
            }
            for (const bool has_state : {false, true}) {
                EXPECT_REFUSED(kSignerNotUsable, world_.send(forge, by(signer, form, has_state)));
            }
        }
    }
}

TEST_F(ApprovalsTest, NonceRequired) {
    for (const bool has_state : {false, true}) {
        const Forge forge = fresh(has_state);
        for (const std::uint8_t signer : {kP256, kPasskey, kEip712, kEip191}) {
            Draft draft = approved_by(transfer(1), {{signer, {}, {}}});
            draft.from_genesis = !has_state;
            EXPECT_REFUSED(kNonceRequired, world_.send(forge, draft));
        }
        Draft draft = approved_by(transfer(1), {{kEd25519, kFormNone, {}}});
        draft.from_genesis = !has_state;
        EXPECT_REFUSED(kNonceRequired, world_.send(forge, draft));
        // Also when only one of several approvals is over a digest.
        draft = approved_by(transfer(1), {{kEd25519, {}, {}}, {kP256, {}, {}}});
        draft.from_genesis = !has_state;
        EXPECT_REFUSED(kNonceRequired, world_.send(forge, draft));
    }
}

TEST_F(ApprovalsTest, TimesOfTheRule) {
    core::Configuration next = configuration();
    next.rules.push_back(rule(core::kActionExecute));
    next.rules[1].times = core::Times{world_.now() + 10, world_.now() + 20};
    for (const bool has_state : {false, true}) {
        const Forge forge = world_.make_wallet(next);
        if (has_state) {
            ASSERT_ACCEPTED(world_.create_state(forge));
        }
        Draft draft = transfer(1);
        draft.from_genesis = !has_state;
        draft.rule.index = 1;
        const std::int64_t start = world_.chain().time();
        const auto at = [&](std::int64_t seconds) {
            world_.chain().set_time(start + seconds);
            return world_.send(forge, draft);
        };
        EXPECT_REFUSED(kRuleNotYetValid, at(9));
        EXPECT_ACCEPTED(at(10));
        EXPECT_ACCEPTED(at(19));
        EXPECT_REFUSED(kRuleExpired, at(20));
        world_.chain().set_time(start);
    }
}

// Transaction signatures and programs.

TEST_F(ApprovalsTest, TransactionSignatures) {
    const auto account_at = [](Forged& bad) -> AccountMeta& {
        return bad.wallet().accounts.back();
    };
    expect_refused(Verdict::kTransactionSignature, kEd25519, kFormAccount,
                   [&](Forged& bad) { account_at(bad).is_signer = false; });
    expect_refused(Verdict::kSignerPaysFees, kEd25519, kFormAccount,
                   [&](Forged& bad) { account_at(bad).is_writable = true; });
    expect_refused(Verdict::kAccountIndex, kEd25519, kFormAccount, [](Forged& bad) {
        bad.data()[2] = static_cast<std::uint8_t>(bad.wallet().accounts.size());
    });
    // Another key: in the state the key is known, in the genesis another wallet comes out.
    const auto other_key = [&](Forged& bad) {
        account_at(bad) = readonly_signer(TestSigner::ed25519(99).address());
    };
    expect_only_change_refused(fresh(true), by(kEd25519, {}, true), Verdict::kKeyMismatch,
                               other_key);
    expect_only_change_refused(fresh(false), by(kEd25519, {}, false), Verdict::kStateAddress,
                               other_key);
}

TEST_F(ApprovalsTest, NotTopLevel) {
    for (const bool has_state : {false, true}) {
        const Forge forge = fresh(has_state);
        const auto in_call = [&](const Draft& draft) {
            Forged forged = world_.forge(forge, draft);
            forged.instructions.back() = as_call(forged.instructions.back());
            return world_.send(forged.instructions);
        };
        Draft plain = transfer(1);
        plain.from_genesis = !has_state;
        EXPECT_REFUSED(kNotTopLevel, in_call(plain));
        EXPECT_REFUSED(kNotTopLevel, in_call(by(kEd25519, kFormAccount, has_state)));
        EXPECT_REFUSED(kNotTopLevel, in_call(by(kEip712, kFormRecover, has_state)));
        EXPECT_REFUSED(kNotTopLevel, in_call(by(kEip191, kFormRecover, has_state)));
        // Precompiles are not seen from a call.
        EXPECT_REFUSED(kPrecompileMissing, in_call(by(kP256, {}, has_state)));
        EXPECT_REFUSED(kPrecompileMissing, in_call(by(kPasskey, {}, has_state)));
        EXPECT_REFUSED(kPrecompileMissing, in_call(by(kEd25519, kFormNone, has_state)));
    }
}

TEST_F(ApprovalsTest, ProgramSigners) {
    const Bytes seed = {'w'};
    const auto [derived, bump] = derive_with_bump({ByteView(seed)}, world_.script());
    const std::vector<Bytes> seeds = {seed, {bump}};
    core::Configuration next = configuration();
    next.signers.push_back(core::Signer::program(core::Hash32(world_.script().array()),
                                                 core::Hash32(derived.array())));
    next.rules[0].mask = 0x7f;
    const std::uint8_t signer = 6;
    for (const bool has_state : {false, true}) {
        next.recovery.emplace();
        next.recovery->hash.span()[0] = has_state ? 1 : 2;
        const Forge forge = world_.make_wallet(next);
        if (has_state) {
            ASSERT_ACCEPTED(world_.create_state(forge));
        }
        Draft draft = approved_by(transfer(7), {{signer, {}, {}}});
        draft.from_genesis = !has_state;
        const Forged forged = world_.forge(forge, draft);
        const std::uint64_t before = world_.chain().lamports(to_);
        EXPECT_ACCEPTED(world_.send({as_call(forged.instructions.back(), seeds, derived)}));
        EXPECT_EQ(world_.chain().lamports(to_), before + 7);
        // Without its signature.
        Forged bad = forged;
        bad.wallet().accounts.back().is_signer = false;
        EXPECT_REFUSED(kTransactionSignature,
                       world_.send({as_call(bad.instructions.back(), seeds, derived)}));
        EXPECT_REFUSED(kTransactionSignature, world_.send({bad.instructions.back()}));
        // Another account that signs.
        bad = forged;
        bad.wallet().accounts.back() = readonly_signer(ed25519_.address());
        EXPECT_REFUSED(kKeyMismatch, world_.send({as_call(bad.instructions.back())}));
        bad = forged;
        bad.data()[2] = 60;
        EXPECT_REFUSED(kAccountIndex,
                       world_.send({as_call(bad.instructions.back(), seeds, derived)}));
        // A lane's operator signs at the top level only.
        draft.nonce = world_.lane_nonce();
        draft.body = ExecuteBody{};
        EXPECT_REFUSED(
            kNotTopLevel,
            world_.send({as_call(world_.forge(forge, draft).instructions.back(), seeds, derived)}));
        // Together with a signature that only the top level sees it cannot approve.
        draft = by(kP256, {}, has_state);
        draft.approvals.push_back({signer, {}, {}});
        Forged mixed = world_.forge(forge, draft);
        mixed.instructions.back() = as_call(mixed.instructions.back(), seeds, derived);
        EXPECT_REFUSED(kPrecompileMissing, world_.send(mixed.instructions));
    }
}

// Precompiles.

TEST_F(ApprovalsTest, MissingPrecompiles) {
    for (const auto& [signer, form] :
         {std::pair{kP256, kFormNone}, {kPasskey, kFormHost}, {kEd25519, kFormNone}}) {
        SCOPED_TRACE(signer);
        expect_refused(Verdict::kPrecompileMissing, signer, form,
                       [](Forged& bad) { bad.instructions.erase(bad.instructions.begin()); });
        // Something in between. The program is known only when the lengths are right.
        const Instruction other{world_.script(), {readonly(world_.script())}, {}};
        expect_refused(Verdict::kPrecompileLayout, signer, form, [&](Forged& bad) {
            bad.instructions.insert(bad.instructions.begin() + 1, other);
        });
    }
    // In another order.
    for (const bool has_state : {false, true}) {
        Draft draft = by(kEd25519, kFormNone, has_state);
        draft.approvals.push_back({kP256, {}, {}});
        expect_only_change_refused(
            fresh(has_state), draft, Verdict::kPrecompileLayout,
            [](Forged& bad) { std::swap(bad.instructions[0], bad.instructions[1]); });
    }
}

TEST_F(ApprovalsTest, TwoOfOneKindInTwoInstructions) {
    // Each precompile stands there once, with all signatures of its kind.
    const Forge forge = fresh(true);
    Draft draft = by(kP256, {}, true);
    draft.approvals.push_back({kPasskey, {}, {}});
    expect_only_change_refused(forge, draft, Verdict::kPrecompileLayout, [&](Forged& bad) {
        Forged first = world_.forge(forge, by(kP256, {}, true));
        bad.instructions.insert(bad.instructions.begin(), first.instructions[0]);
        bad.instructions.erase(bad.instructions.begin() + 1);
    });
}

TEST_F(ApprovalsTest, PrecompileLayout) {
    NativeOptions options;
    options.verifies_precompiles = false;
    NativeWorld unchecked(options, {.signs = false});
    unchecked.put(to_, 1'000'000'000);
    for (const TestSigner& signer : {ed25519_, p256_, passkey_, eip712_, eip191_, strict_}) {
        unchecked.add(signer);
    }
    const Forge genesis_forge = unchecked.make_wallet(configuration());
    core::Configuration other = configuration();
    other.recovery.emplace();
    const Forge state_forge = unchecked.make_wallet(other);
    ASSERT_ACCEPTED(unchecked.create_state(state_forge));
    constexpr std::size_t kHeader = 2 + 14;
    const auto check = [&](std::uint8_t signer, std::uint64_t form) {
        for (const bool has_state : {false, true}) {
            const Forge& forge = has_state ? state_forge : genesis_forge;
            Draft draft = approved_by(transfer(1, unchecked.lane_nonce()), {{signer, form, {}}});
            draft.from_genesis = !has_state;
            const Forged good = unchecked.forge(forge, draft);
            for (std::size_t at = 0; at < kHeader; ++at) {
                for (const std::uint8_t bit : Bytes{1, 0x80}) {
                    Forged bad = good;
                    bad.instructions[0].data[at] ^= bit;
                    SCOPED_TRACE(at);
                    EXPECT_REFUSED(kPrecompileLayout, unchecked.send(bad.instructions));
                }
            }
            Forged bad = good;
            bad.instructions[0].data.push_back(0);
            EXPECT_REFUSED(kPrecompileLayout, unchecked.send(bad.instructions));
            bad.instructions[0].data.resize(bad.instructions[0].data.size() - 2);
            EXPECT_REFUSED(kPrecompileLayout, unchecked.send(bad.instructions));
            bad = good;
            bad.instructions[0].accounts.push_back(readonly(to_));
            EXPECT_REFUSED(kPrecompileLayout, unchecked.send(bad.instructions));
            EXPECT_ACCEPTED(unchecked.send(good.instructions));
        }
    };
    check(kP256, kFormNone);
    check(kPasskey, kFormHost);
    check(kEd25519, kFormNone);
}

TEST_F(ApprovalsTest, MoreSlotsThanThePrecompileTakes) {
    std::vector<core::Signer> nine;
    std::vector<ForgedApproval> approvals;
    for (std::uint32_t i = 0; i < 9; ++i) {
        nine.push_back(world_.add(TestSigner::p256(200 + i)));
        approvals.push_back({static_cast<std::uint8_t>(i), {}, {}});
    }
    core::Configuration next = open_configuration(nine);
    next.rules[0].threshold = 8;
    const Forge forge = world_.make_wallet(next);
    Draft draft = approved_by(transfer(1, world_.lane_nonce()), approvals);
    Forged forged = world_.forge(forge, draft);
    // The precompile itself refuses nine, so leave it out.
    forged.instructions.erase(forged.instructions.begin());
    EXPECT_REFUSED(kPrecompileLayout, world_.send(forged.instructions));
    draft.approvals.pop_back();
    EXPECT_ACCEPTED(world_.send(forge, draft));
}

// What was signed, and by whom.

TEST_F(ApprovalsTest, OtherDigests) {
    for (const auto& [signer, form] : {std::pair{kP256, kFormNone},
                                       {kEd25519, kFormNone},
                                       {kEip712, kFormRecover},
                                       {kEip191, kFormRecover}}) {
        for (const bool has_state : {false, true}) {
            const Forge forge = fresh(has_state);
            Draft other = by(signer, form, has_state);
            std::get<ExecuteBody>(other.body).calls[0].data[4] ^= 1;
            const Forged signed_for_other = world_.forge(forge, other);
            Draft draft = other;
            std::get<ExecuteBody>(draft.body).calls[0].data[4] ^= 1;
            if (form == kFormNone) {
                expect_only_change_refused(
                    forge, draft, Verdict::kDigestMismatch,
                    [&](Forged& bad) { bad.instructions[0] = signed_for_other.instructions[0]; });
                continue;
            }
            // What is recovered is another key.
            expect_only_change_refused(
                forge, draft, has_state ? Verdict::kKeyMismatch : Verdict::kStateAddress,
                [&](Forged& bad) {
                    std::copy_n(signed_for_other.instructions.back().data.begin() + 2, 65,
                                bad.data().begin() + 2);
                });
        }
    }
}

TEST_F(ApprovalsTest, EveryByteOfTheLeafCounts) {
    const Forge forge = fresh(true);
    // The same approval for another lane, account or nonce.
    expect_only_change_refused(
        forge, by(kP256, {}, true), Verdict::kDigestMismatch,
        [&](Forged& bad) { bad.wallet().accounts[4].address = test_address(90); });
    expect_only_change_refused(
        forge, by(kP256, {}, true), Verdict::kDigestMismatch,
        [&](Forged& bad) { bad.wallet().accounts.push_back(readonly(to_)); });
    for (std::size_t back = 1; back <= 18; ++back) {
        const Draft draft = by(kP256, {}, true);
        const Forged good = world_.forge(forge, draft);
        Forged bad = good;
        Bytes& data = bad.data();
        data[data.size() - back] ^= 1;
        EXPECT_FALSE(world_.send(bad.instructions).ok) << back;
        EXPECT_ACCEPTED(world_.send(good.instructions));
    }
}

TEST_F(ApprovalsTest, OtherKeys) {
    const TestSigner other_p256 = TestSigner::p256(300);
    const TestSigner other_ed25519 = TestSigner::ed25519(301);
    const TestSigner other_eth = TestSigner::eip712(302);
    // A configuration with the other keys in the same places gives the same precompiles but for
    // who signed.
    const auto replace = [&](std::uint8_t signer, std::uint64_t form, const TestSigner& other) {
        for (const bool has_state : {false, true}) {
            const Forge forge = fresh(has_state);
            const Draft draft = by(signer, form, has_state);
            expect_only_change_refused(
                forge, draft, has_state ? Verdict::kKeyMismatch : Verdict::kStateAddress,
                [&](Forged& bad) {
                    const auto hash = core::approval_hash_of(bad.leaf);
                    const core::Evidence made = other.approve(hash);
                    const core::Signer& entry = other.entry();
                    if (signer == kP256) {
                        bad.instructions[0] = make_precompile(
                            kSecp256r1Program,
                            {{entry.key,
                              core::to_bytes(std::get<core::crypto::P256Signature>(made).view()),
                              core::to_bytes(bad.digest.view())}});
                    } else if (signer == kEd25519) {
                        const auto key = core::crypto::Ed25519PublicKey::from(entry.key).value();
                        bad.instructions[0] = make_precompile(
                            kEd25519Program,
                            {{entry.key,
                              core::to_bytes(std::get<core::crypto::Ed25519Signature>(made).view()),
                              core::offchain_message(key, bad.digest)}});
                    } else {
                        const auto& recoverable =
                            std::get<core::crypto::RecoverableSignature>(made);
                        std::copy(recoverable.signature.begin(), recoverable.signature.end(),
                                  bad.data().begin() + 2);
                        bad.data()[2 + 64] = recoverable.recovery_id;
                    }
                });
        }
    };
    replace(kP256, kFormNone, other_p256);
    replace(kEd25519, kFormNone, other_ed25519);
    replace(kEip712, kFormRecover, other_eth);
}

TEST_F(ApprovalsTest, OffchainMessageOfAnotherKey) {
    // The message names its signer; here it names another one than the key that signed.
    const Forge forge = fresh(true);
    NativeOptions options;
    options.verifies_precompiles = false;
    expect_refused(Verdict::kDigestMismatch, kEd25519, kFormNone, [&](Forged& bad) {
        Bytes message = core::offchain_message(
            core::crypto::Ed25519PublicKey::from(TestSigner::ed25519(99).entry().key).value(),
            bad.digest);
        const auto signature = ed25519_.ed25519_key().sign(message);
        bad.instructions[0] = make_precompile(
            kEd25519Program, {{ed25519_.entry().key, core::to_bytes(signature.view()), message}});
    });
}

TEST_F(ApprovalsTest, PasskeyAnswers) {
    expect_answer_refused(Verdict::kUserPresence, kPasskey, {.flags = 0x04});
    expect_answer_refused(Verdict::kUserVerification, kStrict, {.flags = 0x01});
    expect_answer_refused(Verdict::kAuthenticatorData, kPasskey, {.flags = 0x45});
    expect_answer_refused(Verdict::kAuthenticatorData, kPasskey, {.flags = 0x85});
    expect_answer_refused(Verdict::kClientData, kPasskey, {.client_data_json = "{}"});
    // Backup flags and a counter say nothing to us; nor does verification that nobody asked for.
    for (const PasskeyAnswer& answer :
         {PasskeyAnswer{.flags = 0x1d, .counter = 77}, PasskeyAnswer{.flags = 0x01},
          PasskeyAnswer{.flags = 0x25}}) {
        EXPECT_ACCEPTED(world_.send(fresh(false), by(kPasskey, {}, false, answer)));
        EXPECT_ACCEPTED(world_.send(fresh(true), by(kPasskey, {}, true, answer)));
    }
    // Another relying party: in the state its hash is known.
    PasskeyAnswer phished;
    phished.relying_party_id_hash = core::Hash32();
    EXPECT_REFUSED(kRelyingParty, world_.send(fresh(true), by(kPasskey, {}, true, phished)));
    EXPECT_REFUSED(kStateAddress, world_.send(fresh(false), by(kPasskey, {}, false, phished)));
}

TEST_F(ApprovalsTest, ClientDataThatIsNotSigned) {
    for (const std::uint64_t form : {kFormHost, kFormRest}) {
        expect_refused(Verdict::kClientData, kPasskey, form,
                       [](Forged& bad) { bad.data()[2 + 8] ^= 1; });
    }
    // The rest must begin with the quote that ends the challenge, and must be there.
    PasskeyAnswer answer;
    answer.rest = R"(","origin":"x"})";
    expect_refused(
        Verdict::kClientData, kPasskey, kFormRest, [](Forged& bad) { bad.data()[4] = ','; },
        answer);
    expect_refused(
        Verdict::kClientData, kPasskey, kFormRest,
        [](Forged& bad) {
            bad.data()[2] = 0;
            bad.data().erase(bad.data().begin() + 4, bad.data().begin() + 4 + 15);
        },
        answer);
}

TEST_F(ApprovalsTest, MalformedRecoverableSignatures) {
    for (const std::uint8_t signer : {kEip712, kEip191}) {
        const std::size_t at = 2;
        for (const std::uint8_t id : Bytes{2, 3, 4, 27, 255}) {
            expect_refused(Verdict::kSignatureMalformed, signer, kFormRecover,
                           [=](Forged& bad) { bad.data()[at + 64] = id; });
        }
        // The mirrored signature is as good mathematically, and refused.
        expect_refused(Verdict::kSignatureMalformed, signer, kFormRecover, [=](Forged& bad) {
            const auto begin = bad.data().begin() + at;
            auto low = core::crypto::Secp256k1Signature();
            std::copy_n(begin, 64, low.begin());
            const auto high = core::crypto::mirrored(low);
            std::copy(high.begin(), high.end(), begin);
            bad.data()[at + 64] ^= 1;
        });
        expect_refused(Verdict::kSignatureMalformed, signer, kFormRecover, [=](Forged& bad) {
            std::fill_n(bad.data().begin() + at, 64, std::uint8_t{0});
        });
    }
}

TEST_F(ApprovalsTest, TreeShapes) {
    for (const bool has_state : {false, true}) {
        const Forge forge = fresh(has_state);
        Draft draft = by(kEip712, {}, has_state);
        draft.tree_height = 2;
        draft.tree_index = 2;
        const std::size_t tree = 1 + 1 + 65;
        const auto change = [&](const std::function<void(Bytes&)>& what) {
            draft.nonce = world_.lane_nonce();
            expect_only_change_refused(forge, draft, Verdict::kApprovalTree,
                                       [&](Forged& bad) { what(bad.data()); });
        };
        change([&](Bytes& data) { data[tree + 1] = 4; });
        change([&](Bytes& data) { data[tree + 1] = 0xff; });
        change([&](Bytes& data) {
            data[tree] = 0;
            data.erase(data.begin() + static_cast<std::ptrdiff_t>(tree) + 2,
                       data.begin() + static_cast<std::ptrdiff_t>(tree) + 2 + 64);
        });
        change([&](Bytes& data) {
            data[tree] = 9;
            data.insert(data.begin() + static_cast<std::ptrdiff_t>(tree) + 2, 7 * 32, 0);
        });
    }
    // Where nothing is signed over a tree there is none.
    const Forge forge = fresh(false);
    Draft draft = transfer(1);
    draft.tree_height = 1;
    EXPECT_REFUSED(kReservedBits, world_.send(forge, draft));
    // Cut within it.
    draft = by(kP256, {}, false);
    draft.tree_height = 8;
    expect_only_change_refused(forge, draft, Verdict::kDataTooShort,
                               [](Forged& bad) { bad.data().resize(60); });
}

}  // namespace
}  // namespace latchkey::solana::testing
