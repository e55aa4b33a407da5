// SPDX-License-Identifier: Apache-2.0
#include "bench/solana_transfers.hpp"

#include <filesystem>
#include <stdexcept>

#include "chains/solana/client/instructions.hpp"
#include "chains/solana/client/waiting.hpp"
#include "chains/solana/testing/scenario.hpp"

namespace latchkey::bench {
namespace {

using namespace solana;
using namespace solana::testing;

constexpr std::uint64_t kSol = 1'000'000'000;
constexpr std::uint64_t kDay = 86'400;
// Eleven characters; every further one costs a byte (form host of a passkey's approval).
constexpr const char* kHost = "example.com";

class Bench {
  public:
    std::vector<Measure> run();

  private:
    void add(const std::string& metric, std::uint64_t value, const std::string& unit) {
        measures_.push_back({metric, value, unit});
    }
    /// Sends one SOL to an account that exists, twice: the first use of a lane or counter is not
    /// the steady state.
    Attempt transfer(WalletUnderTest& wallet, const std::string& metric,
                     const std::vector<Approver>& approvers, bool by_lane, RuleReference rule = {});
    void ed25519();
    void passkey_genesis();
    void passkey_state();
    void p256();
    void session();
    void threshold();
    void waiting();
    void accounts();

    Scenario scenario_;
    std::vector<Measure> measures_;
    const Address recipient_ = Scenario::address(77);
    const std::uint64_t everything_ =
        core::kActionExecute | core::kActionGrant | core::kActionPolicy | core::kActionMessage;
};

Attempt Bench::transfer(WalletUnderTest& wallet, const std::string& metric,
                        const std::vector<Approver>& approvers, bool by_lane, RuleReference rule) {
    std::uint64_t units = 0;
    Attempt attempt;
    for (int i = 0; i < 2; ++i) {
        const std::uint64_t before = scenario_.lamports(recipient_);
        const NonceChoice nonce =
            by_lane ? NonceChoice(scenario_.use_lane()) : NonceChoice(UseTransaction{});
        attempt = wallet.attempt(wallet.transfer(recipient_, kSol, nonce, rule), approvers);
        const SendResult result = scenario_.send(attempt);
        if (!result.ok || scenario_.lamports(recipient_) != before + kSol) {
            throw std::runtime_error(metric + ": " + explain_result(result));
        }
        units = result.compute_units;
    }
    add(metric + ".cu", units, "cu");
    return attempt;
}

void Bench::ed25519() {
    const TestSigner owner = TestSigner::ed25519(1);
    scenario_.add_key(owner);
    WalletUnderTest wallet(scenario_, {owner}, {plain_rule(everything_, 1)});
    wallet.fund(100 * kSol);
    transfer(wallet, "solana.transfer.ed25519.genesis", {{0}}, false);
}

void Bench::passkey_genesis() {
    WalletUnderTest wallet(scenario_, {TestSigner::passkey(2, kHost)},
                           {plain_rule(everything_, 1)});
    const std::uint64_t before = scenario_.lamports(wallet.state());
    wallet.fund(100 * kSol);
    Attempt attempt = transfer(wallet, "solana.transfer.webauthn.genesis", {{0}}, true);
    add("solana.transfer.webauthn.legacy.bytes", scenario_.transaction(attempt).size(), "bytes");
    attempt.version = MessageVersion::kV0;
    attempt.lookup_tables = {scenario_.put_lookup_table(5, {scenario_.lane(), kSystemProgram})};
    const SendResult result = scenario_.send(
        wallet.attempt(wallet.transfer(recipient_, kSol, scenario_.use_lane()), {{0}}));
    if (!result.ok) {
        throw std::runtime_error("v0: " + explain_result(result));
    }
    add("solana.transfer.webauthn.bytes", scenario_.transaction(attempt).size(), "bytes");
    // Received and spent without an account of its own.
    if (scenario_.account(wallet.state()).has_value()) {
        throw std::runtime_error("a wallet in its genesis has a state account");
    }
    add("solana.create.lamports", scenario_.lamports(wallet.state()) - before, "lamports");
}

void Bench::passkey_state() {
    const core::Rule daily = [] {
        return limited_rule(1, kSystemProgram, core::Hash32(), 5 * kSol, 50 * kSol, kDay);
    }();
    WalletUnderTest wallet(scenario_, {TestSigner::passkey(3, kHost)},
                           {daily, plain_rule(everything_, 1)});
    wallet.fund(100 * kSol);
    if (const SendResult made = wallet.create_state(); !made.ok) {
        throw std::runtime_error("create state: " + explain_result(made));
    }
    add("solana.state.lamports", scenario_.lamports(wallet.state()), "lamports");
    transfer(wallet, "solana.transfer.webauthn.state", {{0}}, true);
}

void Bench::p256() {
    WalletUnderTest wallet(scenario_, {TestSigner::p256(4)}, {plain_rule(everything_, 1)});
    wallet.fund(100 * kSol);
    transfer(wallet, "solana.transfer.p256.genesis", {{0}}, true);
}

void Bench::session() {
    const TestSigner key = TestSigner::ed25519(6);
    scenario_.add_key(key);
    WalletUnderTest wallet(scenario_, {TestSigner::passkey(5, kHost)},
                           {plain_rule(everything_, 1)});
    wallet.fund(100 * kSol);
    if (const SendResult made = wallet.create_state(); !made.ok) {
        throw std::runtime_error("create state: " + explain_result(made));
    }
    core::LocalRule local;
    local.signers = {key.entry()};
    local.rule = limited_rule(1, kSystemProgram, core::Hash32(), 5 * kSol, 50 * kSol, kDay);
    wallet.fund_state(1000);
    const Action grant = {GrantAction{{}, local}, scenario_.use_lane(), std::nullopt};
    const SendResult granted = wallet.send(grant, {{0}});
    if (!granted.ok) {
        throw std::runtime_error("grant: " + explain_result(granted));
    }
    add("solana.session.grant.cu", granted.compute_units, "cu");
    transfer(wallet, "solana.transfer.session", {{0}}, false, {.is_local = true, .index = 0});
}

void Bench::threshold() {
    WalletUnderTest wallet(scenario_,
                           {TestSigner::passkey(7, kHost), TestSigner::passkey(8, kHost),
                            TestSigner::passkey(9, kHost)},
                           {plain_rule(everything_, 7, 2)});
    wallet.fund(100 * kSol);
    if (const SendResult made = wallet.create_state(); !made.ok) {
        throw std::runtime_error("create state: " + explain_result(made));
    }
    transfer(wallet, "solana.transfer.threshold2of3", {{0}, {1}}, true);
}

/// Phone and laptop (passkeys), and a guardian with a P-256 key behind the commitment.
void Bench::waiting() {
    const TestSigner phone = TestSigner::passkey(20, kHost);
    const TestSigner laptop = TestSigner::passkey(21, kHost);
    const TestSigner guardian = TestSigner::p256(22);
    for (const TestSigner& key : {phone, laptop, guardian}) {
        scenario_.add_key(key);
    }
    core::RecoveryPart part;
    part.signers = {guardian.entry()};
    part.rules = {plain_rule(core::kActionRecover, 1)};
    part.rules[0].wait = core::Wait{9 * kDay, core::Tie::kRecovery};
    core::Configuration configuration;
    configuration.signers = {phone.entry(), laptop.entry()};
    configuration.rules = {
        plain_rule(core::kActionExecute | core::kActionCancel | core::kActionFreeze, 3),
        plain_rule(core::kActionExecute, 3), plain_rule(everything_, 3, 2)};
    configuration.rules[1].wait = core::Wait{kDay, core::Tie::kOwner};
    part.after = {2, configuration.rules};
    const Bytes bytes = core::encode(part).value();
    configuration.recovery = core::commitment_of(bytes, 11 * 24);
    WalletUnderTest wallet(scenario_, {phone, laptop}, configuration);
    wallet.fund(100 * kSol);
    const auto check = [](const SendResult& result, const std::string& what) {
        if (!result.ok) {
            throw std::runtime_error(what + ": " + explain_result(result));
        }
        return result.compute_units;
    };
    check(wallet.create_state(), "create state");
    wallet.fund_state(1000);
    const auto apply = [&](const Attempt& proposed, const std::string& what) {
        const Proposal proposal = read_proposal(proposed.instructions.back()).value();
        return check(scenario_.send({apply_instruction(wallet.handle(), proposal).value()}), what);
    };

    // The first proposal of a rule makes its record; the second one is the steady state.
    for (int i = 0; i < 2; ++i) {
        const Attempt payment = wallet.attempt(
            wallet.transfer(recipient_, kSol, scenario_.use_lane(), {.index = 1}), {{0}});
        const std::uint64_t proposed = check(scenario_.send(payment), "schedule");
        scenario_.advance(kDay);
        const std::uint64_t applied = apply(payment, "apply");
        if (i == 1) {
            add("solana.schedule.cu", proposed, "cu");
            add("solana.apply.cu", applied, "cu");
        }
    }
    const RuleReference recovery = {.recovery_part = bytes};
    const std::vector<core::Signer> fresh = {TestSigner::passkey(23, kHost).entry(),
                                             TestSigner::passkey(24, kHost).entry()};
    const auto recover = [&] {
        return wallet.attempt({RecoverAction{recovery, fresh}, UseTransaction{}, {}}, {{0}});
    };
    check(scenario_.send(recover()), "propose a recovery");
    add("solana.cancel.cu",
        check(wallet.send({CancelAction{{}, kRuleRecovery}, UseTransaction{}, {}}, {{1}}),
              "cancel"),
        "cu");
    const Attempt attempt = recover();
    add("solana.recover.schedule.cu", check(scenario_.send(attempt), "propose it again"), "cu");
    add("solana.recover.schedule.bytes", scenario_.transaction(attempt).size(), "bytes");
    add("solana.freeze.cu",
        check(wallet.send({FreezeAction{}, UseTransaction{}, {}}, {{0}}), "freeze"), "cu");
    scenario_.advance(9 * kDay);
    add("solana.recover.cu", apply(attempt, "recover"), "cu");
    if (wallet.now().configuration().signers != fresh) {
        throw std::runtime_error("the recovery left other signers");
    }
    add("solana.record.lamports", kRecordSize * scenario_.rent().lamports_per_byte, "lamports");
}

void Bench::accounts() {
    add("solana.lane.lamports", scenario_.lamports(scenario_.lane()), "lamports");
    const char* const elf = std::getenv("LATCHKEY_PROGRAM_ELF");
    add("solana.program.bytes",
        std::filesystem::file_size(elf != nullptr ? elf : LATCHKEY_PROGRAM_ELF_DEFAULT), "bytes");
}

std::vector<Measure> Bench::run() {
    scenario_.set_lamports(recipient_, kSol);
    ed25519();
    passkey_genesis();
    passkey_state();
    p256();
    session();
    threshold();
    waiting();
    accounts();
    return measures_;
}

}  // namespace

std::vector<Measure> measure_solana() {
    return Bench().run();
}

}  // namespace latchkey::bench
