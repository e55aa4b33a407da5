// SPDX-License-Identifier: Apache-2.0
// Law 7 on the real VM: instruction data that says something in another way, or nothing, is
// refused. The transaction's signature approves, so no byte here is protected by a digest.
#include "chains/solana/client/instructions.hpp"
#include "chains/solana/client/wallet_instructions.hpp"
#include "chains/solana/layout/instruction_layout.hpp"
#include "chains/solana/testing/laws_testing.hpp"

namespace latchkey::solana::testing {
namespace {

using core::Verdict;

class Encodings : public Laws {
  protected:
    // Where things are in an instruction under the state's rule 0: head, signer and form, account
    // of the signature, rule, binding, calls.
    static constexpr std::size_t kApprovalAt = 1;
    static constexpr std::size_t kEvidenceAt = 2;
    static constexpr std::size_t kRuleAt = 3;
    static constexpr std::size_t kBodyAt = 4 + kBindingSize;

    /// One transfer by the state's rule 0.
    Attempt good() { return transfer(wallet_, UseTransaction{}); }
    Attempt message() {
        return wallet_.attempt({MessageAction{{}, core::Hash32()}, UseTransaction{}, std::nullopt},
                               {{0}});
    }
    SendResult changed(Attempt attempt, const std::function<void(Bytes&)>& change) {
        change(attempt.data());
        return chain().send(attempt);
    }
    SendResult good_but(const std::function<void(Bytes&)>& change) {
        return changed(good(), change);
    }
    /// The whole data of the wallet's instruction.
    SendResult data(Bytes bytes) {
        return good_but([&](Bytes& data) { data = std::move(bytes); });
    }
    SendResult bare(std::vector<AccountMeta> accounts, Bytes bytes) {
        return chain().send(
            {{chain().deployment().program, std::move(accounts), std::move(bytes)}});
    }
    void TearDown() override {
        expect_untouched(wallet_);
        EXPECT_ACCEPTED(chain().send(good()));
    }

