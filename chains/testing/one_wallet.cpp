// SPDX-License-Identifier: Apache-2.0
#include "chains/testing/one_wallet.hpp"

#include <algorithm>
#include <stdexcept>

#include "chains/evm/wallet/long_form.hpp"
#include "chains/evm/wallet/outflow.hpp"
#include "chains/evm/wallet/short_form.hpp"
#include "chains/evm/wallet/stored_state_testing.hpp"
#include "chains/solana/testing/native_addresses.hpp"
#include "chains/solana/testing/native_machine.hpp"
#include "chains/solana/testing/script.hpp"
#include "chains/testing/same_answer.hpp"
#include "core/wallet/model_steps.hpp"

namespace latchkey::chains::testing {

namespace {

using core::Verdict;

/// So many lamports and so many wei, so that both are the same number ever after.
constexpr std::uint64_t kUnits = 10'000'000'000;
constexpr std::size_t kFixedAccounts = 2;
constexpr std::size_t kFixedAccountsOfLane = 4;

constexpr std::string_view kActions[] = {"execute", "grant",  "revoke", "policy",
                                         "cancel",  "freeze", "recover"};

evm::Address account_of(std::uint8_t byte) {
    evm::Address out;
    std::fill(out.begin(), out.end(), byte);
    return out;
}

solana::Address recipient() {
    return svm::test_address(100);
}

std::string name_of(std::optional<Verdict> verdict) {
    return verdict ? std::string(core::verdict_name(*verdict)) : "no verdict: a precompile refuses";
}

/// The same with another content, if there can be one.
Body tweaked(Body body) {
    if (auto* const pay = std::get_if<Pay>(&body)) {
        for (Payment& payment : pay->payments) {
            payment.amount += payment.payee == Payee::kSomebody ? 1 : 0;
        }
    } else if (auto* const policy = std::get_if<model::Policy>(&body)) {
        policy->epoch ^= 1U;
    } else if (auto* const cancel = std::get_if<model::Cancel>(&body)) {
        cancel->epoch ^= 1U;
    } else if (auto* const freeze = std::get_if<model::Freeze>(&body)) {
        freeze->lift ^= 1U;
    } else if (auto* const recover = std::get_if<model::Recover>(&body)) {
        recover->epoch ^= 1U;
    }
    return body;
}

std::uint8_t place(svm::Draft& draft, const solana::AccountMeta& meta) {
    const std::size_t fixed = std::holds_alternative<solana::LaneNonce>(draft.nonce)
                                  ? kFixedAccountsOfLane
                                  : kFixedAccounts;
    auto found = std::find_if(draft.accounts.begin(), draft.accounts.end(),
                              [&](const auto& it) { return it.address == meta.address; });
    if (found == draft.accounts.end()) {
        found = draft.accounts.insert(draft.accounts.end(), meta);
    }
    return static_cast<std::uint8_t>(fixed +
                                     static_cast<std::size_t>(found - draft.accounts.begin()));
}

std::string words_of(const Move& move) {
    constexpr std::string_view kKinds[] = {"rule ", "recovery rule ", "the session in slot "};
    constexpr std::string_view kFlaws[] = {"", ", signatures of another digest",
                                           ", for another content", ", at another place"};
    std::string out(kActions[move.body.index()]);
    if (const auto* const pay = std::get_if<Pay>(&move.body)) {
        constexpr std::string_view kPayees[] = {"somebody", "another", "the reserved one"};
        for (const Payment& payment : pay->payments) {
            out += " " + std::to_string(payment.amount) + " to ";
            out += kPayees[static_cast<std::size_t>(payment.payee)];
        }
    } else if (const auto* const policy = std::get_if<model::Policy>(&move.body)) {
        out += " at epoch " + std::to_string(policy->epoch);
    } else if (const auto* const cancel = std::get_if<model::Cancel>(&move.body)) {
        out += " of rule " + std::to_string(cancel->target) + " at epoch " +
               std::to_string(cancel->epoch);
    } else if (const auto* const freeze = std::get_if<model::Freeze>(&move.body)) {
        out += (freeze->lift != 0 ? " lifted at epoch " : " at epoch ") +
               std::to_string(freeze->epoch);
    } else if (const auto* const recover = std::get_if<model::Recover>(&move.body)) {
        out += " at epoch " + std::to_string(recover->epoch);
    }
    out += " by ";
    out += kKinds[static_cast<std::size_t>(move.rule.kind)];
    out += std::to_string(move.rule.index) + ", signers";
    for (const std::uint8_t signer : move.who) {
        out += " " + std::to_string(signer);
    }
    out += move.deadline ? ", until " + std::to_string(*move.deadline) : "";
    out += move.lane != 0 ? ", lane " + std::to_string(move.lane) : "";
    out += kFlaws[static_cast<std::size_t>(move.flaw)];
    return out;
}

/// Accounts of a proposal's instruction, as whoever applies it passes them.
solana::Instruction application(const Shown& proposed) {
    const svm::Attempt& attempt = proposed.solana;
    solana::Instruction out = attempt.instructions[attempt.wallet_index];
    const RuleName& rule = proposed.move->rule;
    solana::RuleReference reference{false, rule.index, {}};
    if (rule.kind == RuleName::Kind::kRecovery) {
        reference.recovery_part = rule.recovery_part;
    }
    for (solana::AccountMeta& account : out.accounts) {
        account.is_signer = false;
    }
    out.data = solana::encode_instruction(
                   solana::ApplyAction{proposed.nonce_kind, reference, proposed.solana_body})
                   .value();
    return out;
}

}  // namespace

std::vector<core::Target> common_scope() {
    return {{core::Hash32{}, {}},
            {*evm_wallet::encode(evm_wallet::Asset{0, account_of(0x77)}), {}}};
}

std::string EvmChain::missing() {
    if (!evm::find_anvil()) {
        return "anvil is not installed: run `npm ci` in chains/evm/contracts, or set "
               "LATCHKEY_ANVIL";
    }
    return evm_wallet::testing::init_codes()
               ? ""
               : "the contracts are not compiled: run chains/evm/contracts/scripts/forge build";
}

EvmChain::EvmChain() {
    // A chain that is older than every game.
    anvil_ = std::make_unique<evm::AnvilProcess>(
        *evm::find_anvil(),
        std::vector<std::string>{"--hardfork", "osaka", "--timestamp", "1700000000", "--chain-id",
                                 std::to_string(evm_wallet::testing::kChainId)});
    node_ = std::make_unique<evm_wallet::testing::Node>(anvil_->url());
    sender_ = node_->rich_account();
    deployment_ = evm_wallet::testing::deploy_contracts(
        *node_, core::Hash32(svm::wallet_program_address().array()),
        *evm_wallet::testing::init_codes());
    snapshot_ = node_->ask("evm_snapshot").as_string();
}

void EvmChain::reset() {
    if (!node_->ask("evm_revert", {boost::json::string(snapshot_)}).as_bool()) {
        throw std::runtime_error("anvil does not go back");
    }
    snapshot_ = node_->ask("evm_snapshot").as_string();
}

OneWallet::OneWallet(EvmChain& chain, svm::VmTwin& vm, const core::Configuration& configuration,
                     const std::vector<svm::TestSigner>& people, std::uint64_t skew)
    : chain_(chain),
      vm_(vm),
      forge_([&] {
          for (const svm::TestSigner& one : people) {
              world_.add(one);
          }
          return world_.make_wallet(configuration);
      }()),
      solana_(forge_, svm::local_cluster()),
      author_(chain.deployment(), evm_wallet::testing::kChainId, forge_.wallet().genesis, {}),
      skew_(skew) {
    if (author_.world.wallet.wallet_id != forge_.wallet().wallet_id) {
        throw std::logic_error("one genesis is two wallets");
    }
    constexpr std::uint64_t kRecipientLamports = 5'000'000;
    world_.put(recipient(), kRecipientLamports);
    world_.put(forge_.wallet().vault, kUnits);
    // On the EVM nothing is stored for a wallet that nobody has used; on Solana changes need a
    // state, which somebody pays for first.
    world_.create_state(forge_);
    solana_.know_lane(world_.lane(), world_.payer().address());
    solana_.resync(world_.chain());
    vm_.begin(world_.chain());
    chain_.reset();
    author_.chain.sender = chain_.sender();
    const evm::Address wallet = author_.world.address;
    chain_.node().send(chain_.sender(), chain_.deployment().factory,
                       core::to_bytes(author_.world.wallet.wallet_id));
    chain_.node().ask("anvil_setBalance",
                      {evm::to_string(wallet), evm::Uint256(kUnits).to_quantity()});
    set_time(world_.now());
}

void OneWallet::set_time(std::uint64_t now) {
    author_.chain.now = now;
    world_.chain().set_time(static_cast<std::int64_t>(now + skew_));
    chain_.node().set_time(now);
    chain_.node().ask("evm_mine");
}

std::vector<core::Signer> OneWallet::signers_of(const Move& move) const {
    return evm_wallet::signers_of(authority_of(move)).value();
}

std::vector<core::LocalRuleId> OneWallet::sessions() const {
    std::vector<core::LocalRuleId> out;
    for (const auto& slot : state().slots) {
        if (slot) {
            out.push_back(slot->id);
        }
    }
    return out;
}

// What the EVM is shown.

evm_wallet::Authority OneWallet::authority_of(const Move& move) const {
    const RuleName& rule = move.rule;
    if (rule.kind == RuleName::Kind::kRecovery) {
        return {author_.source, rule.index, rule.recovery_part};
    }
    if (rule.kind == RuleName::Kind::kShared) {
        return author_.shared(rule.index);
    }
    const auto& slot = state().slots.at(rule.index);
    const auto list = evm_wallet::model::local_list(
        author_.world, core::rule_id_of(state().shared, slot->granting_rule).value());
    const auto at = std::find(list.begin(), list.end(), slot->id) - list.begin();
    return author_.session(slot->granting_rule, static_cast<std::uint8_t>(at));
}

evm_wallet::Body OneWallet::evm_body_of(const Move& move) const {
    const core::model::State& now = state();
    const auto list_of = [&](std::uint8_t rule) {
        const auto id = core::rule_id_of(now.shared, rule);
        return id ? evm_wallet::model::local_list(author_.world, *id)
                  : std::vector<core::LocalRuleId>();
    };
    if (const auto* const pay = std::get_if<Pay>(&move.body)) {
        evm_wallet::Execute out;
        for (const Payment& payment : pay->payments) {
            switch (payment.payee) {
                case Payee::kSomebody:
                    out.calls.push_back({account_of(0x77), evm::Uint256(payment.amount), {}});
                    break;
                case Payee::kOther:
                    out.calls.push_back({account_of(0x55), {}, {1}});
                    break;
                case Payee::kReserved:
                    out.calls.push_back({author_.world.address, {}, {1}});
                    break;
            }
        }
        return out;
    }
    if (const auto* const grant = std::get_if<model::Grant>(&move.body)) {
        return evm_wallet::Grant{list_of(move.rule.index), grant->local_rule};
    }
    if (const auto* const revoke = std::get_if<model::Revoke>(&move.body)) {
        evm_wallet::Revoke out;
        out.local_rule_id = revoke->id;
        out.rule_id = core::rule_id_of(now.shared, 0).value();
        for (const auto& slot : now.slots) {
            if (slot && slot->id == revoke->id) {
                out.rule_id = core::rule_id_of(now.shared, slot->granting_rule).value();
            }
        }
        out.others = evm_wallet::model::local_list(author_.world, out.rule_id);
        const auto at = std::find(out.others.begin(), out.others.end(), revoke->id);
        if (at != out.others.end()) {
            out.place = static_cast<std::uint8_t>(at - out.others.begin());
            out.others.erase(at);
        }
        return out;
    }
    if (const auto* const policy = std::get_if<model::Policy>(&move.body)) {
        return evm_wallet::Policy{policy->epoch, policy->shared};
    }
    if (const auto* const cancel = std::get_if<model::Cancel>(&move.body)) {
        return evm_wallet::Cancel{cancel->epoch, cancel->target};
    }
    if (const auto* const freeze = std::get_if<model::Freeze>(&move.body)) {
        return evm_wallet::Freeze{freeze->epoch, freeze->lift};
    }
    const auto& recover = std::get<model::Recover>(move.body);
    return evm_wallet::Recover{recover.epoch, recover.signers};
}

evm_wallet::ApprovedAction OneWallet::evm_action_of(const Move& move) const {
    evm_wallet::ApprovedAction out;
    out.authority = authority_of(move);
    out.body = evm_body_of(move);
    out.terms.deadline = move.deadline;
    if (move.lane != 0) {
        out.terms.lane = move.lane;
    }
    return out;
}

core::Leaf OneWallet::evm_leaf_of(const evm_wallet::ApprovedAction& action) const {
    const evm_wallet::Scene scene{
        author_.world.chain, author_.world.address, author_.world.wallet.wallet_id,
        evm_wallet::model::sequence_of(author_.world, action.authority, action.terms),
        author_.chain.sender};
    return evm_wallet::leaf_of(
               evm_wallet::leaf_for(action.authority, action.terms, action.body, scene).value())
        .value();
}

// What Solana is shown.

solana::Body OneWallet::solana_body_of(const Move& move, svm::Draft& draft) const {
    if (const auto* const pay = std::get_if<Pay>(&move.body)) {
        solana::ExecuteBody out;
        for (const Payment& payment : pay->payments) {
            if (payment.payee == Payee::kSomebody) {
                const std::uint8_t system = place(draft, solana::readonly(solana::kSystemProgram));
                const std::uint8_t to = place(draft, solana::writable(recipient()));
                out.calls.push_back(svm::transfer_call(system, to, payment.amount));
                continue;
            }
            const bool is_other = payment.payee == Payee::kOther;
            const auto program =
                place(draft, solana::readonly(is_other ? world_.script() : world_.program()));
            out.calls.push_back(svm::compact_call(
                program, {},
                is_other ? svm::ScriptBuilder().give_back(core::Bytes{1}).take() : core::Bytes{0}));
        }
        return out;
    }
    if (const auto* const grant = std::get_if<model::Grant>(&move.body)) {
        return solana::GrantBody{grant->local_rule};
    }
    if (const auto* const revoke = std::get_if<model::Revoke>(&move.body)) {
        return solana::RevokeBody{core::Hash32(revoke->id.array())};
    }
    if (const auto* const policy = std::get_if<model::Policy>(&move.body)) {
        return solana::PolicyBody{policy->epoch, policy->shared};
    }
    if (const auto* const cancel = std::get_if<model::Cancel>(&move.body)) {
        return solana::CancelBody{cancel->epoch, cancel->target};
    }
    if (const auto* const freeze = std::get_if<model::Freeze>(&move.body)) {
        return solana::FreezeBody{freeze->epoch, freeze->lift != 0};
    }
    const auto& recover = std::get<model::Recover>(move.body);
    return solana::RecoverBody{recover.epoch, recover.signers};
}

svm::Draft OneWallet::draft_of(const Move& move) const {
    svm::Draft draft;
    draft.from_genesis = false;
    draft.approvals.clear();
    draft.rule.index = move.rule.index;
    draft.rule.is_local = move.rule.kind == RuleName::Kind::kSession;
    if (move.rule.kind == RuleName::Kind::kRecovery) {
        draft.rule.recovery_part = move.rule.recovery_part;
    }
    // A change has its epoch as nonce. Lanes of the EVM are the sequences of Solana's state, of
    // which sessions can have none: on the EVM each has a sequence of its own, here they use bits
    // of the fee payer's lane.
    if (draft.rule.is_local) {
        draft.nonce = world_.lane_nonce();
    } else if (!is_change(move.body)) {
        const auto stored = world_.state_of(forge_);
        draft.nonce = solana::StateNonce{move.lane, stored->nonces[move.lane]};
    }
    draft.deadline = move.deadline;
    draft.body = solana_body_of(move, draft);
    return draft;
}

core::Leaf OneWallet::solana_leaf_of(svm::Draft draft) const {
    // Who approves is no part of it.
    draft.approvals = {
        {0, solana::kFormRecover, {}, core::Evidence(core::crypto::RecoverableSignature{})}};
    return world_.forge(forge_, draft).leaf;
}

void OneWallet::know_calls(const svm::Forged& forged, const solana::Body& body) const {
    const auto* const execute = std::get_if<solana::ExecuteBody>(&body);
    if (execute == nullptr) {
        return;
    }
    const auto& accounts = forged.instructions.back().accounts;
    for (const solana::CompactCall& call : execute->calls) {
        solana::Instruction resolved{accounts[call.program_index].address, {}, call.data};
        for (const solana::CallMeta& meta : call.metas) {
            resolved.accounts.push_back(
                {accounts[meta.account_index].address, meta.is_signer, meta.is_writable});
        }
        svm::CallEffect effect;
        if (resolved.program == solana::kSystemProgram) {
            effect = {svm::CallEffect::Kind::kLamports, forge_.wallet().vault, recipient(),
                      core::load_le<std::uint64_t>(call.data.data() + 4)};
        } else if (resolved.program == world_.program()) {
            effect.kind = svm::CallEffect::Kind::kFails;
        }
        book_.add(resolved, effect);
    }
}

// Approvals.

std::vector<core::Evidence> OneWallet::sign(const Move& move,
                                            const core::ApprovalHash& hash) const {
    const std::vector<core::Signer> signers = signers_of(move);
    core::ApprovalHash signed_hash = hash;
    signed_hash[31] ^= move.flaw == Flaw::kOtherDigest ? 1 : 0;
    std::vector<core::Evidence> out;
    for (const std::uint8_t index : move.who) {
        const svm::TestSigner* const key = world_.keyring().find(signers.at(index));
        if (key == nullptr) {
            throw std::logic_error("nobody has this key");
        }
        out.push_back(key->approve(signed_hash));
    }
    return out;
}

void OneWallet::spoil(Prepared& prepared, svm::Forged& forged) const {
    std::optional<core::TreeProof>& tree = prepared.action.approvals.tree;
    if (prepared.move.flaw == Flaw::kOtherContent) {
        Move other = prepared.move;
        other.body = tweaked(other.body);
        prepared.action.body = evm_body_of(other);
        forged.approved.signed_part.body = solana_body_of(other, prepared.draft);
    } else if (prepared.move.flaw == Flaw::kOtherPlace && tree) {
        tree->leaf_index ^= 1U;
        forged.approved.tree->leaf_index ^= 1U;
    } else {
        return;
    }
    forged.data() = solana::encode_instruction(forged.approved).value();
}

OneWallet::Prepared OneWallet::prepare(const Move& move) const {
    Prepared out{move, evm_action_of(move), draft_of(move), {}, {}};
    out.evm_leaf = evm_leaf_of(out.action);
    out.solana_leaf = solana_leaf_of(out.draft);
    if (is_change(move.body) && out.evm_leaf != out.solana_leaf) {
        throw std::logic_error("two leaves of one change: " + words_of(move));
    }
    return out;
}

Shown OneWallet::approve(Prepared prepared, const std::optional<core::ApprovalTree>& tree,
                         const std::vector<core::Leaf>& leaves) const {
    const Move& move = prepared.move;
    evm_wallet::ApprovedAction& action = prepared.action;
    svm::Draft& draft = prepared.draft;
    core::ApprovalHash hash = core::approval_hash_of(prepared.evm_leaf);
    if (tree) {
        const auto place_of = [&](const core::Leaf& leaf) {
            return static_cast<std::size_t>(std::find(leaves.begin(), leaves.end(), leaf) -
                                            leaves.begin());
        };
        action.approvals.tree = tree->proof(place_of(prepared.evm_leaf)).value();
        draft.tree = tree->proof(place_of(prepared.solana_leaf)).value();
        hash = tree->approval_hash();
    }
    // Signed once. The same bytes go to both chains.
    const std::vector<core::Signer> signers = signers_of(move);
    const std::vector<core::Evidence> evidence = sign(move, hash);
    for (std::size_t i = 0; i < move.who.size(); ++i) {
        const std::uint8_t index = move.who[i];
        action.approvals.approvers |= static_cast<std::uint16_t>(1U << index);
        action.approvals.evidence.push_back(
            evm_wallet::approval_of(signers[index], evidence[i]).value());
        draft.approvals.push_back({index, {}, {}, evidence[i]});
    }
    svm::Forged forged = world_.forge(forge_, draft);
    know_calls(forged, forged.approved.signed_part.body);
    spoil(prepared, forged);
    know_calls(forged, forged.approved.signed_part.body);
    Shown out;
    out.solana.instructions = forged.instructions;
    out.solana.wallet_index = forged.instructions.size() - 1;
    out.solana_body = forged.approved.signed_part.body;
    out.nonce_kind = static_cast<std::uint8_t>(draft.nonce.index());
    out.words = words_of(move) + (tree ? ", in a tree" : "");
    out.action = kActions[move.body.index()];
    out.aspect.is_change = is_change(move.body);
    out.aspect.is_session = draft.rule.is_local;
    out.aspect.is_recovery = move.rule.kind == RuleName::Kind::kRecovery;
    out.evm = std::move(action);
    out.move = move;
    return out;
}

std::vector<Shown> OneWallet::show(const std::vector<Move>& moves, bool has_tree) const {
    std::vector<Prepared> prepared;
    std::vector<core::Leaf> leaves;
    for (const Move& move : moves) {
        prepared.push_back(prepare(move));
        for (const core::Leaf& leaf : {prepared.back().evm_leaf, prepared.back().solana_leaf}) {
            if (std::find(leaves.begin(), leaves.end(), leaf) == leaves.end()) {
                leaves.push_back(leaf);
            }
        }
    }
    if (has_tree && leaves.size() == 1) {
        leaves.push_back(core::empty_leaf());
    }
    std::optional<core::ApprovalTree> tree;
    if (leaves.size() > 1) {
        tree = core::ApprovalTree::build(leaves).value();
    }
    std::vector<Shown> out;
    for (Prepared& one : prepared) {
        out.push_back(approve(std::move(one), tree, leaves));
    }
    return out;
}

Shown OneWallet::show_application(const Shown& proposed) const {
    Shown out;
    evm_wallet::ApplyAction apply{authority_of(*proposed.move),
                                  std::get<evm_wallet::ApprovedAction>(proposed.evm).body};
    if (auto* const grant = std::get_if<evm_wallet::Grant>(&apply.body)) {
        // What is proved by what is stored is no part of what waits.
        *grant = std::get<evm_wallet::Grant>(evm_body_of(*proposed.move));
    }
    out.evm = std::move(apply);
    out.solana.instructions = {application(proposed)};
    out.words = "apply: " + words_of(*proposed.move);
    out.action = "apply " + proposed.action;
    out.aspect.is_change = proposed.aspect.is_change;
    out.aspect.is_apply = true;
    return out;
}

Shown OneWallet::show_again(const Shown& shown) const {
    Shown out = shown;
    out.aspect.is_again = true;
    out.words = (shown.aspect.is_again ? "" : "again: ") + shown.words;
    auto* const action = std::get_if<evm_wallet::ApprovedAction>(&out.evm);
    if (action == nullptr || !out.move) {
        return out;
    }
    const RuleName& rule = out.move->rule;
    const auto& slots = state().slots;
    if (const auto* const local = std::get_if<evm_wallet::LocalSource>(&action->authority.source)) {
        const core::LocalRuleId id = core::local_rule_id_of(local->wallet_id, local->config_id,
                                                            local->version, local->local_rule);
        if (rule.index < slots.size() && slots[rule.index] && slots[rule.index]->id == id) {
            action->authority = authority_of(*out.move);
        }
    } else if (rule.kind == RuleName::Kind::kRecovery) {
        // Its approvals name the commitment, and outlive configurations.
        action->authority = authority_of(*out.move);
    }
    const evm_wallet::Body now = evm_body_of(*out.move);
    if (auto* const grant = std::get_if<evm_wallet::Grant>(&action->body)) {
        grant->present = std::get<evm_wallet::Grant>(now).present;
    } else if (std::holds_alternative<evm_wallet::Revoke>(action->body)) {
        action->body = now;
    }
    return out;
}

const core::model::Record* OneWallet::record_of(const Shown& proposed) const {
    const auto* const action = std::get_if<evm_wallet::ApprovedAction>(&proposed.evm);
    if (action == nullptr || proposed.aspect.is_session) {
        return nullptr;
    }
    const core::Hash32 digest =
        evm_wallet::waiting_digest(action->body, author_.world.chain, author_.world.address);
    for (const core::model::Record& record : state().records) {
        if (record.action != 0 && record.digest == digest &&
            record.rule == evm_wallet::rule_name(action->authority)) {
            return &record;
        }
    }
    return nullptr;
}

// Play.

std::string OneWallet::ask_evm(const evm_wallet::Action& action, Verdict expected,
                               std::vector<core::Bytes>& forms) {
    const evm::Address wallet = author_.world.address;
    forms = {evm_wallet::encode_long_form(action).value()};
    std::string out;
    const auto said = chain_.node().call(chain_.sender(), wallet, forms[0]);
    if (evm_wallet::testing::verdict_of(said) != expected) {
        out += "the model of the EVM says " + name_of(expected) + ", the contract " +
               evm_wallet::testing::name_of(said) + "; ";
    }
    const auto* const approved = std::get_if<evm_wallet::ApprovedAction>(&action);
    if (approved != nullptr && evm_wallet::fits_short_form(*approved)) {
        // The short form looks in another order.
        forms.push_back(evm_wallet::encode_short_form(*approved, chain_.sender()).value());
        const auto again = chain_.node().call(chain_.sender(), wallet, forms[1]);
        if (again.is_reverted != (expected != Verdict::kAccepted)) {
            out +=
                "in the short form the contract says " + evm_wallet::testing::name_of(again) + "; ";
        }
    }
    return out;
}

std::string OneWallet::send_evm(const std::vector<core::Bytes>& forms) {
    chain_.node().set_time(author_.chain.now);
    // By turns, so that each form changes the state that the other one reads.
    if (!chain_.node().send(chain_.sender(), author_.world.address,
                            forms[++turn_ % forms.size()])) {
        return "the contract accepted and then failed; ";
    }
    return evm_wallet::testing::StoredState(chain_.node(), author_).difference();
}

std::string OneWallet::play_solana(const svm::Attempt& attempt, std::optional<Verdict>& verdict) {
    const svm::NativeChain before = world_.chain();
    const solana::Address payer = world_.payer().address();
    const svm::NativeResult result = world_.chain().execute(payer, attempt.instructions);
    const svm::Expectation expected = solana_.apply(before, payer, attempt, book_);
    const bool is_unsigned =
        result.instruction_index >= 0 &&
        svm::is_precompile(
            attempt.instructions[static_cast<std::size_t>(result.instruction_index)].program);
    std::string out;
    verdict = is_unsigned ? std::nullopt : svm::verdict_of(result);
    if (is_unsigned) {
        solana_.resync(world_.chain());
    } else if (!verdict) {
        out += "Solana's runtime says " + svm::explain_result(result) + "; ";
    } else if (!svm::meets(expected, result)) {
        out += "the model of Solana says " + svm::name_of(expected) + ", the program " +
               svm::explain_result(result) + "; ";
    }
    out += solana_.difference(world_.chain());
    return out + vm_.run(payer, attempt, result, world_.chain());
}

std::string OneWallet::compare_chains() {
    const core::model::State& one = state();
    const core::model::State& other = *solana_.world().state;
    std::string out;
    const auto expect = [&](std::string_view what, bool is_same) {
        out += is_same ? "" : "the chains have different " + std::string(what) + "; ";
    };
    expect("configIds", one.config_id == other.config_id);
    expect("numbers of changes", one.sequence == other.sequence);
    expect("shared parts", one.shared == other.shared);
    expect("numbers of local changes", one.local_version == other.local_version);
    expect("counters", one.counters == other.counters);
    expect("sessions", one.slots == other.slots);
    const auto records_of = [](const core::model::State& state) {
        std::map<std::uint8_t, core::model::Record> records;
        for (core::model::Record record : state.records) {
            // Of an action of a chain the digest is that chain's.
            record.digest = {};
            records[record.rule] = record;
        }
        return records;
    };
    expect("records", records_of(one) == records_of(other));
    const auto is_frozen = [&](core::model::World world) {
        return core::model::is_frozen(world, now(), false);
    };
    expect("freezes", is_frozen(author_.world.wallet) == is_frozen(solana_.world()));
    expect("sequences", author_.world.sequence == other.nonces[0]);
    for (std::uint64_t lane = 1; lane < other.nonces.size(); ++lane) {
        const auto found = author_.world.lanes.find(lane);
        expect("lanes",
               (found == author_.world.lanes.end() ? 0 : found->second) == other.nonces[lane]);
    }
    const auto balance =
        chain_.node().ask("eth_getBalance", {evm::to_string(author_.world.address), "latest"});
    expect("funds",
           balance.as_string() == evm::Uint256(world_.vault_lamports(forge_)).to_quantity());
    return out;
}

Answer OneWallet::play(const Shown& shown, Audience audience) {
    Answer out;
    std::vector<core::Bytes> forms;
    if (audience != Audience::kSolana) {
        evm_wallet::model::World copy = author_.world;
        out.evm = evm_wallet::model::apply(copy, shown.evm, author_.chain);
        out.difference = ask_evm(shown.evm, out.evm, forms);
    }
    if (audience != Audience::kEvm) {
        out.difference += play_solana(shown.solana, out.solana);
    }
    if (audience == Audience::kSolana) {
        out.evm = out.solana.value_or(Verdict::kKeyMismatch);
        return out;
    }
    if (audience == Audience::kBoth && !is_same_answer(out.evm, out.solana, shown.aspect)) {
        out.difference +=
            "the EVM says " + name_of(out.evm) + ", Solana " + name_of(out.solana) + "; ";
    }
    if (out.is_accepted()) {
        author_.run(shown.evm);
        out.difference += send_evm(forms);
    }
    if (audience == Audience::kBoth && out.difference.empty()) {
        out.difference = compare_chains();
    }
    return out;
}

}  // namespace latchkey::chains::testing
