// SPDX-License-Identifier: Apache-2.0
#pragma once

// For the program's native tests only.
#include "chains/solana/program/program_testing.hpp"
#include "chains/solana/testing/waiting_drafts.hpp"

namespace latchkey::solana::testing {

using core::kDay;
using core::kHour;

/// A wallet of three parties with a rule of every kind that waits, and a recovery part.
class WaitingTest : public ProgramTest {
  protected:
    // Rules of the shared part.
    /// Two parties: everything at once.
    static constexpr std::uint8_t kBoth = 0;
    /// execute, grant, upgrade and cancel after a day; who cancels wins.
    static constexpr std::uint8_t kSlow = 1;
    /// policy after four days.
    static constexpr std::uint8_t kSlowPolicy = 2;
    /// One party cancels or freezes.
    static constexpr std::uint8_t kWatch = 3;
    /// execute and cancel after a day; who proposes wins.
    static constexpr std::uint8_t kTie = 4;
    /// One party: everything at once, but policy after the guard.
    static constexpr std::uint8_t kOpen = 5;
    /// The first signer's budget.
    static constexpr std::uint8_t kBudget = 6;

    // Rules of the recovery part, as records name them.
    /// One of two guardians recovers after five days; who proposes wins.
    static constexpr std::uint8_t kGuardian = 0x80;
    /// Both of them at once.
    static constexpr std::uint8_t kGuardians = 0x81;
    /// The heir after 180 days; who cancels wins.
    static constexpr std::uint8_t kHeir = 0x82;
    /// Any of the three may freeze.
    static constexpr std::uint8_t kAlarm = 0x83;

    static constexpr std::uint16_t kGuardHours = 7 * 24;

    WaitingTest() : part_(core::encode_unchecked(make_part())), wallet_(create(configuration())) {}

    core::Configuration configuration(std::uint16_t guard_hours = kGuardHours) {
        constexpr std::uint64_t kEverything =
            core::kActionExecute | core::kActionGrant | core::kActionPolicy | core::kActionMessage;
        core::Configuration out;
        out.signers = {world_.add(ed25519_), world_.add(p256_), world_.add(eip712_)};
        out.rules = {
            rule(kEverything, 7, 2),
            waiting(rule(core::kActionExecute | core::kActionGrant | core::kActionUpgrade |
                             core::kActionCancel,
                         7),
                    kDay),
            waiting(rule(core::kActionPolicy, 7), 4 * kDay),
            rule(core::kActionCancel | core::kActionFreeze, 7),
            waiting(rule(core::kActionExecute | core::kActionCancel, 7), kDay,
                    core::Tie::kRecovery),
            rule(kEverything | core::kActionFreeze, 7),
            budget(),
        };
        out.rules[kBoth].actions |=
            core::kActionCancel | core::kActionFreeze | core::kActionUpgrade;
        out.recovery = core::commitment_of(part_, guard_hours);
        return out;
    }
    core::Rule budget() const { return limited_rule(kSystemProgram, Address(), 100, 150); }
    core::RecoveryPart make_part(std::uint8_t salt = 1) {
        core::RecoveryPart part;
        part.signers = {world_.add(guardian_), world_.add(other_guardian_), world_.add(heir_)};
        part.rules = {
            waiting(rule(core::kActionRecover | core::kActionCancel | core::kActionFreeze, 3),
                    5 * kDay, core::Tie::kRecovery),
            rule(core::kActionRecover | core::kActionCancel | core::kActionFreeze, 3, 2),
            waiting(rule(core::kActionRecover | core::kActionCancel, 4), 180 * kDay),
            rule(core::kActionFreeze, 7),
        };
        part.after.signers = 2;
        part.after.rules = {rule(core::kActionExecute | core::kActionGrant | core::kActionPolicy |
                                     core::kActionMessage,
                                 3),
                            budget()};
        part.salt[0] = salt;
        return part;
    }
    /// The state exists and has room.
    Forge create(const core::Configuration& configuration) {
        Forge made = world_.make_wallet(configuration);
        EXPECT_ACCEPTED(world_.create_state(made));
        return made;
    }

