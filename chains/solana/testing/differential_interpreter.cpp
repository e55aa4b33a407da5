// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/testing/differential_interpreter.hpp"

#include <algorithm>

#include "chains/solana/testing/native_addresses.hpp"
#include "chains/solana/testing/native_machine.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/byte_io.hpp"
#include "core/wallet/key_checker.hpp"
#include "core/wallet/verdict_text.hpp"

namespace latchkey::solana::testing {

namespace {

using core::Hash32;
using core::Verdict;
namespace model = core::model;

constexpr Address kReservedTargets[] = {kUpgradeableLoader,
                                        "LoaderV411111111111111111111111111111111111"_address,
                                        "BPFLoader2111111111111111111111111111111111"_address,
                                        "BPFLoader1111111111111111111111111111111111"_address,
                                        "NativeLoader1111111111111111111111111111111"_address};

// SPL Token's layout, as its own documentation has it.
constexpr std::size_t kTokenAccountBytes = 165;
constexpr std::size_t kTokenOwnerAt = 32;
constexpr std::size_t kTokenDelegateAt = 72;
constexpr std::size_t kTokenDelegatedAmountAt = 121;

Hash32 to_hash(const Address& address) {
    return Hash32(address.array());
}

Address to_address(const Hash32& hash) {
    return Address(hash.array());
}

/// What became of one instruction.
struct Outcome {
    Expectation::Kind kind = Expectation::Kind::kVerdict;
    Verdict verdict = Verdict::kAccepted;

    bool is_accepted() const {
        return kind == Expectation::Kind::kVerdict && verdict == Verdict::kAccepted;
    }
};
constexpr Outcome kSomeRefusal = {Expectation::Kind::kRefused, {}};
constexpr Outcome kRuntimeError = {Expectation::Kind::kRuntime, {}};
constexpr Outcome kAnything = {Expectation::Kind::kUnknown, {}};

/// Answers that come only after all calls.
bool is_closing(Verdict verdict) {
    return verdict == Verdict::kAccepted || verdict == Verdict::kLimitPerCall ||
           verdict == Verdict::kLimitPerPeriod || verdict == Verdict::kCapOutflow ||
           verdict == Verdict::kCapInflow;
}

struct SignerEntryView {
    std::uint8_t head = 0;
    Bytes key;
    std::uint64_t kind() const { return head & core::kSignerKindMask; }
    core::Signer to_signer() const {
        core::Signer signer;
        signer.kind = static_cast<core::SignerKind>(kind());
        signer.option = (head & core::kSignerOption) != 0;
        signer.same_party = (head & core::kSignerSameParty) != 0;
        signer.key = key;
        return signer;
    }
};

std::vector<SignerEntryView> signers_at(ByteView bytes, std::size_t count) {
    std::vector<SignerEntryView> out;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t size = core::signer_key_size(bytes[0] & core::kSignerKindMask);
        out.push_back({bytes[0], core::to_bytes(bytes.subspan(1, size))});
        bytes = bytes.subspan(1 + size);
    }
    return out;
}

bool has_slot(std::uint64_t kind, std::size_t form) {
    return core::is_p256_family(kind) || (kind == core::kSignerEd25519 && form == kFormNone);
}

/// The forms of evidence that a kind of signer has (docs/spec/solana.md, section 4).
bool is_evidence_of(std::uint64_t kind, std::size_t form) {
    switch (kind) {
        case core::kSignerEd25519:
            return form == kFormNone || form == kFormAccount;
        case core::kSignerSecp256k1Eip712:
        case core::kSignerSecp256k1Eip191:
            return form == kFormRecover;
        case core::kSignerP256:
            return form == kFormNone;
        case core::kSignerWebauthn:
            return form == kFormHost || form == kFormRest || form == kFormSameRest;
        case core::kSignerProgram:
            return form == kFormAccount;
        default:
            return false;
    }
}

std::vector<model::Counter> to_model(const std::vector<SpendingCounter>& counters) {
    std::vector<model::Counter> out;
    for (const SpendingCounter& counter : counters) {
        out.push_back({counter.window, counter.spent});
    }
    return out;
}

std::vector<SpendingCounter> from_model(const std::vector<model::Counter>& counters) {
    std::vector<SpendingCounter> out;
    for (const model::Counter& counter : counters) {
        out.push_back({counter.window, counter.spent});
    }
    return out;
}

/// The fields that the model and the account have under the same names.
template <typename To, typename From>
To copy_record(const From& from) {
    To out;
    out.rule = from.rule;
    out.action = from.action;
    out.cancels = from.cancels;
    out.tie = from.tie;
    out.guarded = from.guarded;
    out.epoch = from.epoch;
    out.earliest = from.earliest;
    out.cancels_since = from.cancels_since;
    out.frozen_at = from.frozen_at;
    out.digest = from.digest;
    return out;
}

Bytes state_bytes(const model::State& state) {
    StateAccount out;
    out.was_frozen = state.was_frozen;
    out.sequence = state.sequence;
    out.local_version = state.local_version;
    out.config_id = Hash32(state.config_id.array());
    out.nonces = state.nonces;
    out.shared = state.shared;
    out.counters = from_model(state.counters);
    for (const model::Record& record : state.records) {
        out.records.push_back(copy_record<RuleRecord>(record));
    }
    for (const std::optional<model::Slot>& slot : state.slots) {
        if (!slot) {
            out.slots.emplace_back();
            continue;
        }
        out.slots.push_back(LocalSlot{slot->granting_rule, slot->version, Hash32(slot->id.array()),
                                      from_model(slot->counters), slot->local_rule});
    }
    return encode_state(out).value();
}

model::State to_model(const StateAccount& state) {
    model::State out;
    out.was_frozen = state.was_frozen;
    out.sequence = state.sequence;
    out.local_version = state.local_version;
    out.config_id = core::ConfigId(state.config_id.array());
    out.nonces = state.nonces;
    out.shared = state.shared;
    out.counters = to_model(state.counters);
    for (const RuleRecord& record : state.records) {
        out.records.push_back(copy_record<model::Record>(record));
    }
    for (const std::optional<LocalSlot>& slot : state.slots) {
        if (!slot) {
            out.slots.emplace_back();
            continue;
        }
        out.slots.push_back(model::Slot{slot->granting_rule, slot->version,
                                        core::LocalRuleId(slot->local_rule_id.array()),
                                        slot->local_rule, to_model(slot->counters)});
    }
    return out;
}

/// Balances while a transaction runs.
class Ledger {
  public:
    explicit Ledger(const NativeChain& chain) : chain_(&chain) {}

