// SPDX-License-Identifier: Apache-2.0
// Laws 1 and 2 on the real VM: who approved, and what exactly.

#include "chains/solana/client/instructions.hpp"
#include "chains/solana/testing/laws_testing.hpp"
#include "core/crypto/hash.hpp"

namespace latchkey::solana::testing {
namespace {

// Law 2 and the forged precompile: any byte of what verifies the signature.

TEST_F(Laws, EveryFlippedByteOfThePrecompileIsRefused) {
    const WalletUnderTest wallet = owned_by(TestSigner::passkey(1));
    const Attempt good = transfer(wallet, chain().use_lane());
    for (std::size_t i = 0; i < good.instructions[good.wallet_index - 1].data.size(); ++i) {
        Attempt bad = good;
        bad.precompile().data[i] ^= 0x01;
        EXPECT_FALSE(chain().send(bad).ok) << "byte " << i;
    }
    expect_untouched(wallet);
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Laws, EveryFlippedBitOfTheInstructionIsRefused) {
    const WalletUnderTest wallet = owned_by(TestSigner::passkey(2));
    const Attempt good = transfer(wallet, chain().use_lane());
    for (std::size_t i = 0; i < 8 * good.instructions[good.wallet_index].data.size(); ++i) {
        Attempt bad = good;
        bad.data()[i / 8] ^= static_cast<std::uint8_t>(1U << (i % 8));
        EXPECT_FALSE(chain().send(bad).ok) << "bit " << i;
    }
    expect_untouched(wallet);
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Laws, ForgedPrecompileOffsetsAreRefused) {
    const WalletUnderTest wallet = owned_by(TestSigner::passkey(3));
    const WalletUnderTest thief = owned_by(TestSigner::passkey(4));
    const Attempt good = transfer(wallet, chain().use_lane());
    const Attempt theirs = transfer(thief, chain().use_lane());
    // The victim's block stays where the program looks; the offsets name the thief's block behind.
    Attempt bad = good;
    Bytes& data = bad.precompile().data;
    const Bytes& forged = theirs.instructions[theirs.wallet_index - 1].data;
    const auto shift = static_cast<std::uint8_t>(data.size() - 16);
    data.insert(data.end(), forged.begin() + 16, forged.end());
    data[2] = static_cast<std::uint8_t>(data[2] + shift);
    data[6] = static_cast<std::uint8_t>(data[6] + shift);
    const auto message = static_cast<std::uint16_t>(data[10] + shift);
    data[10] = static_cast<std::uint8_t>(message);
    data[11] = static_cast<std::uint8_t>(message >> 8);
    EXPECT_REFUSED(kPrecompileLayout, chain().send(bad));
    expect_untouched(wallet);
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Laws, MissingOrMovedPrecompileIsRefused) {
    const WalletUnderTest wallet = owned_by(TestSigner::passkey(5));
    const Attempt good = transfer(wallet, chain().use_lane());
    Attempt none = good;
    none.instructions.erase(none.instructions.begin());
    none.wallet_index = 0;
    EXPECT_REFUSED(kPrecompileMissing, chain().send(none));
    Attempt moved = good;
    moved.instructions.insert(moved.instructions.begin() + 1,
                              compute_budget::set_unit_limit(100'000));
    moved.wallet_index = 2;
    const SendResult result = chain().send(moved);
    EXPECT_FALSE(result.ok);
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Laws, ChallengeMustBeTheDigest) {
    const WalletUnderTest wallet = owned_by(TestSigner::passkey(6));
    AttemptOptions options;
    options.verifies = false;
    options.passkey_answers[0].client_data_json =
        R"({"type":"webauthn.get","challenge":")" + std::string(64, 'A') +
        R"(","origin":"https://example.com","crossOrigin":false})";
    EXPECT_REFUSED(kClientData, chain().send(transfer(wallet, chain().use_lane(), options)));
    options.passkey_answers[0].client_data_json.reset();
    EXPECT_ACCEPTED(chain().send(transfer(wallet, chain().use_lane(), options)));
}

TEST_F(Laws, AuthenticatorFlagsAndRelyingPartyAreChecked) {
    WalletUnderTest wallet = owned_by(TestSigner::passkey(7, "example.com", true));
    const auto with_flags = [&](std::uint8_t flags) {
        AttemptOptions options;
        options.verifies = false;
        options.passkey_answers[0].flags = flags;
        return chain().send(transfer(wallet, chain().use_lane(), options));
    };
    EXPECT_REFUSED(kUserPresence, with_flags(0x04));
    EXPECT_REFUSED(kUserVerification, with_flags(0x01));
    EXPECT_REFUSED(kAuthenticatorData, with_flags(0x45));
    EXPECT_REFUSED(kAuthenticatorData, with_flags(0x85));
    EXPECT_ACCEPTED(with_flags(0x1d));
    EXPECT_ACCEPTED(wallet.create_state());
    AttemptOptions options;
    options.verifies = false;
    options.passkey_answers[0].relying_party_id_hash = core::Hash32();
    EXPECT_REFUSED(kRelyingParty, chain().send(transfer(wallet, chain().use_lane(), options)));
}

// Law 1: distinct valid parties.

TEST_F(Laws, ThresholdCountsDistinctParties) {
    WalletUnderTest wallet(
        chain(),
        {TestSigner::p256(20), TestSigner::p256(21).with_same_party(), TestSigner::p256(22)},
        {plain_rule(kEverything, 7, 2)});
    wallet.fund(100 * kSol);
    AttemptOptions unchecked;
    unchecked.verifies = false;
    const auto by = [&](const std::vector<Approver>& approvers) {
        return wallet.send(wallet.transfer(somebody(), kSol, chain().use_lane()), approvers,
                           unchecked);
    };
    EXPECT_REFUSED(kThresholdNotMet, by({{0}}));
    EXPECT_REFUSED(kThresholdNotMet, by({{0}, {1}}));
    EXPECT_ACCEPTED(by({{1}, {2}}));
    Attempt twice = wallet.attempt(wallet.transfer(somebody(), kSol, chain().use_lane()),
                                   {{0}, {2}}, unchecked);
    // Signer 0 a second time instead of signer 2.
    for (std::uint8_t& byte : twice.data()) {
        if (byte == (2 | kApprovalLast)) {
            byte = 0 | kApprovalLast;
            break;
        }
    }
    EXPECT_REFUSED(kApprovalOrder, chain().send(twice));
}

TEST_F(Laws, SignerOutsideTheRuleIsRefused) {
    WalletUnderTest wallet(chain(), {TestSigner::p256(23), TestSigner::p256(24)},
                           {plain_rule(core::kActionExecute, 1), plain_rule(kEverything, 3)});
    wallet.fund(100 * kSol);
    EXPECT_ACCEPTED(wallet.create_state());
    AttemptOptions unchecked;
    unchecked.verifies = false;
    EXPECT_ACCEPTED(wallet.send(
        wallet.transfer(somebody(), kSol, chain().use_lane(), {.is_local = false, .index = 1}),
        {{1}}, unchecked));
    Attempt attempt = wallet.attempt(
        wallet.transfer(somebody(), kSol, chain().use_lane(), {.is_local = false, .index = 0}),
        {{0}}, unchecked);
    attempt.assembled.approved.approvals[0].signer = 1;
    attempt.rebuild();
    EXPECT_REFUSED(kSignerNotInRule, chain().send(attempt));
}

TEST_F(Laws, SponsorsSignatureIsNoApproval) {
    // The fee payer is also the wallet's only signer: its signature is there whatever it pays for.
    const TestSigner payer = key(19);
    chain().set_lamports(payer.address(), 10 * kSol);
    const WalletUnderTest wallet = owned_by(payer);
    Attempt attempt = transfer(wallet, UseTransaction{});
    const Attempt sponsored = attempt;
    attempt.fee_payer = payer.address();
    EXPECT_REFUSED(kSignerPaysFees, chain().send(attempt));
    expect_untouched(wallet);
    EXPECT_ACCEPTED(chain().send(sponsored));
}

TEST_F(Laws, AccountThatDidNotSignIsNoApproval) {
    const WalletUnderTest wallet = owned_by(key(25));
    Attempt attempt = transfer(wallet, UseTransaction{});
    for (AccountMeta& meta : attempt.wallet_instruction().accounts) {
        meta.is_signer = false;
    }
    EXPECT_REFUSED(kTransactionSignature, chain().send(attempt));
    expect_untouched(wallet);
}

// Which rule, and when.

class Approvals : public Laws {
  protected:
    static AttemptOptions unverified() {
        AttemptOptions options;
        options.verifies = false;
        return options;
    }
};

TEST_F(Approvals, RulesHoldInTheirTimeForTheirActions) {
    WalletUnderTest wallet = with_room(key(230));
    const std::uint64_t now = chain().now();
    core::Configuration next = wallet.now().configuration();
    core::Rule later = plain_rule(core::kActionExecute, 1);
    later.times = core::Times{now + 100, now + 200};
    next.rules.push_back(later);
    next.rules.push_back(plain_rule(core::kActionMessage, 1));
    next.rules.push_back(plain_rule(core::kActionExecute, 1));
    EXPECT_ACCEPTED(change(wallet, next));
    const auto by_rule = [&](std::uint8_t index) {
        Attempt attempt = transfer(wallet, UseTransaction{});
        attempt.assembled.approved.signed_part.rule.index = index;
        attempt.rebuild();
        return chain().send(attempt);
    };
    EXPECT_REFUSED(kRuleNotYetValid, by_rule(1));
    EXPECT_REFUSED(kActionNotAllowed, by_rule(2));
    EXPECT_REFUSED(kUnknownRule, by_rule(4));
    EXPECT_REFUSED(kUnknownRule, by_rule(15));
    const auto as = [&](const ActionBody& body, std::uint8_t index) {
        Attempt attempt = wallet.attempt({body, UseTransaction{}, std::nullopt}, {{0}});
        attempt.assembled.approved.signed_part.rule.index = index;
        attempt.rebuild();
        return chain().send(attempt);
    };
    EXPECT_REFUSED(kActionNotAllowed, as(MessageAction{}, 3));
    EXPECT_REFUSED(kActionNotAllowed, as(PolicyAction{{}, next}, 3));
    EXPECT_REFUSED(kActionNotAllowed, as(PolicyAction{{}, next}, 2));
    const core::LocalRule local = {{TestSigner::ed25519(231).entry()},
                                   limited_rule(1, kSystemProgram, core::Hash32(), 1, 1, 0)};
    EXPECT_REFUSED(kActionNotAllowed, as(GrantAction{{}, local}, 3));
    expect_untouched(wallet);
    chain().advance(99);
    EXPECT_REFUSED(kRuleNotYetValid, by_rule(1));
    chain().advance(1);
    EXPECT_ACCEPTED(by_rule(1));
    chain().advance(99);
    EXPECT_ACCEPTED(by_rule(1));
    chain().advance(1);
    EXPECT_REFUSED(kRuleExpired, by_rule(1));
    EXPECT_ACCEPTED(by_rule(3));
}

TEST_F(Approvals, EveryWayOfApprovingKnowsTheTimeAndTheSigners) {
    // One signer of each kind that the program has a short way for, from the state.
    for (const TestSigner& signer : {TestSigner::p256(253), TestSigner::passkey(254), key(255)}) {
        core::Rule timed = plain_rule(core::kActionExecute, 1);
        timed.times = core::Times{chain().now() + 10, chain().now() + 20};
        WalletUnderTest wallet(chain(), {signer}, {plain_rule(kEverything, 1), timed});
        wallet.fund(100 * kSol);
        EXPECT_ACCEPTED(wallet.create_state());
        const bool is_account = signer.entry().kind == core::kSignerEd25519;
        const auto by_rule = [&](std::uint8_t rule) {
            const NonceChoice nonce =
                is_account ? NonceChoice(UseTransaction{}) : NonceChoice(chain().use_lane());
            return wallet.attempt(wallet.transfer(somebody(), kSol, nonce, {false, rule}), {{0}},
                                  unverified());
        };
        EXPECT_REFUSED(kRuleNotYetValid, chain().send(by_rule(1)));
        Attempt beyond = by_rule(0);
        const Attempt good = beyond;
        for (const std::uint8_t index : Bytes{1, 7, 15}) {
            beyond.data()[1] = static_cast<std::uint8_t>((beyond.data()[1] & 0xf0) | index);
            EXPECT_REFUSED(kSignerNotInRule, chain().send(beyond));
        }
        expect_untouched(wallet);
        EXPECT_ACCEPTED(chain().send(good));
        chain().advance(10);
        EXPECT_ACCEPTED(chain().send(by_rule(1)));
        chain().advance(10);
        EXPECT_REFUSED(kRuleExpired, chain().send(by_rule(1)));
    }
}

TEST_F(Approvals, OnePartyIsOneVoiceHoweverManyKeysItHas) {
    // Phone with two keys and a contact: two of them are needed.
    const TestSigner phone = key(232);
    const TestSigner second = key(233).with_same_party();
    const TestSigner contact = key(234);
    WalletUnderTest wallet(chain(), {phone, second, contact}, {plain_rule(kEverything, 7, 2)});
    wallet.fund(100 * kSol);
    const auto by_two = [&](std::uint8_t first, std::uint8_t other) {
        return wallet.send(wallet.transfer(somebody(), kSol, UseTransaction{}), {{first}, {other}},
                           unverified());
    };
    EXPECT_REFUSED(kThresholdNotMet, by_two(0, 1));
    // One account as the evidence of two signers.
    Attempt twice = wallet.attempt(wallet.transfer(somebody(), kSol, UseTransaction{}), {{0}, {2}},
                                   unverified());
    const Attempt good = twice;
    ASSERT_EQ(twice.data()[3], 2 | 0x30);
    twice.data()[4] = twice.data()[2];
    EXPECT_REFUSED(kStateAddress, chain().send(twice));
    twice = good;
    twice.data()[3] = 0x30;
    EXPECT_REFUSED(kApprovalOrder, chain().send(twice));
    expect_untouched(wallet);
    EXPECT_ACCEPTED(chain().send(good));
    EXPECT_ACCEPTED(wallet.create_state());
    twice = wallet.attempt(wallet.transfer(somebody(), kSol, UseTransaction{}), {{0}, {2}},
                           unverified());
    twice.data()[4] = twice.data()[2];
    EXPECT_REFUSED(kKeyMismatch, chain().send(twice));
    EXPECT_ACCEPTED(by_two(1, 2));
}

TEST_F(Approvals, TheSponsorIsNoApproverInAnyForm) {
    const TestSigner sponsor = key(235);
    chain().set_lamports(sponsor.address(), 10 * kSol);
    WalletUnderTest wallet(chain(), {sponsor, key(236)}, {plain_rule(kEverything, 3)});
    wallet.fund(100 * kSol);
    const auto paid_by_sponsor = [&] {
        Attempt attempt =
            wallet.attempt(wallet.transfer(somebody(), kSol, UseTransaction{}), {{0}});
        attempt.fee_payer = sponsor.address();
        return attempt;
    };
    EXPECT_REFUSED(kSignerPaysFees, chain().send(paid_by_sponsor()));
    EXPECT_ACCEPTED(wallet.create_state());
    EXPECT_REFUSED(kSignerPaysFees, chain().send(paid_by_sponsor()));
    // As somebody else's approval neither.
    Attempt other = wallet.attempt(wallet.transfer(somebody(), kSol, UseTransaction{}), {{1}});
    const Attempt good = other;
    for (AccountMeta& meta : other.wallet_instruction().accounts) {
        if (meta.is_signer) {
            meta.address = sponsor.address();
        }
    }
    EXPECT_REFUSED(kKeyMismatch, chain().send(other));
    expect_untouched(wallet);
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Approvals, PasskeyAnswersInEveryWrongForm) {
    WalletUnderTest wallet = with_state(TestSigner::passkey(240, "example.com", true));
    const auto answered = [&](const PasskeyAnswer& answer) {
        AttemptOptions options = unverified();
        options.passkey_answers[0] = answer;
        return chain().send(transfer(wallet, chain().use_lane(), options));
    };
    const auto flags = [](std::uint8_t value) {
        PasskeyAnswer answer;
        answer.flags = value;
        return answer;
    };
    EXPECT_REFUSED(kUserPresence, answered(flags(0x00)));
    EXPECT_REFUSED(kUserPresence, answered(flags(0x1c)));
    EXPECT_REFUSED(kUserVerification, answered(flags(0x11)));
    EXPECT_REFUSED(kUserVerification, answered(flags(0x19)));
    EXPECT_REFUSED(kAuthenticatorData, answered(flags(0xc5)));
    PasskeyAnswer other_host;
    other_host.relying_party_id_hash = core::crypto::sha256(core::as_bytes("example.org"));
    EXPECT_REFUSED(kRelyingParty, answered(other_host));
    other_host.relying_party_id_hash = core::crypto::sha256(core::as_bytes("login.example.com"));
    EXPECT_REFUSED(kRelyingParty, answered(other_host));
    // Another type of client data, a challenge that goes on, a challenge in another place.
    PasskeyAnswer client_data;
    client_data.rest = R"(AAAA","origin":"https://example.com","crossOrigin":false})";
    EXPECT_REFUSED(kClientData, answered(client_data));
    expect_untouched(wallet);
    EXPECT_ACCEPTED(answered({}));
}

