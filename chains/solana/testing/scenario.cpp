// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/testing/scenario.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "chains/solana/client/instructions.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/byte_io.hpp"

namespace latchkey::solana::testing {

namespace {

constexpr std::uint32_t kPayerSeed = 1'000'000;
constexpr std::uint32_t kProgramSeed = 1'000'001;
constexpr std::uint64_t kPayerLamports = 1'000'000'000'000;
/// 2027-01-15 08:00:00 UTC, the first second of a window.
constexpr std::int64_t kStartTime = 1'800'000'000;
constexpr std::uint64_t kMillisecondsPerSlot = 200;
/// Where an address lookup table's addresses begin.
constexpr std::size_t kTableHeadBytes = 56;

template <typename T>
T expect(core::Result<T> result) {
    if (!result.has_value()) {
        throw std::runtime_error(result.error().to_string());
    }
    return *std::move(result);
}

Key key_of(const Address& address) {
    return address.array();
}

/// What the program is linked for when nothing else is configured.
core::Hash32 local_cluster() {
    return core::crypto::sha256(core::as_bytes("Latchkey local chain"));
}

void write_option(core::ByteWriter& writer, const std::optional<Address>& address) {
    writer.write_u32_le(address ? 1 : 0).write(address.value_or(Address{}).view());
}

}  // namespace

void Attempt::rebuild() {
    const std::vector<Instruction> rebuilt = expect(assembled.instructions());
    const std::size_t first = wallet_index + 1 - rebuilt.size();
    std::copy(rebuilt.begin(), rebuilt.end(),
              instructions.begin() + static_cast<std::ptrdiff_t>(first));
}

Bytes Scenario::program_elf() {
    const char* const named = std::getenv("LATCHKEY_PROGRAM_ELF");
    const std::string path = named != nullptr ? named : LATCHKEY_PROGRAM_ELF_PATH;
    std::ifstream file(path, std::ios::binary);
    Bytes elf{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (elf.empty()) {
        throw std::runtime_error("no program at " + path + "; build the target solana_program_elf");
    }
    return elf;
}

Scenario::Scenario(const SvmOptions& options)
    : svm_(options),
      payer_(TestSigner::ed25519(kPayerSeed, /*may_pay_fees=*/true)),
      deployment_{address(kProgramSeed), local_cluster()} {
    svm_.load_program(key_of(deployment_.program), program_elf());
    Clock clock = svm_.get_clock();
    clock.unix_timestamp = kStartTime;
    svm_.set_clock(clock);
    add_key(payer_);
    set_lamports(payer_.address(), kPayerLamports);
    open_payer_lane();
    snapshot_ = svm_.snapshot();
}

void Scenario::open_payer_lane() {
    const Address payer = payer_.address();
    lane_ = expect(lane_address(deployment_, payer, 0)).address;
    const SendResult opened =
        send(expect(open_funded_lane(deployment_, payer, 0, payer, payer, rent())));
    if (!opened.ok) {
        throw std::runtime_error("cannot open a lane: " + explain_result(opened));
    }
    advance(2 * core::kLaneWindowSeconds);
}

void Scenario::reset() {
    svm_.restore(snapshot_);
    allocator_.reset();
}

Rent Scenario::rent() {
    return Rent{svm_.get_rent()};
}

void Scenario::add_key(const TestSigner& signer) {
    signers_.push_back(signer);
}

const TestSigner& Scenario::signer_of(const core::Signer& entry) const {
    const auto found = std::find_if(signers_.begin(), signers_.end(), [&](const auto& signer) {
        return signer.entry().kind == entry.kind && signer.entry().key == entry.key;
    });
    if (found == signers_.end()) {
        throw std::runtime_error("no test key for this signer; add_key it");
    }
    return *found;
}

std::uint64_t Scenario::now() {
    return static_cast<std::uint64_t>(svm_.get_clock().unix_timestamp);
}

void Scenario::advance(std::uint64_t seconds) {
    svm_.advance(seconds * 1000 / kMillisecondsPerSlot, static_cast<std::int64_t>(seconds));
}

LaneAccount Scenario::lane_account() {
    const std::optional<Account> found = account(lane_);
    return expect(decode_lane(found ? found->data : Bytes{}));
}

UseLane Scenario::use_lane(std::uint64_t seconds) {
    if (allocator_) {
        allocator_->refresh(lane_account());
    } else {
        allocator_.emplace(lane_, lane_account());
    }
    const std::uint64_t time = now();
    return expect(allocator_->take(time, time + seconds));
}

Address Scenario::address(std::uint32_t seed) {
    std::array<std::uint8_t, 4> number{};
    core::store_be(number.data(), seed);
    return to_address(core::crypto::sha256({core::as_bytes("Latchkey test address"), number}));
}

void Scenario::set_lamports(const Address& address, std::uint64_t lamports) {
    Account account = this->account(address).value_or(Account{});
    account.lamports = lamports;
    put_account(address, account);
}

std::uint64_t Scenario::lamports(const Address& address) {
    return svm_.get_balance(key_of(address));
}

std::optional<Account> Scenario::account(const Address& address) {
    return svm_.get_account(key_of(address));
}

void Scenario::put_account(const Address& address, const Account& account) {
    svm_.set_account(key_of(address), account);
}

AddressLookupTable Scenario::put_lookup_table(std::uint32_t seed,
                                              const std::vector<Address>& addresses) {
    core::ByteWriter data;
    // ProgramState::LookupTable, no deactivation slot, last extended in slot 0 from index 0.
    data.write_u32_le(1).write_u64_le(~std::uint64_t{0}).write_u64_le(0).write_u8(0);
    data.write_u8(1).write(payer_.address().view());
    data.write(Bytes(kTableHeadBytes - data.size(), 0));
    for (const Address& one : addresses) {
        data.write(one.view());
    }
    const Address table = address(seed);
    const std::uint64_t lamports = expect(rent().minimum_balance(data.size()));
    put_account(table, {lamports, key_of(kAddressLookupTableProgram), data.take(), false});
    return {table, addresses};
}

void Scenario::put_mint(const Address& mint, std::uint8_t decimals,
                        const std::optional<Address>& mint_authority,
                        const Address& token_program) {
    core::ByteWriter data;
    write_option(data, mint_authority);
    // Supply, decimals, initialised, no freeze authority.
    data.write_u64_le(std::uint64_t{1} << 60).write_u8(decimals).write_u8(1);
    write_option(data, std::nullopt);
    const std::uint64_t lamports = expect(rent().minimum_balance(data.size()));
    put_account(mint, {lamports, key_of(token_program), data.take(), false});
}

Address Scenario::put_tokens(const Address& owner, const Address& mint, std::uint64_t amount,
                             const Address& token_program) {
    core::ByteWriter data;
    data.write(mint.view()).write(owner.view()).write_u64_le(amount);
    // No delegate, initialised, not native, no delegated amount, no close authority.
    write_option(data, std::nullopt);
    data.write_u8(1).write_u32_le(0).write_u64_le(0).write_u64_le(0);
    write_option(data, std::nullopt);
    const Address account = associated_token_address(owner, mint, token_program);
    const std::uint64_t lamports = expect(rent().minimum_balance(data.size()));
    put_account(account, {lamports, key_of(token_program), data.take(), false});
    return account;
}

std::uint64_t Scenario::token_amount(const Address& token_account) {
    constexpr std::size_t kAmountOffset = 64;
    const std::optional<Account> found = account(token_account);
    if (!found || found->data.size() < kAmountOffset + sizeof(std::uint64_t)) {
        return 0;
    }
    return core::load_le<std::uint64_t>(found->data.data() + kAmountOffset);
}

SendResult Scenario::send(const std::vector<Instruction>& instructions) {
    Attempt attempt;
    attempt.fee_payer = payer_.address();
    attempt.instructions = instructions;
    return send(attempt);
}

Transaction Scenario::transaction(const Attempt& attempt) {
    MessageDraft draft;
    draft.version = attempt.version;
    draft.fee_payer = attempt.fee_payer;
    draft.lifetime = Blockhash(svm_.expire_blockhash());
    draft.instructions = attempt.instructions;
    draft.lookup_tables = attempt.lookup_tables;
    draft.config = attempt.config;
    Transaction out = expect(Transaction::from_draft(draft));
    for (const Address& missing : out.missing_signers()) {
        for (const TestSigner& signer : signers_) {
            if (signer.entry().kind == core::kSignerEd25519 && signer.address() == missing) {
                if (const auto placed = out.sign(signer.ed25519_key()); !placed) {
                    throw std::runtime_error(placed.error().to_string());
                }
                break;
            }
        }
    }
    return out;
}

SendResult Scenario::send(const Attempt& attempt) {
    const Transaction signed_transaction = transaction(attempt);
    const std::vector<Address>& named = signed_transaction.message().addresses;
    std::vector<Key> addresses;
    std::transform(named.begin(), named.end(), std::back_inserter(addresses), key_of);
    std::vector<std::optional<Account>> before = svm_.get_accounts(addresses);
    const SendResult result = svm_.send(signed_transaction.encode());
    if (!result.ok) {
        // The fee is all that a refused transaction may cost. The payer is the first address.
        if (before[0]) {
            before[0]->lamports -= result.fee;
        }
        if (svm_.get_accounts(addresses) != before) {
            throw std::runtime_error("a refused transaction left a trace: " +
                                     explain_result(result));
        }
    }
    return result;
}

WalletUnderTest::WalletUnderTest(Scenario& scenario, const std::vector<TestSigner>& signers,
                                 const std::vector<core::Rule>& rules, bool has_recovery_hash)
    : WalletUnderTest(scenario, signers, [&] {
          core::Configuration configuration;
          configuration.rules = rules;
          for (const TestSigner& signer : signers) {
              configuration.signers.push_back(signer.entry());
          }
          if (has_recovery_hash) {
              configuration.recovery.emplace();
          }
          return configuration;
      }()) {}

WalletUnderTest::WalletUnderTest(Scenario& scenario, const std::vector<TestSigner>& signers,
                                 const core::Configuration& configuration)
    : scenario_(scenario),
      handle_(expect(WalletHandle::create(configuration, scenario.deployment()))) {
    for (const TestSigner& signer : signers) {
        scenario_.add_key(signer);
    }
}

WalletSnapshot WalletUnderTest::now() const {
    const std::optional<Account> found = scenario_.account(handle_.state());
    if (found && found->owner == key_of(handle_.deployment().program) &&
        is_initialised_state(found->data)) {
        return expect(WalletSnapshot::from_state(handle_, found->data));
    }
    return WalletSnapshot::in_genesis(handle_);
}

void WalletUnderTest::fund(std::uint64_t lamports) {
    scenario_.set_lamports(vault(), scenario_.lamports(vault()) + lamports);
}

SendResult WalletUnderTest::create_state() {
    return scenario_.send(expect(create_funded_state(
        handle_, scenario_.payer().address(), scenario_.rent(), scenario_.lamports(state()))));
}

void WalletUnderTest::fund_state(std::size_t bytes) {
    const std::uint64_t needed = expect(scenario_.rent().minimum_balance(bytes));
    scenario_.set_lamports(state(), std::max(scenario_.lamports(state()), needed));
}

ActionPlan WalletUnderTest::plan(const Action& action, const std::vector<Approver>& approvers,
                                 const PlanOptions& options) const {
    return expect(plan_action(now(), action, approvers, options));
}

std::vector<CollectedApproval> WalletUnderTest::collect(
    const ActionPlan& plan, const core::ApprovalHash& hash,
    const std::map<std::uint8_t, PasskeyAnswer>& answers) const {
    std::vector<CollectedApproval> out;
    for (const Approver& approver : plan.approvers) {
        const core::Signer& entry = plan.rule.signers.at(approver.signer);
        const bool is_account =
            takes_account(entry, approver.method) &&
            (entry.kind == core::kSignerEd25519 || entry.kind == core::kSignerProgram);
        if (is_account) {
            continue;
        }
        const TestSigner& signer = scenario_.signer_of(entry);
        const auto answer = answers.find(approver.signer);
        if (answer != answers.end()) {
            out.push_back({approver.signer, signer.approve(hash, answer->second)});
        } else {
            out.push_back({approver.signer, signer.approve(hash)});
        }
    }
    return out;
}

Attempt WalletUnderTest::attempt(const Action& action, const std::vector<Approver>& approvers,
                                 const AttemptOptions& options) const {
    Attempt out;
    out.plan = plan(action, approvers, options.plan);
    std::vector<core::Leaf> leaves = options.other_leaves;
    leaves.insert(leaves.begin() + static_cast<std::ptrdiff_t>(options.leaf_index), out.plan.leaf);
    const ApprovalBundle bundle = expect(ApprovalBundle::from(leaves));
    AssembleOptions assembling;
    assembling.tree = expect(bundle.proof(options.leaf_index));
    assembling.verifies = options.verifies;
    const auto approvals = collect(out.plan, bundle.hash(), options.passkey_answers);
    out.assembled = expect(assemble(out.plan, approvals, assembling));
    out.instructions = options.before;
    for (Instruction& one : expect(out.assembled.instructions())) {
        out.instructions.push_back(std::move(one));
    }
    out.wallet_index = out.instructions.size() - 1;
    out.fee_payer = scenario_.payer().address();
    return out;
}

SendResult WalletUnderTest::send(const Action& action, const std::vector<Approver>& approvers,
                                 const AttemptOptions& options) const {
    return scenario_.send(attempt(action, approvers, options));
}

Action WalletUnderTest::transfer(const Address& to, std::uint64_t lamports,
                                 const NonceChoice& nonce, const RuleReference& rule) const {
    return execute({system::transfer(vault(), to, lamports)}, nonce, rule);
}

Action WalletUnderTest::execute(std::vector<Instruction> calls, const NonceChoice& nonce,
                                const RuleReference& rule) const {
    ExecuteAction body;
    body.rule = rule;
    body.calls = std::move(calls);
    return Action{std::move(body), nonce, std::nullopt};
}

core::Rule plain_rule(std::uint64_t actions, std::uint16_t mask, std::uint8_t threshold) {
    core::Rule rule;
    rule.actions = static_cast<std::uint8_t>(actions);
    rule.mask = mask;
    rule.threshold = threshold;
    return rule;
}

core::Rule limited_rule(std::uint16_t mask, const Address& program, const core::Hash32& asset,
                        std::uint64_t per_call, std::uint64_t per_period,
                        std::uint32_t period_seconds) {
    core::Rule rule = plain_rule(core::kActionExecute, mask);
    rule.scope = {{to_hash(program), {}}};
    rule.limits = {{asset, per_call, per_period, period_seconds}};
    return rule;
}

std::optional<core::Verdict> verdict_of(const SendResult& result) {
    if (result.ok) {
        return core::Verdict::kAccepted;
    }
    // A precompile's or callee's own error 0 is no acceptance.
    return result.custom_code && *result.custom_code != 0
               ? core::verdict_from_number(*result.custom_code)
               : std::nullopt;
}

std::string explain_result(const SendResult& result) {
    std::string out = result.ok ? "accepted" : result.error;
    if (const auto verdict = verdict_of(result); verdict && !result.ok) {
        out += " " + std::string(core::verdict_name(*verdict)) + ": " +
               std::string(core::verdict_sentence(*verdict));
    }
    for (const std::string& line : result.logs) {
        out += "\n  " + line;
    }
    return out;
}

std::string unless_verdict(const SendResult& result, core::Verdict verdict) {
    return verdict_of(result) == verdict ? "" : explain_result(result);
}

}  // namespace latchkey::solana::testing