    std::uint64_t& lamports(const Address& address) {
        return lamports_.try_emplace(address, chain_->lamports(address)).first->second;
    }
    std::uint64_t& tokens(const Address& address) {
        return tokens_.try_emplace(address, token_amount(chain_->find_account(address)))
            .first->second;
    }
    /// Whether this delegate with this amount is new to the token account.
    bool approve(const Address& account, const Address& delegate, std::uint64_t amount) {
        const auto found =
            delegates_.try_emplace(account, delegate_on_chain(chain_->find_account(account))).first;
        const std::pair<Bytes, std::uint64_t> next = {core::to_bytes(delegate.view()), amount};
        const bool is_new = found->second != next;
        found->second = next;
        return is_new;
    }
    const std::map<Address, std::uint64_t>& all_lamports() const { return lamports_; }
    const std::map<Address, std::uint64_t>& all_tokens() const { return tokens_; }

  private:
    static std::pair<Bytes, std::uint64_t> delegate_on_chain(const NativeAccount* account) {
        if (account == nullptr || account->data.size() < kTokenAccountBytes ||
            account->data[kTokenDelegateAt] == 0) {
            return {};
        }
        const ByteView data = account->data;
        return {core::to_bytes(data.subspan(kTokenDelegateAt + 4, 32)),
                core::load_le<std::uint64_t>(data.data() + kTokenDelegatedAmountAt)};
    }

    const NativeChain* chain_;
    std::map<Address, std::pair<Bytes, std::uint64_t>> delegates_;
    std::map<Address, std::uint64_t> lamports_;
    std::map<Address, std::uint64_t> tokens_;
};

/// One signature of a precompile, with what the approval needs of it.
struct SlotText {
    Bytes key;
    Bytes signature;
    Bytes message;
};

}  // namespace

Bytes CallBook::key_of(const Instruction& call) {
    core::ByteWriter out;
    out.write(call.program.view());
    for (const AccountMeta& meta : call.accounts) {
        out.write(meta.address.view()).write_bool(meta.is_signer).write_bool(meta.is_writable);
    }
    out.write(call.data);
    return out.take();
}

/// Reads one transaction. Works on a copy of the model's world.
class Interpreter {
  public:
    Interpreter(ModelledWallet& wallet, const NativeChain& chain, const Address& payer,
                const Attempt& attempt, const CallBook& book)
        : wallet_(wallet),
          chain_(chain),
          attempt_(attempt),
          book_(book),
          world_(wallet.world_),
          ledger_(chain),
          now_(static_cast<std::uint64_t>(chain.time())) {
        transaction_.push_back({payer, true, true});
        for (const Instruction& instruction : attempt.instructions) {
            for (AccountMeta meta : instruction.accounts) {
                meta.is_writable &= !is_never_writable(meta.address);
                transaction_.push_back(meta);
            }
        }
    }

    Expectation run() {
        Expectation out;
        for (std::size_t i = 0; i < attempt_.instructions.size(); ++i) {
            const Outcome outcome = run_instruction(i);
            if (!outcome.is_accepted()) {
                out.kind = outcome.kind;
                out.verdict = outcome.verdict;
                out.may_be_short = may_be_short_;
                return out;
            }
        }
        if (!pays_rent()) {
            out.kind = Expectation::Kind::kRuntime;
            return out;
        }
        out.kind = Expectation::Kind::kVerdict;
        out.lamports = ledger_.all_lamports();
        out.tokens = ledger_.all_tokens();
        out.return_data = return_data_;
        out.state_size = ledger_.lamports(state_address()) == 0 ? 0 : size_after(state_address());
        forget_vanished();
        wallet_.world_ = std::move(world_);
        return out;
    }

  private:
    /// The instruction of the wallet program that is being read.
    struct Context {
        const Instruction* instruction = nullptr;
        std::size_t index = 0;
        bool is_top_level = true;
        /// With the privileges that the program sees.
        std::vector<AccountMeta> accounts;
        /// Something that the model does not know refuses for certain.
        bool is_refused = false;
        /// The first check that fails is not the model's business.
        bool is_vague = false;
    };

    static bool is_never_writable(const Address& address) {
        return address == kSystemProgram || address == kClockSysvar || address == kRentSysvar ||
               is_precompile(address) || address == kComputeBudgetProgram;
    }

    static AccountMeta joined(const AccountMeta& meta, const std::vector<AccountMeta>& all) {
        AccountMeta out = {meta.address, false, false};
        for (const AccountMeta& other : all) {
            if (other.address == meta.address) {
                out.is_signer |= other.is_signer;
                out.is_writable |= other.is_writable;
            }
        }
        return out;
    }

    bool is_program(const Address& address) const {
        return std::any_of(attempt_.instructions.begin(), attempt_.instructions.end(),
                           [&](const Instruction& it) { return it.program == address; });
    }

    Outcome run_instruction(std::size_t index) {
        const Instruction& instruction = attempt_.instructions[index];
        if (is_precompile(instruction.program)) {
            return {};
        }
        Context context;
        context.index = index;
        if (instruction.program == wallet_.wallet_.program) {
            context.instruction = &instruction;
            for (const AccountMeta& meta : instruction.accounts) {
                context.accounts.push_back(joined(meta, transaction_));
            }
        } else if (attempt_.inner && index == attempt_.wallet_index) {
            context.instruction = &*attempt_.inner;
            context.is_top_level = false;
            for (const AccountMeta& meta : attempt_.inner->accounts) {
                context.accounts.push_back(joined(meta, attempt_.inner->accounts));
            }
        } else {
            return run_other(instruction);
        }
        for (AccountMeta& meta : context.accounts) {
            if (is_program(meta.address)) {
                meta.is_writable = false;
            }
        }
        return run_wallet(context);
    }

    Outcome run_other(const Instruction& instruction) {
        const CallEffect* const effect = book_.find(instruction);
        if (effect == nullptr || effect->kind != CallEffect::Kind::kLamports) {
            return kAnything;
        }
        if (ledger_.lamports(effect->from) < effect->amount) {
            return kRuntimeError;
        }
        ledger_.lamports(effect->from) -= effect->amount;
        ledger_.lamports(effect->to) += effect->amount;
        return {};
    }

    Outcome run_wallet(Context& context) {
        if (context.accounts.size() < 2 || context.accounts.size() > kMaximumAccounts) {
            return kSomeRefusal;
        }
        const auto decoded = decode_instruction(context.instruction->data);
        if (!decoded) {
            return may_be_kept(*context.instruction) ? kAnything : kSomeRefusal;
        }
        return std::visit([&](const auto& kind) { return interpret(context, kind); }, *decoded);
    }

    /// What waits is read when it is applied: until then its body may be any bytes.
    bool may_be_kept(const Instruction& instruction) const {
        if (!attempt_.is_mutated || instruction.data.empty() || !world_.state) {
            return false;
        }
        const std::uint64_t head = instruction.data[0];
        const std::uint64_t action = head & kHeadActionMask;
        return (head & kHeadGenesis) == 0 &&
               (action == kExecute || action == kGrant || action == kUpgrade) && has_waiting_rule();
    }

