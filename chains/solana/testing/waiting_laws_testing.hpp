// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "chains/solana/testing/laws_testing.hpp"
#include "chains/solana/testing/native_world.hpp"
#include "chains/solana/testing/waiting_drafts.hpp"

namespace latchkey::solana::testing {

using core::kDay;

/// A family's wallet on the real VM: a phone and a computer that do what they like with little
/// money, a paper key at home, savings that wait, two guardians and an heir.
class Waiting : public Laws {
  protected:
    // Signers.
    static constexpr std::uint8_t kPhone = 0;
    static constexpr std::uint8_t kComputer = 1;
    static constexpr std::uint8_t kPaperKey = 2;

    // Rules of the shared part.
    /// Phone or computer: everything at once, but policy after the guard.
    static constexpr std::uint8_t kOne = 0;
    /// Any two of the three: everything at once.
    static constexpr std::uint8_t kTwo = 1;
    /// The paper key alone: policy after 14 days.
    static constexpr std::uint8_t kPaper = 2;
    /// execute, grant and upgrade after two days; who cancels wins.
    static constexpr std::uint8_t kSavings = 3;

    // Rules of the recovery part, as records name them.
    /// One guardian after eight days; who proposes wins.
    static constexpr std::uint8_t kGuardian = 0x80;
    /// Both at once.
    static constexpr std::uint8_t kGuardians = 0x81;
    /// The heir after 180 days; who cancels wins.
    static constexpr std::uint8_t kHeir = 0x82;

    static constexpr std::uint64_t kGuard = 12 * kDay;
    static constexpr std::uint64_t kGuardianDelay = 8 * kDay;
    static constexpr std::uint64_t kPaperDelay = 14 * kDay;
    static constexpr std::uint64_t kSavingsDelay = 2 * kDay;

    void SetUp() override {
        Laws::SetUp();
        for (const TestSigner& signer : {phone_, computer_, paper_, guardian_, other_guardian_,
                                         heir_, new_phone_, new_computer_}) {
            keys_.add(signer);
            chain().add_key(signer);
        }
        part_ = core::encode_unchecked(make_part());
        wallet_.emplace(create(configuration()));
    }

    core::Configuration configuration() const {
        core::Configuration out;
        out.signers = {phone_.entry(), computer_.entry(), paper_.entry()};
        out.rules = {
            plain_rule(kEverything | core::kActionCancel | core::kActionFreeze, 3),
            plain_rule(kEverything | core::kActionCancel | core::kActionFreeze, 7, 2),
            waiting(plain_rule(core::kActionPolicy, 4), kPaperDelay),
            waiting(plain_rule(core::kActionExecute | core::kActionGrant | core::kActionUpgrade, 7),
                    kSavingsDelay),
        };
        out.recovery = core::commitment_of(part_, kGuard / 3600);
        return out;
    }
    core::RecoveryPart make_part(std::uint8_t salt = 1) const {
        core::RecoveryPart part;
        part.signers = {guardian_.entry(), other_guardian_.entry(), heir_.entry()};
        part.rules = {
            waiting(plain_rule(core::kActionRecover | core::kActionCancel | core::kActionFreeze, 3),
                    kGuardianDelay, core::Tie::kRecovery),
            plain_rule(core::kActionRecover | core::kActionCancel | core::kActionFreeze, 3, 2),
            waiting(plain_rule(core::kActionRecover | core::kActionCancel, 4), 180 * kDay),
        };
        part.after.signers = 2;
        part.after.rules = {plain_rule(kEverything | core::kActionCancel, 3),
                            plain_rule(core::kActionExecute, 1)};
        part.salt[0] = salt;
        return part;
    }
    /// The same wallet with another recovery part.
    core::Configuration with_part(const Bytes& part) const {
        core::Configuration out = configuration();
        out.recovery = core::commitment_of(part, kGuard / 3600);
        return out;
    }
    /// With 100 SOL, a state, and room in it.
    Forge create(const core::Configuration& configuration) {
        Forge made(ForgedWallet::make(configuration, chain().deployment().program,
                                      chain().deployment().cluster),
                   keys_);
        chain().set_lamports(made.wallet().vault, 100 * kSol);
        chain().set_lamports(made.wallet().state(), kSol);
        EXPECT_ACCEPTED(chain().send({made.create_state()}));
        return made;
    }