TEST_F(Approvals, ChangesGrantsAndMessagesNeedTheWholeThreshold) {
    WalletUnderTest wallet(chain(), {key(250), key(251)}, {plain_rule(kEverything, 3, 2)});
    wallet.fund(100 * kSol);
    EXPECT_ACCEPTED(wallet.create_state());
    wallet.fund_state(3000);
    core::Configuration next = wallet.now().configuration();
    next.rules[0].threshold = 1;
    const core::LocalRule local = {{TestSigner::ed25519(252).entry()},
                                   limited_rule(1, kSystemProgram, core::Hash32(), 1, 1, 0)};
    const std::vector<ActionBody> bodies = {MessageAction{}, GrantAction{{}, local},
                                            PolicyAction{{}, next}};
    for (const ActionBody& body : bodies) {
        const Action action = {body, UseTransaction{}, std::nullopt};
        EXPECT_REFUSED(kThresholdNotMet, wallet.send(action, {{0}}, unverified()));
        EXPECT_REFUSED(kThresholdNotMet, wallet.send(action, {{1}}, unverified()));
    }
    expect_untouched(wallet);
    EXPECT_EQ(wallet.now().sequence(), 0U);
    for (const ActionBody& body : bodies) {
        EXPECT_ACCEPTED(wallet.send({body, UseTransaction{}, std::nullopt}, {{0}, {1}}));
    }
    EXPECT_ACCEPTED(wallet.send(wallet.transfer(somebody(), kSol, UseTransaction{}), {{1}}));
}

}  // namespace
}  // namespace latchkey::solana::testing