    bool has_waiting_rule() const {
        const Bytes& shared = world_.state->shared;
        for (std::size_t i = 0; i < (shared[1] >> 4U) + 1U; ++i) {
            if (core::wait_of(*core::find_rule(shared, i)) != 0) {
                return true;
            }
        }
        return false;
    }

    Outcome apply(const Context& context, model::World& world, const model::Action& action) const {
        const Verdict verdict = model::apply(world, action, now_);
        if (context.is_refused || (context.is_vague && verdict != Verdict::kAccepted)) {
            return kSomeRefusal;
        }
        return {Expectation::Kind::kVerdict, verdict};
    }

    // Instructions without approvals.

    Outcome interpret(Context& context, const CreateState& create) {
        if (context.accounts[0].address != state_address()) {
            return kSomeRefusal;
        }
        const Outcome outcome = apply(context, world_, model::CreateState{create.genesis});
        if (outcome.is_accepted() &&
            (!context.accounts[0].is_writable || !passes_system(context))) {
            return kRuntimeError;
        }
        return outcome;
    }

    bool passes_system(const Context& context) const {
        return std::any_of(context.accounts.begin(), context.accounts.end(),
                           [](const AccountMeta& it) { return it.address == kSystemProgram; });
    }

    Outcome interpret(Context& context, const OpenLane& open) {
        if (context.accounts.size() < 4) {
            return kSomeRefusal;
        }
        const auto& [lane, owner] = std::pair(context.accounts[0], context.accounts[1]);
        const auto known = wallet_.lanes_.find(lane.address);
        // A derived address never signs from outside.
        if (known == wallet_.lanes_.end() || lane.is_signer) {
            return kSomeRefusal;
        }
        const Outcome outcome =
            apply(context, world_,
                  model::OpenLane{to_hash(lane.address), to_hash(owner.address),
                                  to_hash(context.accounts[2].address), owner.is_signer});
        const bool is_its_address = known->second.owner == owner.address &&
                                    known->second.lane.index == open.index &&
                                    known->second.lane.bump == open.bump;
        return outcome.is_accepted() &&
                       (!is_its_address || !lane.is_writable || !passes_system(context))
                   ? kRuntimeError
                   : outcome;
    }

    Outcome interpret(Context& context, const CloseLane& /*close*/) {
        if (context.accounts.size() < 3) {
            return kSomeRefusal;
        }
        const AccountMeta& lane = context.accounts[0];
        const AccountMeta& owner = context.accounts[1];
        const AccountMeta& destination = context.accounts[2];
        const Outcome outcome =
            apply(context, world_,
                  model::CloseLane{to_hash(lane.address), to_hash(owner.address), owner.is_signer});
        if (!outcome.is_accepted()) {
            return outcome;
        }
        if (destination.address == lane.address) {
            return {Expectation::Kind::kVerdict, Verdict::kAccountType};
        }
        if (!lane.is_writable || !destination.is_writable) {
            return kRuntimeError;
        }
        ledger_.lamports(destination.address) += ledger_.lamports(lane.address);
        ledger_.lamports(lane.address) = 0;
        return outcome;
    }

    Outcome interpret(Context& context, const SetLaneOperator& /*set*/) {
        if (context.accounts.size() < 3) {
            return kSomeRefusal;
        }
        const AccountMeta& lane = context.accounts[0];
        const AccountMeta& owner = context.accounts[1];
        const Outcome outcome =
            apply(context, world_,
                  model::SetLaneOperator{to_hash(lane.address), to_hash(owner.address),
                                         owner.is_signer, to_hash(context.accounts[2].address)});
        const bool changes = world_.lanes != wallet_.world_.lanes;
        return outcome.is_accepted() && changes && !lane.is_writable ? kRuntimeError : outcome;
    }

    // What waits.

    Outcome interpret(Context& context, const ApplyAction& decoded) {
        const std::size_t fixed = decoded.nonce_kind == kNonceLane ? 4 : 2;
        if (context.accounts[0].address != state_address() || context.accounts.size() < fixed) {
            return kSomeRefusal;
        }
        context.is_vague |= attempt_.is_mutated;
        model::ApplyProposal action;
        action.rule_is_local = decoded.rule.is_local;
        action.rule = decoded.rule.index;
        action.recovery_part = decoded.rule.recovery_part;
        action.state_writable = context.accounts[0].is_writable;
        action.waiting_digest = waiting_digest(context, decoded.body, fixed);
        const Outcome outcome = run_body(context, decoded.body, fixed, action);
        // That nothing waits any more must be written.
        return outcome.is_accepted() && !context.accounts[0].is_writable ? kRuntimeError : outcome;
    }

    Hash32 waiting_digest(const Context& context, const Body& body, std::size_t fixed) const {
        const auto* const execute = std::get_if<ExecuteBody>(&body);
        core::WaitingAction action;
        action.cluster = wallet_.cluster_;
        action.action = static_cast<std::uint8_t>(action_number(body));
        action.has_caps = execute != nullptr && execute->caps.has_value();
        action.has_lane = fixed == 4;
        action.wallet_id = wallet_.wallet_.wallet_id;
        action.body = encode_body(body).value();
        action.account_keys = keys_after(context, fixed);
        return core::waiting_digest_of(action).value();
    }

    static std::vector<Hash32> keys_after(const Context& context, std::size_t fixed) {
        std::vector<Hash32> keys;
        for (std::size_t i = fixed; i < context.accounts.size(); ++i) {
            keys.push_back(to_hash(context.accounts[i].address));
        }
        return keys;
    }

    // Approved actions.

    Outcome interpret(Context& context, const ApprovedAction& decoded) {
        const SignedPart& part = decoded.signed_part;
        const bool has_lane = std::holds_alternative<LaneNonce>(part.nonce);
        const std::size_t fixed = has_lane ? 4 : 2;
        if (context.accounts[0].address != state_address() || context.accounts.size() < fixed) {
            return kSomeRefusal;
        }
        context.is_vague |= attempt_.is_mutated;
        model::ApprovedAction action;
        action.from_genesis = decoded.genesis.has_value();
        action.rule_is_local = part.rule.is_local;
        action.rule = part.rule.index;
        action.recovery_part = part.rule.recovery_part;
        action.state_writable = context.accounts[0].is_writable;
        action.waiting_digest = waiting_digest(context, part.body, fixed);
        action.deadline = part.deadline;
        action.is_top_level = context.is_top_level;
        action.nonce = nonce_of(context, part.nonce);
        read_approvals(context, decoded, fixed, action);
        may_be_short_ = may_be_short(decoded);
        const model::World before = world_;
        const Outcome outcome = run_body(context, part.body, fixed, action);
        if (!outcome.is_accepted()) {
            return outcome;
        }
        if (world_.state != before.state && !context.accounts[0].is_writable) {
            return kRuntimeError;
        }
        if (std::holds_alternative<RecoverBody>(part.body) && before.state) {
            size_between_ = std::max(size_between_, size_with_record(*before.state, part.rule));
        }
        if (has_lane && !context.accounts[2].is_writable) {
            return kRuntimeError;
        }
        return outcome;
    }