    const Forge& wallet() const { return *wallet_; }
    StateAccount state() const {
        return decode_state(chain().account(wallet().wallet().state()).value().data).value();
    }
    /// All zero when the rule has none.
    RuleRecord record(std::uint8_t rule) const {
        const StateAccount now = state();
        const RuleRecord* const found = find_record(now, rule);
        return found == nullptr ? RuleRecord{} : *found;
    }
    std::uint32_t epoch(std::uint8_t rule) const { return record(rule).epoch; }
    Forged forge(Draft draft) const {
        draft.now = chain().now();
        return wallet().build(std::move(draft), state());
    }
    SendResult send(const Forged& forged) const { return chain().send(forged.instructions); }
    SendResult send(const Draft& draft) const { return send(forge(draft)); }
    SendResult apply(const Forged& proposal) const { return chain().send({apply_of(proposal)}); }
    /// Approved and kept.
    Forged propose(const Draft& draft) const {
        Forged out = forge(draft);
        EXPECT_ACCEPTED(send(out));
        return out;
    }

    /// One SOL from the vault.
    static Draft pay(std::uint8_t rule, const std::vector<std::uint8_t>& signers = {kPhone}) {
        Draft draft = under(rule, ExecuteBody{std::nullopt, {transfer_call(3, 2, kSol)}}, signers);
        draft.accounts = {writable(somebody()), readonly(kSystemProgram)};
        return draft;
    }
    /// The same by digests.
    Draft pay_by_digest(std::uint8_t rule, const std::vector<std::uint8_t>& signers) const {
        Draft draft = by_digest(pay(rule, signers));
        draft.nonce = StateNonce{0, state().nonces[0]};
        return draft;
    }
    /// Approvals that anybody can send, and send again.
    static Draft by_digest(Draft draft) {
        for (ForgedApproval& approval : draft.approvals) {
            approval.form = kFormNone;
        }
        return draft;
    }
    Draft change(const core::Configuration& next, std::uint8_t rule,
                 const std::vector<std::uint8_t>& signers) const {
        return by_digest(under(rule, policy_to(next, epoch(rule)), signers));
    }
    Draft change_by_two(const core::Configuration& next) const {
        return change(next, kTwo, {kComputer, kPaperKey});
    }
    /// What was proposed with the epoch before the present one.
    Draft cancel(std::uint8_t target, const std::vector<std::uint8_t>& signers) const {
        return by_digest(under(signers.size() > 1 ? kTwo : kOne,
                               CancelBody{epoch(target) - 1, target}, signers));
    }
    Draft freeze(std::uint8_t signer = kComputer) const {
        return by_digest(under(kOne, FreezeBody{epoch(kOne), false}, {signer}));
    }
    Draft lift() const {
        return by_digest(under(kTwo, FreezeBody{epoch(kTwo), true}, {kPhone, kComputer}));
    }
    /// To a new phone and a new computer.
    Draft recovery(std::uint8_t rule) const {
        const std::vector<std::uint8_t> signers =
            rule == kGuardians ? std::vector<std::uint8_t>{0, 1} : std::vector<std::uint8_t>{1};
        Draft draft = under(part_, rule & 0x0f,
                            recover_to({new_phone_.entry(), new_computer_.entry()}, epoch(rule)),
                            rule == kHeir ? std::vector<std::uint8_t>{2} : signers);
        return rule == kHeir ? draft : by_digest(std::move(draft));
    }
    void expect_recovered() const {
        EXPECT_EQ(state().shared,
                  core::recovered_shared(
                      part_, *configuration().recovery,
                      core::encode_unchecked({new_phone_.entry(), new_computer_.entry()}))
                      .value());
        EXPECT_ACCEPTED(send(pay(0)));
    }
    std::uint64_t received() const { return chain().lamports(somebody()) - kSol; }

    TestSigner phone_ = TestSigner::ed25519(600);
    TestSigner computer_ = TestSigner::p256(601);
    TestSigner paper_ = TestSigner::ed25519(602);
    TestSigner guardian_ = TestSigner::ed25519(610);
    TestSigner other_guardian_ = TestSigner::p256(611);
    TestSigner heir_ = TestSigner::eip712(612);
    TestSigner new_phone_ = TestSigner::ed25519(620);
    TestSigner new_computer_ = TestSigner::p256(621);
    Keyring keys_;
    Bytes part_;
    std::optional<Forge> wallet_;
};

}  // namespace latchkey::solana::testing
