// SPDX-License-Identifier: Apache-2.0
// Laws 2 and 7 on the real VM: one signature, over one digest, in one form, for every kind of
// signer; and trees of several leaves.

#include "chains/solana/layout/instruction_layout.hpp"
#include "chains/solana/testing/laws_testing.hpp"

namespace latchkey::solana::testing {
namespace {

// Signatures in other forms, by other keys, over other digests.

class Signatures : public Laws {
  protected:
    static AttemptOptions unverified() {
        AttemptOptions options;
        options.verifies = false;
        return options;
    }
    /// A wallet with a state, of one signer of each kind, each enough alone.
    static WalletUnderTest wallet_of_all() {
        WalletUnderTest wallet(chain(),
                               {key(200), TestSigner::p256(201), TestSigner::passkey(202),
                                TestSigner::eip712(203), TestSigner::eip191(204)},
                               {plain_rule(kEverything, 0x1f)});
        wallet.fund(100 * kSol);
        EXPECT_ACCEPTED(wallet.create_state());
        return wallet;
    }
    static Attempt by(const WalletUnderTest& wallet, const Approver& approver) {
        return wallet.attempt(wallet.transfer(somebody(), kSol, chain().use_lane()), {approver},
                              unverified());
    }
    /// The same approval with another recoverable signature.
    static Attempt with_signature(Attempt attempt, const Bytes& signature) {
        RecoverEvidence evidence;
        std::copy(signature.begin(), signature.end(), evidence.signature.begin());
        attempt.assembled.approved.approvals[0].evidence = evidence;
        attempt.rebuild();
        return attempt;
    }
    static Bytes signature_of(const Attempt& attempt) {
        const auto& all =
            std::get<RecoverEvidence>(attempt.assembled.approved.approvals[0].evidence).signature;
        return {all.begin(), all.end()};
    }
    /// (r, n - s) and the other recovery id: the same signature to a lax verifier.
    static Bytes mirrored(const Bytes& signature) {
        const auto half =
            core::crypto::Secp256k1Signature::from(core::ByteView(signature).first(64)).value();
        const auto other = core::crypto::mirrored(half);
        Bytes out(other.view().begin(), other.view().end());
        out.push_back(signature[64] ^ 1);
        return out;
    }
};

TEST_F(Signatures, RecoverableSignaturesHaveOneForm) {
    const WalletUnderTest wallet = wallet_of_all();
    for (const std::uint8_t signer : Bytes{3, 4}) {
        const Attempt good = by(wallet, {signer});
        const Bytes signature = signature_of(good);
        EXPECT_REFUSED(kSignatureMalformed,
                       chain().send(with_signature(good, mirrored(signature))));
        for (const std::uint8_t id : Bytes{2, 3, 27, 28, 255}) {
            Bytes bad = signature;
            bad[64] = id;
            EXPECT_REFUSED(kSignatureMalformed, chain().send(with_signature(good, bad)));
        }
        EXPECT_REFUSED(kSignatureMalformed, chain().send(with_signature(good, Bytes(65, 0))));
        // Somebody's signature, but not this signer's.
        Bytes other = signature;
        other[64] ^= 1;
        const SendResult result = chain().send(with_signature(good, other));
        EXPECT_REFUSED(kKeyMismatch, result);
        expect_untouched(wallet);
        EXPECT_ACCEPTED(chain().send(good));
        chain().set_lamports(wallet.vault(), 100 * kSol);
    }
}

TEST_F(Signatures, HighSInAPrecompileIsRefused) {
    const WalletUnderTest wallet = wallet_of_all();
    // The runtime refuses it itself.
    const Attempt p256 = by(wallet, {1});
    Attempt bad = p256;
    Bytes& slot = bad.precompile().data;
    const auto half =
        core::crypto::P256Signature::from(core::ByteView(slot).subspan(49, 64)).value();
    const auto other = core::crypto::mirrored(half);
    std::copy(other.view().begin(), other.view().end(), slot.begin() + 49);
    const SendResult result = chain().send(bad);
    EXPECT_FALSE(result.ok);
    EXPECT_EQ(result.instruction_index, 0);
    EXPECT_ACCEPTED(chain().send(p256));
}

TEST_F(Signatures, Secp256k1IsRecoveredAndNoAccountStandsForIt) {
    for (const TestSigner& signer : {TestSigner::eip712(206), TestSigner::eip191(206)}) {
        WalletUnderTest wallet = owned_by(signer);
        for (const bool has_state : {false, true}) {
            if (has_state) {
                EXPECT_ACCEPTED(wallet.create_state());
            }
            const Attempt good = by(wallet, {0});
            // State, vault, lane, an operator that signs, recipient, System program, none.
            const std::size_t accounts = good.instructions[good.wallet_index].accounts.size();
            for (std::size_t index = 0; index <= accounts; ++index) {
                Attempt bad = good;
                bad.assembled.approved.approvals[0].evidence =
                    AccountEvidence{static_cast<std::uint8_t>(index)};
                bad.rebuild();
                EXPECT_REFUSED(kSignerNotUsable, chain().send(bad));
            }
            expect_untouched(wallet);
            const SendResult result = chain().send(good);
            EXPECT_ACCEPTED(result);
            // One signature of the transaction and nothing else is paid for.
            EXPECT_EQ(result.fee, 5000);
            chain().set_lamports(wallet.vault(), 100 * kSol);
        }
    }
}

TEST_F(Signatures, EveryKindApprovesThisDigestOnly) {
    const WalletUnderTest wallet = wallet_of_all();
    for (const Approver& way : {Approver{0, ApprovalMethod::kOffchainMessage}, Approver{1}}) {
        const Attempt good = by(wallet, way);
        const Attempt other = by(wallet, way);
        Attempt bad = good;
        bad.precompile() = other.instructions[0];
        EXPECT_REFUSED(kDigestMismatch, chain().send(bad));
        EXPECT_ACCEPTED(chain().send(good));
    }
    // A passkey's answer is to its challenge; a recovered key is another one.
    const Attempt passkey = by(wallet, {2});
    Attempt bad = passkey;
    bad.precompile() = by(wallet, {2}).instructions[0];
    EXPECT_REFUSED(kClientData, chain().send(bad));
    EXPECT_ACCEPTED(chain().send(passkey));
    for (const std::uint8_t signer : Bytes{3, 4}) {
        const Attempt recovered = by(wallet, {signer});
        const Bytes other = signature_of(by(wallet, {signer}));
        EXPECT_REFUSED(kKeyMismatch, chain().send(with_signature(recovered, other)));
        EXPECT_ACCEPTED(chain().send(recovered));
    }
}

TEST_F(Signatures, TheEnvelopeIsFixedAtEnrolment) {
    // One key, enrolled for eip712, signs as eip191, and the other way round.
    const TestSigner typed = TestSigner::eip712(205);
    const TestSigner personal = TestSigner::eip191(205);
    for (const auto& [enrolled, signs] : {std::pair(typed, personal), std::pair(personal, typed)}) {
        const WalletUnderTest wallet = with_state(enrolled);
        const Attempt good = transfer(wallet, chain().use_lane());
        const auto evidence = std::get<core::crypto::RecoverableSignature>(
            signs.approve(core::approval_hash_of(good.plan.leaf)));
        Bytes bytes(evidence.signature.view().begin(), evidence.signature.view().end());
        bytes.push_back(evidence.recovery_id);
        EXPECT_REFUSED(kKeyMismatch, chain().send(with_signature(good, bytes)));
        EXPECT_ACCEPTED(chain().send(good));
    }
}

TEST_F(Signatures, EvidenceOfAnotherKindIsRefused) {
    const WalletUnderTest wallet = wallet_of_all();
    // Kind by kind the forms that it does not have, keeping the evidence's bytes.
    const auto as_form = [&](const Approver& approver, std::uint8_t form) {
        Attempt attempt = by(wallet, approver);
        attempt.data()[1] = static_cast<std::uint8_t>((attempt.data()[1] & 0x1f) | form << 5);
        return chain().send(attempt);
    };
    EXPECT_REFUSED(kSignerNotUsable, as_form({1}, 4));
    EXPECT_REFUSED(kSignerNotUsable, as_form({0, ApprovalMethod::kOffchainMessage}, 4));
    // Another signer's evidence.
    Attempt attempt = by(wallet, {3});
    attempt.data()[1] = static_cast<std::uint8_t>((attempt.data()[1] & 0xf0) | 1);
    EXPECT_REFUSED(kSignerNotUsable, chain().send(attempt));
    attempt = by(wallet, {1});
    attempt.data()[1] = static_cast<std::uint8_t>((attempt.data()[1] & 0xf0) | 2);
    EXPECT_REFUSED(kSignerNotUsable, chain().send(attempt));
    // A signer of another chain can never approve here.
    core::Configuration configuration;
    std::array<std::uint8_t, 20> contract{};
    contract[3] = 9;
    configuration.signers = {core::Signer::contract(1, core::crypto::EthereumAddress(contract)),
                             key(206).entry()};
    configuration.rules = {plain_rule(kEverything, 2), plain_rule(kEverything, 3)};
    WalletUnderTest foreign(chain(), {}, configuration);
    foreign.fund(100 * kSol);
    Attempt by_contract = foreign.attempt(
        foreign.transfer(somebody(), kSol, UseTransaction{}, {false, 1}), {{1}}, unverified());
    const Attempt good = by_contract;
    by_contract.data()[1] &= 0xf0;
    EXPECT_REFUSED(kSignerNotUsable, chain().send(by_contract));
    EXPECT_ACCEPTED(chain().send(good));
    expect_untouched(wallet);
}

TEST_F(Signatures, ADigestNeedsANonce) {
    for (const TestSigner& signer :
         {TestSigner::p256(207), TestSigner::passkey(208), TestSigner::eip712(209)}) {
        const WalletUnderTest wallet = owned_by(signer);
        const Attempt good = transfer(wallet, chain().use_lane());
        Attempt bad = good;
        // Kind 0: no lane accounts, no nonce.
        auto& accounts = bad.wallet_instruction().accounts;
        accounts.erase(accounts.begin() + 2, accounts.begin() + 4);
        Bytes& data = bad.data();
        data[0] &= 0x9f;
        data.erase(data.end() - (2 + 17), data.end() - 17);
        EXPECT_REFUSED(kNonceRequired, chain().send(bad));
        expect_untouched(wallet);
        EXPECT_ACCEPTED(chain().send(good));
        chain().set_lamports(wallet.vault(), 100 * kSol);
    }
}

TEST_F(Signatures, KeysOfOthersAreAnotherGenesisOrAnotherSigner) {
    const WalletUnderTest wallet = owned_by(TestSigner::p256(210));
    const WalletUnderTest thief = owned_by(TestSigner::p256(211));
    // The thief signs the owner's action with his own key.
    const Action action = wallet.transfer(somebody(), kSol, chain().use_lane());
    const Attempt good = wallet.attempt(action, {{0}});
    const auto forge = [&](const Attempt& from) {
        Attempt bad = from;
        const auto signature = std::get<core::crypto::P256Signature>(
            TestSigner::p256(211).approve(core::approval_hash_of(from.plan.leaf)));
        Bytes& slot = bad.precompile().data;
        const Bytes own = TestSigner::p256(211).entry().key;
        std::copy(own.begin(), own.end(), slot.begin() + 16);
        std::copy(signature.view().begin(), signature.view().end(), slot.begin() + 49);
        return bad;
    };
    EXPECT_REFUSED(kStateAddress, chain().send(forge(good)));
    EXPECT_ACCEPTED(chain().send(good));
    const WalletUnderTest stored = with_state(TestSigner::p256(212));
    const Attempt by_state = transfer(stored, chain().use_lane());
    EXPECT_REFUSED(kKeyMismatch, chain().send(forge(by_state)));
    // A foreign genesis under the victim's addresses.
    Attempt foreign = transfer(thief, chain().use_lane());
    const Attempt theirs = foreign;
    foreign.wallet_instruction().accounts[0].address = wallet.state();
    foreign.wallet_instruction().accounts[1].address = wallet.vault();
    EXPECT_REFUSED(kDigestMismatch, chain().send(foreign));
    EXPECT_ACCEPTED(chain().send(theirs));
    const WalletUnderTest by_transaction = owned_by(key(213));
    Attempt other = transfer(by_transaction, UseTransaction{});
    other.wallet_instruction().accounts[0].address = stored.state();
    other.wallet_instruction().accounts[1].address = stored.vault();
    EXPECT_REFUSED(kStateAddress, chain().send(other));
    expect_untouched(stored);
    EXPECT_ACCEPTED(chain().send(by_state));
}

// Trees of several leaves.

TEST_F(Signatures, ATreeProvesItsOwnLeavesOnly) {
    const WalletUnderTest wallet = owned_by(TestSigner::p256(220));
    const std::vector<Approver> first_signer = {{0}};
    std::vector<Action> actions;
    std::vector<core::Leaf> leaves;
    for (int i = 0; i < 4; ++i) {
        actions.push_back(wallet.transfer(somebody(), kSol, chain().use_lane()));
        leaves.push_back(wallet.plan(actions.back(), first_signer).leaf);
    }
    AttemptOptions options = unverified();
    options.leaf_index = 1;
    options.other_leaves = {leaves[0], leaves[2], leaves[3]};
    const Attempt good = wallet.attempt(actions[1], first_signer, options);
    const auto with_proof = [&](auto set) {
        Attempt attempt = good;
        set(*attempt.assembled.approved.tree);
        attempt.rebuild();
        return chain().send(attempt);
    };
    EXPECT_REFUSED(kDigestMismatch, with_proof([](auto& proof) { proof.leaf_index = 0; }));
    EXPECT_REFUSED(kDigestMismatch, with_proof([](auto& proof) { proof.leaf_index = 3; }));
    EXPECT_REFUSED(kDigestMismatch, with_proof([](auto& proof) { proof.siblings[0][5] ^= 1; }));
    EXPECT_REFUSED(kDigestMismatch, with_proof([](auto& proof) {
                       std::swap(proof.siblings[0], proof.siblings[1]);
                   }));
    // A shorter proof, as if the node over two leaves were a leaf of a smaller tree.
    EXPECT_REFUSED(kDigestMismatch, with_proof([](auto& proof) {
                       proof.siblings.pop_back();
                       --proof.height;
                   }));
    // A longer one, as if the root were a node of a larger tree.
    EXPECT_REFUSED(kDigestMismatch, with_proof([](auto& proof) {
                       proof.siblings.push_back(proof.siblings[0]);
                       ++proof.height;
                   }));
    // Another action at this leaf's place, and this leaf without its tree.
    Attempt bad = good;
    bad.data()[good.instructions[1].data.size() - 1] ^= 1;
    EXPECT_REFUSED(kDigestMismatch, chain().send(bad));
    bad = good;
    bad.assembled.approved.tree.reset();
    bad.rebuild();
    EXPECT_REFUSED(kDigestMismatch, chain().send(bad));
    expect_untouched(wallet);
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Signatures, TreesHaveOneToEightLevels) {
    const WalletUnderTest wallet = owned_by(TestSigner::p256(221));
    AttemptOptions options = unverified();
    options.other_leaves = {core::empty_leaf()};
    const Attempt good =
        wallet.attempt(wallet.transfer(somebody(), kSol, chain().use_lane()), {{0}}, options);
    // Head, approval, height, index, siblings.
    const auto with_tree = [&](std::uint8_t height, std::uint8_t index, std::size_t siblings) {
        Attempt bad = good;
        Bytes& data = bad.data();
        data.erase(data.begin() + 2, data.begin() + 2 + 2 + 32);
        Bytes tree = {height, index};
        tree.resize(2 + siblings * 32, 7);
        data.insert(data.begin() + 2, tree.begin(), tree.end());
        return chain().send(bad);
    };
    EXPECT_REFUSED(kApprovalTree, with_tree(0, 0, 0));
    EXPECT_REFUSED(kApprovalTree, with_tree(9, 0, 9));
    EXPECT_REFUSED(kApprovalTree, with_tree(1, 2, 1));
    EXPECT_REFUSED(kApprovalTree, with_tree(3, 8, 3));
    EXPECT_REFUSED(kDataTooShort, with_tree(200, 0, 1));
    EXPECT_REFUSED(kDigestMismatch, with_tree(1, 0, 1));
    EXPECT_ACCEPTED(chain().send(good));
}

TEST_F(Signatures, AnotherChainsLeafInTheTreeIsNotThisAction) {
    const WalletUnderTest wallet = owned_by(TestSigner::p256(222));
    const WalletUnderTest elsewhere(chain(), {TestSigner::p256(222)},
                                    {plain_rule(kEverything, 1), plain_rule(1, 1)});
    // One digest for two wallets: each takes its own leaf and refuses the other one.
    const std::vector<Approver> first_signer = {{0}};
    const Action here = wallet.transfer(somebody(), kSol, chain().use_lane());
    const Action there = elsewhere.transfer(somebody(), kSol, chain().use_lane());
    AttemptOptions options = unverified();
    options.other_leaves = {elsewhere.plan(there, first_signer).leaf};
    const Attempt good = wallet.attempt(here, first_signer, options);
    Attempt bad = good;
    std::get<LaneNonce>(bad.assembled.approved.signed_part.nonce).bit += 1;
    bad.assembled.approved.tree->leaf_index = 1;
    bad.rebuild();
    EXPECT_REFUSED(kDigestMismatch, chain().send(bad));
    EXPECT_ACCEPTED(chain().send(good));
}

}  // namespace
}  // namespace latchkey::solana::testing