    /// Bytes of the state with a record for the rule: a recovery adds it before it changes the
    /// rest.
    static std::size_t size_with_record(const model::State& state, const RuleReference& rule) {
        const bool has_record = std::any_of(
            state.records.begin(), state.records.end(),
            [&](const model::Record& record) { return record.rule == record_name(rule); });
        return state_bytes(state).size() + (has_record ? 0 : kRecordSize);
    }

    std::variant<model::TransactionNonce, model::LaneNonce, model::StateNonce> nonce_of(
        const Context& context, const Nonce& nonce) const {
        if (const auto* const lane = std::get_if<LaneNonce>(&nonce)) {
            const unsigned word = lane->bit | (lane->odd_window ? 1U << 11U : 0U) |
                                  static_cast<unsigned>(lane->sixteenth) << 12U;
            return model::LaneNonce{
                to_hash(context.accounts[2].address), to_hash(context.accounts[3].address),
                context.accounts[3].is_signer, static_cast<std::uint16_t>(word)};
        }
        if (const auto* const state = std::get_if<StateNonce>(&nonce)) {
            return model::StateNonce{state->key, state->sequence};
        }
        return model::TransactionNonce{std::get<TransactionNonce>(nonce).binding};
    }

    const model::Slot* slot_of(const SignedPart& part) const {
        if (!world_.state || !part.rule.is_local || part.rule.index >= world_.state->slots.size() ||
            !world_.state->slots[part.rule.index]) {
            return nullptr;
        }
        return &*world_.state->slots[part.rule.index];
    }

    std::vector<SignerEntryView> signers_of(const ApprovedAction& decoded) const {
        if (decoded.genesis || !world_.state) {
            const Bytes& genesis = wallet_.wallet_.genesis;
            return signers_at(ByteView(genesis).subspan(2), (genesis[1] & 0x0fU) + 1U);
        }
        if (const auto& part = decoded.signed_part.rule.recovery_part) {
            // Of another part nobody asks who signs.
            return is_current(*part)
                       ? signers_at(ByteView(*part).subspan(2), ((*part)[1] & 0x0fU) + 1U)
                       : std::vector<SignerEntryView>{};
        }
        if (const model::Slot* const slot = slot_of(decoded.signed_part)) {
            return signers_at(ByteView(slot->local_rule).subspan(1),
                              (slot->local_rule[0] & 0x0fU) + 1U);
        }
        const Bytes& shared = world_.state->shared;
        return signers_at(ByteView(shared).subspan(2), (shared[1] & 0x0fU) + 1U);
    }

    /// Whether the recovery part is the one that the state names, and can be read.
    bool is_current(const Bytes& part) const {
        const auto commitment = core::commitment_in(world_.state->shared);
        return commitment && core::commitment_of(part, commitment->guard_hours) == *commitment &&
               core::judge_recovery_part(part, core::kAnyKey) == Verdict::kAccepted;
    }

    /// What a chain-agnostic change names as its parent.
    Hash32 parent_of(const SignedPart& part, const core::ConfigId& config_id) const {
        if (part.rule.recovery_part && world_.state) {
            const auto commitment = core::commitment_in(world_.state->shared);
            return commitment ? commitment->bytes() : Hash32{};
        }
        return Hash32(config_id.array());
    }

    /// An execute by a rule of the state, without a state nonce.
    static bool may_be_short(const ApprovedAction& decoded) {
        return !decoded.genesis && std::holds_alternative<ExecuteBody>(decoded.signed_part.body) &&
               !std::holds_alternative<StateNonce>(decoded.signed_part.nonce);
    }

    /// The leaf of the transaction as it is.
    core::Leaf leaf_of(const Context& context, const ApprovedAction& decoded,
                       std::size_t fixed) const {
        const SignedPart& part = decoded.signed_part;
        const core::ConfigId config_id = decoded.genesis || !world_.state
                                             ? core::first_config_id(wallet_.wallet_.wallet_id)
                                             : world_.state->config_id;
        if (const auto change =
                change_leaf_of(wallet_.wallet_.wallet_id, parent_of(part, config_id), part)) {
            return *change;
        }
        constexpr core::SolanaAction kActions[] = {
            core::SolanaAction::kExecute, core::SolanaAction::kGrant,
            core::SolanaAction::kRevoke,  core::SolanaAction::kExecute,
            core::SolanaAction::kMessage, core::SolanaAction::kExecute,
            core::SolanaAction::kExecute, core::SolanaAction::kExecute,
            core::SolanaAction::kUpgrade};
        core::SolanaLeaf leaf;
        leaf.action = kActions[part.body.index()];
        leaf.cluster = wallet_.cluster_;
        leaf.nonce_kind = static_cast<core::NonceKind>(part.nonce.index());
        leaf.deadline = part.deadline.value_or(core::kNever);
        leaf.wallet_id = wallet_.wallet_.wallet_id;
        leaf.config_id = config_id;
        if (const auto* const lane = std::get_if<LaneNonce>(&part.nonce)) {
            const std::uint64_t current = now_ / core::kLaneWindowSeconds;
            const bool is_current = ((current & 1) != 0) == lane->odd_window;
            leaf.deadline = solana::lane_deadline(*lane, current + (is_current ? 0 : 1));
            leaf.lane = to_hash(context.accounts[2].address);
        }
        if (const model::Slot* const slot = slot_of(part); slot != nullptr && !decoded.genesis) {
            leaf.local_rule_id = slot->id;
        }
        leaf.signed_region = encode_signed(part).value();
        leaf.account_keys = keys_after(context, fixed);
        return core::leaf_of(leaf).value();
    }

    /// Splits the precompiles before the wallet's instruction into slots, or says what is wrong.
    Verdict read_slots(const Context& context, std::vector<SlotText>& secp256r1,
                       std::vector<SlotText>& ed25519) const {
        std::size_t back = 1;
        const auto read = [&](std::vector<SlotText>& slots, const Address& program) {
            if (slots.empty()) {
                return Verdict::kAccepted;
            }
            if (context.index < back) {
                return Verdict::kPrecompileMissing;
            }
            const Instruction& found = attempt_.instructions[context.index - back++];
            // Where length and program are both wrong, the length is named.
            if (found.data.size() != size_of(slots) || !found.accounts.empty()) {
                return Verdict::kPrecompileLayout;
            }
            if (found.program != program) {
                return Verdict::kPrecompileMissing;
            }
            return split(found, slots) ? Verdict::kAccepted : Verdict::kPrecompileLayout;
        };
        if (const Verdict bad = read(secp256r1, kSecp256r1Program); bad != Verdict::kAccepted) {
            return bad;
        }
        return read(ed25519, kEd25519Program);
    }

