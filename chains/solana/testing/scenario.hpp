// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "chains/solana/client/plan.hpp"
#include "chains/solana/client/wallet_instructions.hpp"
#include "chains/solana/client/wallet_lane.hpp"
#include "chains/solana/testing/svm.hpp"
#include "chains/solana/testing/test_signer.hpp"
#include "core/authorization/verdict.hpp"

/// Wallets in the real VM, with every step open to change before it is sent.
namespace latchkey::solana::testing {

class WalletUnderTest;

/// A transaction that is about to be sent. Change anything, then Scenario::send.
struct Attempt {
    ActionPlan plan;
    /// What the wallet's instruction and the precompiles are made from; rebuild() after changes.
    AssembledAction assembled;
    /// The transaction's instructions: those in front, the precompiles, the wallet's, others.
    std::vector<Instruction> instructions;
    /// Position of the wallet's instruction.
    std::size_t wallet_index = 0;
    Address fee_payer;
    MessageVersion version = MessageVersion::kLegacy;
    std::vector<AddressLookupTable> lookup_tables;
    /// v1 only.
    TransactionConfig config;

    Instruction& wallet_instruction() { return instructions[wallet_index]; }
    /// The wallet's instruction data.
    Bytes& data() { return wallet_instruction().data; }
    /// The precompile `back` places before the wallet's instruction: 1 is the nearest.
    Instruction& precompile(std::size_t back = 1) { return instructions[wallet_index - back]; }
    /// Puts precompiles and wallet instruction as `assembled` has them now.
    void rebuild();
};

/// How an attempt is put together.
struct AttemptOptions {
    /// Instructions in front of everything.
    std::vector<Instruction> before;
    /// Off: whatever the client would refuse is sent, for the program to refuse.
    bool verifies = true;
    /// Further leaves under the same digest; the action's own leaf is put at `leaf_index`.
    std::vector<core::Leaf> other_leaves;
    std::size_t leaf_index = 0;
    PlanOptions plan;
    /// Answers of passkeys, by signer index.
    std::map<std::uint8_t, PasskeyAnswer> passkey_answers;
};

/// One VM with the program, a fee payer who operates a lane, and a supply of signers. Errors are
/// faults of the test and throw.
class Scenario {
  public:
    /// The program's ELF is the build's, or the file that the environment variable
    /// LATCHKEY_PROGRAM_ELF names.
    explicit Scenario(const SvmOptions& options = {});

    static Bytes program_elf();

    /// Back to the moment after construction; a few milliseconds.
    void reset();

    Svm& svm() { return svm_; }
    const Deployment& deployment() const { return deployment_; }
    Rent rent();

    /// Pays fees and operates the lane.
    const TestSigner& payer() const { return payer_; }
    /// Signs transactions that ask for it from now on.
    void add_key(const TestSigner& signer);

    /// Unix seconds on chain.
    std::uint64_t now();
    /// Lets that much time pass.
    void advance(std::uint64_t seconds);

    /// A fresh bit of the payer's lane, valid for that long.
    UseLane use_lane(std::uint64_t seconds = 100);
    Address lane() const { return lane_; }
    /// The lane account as it is.
    LaneAccount lane_account();

    /// An address that nobody has the key of.
    static Address address(std::uint32_t seed);
    void set_lamports(const Address& address, std::uint64_t lamports);
    std::uint64_t lamports(const Address& address);
    std::optional<Account> account(const Address& address);
    void put_account(const Address& address, const Account& account);
    /// A lookup table that can be used at once.
    AddressLookupTable put_lookup_table(std::uint32_t seed, const std::vector<Address>& addresses);
    /// An initialised mint without freeze authority.
    void put_mint(const Address& mint, std::uint8_t decimals,
                  const std::optional<Address>& mint_authority = std::nullopt,
                  const Address& token_program = kTokenProgram);
    /// The associated token account of `owner`, with that amount; returns its address.
    Address put_tokens(const Address& owner, const Address& mint, std::uint64_t amount,
                       const Address& token_program = kTokenProgram);
    /// 0 if there is no such account.
    std::uint64_t token_amount(const Address& token_account);

