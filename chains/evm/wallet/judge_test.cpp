// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/judge.hpp"

#include <gtest/gtest.h>

#include "core/wallet/testing.hpp"

namespace latchkey::evm::wallet {
namespace {

using core::Verdict;
using core::testing::filled;

constexpr std::uint64_t kChain = 137;
constexpr std::uint8_t kAll = core::kActionExecute | core::kActionPolicy;

core::Configuration of(const std::vector<core::Signer>& signers, std::uint8_t threshold = 1) {
    core::Configuration out;
    out.signers = signers;
    core::Rule rule;
    rule.actions = kAll;
    rule.threshold = threshold;
    rule.mask = static_cast<std::uint16_t>((1U << signers.size()) - 1);
    out.rules = {rule};
    return out;
}
Verdict judge(const core::Configuration& configuration) {
    return judge_shared(core::encode_unchecked(configuration), kChain);
}

const core::Signer kAddress = core::Signer::secp256k1_eip712(filled<Address>(1));
const core::Signer kEd25519 = core::Signer::ed25519(core::testing::ed25519_key());
const core::Signer kHere = core::Signer::contract(kChain, filled<Address>(2));
const core::Signer kElsewhere = core::Signer::contract(kChain + 1, filled<Address>(2));

TEST(Judge, LockoutIsThatOfThisChain) {
    EXPECT_EQ(judge(of({kAddress})), Verdict::kAccepted);
    EXPECT_EQ(judge(of({kHere})), Verdict::kAccepted);
    EXPECT_EQ(judge(of({kElsewhere})), Verdict::kLockout);
    EXPECT_EQ(judge(of({kEd25519})), Verdict::kLockout);
    EXPECT_EQ(judge(of({kEd25519, kAddress})), Verdict::kAccepted);
    EXPECT_EQ(judge(of({kEd25519, kAddress}, 2)), Verdict::kLockout);
    EXPECT_EQ(judge(of({kHere, kAddress}, 2)), Verdict::kAccepted);
    // Two keys of one party, one of them usable.
    EXPECT_EQ(judge(of({kEd25519, kAddress.with_same_party()})), Verdict::kAccepted);
    EXPECT_EQ(judge(of({kAddress, kHere.with_same_party(), kEd25519}, 2)), Verdict::kLockout);
    core::Configuration lockdown = of({kEd25519});
    lockdown.lockdown = true;
    EXPECT_EQ(judge(lockdown), Verdict::kAccepted);
    core::Configuration timed = of({kAddress});
    timed.rules[0].times = core::Times{1, 2};
    EXPECT_EQ(judge(timed), Verdict::kLockout);
    core::Configuration slow = of({kAddress});
    slow.rules[0].wait = core::Wait{static_cast<std::uint32_t>(core::kMaximumPolicyDelay) + 1};
    EXPECT_EQ(judge(slow), Verdict::kLockout);
    slow.rules[0].wait->delay_seconds -= 1;
    EXPECT_EQ(judge(slow), Verdict::kAccepted);
}

TEST(Judge, GenesisEndsWithItsSalt) {
    const auto genesis = [](const core::Signer& signer, const Bytes& salt) {
        return judge_genesis(core::encode_unchecked(core::Genesis{of({signer}), salt}), kChain);
    };
    EXPECT_EQ(genesis(kAddress, Bytes(1)), Verdict::kAccepted);
    EXPECT_EQ(genesis(kAddress, Bytes(16)), Verdict::kAccepted);
    EXPECT_EQ(genesis(kEd25519, Bytes(1)), Verdict::kLockout);
    EXPECT_EQ(judge_genesis({}, kChain), Verdict::kConfigurationTruncated);
    for (const core::Signer& signer : {kAddress, kEd25519}) {
        const bool is_locked = signer == kEd25519;
        Bytes bytes = core::encode_unchecked(of({signer}));
        // Lockout is seen before the salt.
        EXPECT_EQ(judge_genesis(bytes, kChain),
                  is_locked ? Verdict::kLockout : Verdict::kConfigurationTruncated);
        core::append(bytes, Bytes(2));
        EXPECT_EQ(judge_genesis(bytes, kChain),
                  is_locked ? Verdict::kLockout : Verdict::kConfigurationTrailing);
        bytes.resize(bytes.size() - 3);
        EXPECT_EQ(judge_genesis(bytes, kChain), Verdict::kConfigurationTruncated);
    }
}

TEST(Judge, OtherChecksAreThoseOfTheModel) {
    EXPECT_EQ(judge_shared({}, kChain), Verdict::kConfigurationTruncated);
    core::Configuration configuration = of({kAddress});
    Bytes bytes = core::encode_unchecked(configuration);
    bytes.push_back(0);
    EXPECT_EQ(judge_shared(bytes, kChain), Verdict::kConfigurationTrailing);
    bytes = core::encode_unchecked(of({kEd25519}));
    bytes.push_back(0);
    EXPECT_EQ(judge_shared(bytes, kChain), Verdict::kLockout);
    configuration = of({kAddress, kHere});
    configuration.rules[0].mask = 4;
    EXPECT_EQ(judge(configuration), Verdict::kRuleMask);
    configuration = of({kAddress, kAddress});
    EXPECT_EQ(judge(configuration), Verdict::kSignerDuplicate);
    bytes = core::encode_unchecked(of({kAddress}));
    bytes[0] = 0x20;
    EXPECT_EQ(judge_shared(bytes, kChain), Verdict::kConfigurationVersion);
}

TEST(Judge, KeysAreNotLookedAtMoreCloselyThanOnChain) {
    // y = 2 is on no point of the curve.
    core::Signer none = kEd25519;
    none.key = Bytes(32, 0);
    none.key[0] = 2;
    EXPECT_EQ(judge(of({none, kAddress})), Verdict::kAccepted);
    none.key[0] = 0;
    EXPECT_EQ(judge(of({none, kAddress})), Verdict::kSignerKey);
}

TEST(Judge, RecoveryLeadsToWhatThisChainAccepts) {
    core::RecoveryPart part;
    part.signers = {kAddress};
    core::Rule rule;
    rule.actions = core::kActionRecover;
    part.rules = {rule};
    part.after.rules = of({kAddress}).rules;
    const Bytes bytes = core::encode_unchecked(part);
    const auto commitment = core::commitment_of(bytes, 24);
    const auto recover = [&](const std::vector<core::Signer>& signers) {
        return recovered_shared(bytes, commitment, core::encode_unchecked(signers), kChain);
    };
    const auto good = recover({kAddress});
    ASSERT_TRUE(good.has_value());
    EXPECT_EQ(
        *good,
        core::recovered_shared(bytes, commitment, core::encode_unchecked({kAddress})).value());
    EXPECT_EQ(recover({kEd25519}).error(), Verdict::kLockout);
    EXPECT_EQ(recover({kHere}).has_value(), true);
    EXPECT_EQ(recover({kAddress, kHere}).error(), Verdict::kConfigurationTrailing);
    EXPECT_EQ(recovered_shared(bytes, commitment, Bytes(5000), kChain).error(),
              Verdict::kConfigurationTooLong);
}

TEST(Judge, EvidenceIsRefusedAsContractsDo) {
    const auto hash = filled<core::ApprovalHash>(3);
    EXPECT_EQ(judge_evidence(kEd25519, hash, Secp256k1Approval(), kChain),
              Verdict::kSignerNotUsable);
    EXPECT_EQ(judge_evidence(kElsewhere, hash, ContractApproval(), kChain),
              Verdict::kSignerNotUsable);
    EXPECT_EQ(judge_evidence(kHere, hash, ContractApproval(), kChain), Verdict::kAccepted);
    // r = s = 0 is no signature.
    EXPECT_EQ(judge_evidence(kAddress, hash, Secp256k1Approval(), kChain),
              Verdict::kSignatureMalformed);
    const auto key = *core::crypto::Secp256k1PrivateKey::from_scalar(
        *core::Secret<32>::copy_of(Bytes(32, 1)), core::Secret<32>());
    const auto signer = core::Signer::secp256k1_eip712(key.address());
    const auto made = *key.sign(Hash32(core::digest_of(hash).array()));
    EXPECT_EQ(judge_evidence(signer, hash, Secp256k1Approval{made}, kChain), Verdict::kAccepted);
    EXPECT_EQ(judge_evidence(kAddress, hash, Secp256k1Approval{made}, kChain),
              Verdict::kKeyMismatch);
    PasskeyApproval passkey;
    const auto webauthn = core::Signer::webauthn(core::testing::p256_key(), Hash32(), true);
    EXPECT_EQ(judge_evidence(webauthn, hash, passkey, kChain), Verdict::kUserPresence);
    passkey.flags = 0x41;
    EXPECT_EQ(judge_evidence(webauthn, hash, passkey, kChain), Verdict::kAuthenticatorData);
    passkey.flags = 0x01;
    EXPECT_EQ(judge_evidence(webauthn, hash, passkey, kChain), Verdict::kUserVerification);
    passkey.flags = 0x05;
    EXPECT_EQ(judge_evidence(webauthn, hash, passkey, kChain), Verdict::kClientData);
    passkey.rest = "\"";
    EXPECT_EQ(judge_evidence(webauthn, hash, passkey, kChain), Verdict::kKeyMismatch);
    passkey.signature[32] = 0xff;
    EXPECT_EQ(judge_evidence(webauthn, hash, passkey, kChain), Verdict::kSignatureMalformed);
}

}  // namespace
}  // namespace latchkey::evm::wallet