    static std::size_t size_of(const std::vector<SlotText>& slots) {
        std::size_t size = 2 + 14 * slots.size();
        for (const SlotText& slot : slots) {
            size += slot.key.size() + slot.signature.size() + slot.message.size();
        }
        return size;
    }

    /// Takes the blocks of data that has their lengths' sum, and sees whether an instruction made
    /// of them is this one.
    static bool split(const Instruction& found, std::vector<SlotText>& slots) {
        ByteView rest = ByteView(found.data).subspan(2 + 14 * slots.size());
        std::vector<PrecompileSlot> again;
        for (SlotText& slot : slots) {
            for (Bytes* const part : {&slot.key, &slot.signature, &slot.message}) {
                *part = core::to_bytes(rest.first(part->size()));
                rest = rest.subspan(part->size());
            }
            again.push_back({slot.key, slot.signature, slot.message});
        }
        return make_precompile(found.program, again).data == found.data;
    }

    void read_approvals(Context& context, const ApprovedAction& decoded, std::size_t fixed,
                        model::ApprovedAction& action) {
        const std::vector<SignerEntryView> signers = signers_of(decoded);
        std::vector<SlotText> secp256r1;
        std::vector<SlotText> ed25519;
        for (const Approval& approval : decoded.approvals) {
            const SignerEntryView signer =
                approval.signer < signers.size() ? signers[approval.signer] : SignerEntryView{};
            const std::size_t form = approval.evidence.index();
            model::Approval out;
            out.signer = approval.signer;
            const bool fits = is_evidence_of(signer.kind(), form);
            const bool is_account = form == kFormAccount;
            out.evidence = !is_account ? model::EvidenceKind::kDigest
                           : signer.kind() == core::kSignerProgram
                               ? model::EvidenceKind::kProgram
                               : model::EvidenceKind::kTransaction;
            if (approval.signer < signers.size() && !fits) {
                out.flaw = Verdict::kSignerNotUsable;
            } else if (fits && has_slot(signer.kind(), form)) {
                const bool is_webauthn = signer.kind() == core::kSignerWebauthn;
                const bool is_ed25519 = signer.kind() == core::kSignerEd25519;
                (is_ed25519 ? ed25519 : secp256r1)
                    .push_back({Bytes(is_ed25519 ? 32 : 33), Bytes(64),
                                Bytes(is_webauthn  ? kWebauthnMessageSize
                                      : is_ed25519 ? 173
                                                   : 32)});
            }
            action.approvals.push_back(out);
        }
        const Verdict opened = read_slots(context, secp256r1, ed25519);
        check_evidence({context, decoded, signers, opened, secp256r1, ed25519}, fixed, action);
    }

    struct Evidences {
        Context& context;
        const ApprovedAction& decoded;
        const std::vector<SignerEntryView>& signers;
        Verdict opened;
        std::vector<SlotText>& secp256r1;
        std::vector<SlotText>& ed25519;
    };

    void check_evidence(const Evidences& all, std::size_t fixed, model::ApprovedAction& action) {
        const core::Leaf leaf = leaf_of(all.context, all.decoded, fixed);
        core::ApprovalHash hash = core::approval_hash_of(leaf);
        Verdict common = all.opened;
        if (all.decoded.tree) {
            const auto climbed = core::approval_hash_of(leaf, *all.decoded.tree);
            if (climbed) {
                hash = *climbed;
            } else if (common == Verdict::kAccepted) {
                common = climbed.error();
            }
        }
        std::vector<Bytes> keys;
        std::optional<std::string> rest;
        bool has_digest = false;
        std::size_t used[2] = {0, 0};
        for (std::size_t i = 0; i < action.approvals.size(); ++i) {
            model::Approval& approval = action.approvals[i];
            const Evidence& evidence = all.decoded.approvals[i].evidence;
            if (approval.signer >= all.signers.size() ||
                approval.flaw == Verdict::kSignerNotUsable) {
                all.context.is_vague |= all.decoded.genesis.has_value();
                keys.emplace_back();
                continue;
            }
            const SignerEntryView& signer = all.signers[approval.signer];
            Bytes key;
            if (approval.evidence != model::EvidenceKind::kDigest) {
                check_account(all.context, signer, std::get<AccountEvidence>(evidence), approval,
                              key);
            } else {
                has_digest = true;
                approval.flaw = common != Verdict::kAccepted
                                    ? common
                                    : check_digest(all, signer, evidence, hash, used, rest, key);
            }
            const Bytes enrolled = signer.kind() == core::kSignerProgram
                                       ? core::to_bytes(ByteView(signer.key).subspan(32))
                                       : signer.key;
            if (!all.decoded.genesis || signer.kind() == core::kSignerProgram) {
                if (approval.flaw == Verdict::kAccepted && key != enrolled) {
                    approval.flaw = flaw_of_key(signer, key);
                }
            } else if (approval.flaw != Verdict::kAccepted) {
                key = enrolled;
            }
            if (signer.kind() != core::kSignerProgram) {
                keys.push_back(key);
            }
        }
        if (all.decoded.tree && !has_digest) {
            all.context.is_refused = true;
        }
        if (all.decoded.genesis) {
            const auto filled = all.decoded.genesis->fill(keys);
            action.genesis_matches = filled && *filled == wallet_.wallet_.genesis;
            // Other rules may have been read before the hash says no.
            all.context.is_vague |= !action.genesis_matches && attempt_.is_mutated;
            all.context.is_refused |= !action.genesis_matches && !filled;
        }
    }

    static Verdict flaw_of_key(const SignerEntryView& signer, const Bytes& key) {
        const bool is_other_relying_party =
            signer.kind() == core::kSignerWebauthn &&
            core::equal(ByteView(key).first(33), ByteView(signer.key).first(33));
        return is_other_relying_party ? Verdict::kRelyingParty : Verdict::kKeyMismatch;
    }

    static void check_account(const Context& context, const SignerEntryView& signer,
                              const AccountEvidence& evidence, model::Approval& approval,
                              Bytes& key) {
        if (evidence.account_index >= context.accounts.size()) {
            approval.flaw = Verdict::kAccountIndex;
            key = signer.key;
            return;
        }
        const AccountMeta& account = context.accounts[evidence.account_index];
        approval.account_signed = account.is_signer;
        approval.account_writable = account.is_writable;
        key = core::to_bytes(account.address.view());
    }