    WalletUnderTest wallet_ = [] {
        chain().reset();
        return with_room(key(500));
    }();
    void SetUp() override { chain().set_lamports(somebody(), kSol); }
};

TEST_F(Encodings, EndsBeforeItsLastField) {
    EXPECT_REFUSED(kDataTooShort, data({}));
    EXPECT_REFUSED(kDataTooShort, data({kGrant, 0x30}));
    EXPECT_REFUSED(kDataTooShort, data({kMessage, 0x30, 3}));
    // Only what proves the approval, and a rule.
    EXPECT_REFUSED(kDataTooShort, data({kPolicy, 0x30, 2, 0}));
    // Fifteen caps, of which none is there.
    EXPECT_REFUSED(kDataTooShort, good_but([](Bytes& b) {
                       b[kRuleAt] |= kRuleCaps;
                       b.resize(kBodyAt);
                       b.push_back(15);
                   }));
    EXPECT_REFUSED(kDataTooShort, good_but([](Bytes& b) { b.pop_back(); }));
    EXPECT_REFUSED(kDataTooShort, good_but([](Bytes& b) { b.resize(kBodyAt + 1); }));
    EXPECT_REFUSED(kDataTooShort, good_but([](Bytes& b) { b.resize(kBodyAt - 1); }));
    EXPECT_REFUSED(kDataTooShort, changed(message(), [](Bytes& b) { b.pop_back(); }));
    EXPECT_REFUSED(kDataTooShort, good_but([](Bytes& b) {
                       b[kRuleAt] |= kRuleDeadline;
                       b.resize(kBodyAt + 7);
                   }));
    const core::LocalRule local = {{TestSigner::ed25519(501).entry()},
                                   limited_rule(1, kSystemProgram, core::Hash32(), 1, 1, 0)};
    EXPECT_REFUSED(
        kDataTooShort,
        changed(wallet_.attempt({GrantAction{{}, local}, UseTransaction{}, std::nullopt}, {{0}}),
                [](Bytes& b) {
                    b[kRuleAt] |= kRuleDeadline;
                    b.resize(kBodyAt + 3);
                }));
    // Every prefix is refused, whatever for.
    const Attempt whole = good();
    for (std::size_t size = 0; size < whole.instructions[0].data.size(); ++size) {
        if (size == kBodyAt) {
            continue;  // No calls: that is an action.
        }
        EXPECT_FALSE(changed(whole, [&](Bytes& b) { b.resize(size); }).ok) << size;
    }
}

TEST_F(Encodings, GoesOnBehindItsLastField) {
    EXPECT_REFUSED(kTrailingBytes, changed(message(), [](Bytes& b) { b.push_back(0); }));
    const Address payer = chain().payer().address();
    const auto lane = lane_address(chain().deployment(), payer, 9).value();
    const auto open = [&](Bytes bytes) {
        return bare({writable(lane.address), readonly_signer(payer), readonly(payer),
                     readonly(kSystemProgram)},
                    std::move(bytes));
    };
    chain().set_lamports(lane.address, kSol);
    EXPECT_REFUSED(kTrailingBytes, open({kOpenLane, 9, lane.bump, 0}));
    EXPECT_REFUSED(kDataTooShort, open({kOpenLane, 9}));
    EXPECT_REFUSED(kReservedBits, open({kOpenLane | 0x20, 9, lane.bump}));
    EXPECT_ACCEPTED(open({kOpenLane, 9, lane.bump}));
    const auto on_lane = [&](Bytes bytes) {
        return bare({writable(lane.address), readonly_signer(payer), writable(somebody())},
                    std::move(bytes));
    };
    EXPECT_REFUSED(kTrailingBytes, on_lane({kCloseLane, 0}));
    EXPECT_REFUSED(kTrailingBytes, on_lane({kSetLaneOperator, 0}));
    EXPECT_REFUSED(kReservedBits, on_lane({kCloseLane | kHeadGenesis}));
    EXPECT_REFUSED(kReservedBits, on_lane({kSetLaneOperator | kHeadTree}));
    EXPECT_ACCEPTED(on_lane({kSetLaneOperator}));
    EXPECT_ACCEPTED(on_lane({kCloseLane}));
}

TEST_F(Encodings, ActionsThatDoNotExist) {
    // The approval stands where apply has the number of what waits.
    for (const std::uint8_t action : Bytes{0, 10, kApply}) {
        EXPECT_REFUSED(kUnknownAction, good_but([&](Bytes& b) { b[0] = action; }));
        EXPECT_REFUSED(kUnknownAction, good_but([&](Bytes& b) {
                           b[0] = static_cast<std::uint8_t>(0x10 | action);
                       }));
    }
}

TEST_F(Encodings, ActionsThatTheRuleDoesNotAllow) {
    for (const std::uint8_t action : Bytes{kCancel, kFreeze, kRecover, kUpgrade}) {
        EXPECT_REFUSED(kActionNotAllowed, good_but([&](Bytes& b) { b[0] = action; }));
        EXPECT_REFUSED(kStateNeeded, good_but([&](Bytes& b) {
                           b[0] = static_cast<std::uint8_t>(kHeadGenesis | action);
                       }));
    }
    // Numbers of what never waits, and of what does not exist.
    for (const std::uint8_t action : Bytes{0, 6, 9, 10, kApply, 16, 255}) {
        EXPECT_REFUSED(kUnknownAction, data({kApply, action, 0}));
    }
    EXPECT_REFUSED(kNothingWaits, data({kApply, kExecute, 0}));
}

TEST_F(Encodings, ReservedBitsAreZero) {
    EXPECT_REFUSED(kReservedBits, good_but([](Bytes& b) { b[0] |= kHeadNonceMask; }));
    EXPECT_REFUSED(kReservedBits, data({kApply | kHeadTree, kExecute, 0}));
    EXPECT_REFUSED(kReservedBits, data({kApply | kHeadGenesis, kExecute, 0}));
    EXPECT_REFUSED(kReservedBits, data({kApply, kExecute, kRuleDeadline}));
    EXPECT_REFUSED(kReservedBits, data({kApply, kPolicy, kRuleCaps}));
    EXPECT_REFUSED(kReservedBits, good_but([](Bytes& b) { b[kApprovalAt] = 0xd0; }));
    EXPECT_REFUSED(kReservedBits, good_but([](Bytes& b) { b[kApprovalAt] = 0xf0; }));
    // A tree that nobody signed.
    EXPECT_REFUSED(kReservedBits, good_but([](Bytes& b) {
                       b[0] |= kHeadTree;
                       b.insert(b.begin() + kRuleAt, 34, 1);
                       b[kRuleAt + 1] = 0;
                   }));
    // Message and policy have no nonce; message has no caps.
    EXPECT_REFUSED(kReservedBits, changed(message(), [](Bytes& b) { b[0] |= 0x40; }));
    EXPECT_REFUSED(kReservedBits, changed(message(), [](Bytes& b) { b[0] |= 0x20; }));
    EXPECT_REFUSED(kReservedBits, changed(message(), [](Bytes& b) { b[kRuleAt] |= kRuleCaps; }));
    // Create state in another form.
    Bytes genesis = {kCreateState};
    core::append(genesis, wallet_.handle().genesis());
    EXPECT_REFUSED(kReservedBits,
                   bare({writable(wallet_.state()), readonly(kSystemProgram)}, genesis));
}

TEST_F(Encodings, RecoveryPartsAreWhole) {
    const auto with_part = [&](Bytes part) {
        return good_but([&](Bytes& b) {
            b[kRuleAt] |= kRuleRecovery;
            b.insert(b.begin() + kRuleAt + 1, part.begin(), part.end());
        });
    };
    EXPECT_REFUSED(kDataTooShort, with_part({0xff, 0xff}));
    EXPECT_REFUSED(kRecoveryPart, with_part({0, 0}));
    EXPECT_REFUSED(kRecoveryPart, with_part({2, 0, 0x10, 0}));
    EXPECT_REFUSED(kUnknownRule, good_but([](Bytes& b) {
                       b[kRuleAt] |= kRuleRecovery | kRuleLocal;
                       b.insert(b.begin() + kRuleAt + 1, 2, 0);
                   }));
}

TEST_F(Encodings, AccountsThatAreNotThere) {
    // state, vault, somebody, system, key.
    const std::uint8_t count =
        static_cast<std::uint8_t>(good().wallet_instruction().accounts.size());
    EXPECT_REFUSED(kAccountIndex, good_but([&](Bytes& b) { b[kEvidenceAt] = count; }));
    EXPECT_REFUSED(kAccountIndex, good_but([&](Bytes& b) { b[kEvidenceAt] = 255; }));
    EXPECT_REFUSED(kAccountIndex, changed(message(), [](Bytes& b) { b[kEvidenceAt] = 200; }));
    EXPECT_REFUSED(kAccountIndex, good_but([&](Bytes& b) { b[kBodyAt] = count; }));
    EXPECT_REFUSED(kAccountIndex, good_but([&](Bytes& b) { b[kBodyAt + 2] = 0xc0 | count; }));
    // A signer of a message that signed nothing.
    Attempt unsigned_message = message();
    for (AccountMeta& meta : unsigned_message.wallet_instruction().accounts) {
        meta.is_signer = false;
    }
    EXPECT_REFUSED(kTransactionSignature, chain().send(unsigned_message));
    // State and vault are no programs.
    EXPECT_REFUSED(kAccountIndex, good_but([](Bytes& b) { b[kBodyAt] = 0; }));
    EXPECT_REFUSED(kAccountIndex, good_but([](Bytes& b) { b[kBodyAt] = 1; }));
    EXPECT_REFUSED(kAccountIndex, bare({writable(wallet_.state())}, {kExecute, 0x30, 0}));
    EXPECT_REFUSED(kAccountIndex, bare({}, {kExecute, 0x30, 0}));
    // A lane's nonce with less than the four accounts that it needs.
    Attempt lane = transfer(wallet_, chain().use_lane());
    lane.wallet_instruction().accounts.resize(3);
    EXPECT_REFUSED(kAccountIndex, chain().send(lane));
    lane.data()[0] = static_cast<std::uint8_t>((lane.data()[0] & 0xf0) | kGrant);
    EXPECT_REFUSED(kAccountIndex, chain().send(lane));
    Attempt capped = good();
    capped.data()[kRuleAt] |= kRuleCaps;
    Bytes caps = {1, count};
    caps.insert(caps.end(), 16, 0);
    capped.data().insert(capped.data().begin() + kBodyAt, caps.begin(), caps.end());
    EXPECT_REFUSED(kAccountIndex, chain().send(capped));
}

TEST_F(Encodings, MoreAccountsThanTheFormatKnows) {
    Attempt attempt = good();
    auto& accounts = attempt.wallet_instruction().accounts;
    const Attempt before = attempt;
    accounts.resize(64, readonly(kSystemProgram));
    EXPECT_REFUSED(kTooManyAccounts, chain().send(attempt));
    accounts.resize(100, readonly(kSystemProgram));
    EXPECT_REFUSED(kTooManyAccounts, chain().send(attempt));
    accounts.resize(255, readonly(kSystemProgram));
    const SendResult result = chain().send(attempt);
    EXPECT_REFUSED(kTooManyAccounts, result);
    accounts.resize(63);
    EXPECT_ACCEPTED(chain().send(attempt));
    chain().set_lamports(wallet_.vault(), 100 * kSol);
}

TEST_F(Encodings, MoreCallsThanTheFormatKnows) {
    const Attempt attempt = good();
    const Bytes& bytes = attempt.instructions[0].data;
    const Bytes one(bytes.begin() + kBodyAt, bytes.end());
    const auto times = [&](std::size_t count, std::size_t shrunk) {
        return good_but([&](Bytes& b) {
            b.resize(kBodyAt);
            for (std::size_t i = 0; i < count; ++i) {
                core::append(b, one);
                // The amount of each but the last is zero.
                if (i >= shrunk) {
                    std::fill(b.end() - 8, b.end(), std::uint8_t{0});
                }
            }
        });
    };
    EXPECT_REFUSED(kTooManyCalls, times(17, 17));
    EXPECT_REFUSED(kTooManyCalls, times(17, 0));
    EXPECT_REFUSED(kTooManyCalls, times(20, 0));
    EXPECT_ACCEPTED(times(16, 0));
}

TEST_F(Encodings, OneFormForEachField) {
    // 128 and more take two bytes, less takes one: the call's data is 12 bytes long.
    const std::size_t length_at = kBodyAt + 4;
    ASSERT_EQ(good().data()[length_at], 12);
    EXPECT_REFUSED(kNonCanonical, good_but([=](Bytes& b) {
                       b.insert(b.begin() + static_cast<std::ptrdiff_t>(length_at), 0x80);
                   }));
    // Caps that say nothing, and bits between.
    const auto with_caps = [&](std::uint8_t head) {
        return good_but([=](Bytes& b) {
            b[kRuleAt] |= kRuleCaps;
            b.insert(b.begin() + kBodyAt, head);
        });
    };
    EXPECT_REFUSED(kNonCanonical, with_caps(0));
    EXPECT_REFUSED(kNonCanonical, with_caps(0x10));
    EXPECT_REFUSED(kNonCanonical, with_caps(0x90));
    // The state has four nonces.
    Attempt nonce = transfer(wallet_, UseStateNonce{3, 0});
    nonce.data()[4] = 4;
    EXPECT_REFUSED(kNonCanonical, chain().send(nonce));
    nonce.data()[4] = 0x83;
    EXPECT_REFUSED(kNonCanonical, chain().send(nonce));
    // A lane's nonce has the deadline, a policy has none.
    Attempt lane = transfer(wallet_, chain().use_lane());
    lane.data()[kRuleAt] |= kRuleDeadline;
    EXPECT_REFUSED(kNonCanonical, chain().send(lane));
    Attempt policy = wallet_.attempt(
        {PolicyAction{{}, wallet_.now().configuration()}, UseTransaction{}, std::nullopt}, {{0}});
    // The rule's byte stands before the binding, the epoch and the whole shared part.
    const auto& shared = std::get<PolicyBody>(policy.assembled.approved.signed_part.body).shared;
    policy.data()[policy.data().size() - shared.size() - kEpochSize - kBindingSize - 1] |=
        kRuleDeadline;
    EXPECT_REFUSED(kNonCanonical, chain().send(policy));
}

TEST_F(Encodings, OtherAccountsInTheFixedPlaces) {
    const auto in_place = [&](std::size_t place, const Address& address) {
        Attempt attempt = good();
        attempt.wallet_instruction().accounts[place].address = address;
        return chain().send(attempt);
    };
    // No account, somebody's, a lane of this program, and a copy of the state by another owner.
    EXPECT_REFUSED(kStateMissing, in_place(0, Scenario::address(510)));
    EXPECT_REFUSED(kStateMissing, in_place(0, somebody()));
    EXPECT_REFUSED(kAccountType, in_place(0, chain().lane()));
    Account copy = *chain().account(wallet_.state());
    copy.owner = kTokenProgram.array();
    chain().put_account(Scenario::address(511), copy);
    EXPECT_REFUSED(kStateMissing, in_place(0, Scenario::address(511)));
    // Another vault: the runtime does not sign for it.
    EXPECT_RUNTIME_ERROR("PrivilegeEscalation", in_place(1, Scenario::address(512)));
}

}  // namespace
}  // namespace latchkey::solana::testing