    /// Signed by the payer and all known keys that the instructions ask for, under a new blockhash,
    /// so that equal instructions make another transaction.
    SendResult send(const std::vector<Instruction>& instructions);
    SendResult send(const Attempt& attempt);
    /// The signed transaction that send() would send.
    Transaction transaction(const Attempt& attempt);

  private:
    friend class WalletUnderTest;
    const TestSigner& signer_of(const core::Signer& entry) const;
    void open_payer_lane();

    Svm svm_;
    TestSigner payer_;
    Deployment deployment_;
    Address lane_;
    std::optional<LaneAllocator> allocator_;
    std::string snapshot_;
    std::vector<TestSigner> signers_;
};

/// A wallet of a scenario.
class WalletUnderTest {
  public:
    /// `rules` as they are; the recovery hash makes the configuration as long as a real one.
    WalletUnderTest(Scenario& scenario, const std::vector<TestSigner>& signers,
                    const std::vector<core::Rule>& rules, bool has_recovery_hash = true);
    WalletUnderTest(Scenario& scenario, const std::vector<TestSigner>& signers,
                    const core::Configuration& configuration);

    const WalletHandle& handle() const { return handle_; }
    Address vault() const { return handle_.vault(); }
    Address state() const { return handle_.state(); }
    /// As it stands on chain.
    WalletSnapshot now() const;
    /// Gives the vault lamports.
    void fund(std::uint64_t lamports);
    /// Funds and creates the state account.
    SendResult create_state();
    /// Gives the state account the rent for that many bytes.
    void fund_state(std::size_t bytes);

    ActionPlan plan(const Action& action, const std::vector<Approver>& approvers,
                    const PlanOptions& options = {}) const;
    /// The answers of the plan's approvers that do not approve by an account.
    std::vector<CollectedApproval> collect(
        const ActionPlan& plan, const core::ApprovalHash& hash,
        const std::map<std::uint8_t, PasskeyAnswer>& answers = {}) const;
    /// Planned, approved by `approvers`, and ready to be sent.
    Attempt attempt(const Action& action, const std::vector<Approver>& approvers,
                    const AttemptOptions& options = {}) const;
    SendResult send(const Action& action, const std::vector<Approver>& approvers,
                    const AttemptOptions& options = {}) const;

    /// From the vault.
    Action transfer(const Address& to, std::uint64_t lamports, const NonceChoice& nonce,
                    const RuleReference& rule = {}) const;
    Action execute(std::vector<Instruction> calls, const NonceChoice& nonce,
                   const RuleReference& rule = {}) const;

  private:
    Scenario& scenario_;
    WalletHandle handle_;
};

/// A rule with one target program and a limit on one asset, as sessions have it.
core::Rule limited_rule(std::uint16_t mask, const Address& program, const core::Hash32& asset,
                        std::uint64_t per_call, std::uint64_t per_period,
                        std::uint32_t period_seconds);
/// A rule with these actions and threshold for the signers of `mask`.
core::Rule plain_rule(std::uint64_t actions, std::uint16_t mask, std::uint8_t threshold = 1);

/// The program's answer; nothing when something else failed.
std::optional<core::Verdict> verdict_of(const SendResult& result);
/// The verdict's name, or the runtime's error, and the logs.
std::string explain_result(const SendResult& result);
/// Empty if the program answered exactly this, else what happened instead.
std::string unless_verdict(const SendResult& result, core::Verdict verdict);

}  // namespace latchkey::solana::testing

/// The transaction succeeded.
#define EXPECT_ACCEPTED(result)                                                                    \
    EXPECT_EQ(                                                                                     \
        ::latchkey::solana::testing::unless_verdict(result, ::latchkey::core::Verdict::kAccepted), \
        "")
/// The program refused it with exactly this verdict: `EXPECT_REFUSED(kNonceUsed, result)`.
#define EXPECT_REFUSED(verdict, result)                                                          \
    EXPECT_EQ(                                                                                   \
        ::latchkey::solana::testing::unless_verdict(result, ::latchkey::core::Verdict::verdict), \
        "")