    /// A signature over the digest; the runtime has verified it, or the transaction fails anyway.
    static Verdict check_digest(const Evidences& all, const SignerEntryView& signer,
                                const Evidence& evidence, const core::ApprovalHash& hash,
                                std::size_t* used, std::optional<std::string>& rest, Bytes& key) {
        const core::Digest digest = core::digest_of(hash);
        const core::Signer entry = signer.to_signer();
        switch (signer.kind()) {
            case core::kSignerWebauthn:
                return check_passkey(all.secp256r1[used[0]++], signer, evidence, digest,
                                     all.decoded.genesis.has_value(), rest, key);
            case core::kSignerP256: {
                const SlotText& slot = all.secp256r1[used[0]++];
                key = slot.key;
                return core::equal(slot.message, digest.view()) ? Verdict::kAccepted
                                                                : Verdict::kDigestMismatch;
            }
            case core::kSignerEd25519: {
                const SlotText& slot = all.ed25519[used[1]++];
                key = slot.key;
                const auto slot_key = core::crypto::Ed25519PublicKey::from(slot.key).value();
                return slot.message == core::offchain_message(slot_key, digest)
                           ? Verdict::kAccepted
                           : Verdict::kDigestMismatch;
            }
            default:
                break;
        }
        const Bytes message = core::message_to_sign(entry, hash).value();
        const auto& recover = std::get<RecoverEvidence>(evidence);
        core::crypto::RecoverableSignature signature;
        std::copy_n(recover.signature.begin(), 64, signature.signature.begin());
        signature.recovery_id = recover.signature[64];
        const auto recovered =
            core::crypto::recover_secp256k1(core::crypto::keccak256(message), signature);
        if (signature.recovery_id > 1 || !recovered) {
            return Verdict::kSignatureMalformed;
        }
        key = core::to_bytes(core::crypto::ethereum_address(*recovered).value().view());
        return Verdict::kAccepted;
    }