    const Forge& forge() const { return *wallet_; }
    StateAccount state() { return world_.state_of(forge()).value(); }
    /// All zero when the rule has none.
    RuleRecord record(std::uint8_t rule) {
        const StateAccount now = state();
        const RuleRecord* const found = find_record(now, rule);
        return found == nullptr ? RuleRecord{} : *found;
    }
    std::uint32_t epoch(std::uint8_t rule) { return record(rule).epoch; }
    std::uint32_t time() const { return static_cast<std::uint32_t>(world_.now()); }
    NativeResult send(const Draft& draft) { return world_.send(forge(), draft); }
    NativeResult send(const Forged& forged) { return world_.send(forged.instructions); }
    NativeResult apply(const Forged& proposal) { return world_.send({apply_of(proposal)}); }
    /// Approved and kept.
    Forged propose(const Draft& draft) {
        Forged out = world_.forge(forge(), draft);
        EXPECT_ACCEPTED(send(out));
        return out;
    }
    /// A transfer under a rule of the state; by a transaction signature of the first signer.
    Draft pay(std::uint8_t rule, std::uint64_t lamports = 1,
              const Nonce& nonce = TransactionNonce{},
              const std::vector<std::uint8_t>& signers = {0}) const {
        Draft draft = transfer(lamports, nonce);
        Draft out = under(rule, draft.body, signers);
        out.accounts = draft.accounts;
        out.nonce = nonce;
        return out;
    }
    /// The next use of a sequence of the state.
    StateNonce sequence(std::uint8_t key = 0) { return {key, state().nonces[key]}; }
    Draft change(const core::Configuration& next, std::uint8_t rule = kBoth,
                 const std::vector<std::uint8_t>& signers = {0, 1}) {
        return under(rule, policy_to(next, epoch(rule)), signers);
    }
    /// The first signer gives a session.
    Draft give(const core::LocalRule& session, std::uint8_t rule = kOpen) {
        return under(rule, GrantBody{core::encode_unchecked(session)});
    }
    /// Recover by a rule of the recovery part, named as records name it.
    Draft recovery(std::uint8_t rule, const std::vector<core::Signer>& signers,
                   const std::vector<std::uint8_t>& approving) {
        return under(part_, rule & 0x0f, recover_to(signers, epoch(rule)), approving);
    }
    Draft recovery(std::uint8_t rule) { return recovery(rule, new_signers(), approving(rule)); }
    static std::vector<std::uint8_t> approving(std::uint8_t rule) {
        return rule == kGuardians ? std::vector<std::uint8_t>{0, 1}
               : rule == kHeir    ? std::vector<std::uint8_t>{2}
                                  : std::vector<std::uint8_t>{0};
    }
    std::vector<core::Signer> new_signers() {
        return {ed25519_.entry(), world_.add(TestSigner::p256(90))};
    }
    /// By one party under kWatch: what was proposed with the epoch before the present one.
    Draft cancel(std::uint8_t target, const std::vector<std::uint8_t>& signers = {0}) {
        return under(signers.size() > 1 ? kBoth : kWatch, CancelBody{epoch(target) - 1, target},
                     signers);
    }
    Draft freeze(std::uint8_t rule = kWatch, const std::vector<std::uint8_t>& signers = {0}) {
        return under(rule, FreezeBody{epoch(rule), false}, signers);
    }
    Draft lift(const std::vector<std::uint8_t>& signers = {0, 1}) {
        return under(kBoth, FreezeBody{epoch(kBoth), true}, signers);
    }
    Bytes state_bytes() { return account_of(forge().wallet().state()).data; }
    /// The state account's bytes are what the hosted encoder makes of the values in them.
    void expect_canonical_state() {
        const auto encoded = encode_state(state());
        ASSERT_TRUE(encoded.has_value());
        EXPECT_EQ(*encoded, state_bytes());
    }
    std::uint64_t received() {
        return world_.chain().lamports(to_) - world_.chain().minimum_balance(0);
    }
    /// A session of one more key that may do anything.
    core::LocalRule session(std::uint32_t seed = 50) {
        return {{world_.add(TestSigner::ed25519(seed))}, rule(core::kActionExecute)};
    }
    Draft by_session(std::uint8_t slot) const {
        Draft draft = from_state(transfer(1));
        draft.rule = {true, slot};
        return draft;
    }

    TestSigner guardian_ = TestSigner::ed25519(20);
    TestSigner other_guardian_ = TestSigner::p256(21);
    TestSigner heir_ = TestSigner::eip712(22);
    Bytes part_;
    std::optional<Forge> wallet_;
};

}  // namespace latchkey::solana::testing
