// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "chains/solana/testing/differential_choices.hpp"
#include "chains/solana/testing/differential_interpreter.hpp"
#include "chains/solana/testing/native_world.hpp"

/// The differential test of what a wallet does: random worlds and transactions, valid and not, run
/// on the program compiled for the host and, where asked for, in the real VM, and read by the
/// model. All must give one answer and leave one state.
namespace latchkey::solana::testing {

struct GameOptions {
    /// Off: precompiles take everything, and nobody signs. For fuzzing.
    bool verifies_signatures = true;
    /// The program; another one to see that the comparison notices.
    NativeEntrypoint program = entrypoint;
    bool mutates = true;
    /// Only the commonest wallet: one signer, one rule, no state.
    bool is_sole = false;
};

/// What happened, over many games.
struct GameTally {
    std::uint64_t steps = 0;
    std::uint64_t accepted = 0;
    std::uint64_t runtime_errors = 0;
    std::uint64_t mutated = 0;
    std::uint64_t mutated_accepted = 0;
    /// The model could not say.
    std::uint64_t unknown = 0;
    /// The model said only that it must fail.
    std::uint64_t vague = 0;
    std::map<core::Verdict, std::uint64_t> verdicts;
    /// Accepted, by action.
    std::map<std::string, std::uint64_t> actions;

    void add(const GameTally& other);
    std::string to_string() const;
};

/// Another runtime that is shown every transaction.
class GameTwin {
  public:
    virtual ~GameTwin() = default;
    /// The world before the first step.
    virtual void begin(const NativeChain& chain) = 0;
    /// Runs the same transaction; says what differs from what the native runtime answered and left.
    virtual std::string run(const Address& payer, const Attempt& attempt,
                            const NativeResult& native, const NativeChain& after) = 0;
};

/// One wallet and its transactions.
class Game {
  public:
    explicit Game(Choices choices, const GameOptions& options = {}, GameTwin* twin = nullptr);

    /// One transaction. Empty, or what differs.
    std::string step();
    /// As many, until something differs: then what, and all steps up to there.
    std::string play(unsigned steps);

    const GameTally& tally() const { return tally_; }
    Choices& choices() { return choices_; }

  private:
    /// What a game is mostly about.
    enum class Theme : std::uint8_t { kPlain, kWaiting, kRecovery, kSessions };
    struct KnownPart {
        core::RecoveryPart part;
        Bytes bytes;
    };

    static unsigned parties_of(const std::vector<core::Signer>& signers, std::uint16_t mask);
    /// Position of an account among those of the instruction; its privileges are joined.
    static std::uint8_t place(Draft& draft, const AccountMeta& meta);

    bool has_waits() const { return theme_ == Theme::kWaiting || theme_ == Theme::kRecovery; }
    core::Configuration make_configuration();
    core::Configuration try_configuration(unsigned signers_max, unsigned rules_max);
    core::Rule make_rule(std::uint16_t mask, unsigned parties, bool is_first);
    core::Wait make_wait();
    void settle_waits(core::Configuration& configuration);
    core::RecoveryCommitment make_recovery();
    const KnownPart& make_part();
    core::RecoveryPart try_part();
    void narrow(core::Rule& rule);
    std::vector<core::Signer> pick_signers(unsigned count);

    Attempt next();
    Attempt make_attempt();
    Attempt make_approved();
    Attempt make_lane_attempt();
    Attempt make_create_state();
    Attempt make_application();
    void change_application(Application& application);
    void remember_application(const Attempt& attempt);
    unsigned urge_to_apply() const;
    void move_clock();
    bool jump_to_event();
    std::vector<std::uint64_t> events() const;

    struct RuleInUse {
        std::vector<core::Signer> signers;
        core::Rule rule;
    };
    std::optional<RuleInUse> rule_of(const Draft& draft, const std::optional<StateAccount>& state);
    RuleReference pick_rule(const std::optional<StateAccount>& state, std::uint8_t right);
    std::optional<RuleReference> pick_recovery_rule(const StateAccount& state, std::uint8_t right);
    const KnownPart* part_of(const StateAccount& state) const;
    std::optional<RuleReference> choose_kind(Draft& draft,
                                             const std::optional<StateAccount>& state);
    std::optional<RuleReference> go_on_with_siege(Draft& draft, const StateAccount& state);
    void approve(Draft& draft, const RuleInUse& use);
    ForgedApproval make_approval(std::uint8_t index, const core::Signer& signer,
                                 bool has_client_data);
    void choose_nonce(Draft& draft, bool has_digest, const std::optional<StateAccount>& state);
    void make_body(Draft& draft, const RuleInUse& use, const std::optional<StateAccount>& state);
    void make_execute(Draft& draft, const core::Rule& rule);
    void make_grant(Draft& draft, const core::Rule& rule);
    void make_policy(Draft& draft, const StateAccount& state);
    core::Configuration alter(core::Configuration next);
    void spoil(core::Configuration& next);
    void make_change(Draft& draft, const StateAccount& state);
    void make_cancel(Draft& draft, const StateAccount& state);
    void make_recover(Draft& draft, const StateAccount& state);
    void make_upgrade(Draft& draft);
    std::uint32_t epoch_for(const Draft& draft, const StateAccount& state);
    std::optional<Application> application_of(const Draft& draft, const Forged& forged) const;
    /// A call's kind (0 to 99), whom it is about and how much it moves.
    struct ChosenCall {
        std::uint64_t way;
        std::uint64_t which;
        std::uint64_t amount;
    };
    using AddCall = std::function<void(const Address& program, std::vector<CallMeta> metas,
                                       Bytes data, const CallEffect& effect)>;
    void add_call(Draft& draft, ExecuteBody& body, const core::Rule& rule);
    void add_payment(Draft& draft, const ChosenCall& chosen, const AddCall& add);
    void add_other_call(Draft& draft, const ChosenCall& chosen, const AddCall& add);
    void add_refused_call(Draft& draft, std::uint64_t way, const AddCall& add);
    void remember_calls(const Draft& draft);
    Attempt wrap(Attempt attempt) const;
    void mutate(Attempt& attempt);
    void fill_slots();

    std::string compare(const Attempt& attempt, const Expectation& expected,
                        const NativeResult& result, const NativeChain& before);
    std::string compare_accepted(const Expectation& expected, const NativeResult& result);
    void count(const Attempt& attempt, const Expectation& expected, const NativeResult& result);

    Choices choices_;
    GameOptions options_;
    GameTwin* twin_;
    NativeWorld world_;
    std::optional<Forge> forge_;
    std::optional<ModelledWallet> model_;
    CallBook book_;
    /// Effects of the calls of the draft in the making, in order.
    std::vector<CallEffect> effects_;
    std::deque<Attempt> recent_;
    Theme theme_ = Theme::kPlain;
    std::deque<KnownPart> parts_;
    /// What was accepted and may wait.
    std::deque<Application> applications_;
    /// Approvals that mean the same on every chain.
    std::deque<Attempt> changes_;
    /// Shared parts that were asked for.
    std::deque<Bytes> shared_parts_;
    std::vector<ForgedLane> lanes_;
    std::uint16_t next_bit_ = 0;
    std::vector<std::string> log_;
    GameTally tally_;
};

}  // namespace latchkey::solana::testing