    static Verdict check_passkey(const SlotText& slot, const SignerEntryView& signer,
                                 const Evidence& evidence, const core::Digest& digest,
                                 bool is_left_out, std::optional<std::string>& rest, Bytes& key) {
        const ByteView data = slot.message;
        const std::uint8_t flags = data[32];
        if ((flags & 0x01U) == 0) {
            return Verdict::kUserPresence;
        }
        if ((signer.head & core::kSignerOption) != 0 && (flags & 0x04U) == 0) {
            return Verdict::kUserVerification;
        }
        if ((flags & 0xc0U) != 0) {
            return Verdict::kAuthenticatorData;
        }
        key = core::concat(slot.key, data.first(32));
        // A left-out key is proved by the genesis, later.
        if (!is_left_out && key != signer.key) {
            return flaw_of_key(signer, key);
        }
        if (const auto* const host = std::get_if<HostEvidence>(&evidence)) {
            rest = R"(","origin":"https://)" + host->host + R"(","crossOrigin":false})";
        } else if (const auto* const text = std::get_if<ClientDataEvidence>(&evidence)) {
            rest = text->rest;
        }
        const std::string json =
            rest ? R"({"type":"webauthn.get","challenge":")" +
                       core::webauthn::challenge_text_of_digest(Hash32(digest.array())) + *rest
                 : "";
        const bool is_signed =
            rest && !rest->empty() && rest->front() == '"' &&
            core::equal(core::crypto::sha256(core::as_bytes(json)).view(), data.subspan(37));
        return is_signed ? Verdict::kAccepted : Verdict::kClientData;
    }

    // Bodies.

    /// `action`: approved, or applied.
    template <typename Action>
    Outcome run_body(Context& context, const Body& body, std::size_t fixed, Action& action) {
        if (const auto* const execute = std::get_if<ExecuteBody>(&body)) {
            return run_execute(context, *execute, fixed, action);
        }
        if (const auto* const upgrade = std::get_if<UpgradeBody>(&body)) {
            return run_upgrade(context, *upgrade, fixed, action);
        }
        if (const auto* const grant = std::get_if<GrantBody>(&body)) {
            action.body = model::Grant{grant->local_rule};
        } else if (const auto* const revoke = std::get_if<RevokeBody>(&body)) {
            action.body = model::Revoke{core::LocalRuleId(revoke->local_rule_id.array())};
        } else if (const auto* const policy = std::get_if<PolicyBody>(&body)) {
            action.body = model::Policy{policy->shared, policy->epoch};
        } else if (const auto* const cancel = std::get_if<CancelBody>(&body)) {
            action.body = model::Cancel{cancel->epoch, cancel->target};
        } else if (const auto* const freeze = std::get_if<FreezeBody>(&body)) {
            action.body =
                model::Freeze{freeze->epoch, static_cast<std::uint8_t>(freeze->lift ? 1 : 0)};
        } else if (const auto* const recover = std::get_if<RecoverBody>(&body)) {
            action.body = model::Recover{recover->signers, recover->epoch};
        } else {
            action.body = model::Message{};
            return_data_ = core::concat(wallet_.wallet_.wallet_id.view(),
                                        std::get<MessageBody>(body).message_hash.view());
        }
        return apply(context, world_, action);
    }

    /// Whether the rule has a delay, so that calls are kept and not made.
    bool is_kept(const model::ApprovedAction& action) const {
        if (action.from_genesis || action.rule_is_local || action.recovery_part || !world_.state) {
            return false;
        }
        const auto rule = core::find_rule(world_.state->shared, action.rule);
        return rule && core::wait_of(*rule) != 0;
    }
    static bool is_kept(const model::ApplyProposal& /*action*/) { return false; }

    /// Where running ends before all calls have run.
    struct Stop {
        std::size_t call = 0;
        /// The target of that call was looked at, and which signatures it passes on.
        bool is_after_target = false;
        Outcome outcome;
    };

    template <typename Action>
    Outcome run_execute(Context& context, const ExecuteBody& body, std::size_t fixed,
                        Action& action) {
        if (is_kept(action)) {
            action.body = model::Execute{};
            return apply(context, world_, action);
        }
        const bool has_vault = context.accounts[1].address == wallet_.wallet_.vault;
        if (context.accounts[1].is_signer) {
            context.is_refused = true;
        }
        model::Execute execute;
        std::optional<Stop> stop;
        if (!has_vault) {
            stop = {0, false, kAnything};
        } else if (body.caps) {
            stop = open_caps(context, *body.caps, execute);
        }
        execute.passes_uncountable = passes_uncountable(context, fixed);
        for (std::size_t i = 0; i < body.calls.size() && !stop; ++i) {
            stop = run_call(context, body.calls[i], i, fixed, execute);
        }
        if (stop) {
            execute.calls.resize(stop->call + (stop->is_after_target ? 1 : 0));
            if (stop->is_after_target) {
                execute.calls.back().outflows.clear();
            }
            if (stop->call == 0 && !stop->is_after_target) {
                execute.passes_uncountable = false;
            }
            execute.caps.clear();
            action.body = std::move(execute);
            const Outcome outcome = apply(context, world_, action);
            const bool is_open =
                outcome.kind == Expectation::Kind::kVerdict && is_closing(outcome.verdict);
            // A 17th call is refused before it is read.
            return is_open && stop->call < kMaximumCalls ? stop->outcome : outcome;
        }
        if (body.caps) {
            close_caps(context, *body.caps, execute);
        }
        action.body = std::move(execute);
        return apply(context, world_, action);
    }

    /// No loader runs here, and none of the programs that are named can be upgraded.
    template <typename Action>
    Outcome run_upgrade(Context& context, const UpgradeBody& body, std::size_t fixed,
                        Action& action) {
        model::Upgrade upgrade;
        std::optional<Stop> stop;
        if (!is_kept(action)) {
            upgrade.holds_code = body.call.metas.size() == 7 && body.call.data.size() == 4;
            if (upgrade.holds_code && body.call.metas[2].account_index >= context.accounts.size()) {
                stop = {0, false, {Expectation::Kind::kVerdict, Verdict::kAccountIndex}};
            } else if (upgrade.holds_code) {
                upgrade.holds_code =
                    holds_code(context.accounts[body.call.metas[2].account_index], body.code_hash);
            }
            context.is_refused |= upgrade.holds_code && context.accounts[1].is_signer;
            model::Execute execute;
            if (upgrade.holds_code && !stop) {
                stop = run_call(context, body.call, 0, fixed, execute);
            }
            if (stop && !stop->is_after_target) {
                upgrade.call = {to_hash(kUpgradeableLoader), {3, 0, 0, 0}, false, {}, false, false};
            } else if (!execute.calls.empty()) {
                upgrade.call = execute.calls.back();
            }
        }
        action.body = std::move(upgrade);
        const Outcome outcome = apply(context, world_, action);
        return stop && outcome.is_accepted() ? stop->outcome : outcome;
    }

    /// Whether this is a buffer with that code, going by its bytes.
    bool holds_code(const AccountMeta& meta, const Hash32& code_hash) const {
        constexpr std::size_t kBufferHead = 37;
        const NativeAccount* const account = chain_.find_account(meta.address);
        return account != nullptr && account->data.size() > kBufferHead &&
               core::crypto::keccak256(ByteView(account->data).subspan(kBufferHead)) == code_hash;
    }

    std::optional<std::uint64_t> value_of(const Context& context, std::uint8_t index) {
        const Address& address = context.accounts[index].address;
        if (address == wallet_.wallet_.vault) {
            return ledger_.lamports(address);
        }
        const NativeAccount* const account = chain_.find_account(address);
        if (account == nullptr || account->data.empty()) {
            return 0;
        }
        const bool is_token =
            account->owner == kTokenProgram || account->owner == kToken2022Program;
        if (!is_token || !context.accounts[index].is_writable ||
            account->data.size() != kTokenAccountBytes ||
            !core::equal(ByteView(account->data).subspan(kTokenOwnerAt, 32),
                         wallet_.wallet_.vault.view())) {
            return std::nullopt;
        }
        return ledger_.tokens(address);
    }

    std::optional<Stop> open_caps(const Context& context, const Caps& caps,
                                  model::Execute& execute) {
        execute.no_new_authority = caps.no_new_authority;
        for (const Cap& cap : caps.caps) {
            if (cap.account_index >= context.accounts.size()) {
                return Stop{0, false, {Expectation::Kind::kVerdict, Verdict::kAccountIndex}};
            }
            const auto value = value_of(context, cap.account_index);
            if (!value) {
                return Stop{0, false, {Expectation::Kind::kVerdict, Verdict::kUncountable}};
            }
            execute.caps.push_back({cap.maximum_outflow, cap.minimum_inflow, *value, *value});
        }
        return std::nullopt;
    }

    void close_caps(const Context& context, const Caps& caps, model::Execute& execute) {
        for (std::size_t i = 0; i < execute.caps.size(); ++i) {
            execute.caps[i].after = *value_of(context, caps.caps[i].account_index);
        }
    }

    /// An account of the System program with data, such as a durable nonce's.
    bool passes_uncountable(const Context& context, std::size_t fixed) const {
        for (std::size_t i = fixed; i < context.accounts.size(); ++i) {
            const NativeAccount* const account = chain_.find_account(context.accounts[i].address);
            if (account != nullptr && context.accounts[i].is_writable && !account->data.empty() &&
                account->owner == kSystemProgram) {
                return true;
            }
        }
        return false;
    }

    std::optional<Stop> run_call(const Context& context, const CompactCall& compact,
                                 std::size_t number, std::size_t fixed, model::Execute& execute) {
        const std::vector<AccountMeta>& accounts = context.accounts;
        if (compact.program_index < fixed || compact.program_index >= accounts.size()) {
            return Stop{number, false, {Expectation::Kind::kVerdict, Verdict::kAccountIndex}};
        }
        Instruction resolved{accounts[compact.program_index].address, {}, compact.data};
        model::Call& call = execute.calls.emplace_back();
        call.program = to_hash(resolved.program);
        call.data = compact.data;
        bool is_escalated = false;
        for (const CallMeta& meta : compact.metas) {
            if (meta.account_index >= accounts.size() ||
                (meta.account_index >= 2 && meta.account_index < fixed)) {
                return Stop{number, true, {Expectation::Kind::kVerdict, Verdict::kAccountIndex}};
            }
            const AccountMeta& account = accounts[meta.account_index];
            resolved.accounts.push_back({account.address, meta.is_signer, meta.is_writable});
            is_escalated |= meta.is_writable && !account.is_writable;
            if (meta.is_signer && account.address != wallet_.wallet_.vault) {
                call.forwards_signer |= !may_forward(context, account, fixed);
            }
        }
        if (call.forwards_signer) {
            return std::nullopt;
        }
        // A program below on the stack that is not the caller.
        const bool is_reentered = attempt_.inner && resolved.program == script_program_address();
        const CallEffect* const effect = book_.find(resolved);
        if (is_escalated || is_reentered) {
            return Stop{number, true, kRuntimeError};
        }
        if (effect == nullptr) {
            return Stop{number, true, kAnything};
        }
        return apply_effect(*effect, number, call);
    }

    bool may_forward(const Context& context, const AccountMeta& account, std::size_t fixed) {
        const bool is_operator = fixed == 4 && account.address == context.accounts[3].address;
        const NativeAccount* const found = chain_.find_account(account.address);
        const bool is_empty =
            ledger_.lamports(account.address) == 0 &&
            (found == nullptr || (found->data.empty() && found->owner == kSystemProgram));
        return account.is_signer && !is_operator && (!account.is_writable || is_empty);
    }

    std::optional<Stop> apply_effect(const CallEffect& effect, std::size_t number,
                                     model::Call& call) {
        switch (effect.kind) {
            case CallEffect::Kind::kNothing:
                return std::nullopt;
            case CallEffect::Kind::kLamports: {
                if (ledger_.lamports(effect.from) < effect.amount) {
                    return Stop{number, true, kRuntimeError};
                }
                ledger_.lamports(effect.from) -= effect.amount;
                ledger_.lamports(effect.to) += effect.amount;
                call.outflows.push_back({Hash32{}, effect.amount});
                return std::nullopt;
            }
            case CallEffect::Kind::kTokens: {
                if (ledger_.tokens(effect.from) < effect.amount) {
                    return Stop{number, true, kRuntimeError};
                }
                ledger_.tokens(effect.from) -= effect.amount;
                ledger_.tokens(effect.to) += effect.amount;
                const Bytes& data = chain_.find_account(effect.from)->data;
                call.outflows.push_back(
                    {Hash32::from(ByteView(data).first(32)).value(), effect.amount});
                return std::nullopt;
            }
            case CallEffect::Kind::kAuthority:
                call.changes_authority = ledger_.approve(effect.from, effect.to, effect.amount);
                return std::nullopt;
            case CallEffect::Kind::kVault:
                call.changes_vault = true;
                return std::nullopt;
            case CallEffect::Kind::kFails:
                break;
        }
        return Stop{number, true, kRuntimeError};
    }

    // The end of a transaction.

    Address state_address() const { return wallet_.wallet_.state(); }

    std::size_t size_after(const Address& address) const {
        const NativeAccount* const account = chain_.find_account(address);
        const std::size_t before = account == nullptr ? 0 : account->data.size();
        if (address == state_address()) {
            return world_.state
                       ? std::max({before, size_between_, state_bytes(*world_.state).size()})
                       : before;
        }
        if (wallet_.lanes_.contains(address)) {
            return world_.lanes.contains(to_hash(address)) ? core::kLaneSize : 0;
        }
        return before;
    }

    /// What changed must hold its rent, or nothing at all.
    bool pays_rent() {
        ledger_.lamports(state_address());
        for (const auto& [address, lane] : wallet_.lanes_) {
            ledger_.lamports(address);
        }
        for (const auto& [address, lamports] : ledger_.all_lamports()) {
            const NativeAccount* const before = chain_.find_account(address);
            const std::size_t size = size_after(address);
            const bool is_same =
                before != nullptr && before->lamports == lamports && before->data.size() == size;
            if (!is_same && lamports != 0 && lamports < chain_.minimum_balance(size)) {
                return false;
            }
        }
        return true;
    }

    /// The runtime drops accounts without lamports.
    void forget_vanished() {
        if (ledger_.lamports(state_address()) == 0) {
            world_.state.reset();
        }
        for (const auto& [address, lane] : wallet_.lanes_) {
            if (ledger_.lamports(address) == 0) {
                world_.lanes.erase(to_hash(address));
            }
        }
    }

    ModelledWallet& wallet_;
    const NativeChain& chain_;
    const Attempt& attempt_;
    const CallBook& book_;
    model::World world_;
    Ledger ledger_;
    std::uint64_t now_;
    std::vector<AccountMeta> transaction_;
    std::optional<Bytes> return_data_;
    bool may_be_short_ = false;
    std::size_t size_between_ = 0;
};

