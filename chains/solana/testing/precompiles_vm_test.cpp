// SPDX-License-Identifier: Apache-2.0
// Law 2 on the real VM: a verified signature counts only from one exact place in one exact layout.
// Each forgery passes the runtime's own verification.
#include "chains/solana/client/instructions.hpp"
#include "chains/solana/testing/laws_testing.hpp"
#include "chains/solana/testing/native_addresses.hpp"
#include "core/crypto/hash.hpp"

namespace latchkey::solana::testing {
namespace {

/// Where the fields of a first slot are: signature, its instruction, key, its instruction, message,
/// its length, its instruction.
constexpr std::size_t kOffsetsAt = 2;
constexpr std::size_t kIndexFields[] = {kOffsetsAt + 2, kOffsetsAt + 6, kOffsetsAt + 12};

void put_u16(Bytes& data, std::size_t at, std::size_t value) {
    data[at] = static_cast<std::uint8_t>(value);
    data[at + 1] = static_cast<std::uint8_t>(value >> 8);
}
std::size_t u16_at(const Bytes& data, std::size_t at) {
    return core::load_le<std::uint16_t>(data.data() + at);
}

class Precompiles : public Laws {
  protected:
    /// A wallet of two P-256 keys and one ed25519 key of three parties, and what they send.
    static WalletUnderTest wallet_of_three(std::uint8_t threshold) {
        WalletUnderTest wallet(
            chain(), {TestSigner::p256(301), TestSigner::p256(302), TestSigner::ed25519(303)},
            {plain_rule(kEverything, 7, threshold)});
        wallet.fund(100 * kSol);
        return wallet;
    }
    static Attempt by(const WalletUnderTest& wallet, const std::vector<Approver>& approvers) {
        AttemptOptions options;
        options.verifies = false;
        return wallet.attempt(wallet.transfer(somebody(), kSol, chain().use_lane()), approvers,
                              options);
    }
    static void insert_first(Attempt& attempt, const Instruction& instruction) {
        attempt.instructions.insert(attempt.instructions.begin(), instruction);
        ++attempt.wallet_index;
    }
};

TEST_F(Precompiles, OwnPositionIsNoSubstituteForHere) {
    // The index of the very same instruction names the same bytes, and is another layout.
    for (const TestSigner& signer : {TestSigner::p256(310), TestSigner::passkey(311)}) {
        const WalletUnderTest wallet = owned_by(signer);
        const Attempt good = transfer(wallet, chain().use_lane());
        for (const std::size_t field : kIndexFields) {
            Attempt bad = good;
            put_u16(bad.precompile().data, field, 0);
            EXPECT_REFUSED(kPrecompileLayout, chain().send(bad));
        }
        EXPECT_ACCEPTED(chain().send(good));
    }
    const WalletUnderTest wallet = owned_by(key(312));
    const Attempt good = wallet.attempt(wallet.transfer(somebody(), kSol, chain().use_lane()),
                                        {{0, ApprovalMethod::kOffchainMessage}});
    for (const std::size_t field : kIndexFields) {
        Attempt bad = good;
        put_u16(bad.precompile().data, field, 0);
        EXPECT_REFUSED(kPrecompileLayout, chain().send(bad));
    }
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Precompiles, DataOfAnotherInstructionDoesNotCount) {
    // The victim's key and digest stand in their places; what was verified is the thief's signature
    // in the instruction before.
    const WalletUnderTest wallet = owned_by(TestSigner::p256(313));
    const WalletUnderTest thief = owned_by(TestSigner::p256(314));
    const Attempt good = transfer(wallet, chain().use_lane());
    const Attempt theirs = transfer(thief, chain().use_lane());
    Attempt bad = good;
    Bytes& data = bad.precompile().data;
    std::fill(data.begin() + 49, data.begin() + 49 + 64, std::uint8_t{0});
    insert_first(bad, theirs.instructions[0]);
    for (const std::size_t field : kIndexFields) {
        put_u16(bad.precompile().data, field, 0);
    }
    EXPECT_REFUSED(kPrecompileLayout, chain().send(bad));
    expect_untouched(wallet);
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Precompiles, OverlappingFieldsDoNotCount) {
    // The thief's message is his own key bytes: one range serves as key and as message.
    const WalletUnderTest wallet = owned_by(TestSigner::p256(315));
    const Attempt good = transfer(wallet, chain().use_lane());
    core::Secret<32> scalar;
    scalar.expose_mutable()[31] = 7;
    const auto thief = core::crypto::P256PrivateKey::from_scalar(scalar).value();
    const auto signature = thief.sign(core::crypto::sha256(thief.public_key().view())).value();
    Attempt bad = good;
    Bytes& data = bad.precompile().data;
    const std::size_t key_at = data.size();
    core::append(data, thief.public_key().view());
    core::append(data, signature.view());
    put_u16(data, kOffsetsAt, key_at + 33);
    put_u16(data, kOffsetsAt + 4, key_at);
    put_u16(data, kOffsetsAt + 8, key_at);
    put_u16(data, kOffsetsAt + 10, 33);
    EXPECT_REFUSED(kPrecompileLayout, chain().send(bad));
    // Nor do the expected offsets with spare bytes behind.
    bad = good;
    bad.precompile().data.push_back(0);
    EXPECT_REFUSED(kPrecompileLayout, chain().send(bad));
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Precompiles, PaddingAndGapsAreAnotherLayout) {
    const WalletUnderTest wallet = owned_by(TestSigner::p256(316));
    const Attempt good = transfer(wallet, chain().use_lane());
    Attempt bad = good;
    bad.precompile().data[1] = 1;
    EXPECT_REFUSED(kPrecompileLayout, chain().send(bad));
    // A gap between offsets and key; every offset follows.
    bad = good;
    Bytes& data = bad.precompile().data;
    data.insert(data.begin() + 16, 0);
    for (const std::size_t field : {kOffsetsAt, kOffsetsAt + 4, kOffsetsAt + 8}) {
        put_u16(data, field, u16_at(data, field) + 1);
    }
    EXPECT_REFUSED(kPrecompileLayout, chain().send(bad));
    // The same length with the signature before the key.
    bad = good;
    Bytes& swapped = bad.precompile().data;
    std::rotate(swapped.begin() + 16, swapped.begin() + 49, swapped.begin() + 113);
    put_u16(swapped, kOffsetsAt, 16);
    put_u16(swapped, kOffsetsAt + 4, 80);
    EXPECT_REFUSED(kPrecompileLayout, chain().send(bad));
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Precompiles, AccountsOnThePrecompileAreAnotherLayout) {
    const WalletUnderTest wallet = owned_by(TestSigner::p256(317));
    const Attempt good = transfer(wallet, chain().use_lane());
    Attempt bad = good;
    bad.precompile().accounts = {readonly(somebody())};
    EXPECT_REFUSED(kPrecompileLayout, chain().send(bad));
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Precompiles, AnotherProgramInItsPlaceDoesNotCount) {
    const WalletUnderTest wallet = wallet_of_three(1);
    const Attempt good = by(wallet, {{0}});
    const Attempt offchain = by(wallet, {{2, ApprovalMethod::kOffchainMessage}});
    // A valid ed25519 verification where secp256r1 is asked for; the lengths differ as well.
    Attempt bad = good;
    bad.precompile() = offchain.instructions[offchain.wallet_index - 1];
    EXPECT_REFUSED(kPrecompileLayout, chain().send(bad));
    // The same length: a memo with 145 bytes of text.
    bad = good;
    bad.precompile() = memo(std::string(145, 'm')).value();
    EXPECT_REFUSED(kPrecompileMissing, chain().send(bad));
    // A program of somebody's that takes anything, with the very bytes.
    const Address script = Scenario::address(3001);
    load(script, LATCHKEY_SCRIPT_ELF);
    bad = good;
    bad.precompile() = {script, {}, ScriptBuilder().give_back(Bytes(143, 0)).take()};
    ASSERT_EQ(bad.precompile().data.size(), 145U);
    EXPECT_REFUSED(kPrecompileMissing, chain().send(bad));
    expect_untouched(wallet);
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Precompiles, OnlyTheInstructionDirectlyBeforeCounts) {
    const WalletUnderTest wallet = owned_by(TestSigner::p256(318));
    const Attempt good = transfer(wallet, chain().use_lane());
    Attempt behind = good;
    std::swap(behind.instructions[0], behind.instructions[1]);
    behind.wallet_index = 0;
    EXPECT_REFUSED(kPrecompileMissing, chain().send(behind));
    // Another instruction of the right program between: the second of two identical transfers finds
    // a wallet instruction before itself.
    Attempt twice = good;
    twice.instructions.push_back(twice.instructions.back());
    twice.wallet_index = 2;
    const SendResult result = chain().send(twice);
    EXPECT_FALSE(result.ok);
    EXPECT_EQ(result.instruction_index, 2);
    expect_untouched(wallet);
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Precompiles, KindsStandInOneOrder) {
    const WalletUnderTest wallet = wallet_of_three(2);
    const Attempt good = by(wallet, {{0}, {2, ApprovalMethod::kOffchainMessage}});
    Attempt bad = good;
    std::swap(bad.instructions[0], bad.instructions[1]);
    const SendResult result = chain().send(bad);
    EXPECT_REFUSED(kPrecompileLayout, result);
    // Both are held to their layout also next to each other.
    for (const std::size_t back : {1U, 2U}) {
        for (const std::size_t field : kIndexFields) {
            bad = good;
            put_u16(bad.precompile(back).data, field, 2 - back);
            EXPECT_REFUSED(kPrecompileLayout, chain().send(bad));
        }
        bad = good;
        bad.precompile(back).data[1] = 1;
        EXPECT_REFUSED(kPrecompileLayout, chain().send(bad));
    }
    bad = good;
    bad.instructions.erase(bad.instructions.begin());
    bad.wallet_index = 1;
    EXPECT_REFUSED(kPrecompileMissing, chain().send(bad));
    expect_untouched(wallet);
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Precompiles, SlotsStandInTheOrderOfTheApprovals) {
    WalletUnderTest wallet = wallet_of_three(2);
    EXPECT_ACCEPTED(wallet.create_state());
    const Attempt good = by(wallet, {{0}, {1}});
    // Both signatures are valid and both keys belong to the rule, but to the other approval.
    const Bytes& data = good.instructions[0].data;
    const auto slot = [&](std::size_t at) {
        return PrecompileSlot{Bytes(data.begin() + static_cast<std::ptrdiff_t>(at),
                                    data.begin() + static_cast<std::ptrdiff_t>(at + 33)),
                              Bytes(data.begin() + static_cast<std::ptrdiff_t>(at + 33),
                                    data.begin() + static_cast<std::ptrdiff_t>(at + 97)),
                              Bytes(data.begin() + static_cast<std::ptrdiff_t>(at + 97),
                                    data.begin() + static_cast<std::ptrdiff_t>(at + 129))};
    };
    const std::size_t first = 2 + 2 * 14;
    const std::size_t second = first + 129;
    Attempt bad = good;
    bad.precompile() = make_precompile(kSecp256r1Program, {slot(second), slot(first)});
    EXPECT_REFUSED(kKeyMismatch, chain().send(bad));
    // One signature for two signers.
    bad.precompile() = make_precompile(kSecp256r1Program, {slot(first), slot(first)});
    EXPECT_REFUSED(kKeyMismatch, chain().send(bad));
    bad.precompile() = make_precompile(kSecp256r1Program, {slot(first)});
    EXPECT_REFUSED(kPrecompileLayout, chain().send(bad));
    // One instruction for each of the two signatures.
    insert_first(bad, make_precompile(kSecp256r1Program, {slot(second)}));
    EXPECT_REFUSED(kPrecompileLayout, chain().send(bad));
    // The same, built again, is the good one.
    bad = good;
    bad.precompile() = make_precompile(kSecp256r1Program, {slot(first), slot(second)});
    EXPECT_EQ(bad.precompile(), good.instructions[0]);
    expect_untouched(wallet);
    EXPECT_ACCEPTED(chain().send(bad));
}

TEST_F(Precompiles, OneSlotMoreOrLessThanApprovals) {
    const WalletUnderTest wallet = wallet_of_three(1);
    const Attempt one = by(wallet, {{0}});
    const Attempt two = by(wallet, {{0}, {1}});
    Attempt bad = one;
    bad.precompile() = two.instructions[0];
    EXPECT_REFUSED(kPrecompileLayout, chain().send(bad));
    bad = two;
    bad.precompile() = one.instructions[0];
    EXPECT_REFUSED(kPrecompileLayout, chain().send(bad));
    EXPECT_ACCEPTED(chain().send(one));
    EXPECT_ACCEPTED(chain().send(two));
}

TEST_F(Precompiles, ForeignInstructionsInFrontDoNoHarm) {
    // The positive side of "directly before": whatever stands further away is not looked at.
    const WalletUnderTest wallet = owned_by(TestSigner::p256(319));
    Attempt attempt = transfer(wallet, chain().use_lane());
    insert_first(attempt, attempt.instructions[0]);
    insert_first(attempt, compute_budget::set_unit_limit(100'000));
    EXPECT_ACCEPTED(chain().send(attempt));
}

TEST_F(Precompiles, MoreSignaturesThanThePrecompileTakes) {
    std::vector<TestSigner> signers;
    std::vector<Approver> approvers;
    for (std::uint8_t i = 0; i < 9; ++i) {
        signers.push_back(TestSigner::p256(330U + i));
        approvers.push_back({i});
    }
    WalletUnderTest wallet(chain(), signers, {plain_rule(kEverything, 0x1ff, 8)});
    wallet.fund(100 * kSol);
    EXPECT_ACCEPTED(wallet.create_state());
    const auto with = [&](std::size_t count) {
        Attempt attempt =
            by(wallet, {approvers.begin(), approvers.begin() + static_cast<std::ptrdiff_t>(count)});
        attempt.version = MessageVersion::kV1;
        attempt.config.compute_unit_limit = 100'000;
        attempt.config.loaded_accounts_bytes_limit = 1 << 20;
        return attempt;
    };
    // The runtime would refuse nine itself; eight get past it.
    Attempt nine = with(8);
    nine.assembled.approved.approvals.push_back({8, SlotEvidence{}});
    nine.rebuild();
    EXPECT_REFUSED(kPrecompileLayout, chain().send(nine));
    EXPECT_ACCEPTED(chain().send(with(8)));
}

// Two of three passkeys from the state, which the program has a short way for.

class SeveralPasskeys : public Precompiles {
  protected:
    void SetUp() override {
        Precompiles::SetUp();
        wallet_.emplace(chain(),
                        std::vector<TestSigner>{TestSigner::passkey(350),
                                                TestSigner::passkey(351, "example.com", true),
                                                TestSigner::passkey(352)},
                        std::vector<core::Rule>{plain_rule(kEverything, 7, 2),
                                                plain_rule(core::kActionExecute, 3, 2)});
        wallet_->fund(100 * kSol);
        EXPECT_ACCEPTED(wallet_->create_state());
    }
    Attempt good() { return by(*wallet_, {{0}, {1}}); }
    /// The second passkey answers in this way.
    SendResult answered(const PasskeyAnswer& answer) {
        AttemptOptions options;
        options.verifies = false;
        options.passkey_answers[1] = answer;
        return wallet_->send(wallet_->transfer(somebody(), kSol, chain().use_lane()), {{0}, {1}},
                             options);
    }

    std::optional<WalletUnderTest> wallet_;
};

TEST_F(SeveralPasskeys, EveryFlippedBitIsRefused) {
    const Attempt attempt = good();
    for (std::size_t i = 0; i < attempt.instructions[0].data.size(); ++i) {
        Attempt bad = attempt;
        bad.precompile().data[i] ^= 0x01;
        EXPECT_FALSE(chain().send(bad).ok) << "byte " << i << " of the precompile";
    }
    for (std::size_t i = 0; i < 8 * attempt.instructions[1].data.size(); ++i) {
        Attempt bad = attempt;
        bad.data()[i / 8] ^= static_cast<std::uint8_t>(1U << (i % 8));
        EXPECT_FALSE(chain().send(bad).ok) << "bit " << i << " of the instruction";
    }
    expect_untouched(*wallet_);
    EXPECT_ACCEPTED(chain().send(attempt));
}

TEST_F(SeveralPasskeys, LayoutOfBothSlotsCounts) {
    const Attempt attempt = good();
    for (const std::size_t slot : {0U, 14U}) {
        for (const std::size_t field : kIndexFields) {
            Attempt bad = attempt;
            put_u16(bad.precompile().data, slot + field, 0);
            EXPECT_REFUSED(kPrecompileLayout, chain().send(bad));
        }
    }
    Attempt bad = attempt;
    bad.precompile().data[1] = 1;
    EXPECT_REFUSED(kPrecompileLayout, chain().send(bad));
    bad = attempt;
    bad.precompile().data.push_back(0);
    EXPECT_REFUSED(kPrecompileLayout, chain().send(bad));
    bad = attempt;
    bad.instructions.erase(bad.instructions.begin());
    bad.wallet_index = 0;
    EXPECT_REFUSED(kPrecompileMissing, chain().send(bad));
    expect_untouched(*wallet_);
    EXPECT_ACCEPTED(chain().send(attempt));
}

TEST_F(SeveralPasskeys, BothAnswersAreChecked) {
    const auto flags = [](std::uint8_t value) {
        PasskeyAnswer answer;
        answer.flags = value;
        return answer;
    };
    EXPECT_REFUSED(kUserPresence, answered(flags(0x04)));
    EXPECT_REFUSED(kUserVerification, answered(flags(0x01)));
    EXPECT_REFUSED(kAuthenticatorData, answered(flags(0x45)));
    PasskeyAnswer other;
    other.relying_party_id_hash = core::crypto::sha256(core::as_bytes("example.org"));
    EXPECT_REFUSED(kRelyingParty, answered(other));
    PasskeyAnswer text;
    text.client_data_json = R"({"type":"webauthn.get","challenge":")" + std::string(64, 'A') +
                            R"(","origin":"https://example.com","crossOrigin":false})";
    EXPECT_REFUSED(kClientData, answered(text));
    expect_untouched(*wallet_);
    EXPECT_ACCEPTED(answered({}));
}

TEST_F(SeveralPasskeys, EachStandsForItsOwnSigner) {
    const Attempt attempt = good();
    // The second approval's byte stands behind the first one and its host.
    const std::size_t second = 2 + 1 + attempt.instructions[1].data.at(2);
    const auto as_signer = [&](std::size_t at, std::uint8_t index) {
        Attempt bad = attempt;
        bad.data()[at] = static_cast<std::uint8_t>((bad.data()[at] & 0xf0) | index);
        return chain().send(bad);
    };
    ASSERT_EQ(attempt.instructions[1].data.at(second) & 0x1f, 0x11);
    EXPECT_REFUSED(kKeyMismatch, as_signer(second, 2));
    EXPECT_REFUSED(kSignerNotInRule, as_signer(second, 3));
    EXPECT_REFUSED(kSignerNotInRule, as_signer(second, 15));
    EXPECT_REFUSED(kApprovalOrder, as_signer(second, 0));
    EXPECT_REFUSED(kApprovalOrder, as_signer(1, 1));
    EXPECT_REFUSED(kApprovalOrder, as_signer(1, 2));
    EXPECT_REFUSED(kThresholdNotMet, chain().send(by(*wallet_, {{0}})));
    // A signer of the configuration whom the rule does not name.
    Attempt outside = by(*wallet_, {{0}, {2}});
    outside.assembled.approved.signed_part.rule.index = 1;
    outside.rebuild();
    EXPECT_REFUSED(kSignerNotInRule, chain().send(outside));
    expect_untouched(*wallet_);
    EXPECT_ACCEPTED(chain().send(attempt));
    EXPECT_ACCEPTED(chain().send(by(*wallet_, {{0}, {1}, {2}})));
}

}  // namespace
}  // namespace latchkey::solana::testing