ModelledWallet::ModelledWallet(const Forge& forge, Hash32 cluster)
    : wallet_(forge.wallet()),
      cluster_(cluster),
      world_(model::make_world(to_hash(forge.wallet().program), forge.wallet().genesis)) {
    for (const Address& target : kReservedTargets) {
        world_.reserved_targets.push_back(to_hash(target));
    }
    world_.upgradeable_loader = to_hash(kUpgradeableLoader);
}

Expectation ModelledWallet::apply(const NativeChain& chain, const Address& payer,
                                  const Attempt& attempt, const CallBook& book) {
    return Interpreter(*this, chain, payer, attempt, book).run();
}

void ModelledWallet::know_lane(const ForgedLane& lane, const Address& owner) {
    lanes_[lane.address] = {lane, owner};
}

void ModelledWallet::resync(const NativeChain& chain) {
    const auto is_ours = [&](const NativeAccount* account) {
        return account != nullptr && account->owner == wallet_.program && !account->data.empty();
    };
    const NativeAccount* const state = chain.find_account(wallet_.state());
    world_.state.reset();
    if (is_ours(state)) {
        world_.state = to_model(decode_state(state->data).value());
    }
    world_.lanes.clear();
    for (const auto& [address, known] : lanes_) {
        const NativeAccount* const account = chain.find_account(address);
        if (!is_ours(account)) {
            continue;
        }
        const LaneAccount found = decode_lane(account->data).value();
        model::Lane lane;
        lane.owner = to_hash(found.owner);
        lane.operator_address = to_hash(found.operator_address);
        std::copy(account->data.begin(), account->data.end(), lane.data.begin());
        std::fill_n(lane.data.begin(), core::kLaneBaseOffset, std::uint8_t{0});
        std::fill(lane.data.begin() + core::kLaneOperatorOffset,
                  lane.data.begin() + core::kLaneMapOffset, std::uint8_t{0});
        world_.lanes.emplace(to_hash(address), lane);
    }
}

namespace {

std::string compare_account(std::string_view what, const NativeAccount* account,
                            const Address& program, const std::optional<Bytes>& expected) {
    const bool is_there = account != nullptr && account->owner == program && !account->data.empty();
    if (is_there != expected.has_value()) {
        return std::string(what) +
               (is_there ? " is there and should not be; " : " is not there and should be; ");
    }
    if (!is_there) {
        return "";
    }
    const Bytes& data = account->data;
    if (data.size() < expected->size()) {
        return std::string(what) + " is too short; ";
    }
    for (std::size_t i = 0; i < data.size(); ++i) {
        // Room for growth is zero.
        const std::uint8_t wanted = i < expected->size() ? (*expected)[i] : std::uint8_t{0};
        if (data[i] != wanted) {
            return std::string(what) + " differs at byte " + std::to_string(i) + ": " +
                   std::to_string(data[i]) + " instead of " + std::to_string(wanted) + "; ";
        }
    }
    return "";
}

}  // namespace

std::string ModelledWallet::difference(const NativeChain& chain) const {
    std::optional<Bytes> state;
    if (world_.state) {
        state = state_bytes(*world_.state);
    }
    std::string out =
        compare_account("the state", chain.find_account(wallet_.state()), wallet_.program, state);
    for (const auto& [address, known] : lanes_) {
        std::optional<Bytes> expected;
        if (const auto found = world_.lanes.find(to_hash(address)); found != world_.lanes.end()) {
            LaneAccount lane;
            lane.index = known.lane.index;
            lane.bump = known.lane.bump;
            lane.operator_address = to_address(found->second.operator_address);
            lane.owner = to_address(found->second.owner);
            expected = encode_lane(lane);
            std::copy_n(found->second.data.begin() + core::kLaneBaseOffset, 4,
                        expected->begin() + core::kLaneBaseOffset);
            std::copy(found->second.data.begin() + core::kLaneMapOffset, found->second.data.end(),
                      expected->begin() + core::kLaneMapOffset);
        }
        out += compare_account("lane " + std::to_string(known.lane.index),
                               chain.find_account(address), wallet_.program, expected);
    }
    return out;
}

}  // namespace latchkey::solana::testing
