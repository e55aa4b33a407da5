// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/history.hpp"
#include "core/wallet/key_checker.hpp"

#include <algorithm>

namespace latchkey::solana {

using core::ErrorCode;
using core::fail;

namespace {

constexpr std::size_t kPageSize = 1000;
/// No proposal is older than the longest delay and the time to apply it.
constexpr std::int64_t kProposalAgeMax =
    static_cast<std::int64_t>(core::kMaximumDelay + core::kProposalLife);

tl::unexpected<core::Error> malformed(const std::string& what) {
    return fail(ErrorCode::kRpcMalformed, what);
}

/// With addresses instead of indexes.
Result<Instruction> resolve(const CompiledInstruction& compiled, std::span<const Address> addresses,
                            const Message& message) {
    if (compiled.program_index >= addresses.size()) {
        return malformed("an instruction's program");
    }
    Instruction out{addresses[compiled.program_index], {}, compiled.data};
    for (const std::uint8_t index : compiled.account_indexes) {
        if (index >= addresses.size()) {
            return malformed("an instruction's account");
        }
        out.accounts.push_back(
            {addresses[index], message.is_signer(index), message.is_writable(index)});
    }
    return out;
}

/// Replays changes of the configuration.
class Replay {
  public:
    explicit Replay(const WalletHandle& wallet) : wallet_(wallet) {
        PastConfiguration first;
        first.id = core::first_config_id(wallet.id());
        first.configuration = wallet.genesis_configuration();
        out_.push_back(std::move(first));
    }

    Result<void> add(const WalletTransaction& transaction, const Instruction& instruction) {
        const auto decoded = decode_instruction(instruction.data);
        if (!decoded) {
            // What waits may have a body that can never be applied. Whether something else was
            // missed, the configId at the end tells.
            return {};
        }
        if (const auto* action = std::get_if<ApprovedAction>(&*decoded)) {
            const SignedPart& part = action->signed_part;
            LATCHKEY_TRY(const bool is_unchanged, changes_nothing_now(*action));
            return is_unchanged ? Result<void>() : change(transaction, part.rule, part.body, false);
        }
        if (const auto* apply = std::get_if<ApplyAction>(&*decoded)) {
            return change(transaction, apply->rule, apply->body, true);
        }
        return {};
    }

    std::vector<PastConfiguration> take() { return std::move(out_); }

  private:
    /// Whether an approved action left the configuration as it was: it became a proposal, or is
    /// none that changes it.
    Result<bool> changes_nothing_now(const ApprovedAction& action) const {
        const SignedPart& part = action.signed_part;
        const core::Configuration& now = out_.back().configuration;
        const ActionNumber number = action_number(part.body);
        if (number != kPolicy && number != kRecover) {
            return true;
        }
        ResolvedRule rule;
        if (part.rule.recovery_part) {
            LATCHKEY_TRY(core::RecoveryPart recovery,
                         core::to_result(core::decode_recovery_part(*part.rule.recovery_part)));
            if (part.rule.index >= recovery.rules.size()) {
                return malformed("a recovery under a rule that the recovery part has not");
            }
            rule = {recovery.rules[part.rule.index], std::move(recovery.signers), {}};
        } else {
            if (part.rule.index >= now.rules.size()) {
                return malformed("a change under a rule that the configuration before it has not");
            }
            rule = {now.rules[part.rule.index], now.signers, {}};
        }
        std::vector<std::uint8_t> signers;
        for (const Approval& approval : action.approvals) {
            signers.push_back(approval.signer);
        }
        return wait_seconds(now, rule.rule, number, count_parties(rule, signers)) != 0;
    }

    Result<void> change(const WalletTransaction& transaction, const RuleReference& rule,
                        const Body& body, bool was_proposed) {
        const PastConfiguration& before = out_.back();
        PastConfiguration next;
        next.sequence = before.sequence + 1;
        next.transaction = transaction;
        next.was_proposed = was_proposed;
        Bytes shared;
        if (const auto* policy = std::get_if<PolicyBody>(&body)) {
            shared = policy->shared;
            next.origin = ConfigurationOrigin{before.id, std::nullopt, 0, 0};
        } else if (const auto* recover = std::get_if<RecoverBody>(&body)) {
            const auto& commitment = before.configuration.recovery;
            if (!commitment || !rule.recovery_part) {
                return malformed("a recovery of a configuration that has none");
            }
            if (core::commitment_of(*rule.recovery_part, commitment->guard_hours) != *commitment) {
                return malformed("a recovery of a configuration that has another recovery");
            }
            LATCHKEY_TRY(shared, core::to_result(
                                     core::recovered_shared(*rule.recovery_part, *commitment,
                                                            recover->signers, core::is_chain_key)));
            next.action = kRecover;
            next.origin =
                ConfigurationOrigin{before.id, commitment, record_name(rule), recover->epoch};
        } else {
            return {};
        }
        LATCHKEY_TRY(next.configuration,
                     core::to_result(core::decode_shared(shared, core::is_chain_key)));
        next.id = config_id_of(wallet_, *next.origin, shared);
        out_.push_back(std::move(next));
        return {};
    }

    const WalletHandle& wallet_;
    std::vector<PastConfiguration> out_;
};

}  // namespace

core::ConfigId config_id_of(const WalletHandle& wallet, const ConfigurationOrigin& origin,
                            ByteView shared) {
    return origin.recovery ? core::recovered_config_id(wallet.id(), *origin.recovery, origin.rule,
                                                       origin.epoch, shared)
                           : core::next_config_id(wallet.id(), origin.parent, shared);
}

Result<WalletTransaction> read_wallet_transaction(const ExecutedTransaction& executed,
                                                  const Address& program, const Address& state) {
    const Message& message = executed.transaction.message();
    WalletTransaction out;
    out.id = executed.transaction.id().value_or(Signature());
    out.slot = executed.slot;
    out.time = executed.block_time;
    out.fee_payer = message.fee_payer();
    std::vector<Address> addresses = message.addresses;
    addresses.insert(addresses.end(), executed.loaded_writable.begin(),
                     executed.loaded_writable.end());
    addresses.insert(addresses.end(), executed.loaded_readonly.begin(),
                     executed.loaded_readonly.end());
    const auto add = [&](const CompiledInstruction& compiled) -> Result<void> {
        LATCHKEY_TRY(Instruction one, resolve(compiled, addresses, message));
        if (one.program == program && !one.accounts.empty() && one.accounts[0].address == state) {
            out.instructions.push_back(std::move(one));
        }
        return {};
    };
    for (std::size_t i = 0; i < message.instructions.size(); ++i) {
        LATCHKEY_CHECK(add(message.instructions[i]));
        for (const InnerInstruction& inner : executed.inner) {
            if (inner.outer_index == i) {
                LATCHKEY_CHECK(add(inner.instruction));
            }
        }
    }
    return out;
}

HistoryReader::HistoryReader(RpcClient& rpc, const WalletHandle& wallet,
                             std::optional<Signature> until)
    : rpc_(&rpc), program_(wallet.deployment().program), state_(wallet.state()), until_(until) {}

Task<Result<void>> HistoryReader::next_page() {
    auto page = co_await rpc_->get_signatures_for_address(state_, kPageSize, before_, until_);
    if (!page) {
        co_return tl::unexpected(std::move(page).error());
    }
    page_ = *std::move(page);
    at_ = 0;
    is_over_ = page_.size() < kPageSize;
    if (!page_.empty()) {
        before_ = page_.back().signature;
        newest_ = newest_.value_or(page_.front().signature);
    }
    co_return Result<void>();
}

Task<Result<std::optional<WalletTransaction>>> HistoryReader::read(SignatureInfo info) {
    const auto unreadable = [&info](const core::Error& error) {
        WalletTransaction out;
        out.id = info.signature;
        out.slot = info.slot;
        out.time = info.block_time;
        out.unreadable = error.context;
        return std::optional(std::move(out));
    };
    const auto executed = co_await rpc_->get_transaction(info.signature);
    if (!executed && executed.error().code == ErrorCode::kRpcMalformed) {
        co_return unreadable(executed.error());
    }
    LATCHKEY_CO_CHECK(executed);
    if (!*executed) {
        co_return malformed("the node lists the transaction " + to_base58(info.signature) +
                            " and does not have it; ask another one");
    }
    auto found = read_wallet_transaction(**executed, program_, state_);
    if (!found) {
        co_return unreadable(found.error());
    }
    if (!found->time) {
        found->time = info.block_time;
    }
    co_return std::optional(*std::move(found));
}

Task<Result<std::optional<WalletTransaction>>> HistoryReader::next() {
    for (;;) {
        if (at_ == page_.size()) {
            if (is_over_) {
                co_return std::optional<WalletTransaction>();
            }
            LATCHKEY_CO_CHECK(co_await next_page());
            continue;
        }
        const SignatureInfo info = page_[at_];
        ++at_;
        if (info.error) {
            continue;
        }
        LATCHKEY_CO_TRY(auto found, co_await read(info));
        if (found->unreadable || !found->instructions.empty()) {
            co_return found;
        }
    }
}

Task<Result<std::optional<FoundProposal>>> find_proposal(RpcClient& rpc, WalletHandle wallet,
                                                         RuleRecord record) {
    HistoryReader reader(rpc, wallet);
    for (;;) {
        LATCHKEY_CO_TRY(auto transaction, co_await reader.next());
        const bool is_too_old =
            transaction && transaction->time &&
            *transaction->time < std::int64_t{record.earliest} - kProposalAgeMax;
        if (!transaction || is_too_old) {
            co_return std::optional<FoundProposal>();
        }
        for (const Instruction& instruction : transaction->instructions) {
            auto proposal = read_proposal(instruction);
            if (!proposal || record_name(proposal->rule) != record.rule) {
                continue;
            }
            const auto digest = waiting_digest(wallet, *proposal);
            if (digest && *digest == record.digest) {
                co_return std::optional(
                    FoundProposal{*std::move(transaction), *std::move(proposal)});
            }
        }
    }
}

Result<std::vector<PastConfiguration>> replay_configurations(
    const WalletHandle& wallet, std::span<const WalletTransaction> transactions) {
    Replay replay(wallet);
    for (const WalletTransaction& transaction : transactions) {
        for (const Instruction& instruction : transaction.instructions) {
            LATCHKEY_CHECK(replay.add(transaction, instruction));
        }
    }
    return replay.take();
}

Task<Result<std::vector<PastConfiguration>>> fetch_configurations(RpcClient& rpc,
                                                                  WalletSnapshot wallet) {
    std::vector<WalletTransaction> transactions;
    HistoryReader reader(rpc, wallet.wallet());
    for (;;) {
        LATCHKEY_CO_TRY(auto transaction, co_await reader.next());
        if (!transaction) {
            break;
        }
        transactions.push_back(*std::move(transaction));
    }
    std::reverse(transactions.begin(), transactions.end());
    LATCHKEY_CO_TRY(auto out, replay_configurations(wallet.wallet(), transactions));
    // A recovery leads to the same id whatever came before it: only the number tells what is
    // missing.
    if (out.back().id != wallet.config_id() || out.back().sequence != wallet.sequence()) {
        co_return malformed(
            "the transactions that this node has do not lead to the wallet's configuration " +
            std::to_string(wallet.sequence()) + "; ask a node that keeps all of them");
    }
    if (const auto& origin = out.back().origin;
        origin && config_id_of(wallet.wallet(), *origin, wallet.shared()) != wallet.config_id()) {
        co_return malformed(
            "the state that this node shows has another configuration than its transactions made; "
            "ask another node");
    }
    co_return out;
}

}  // namespace latchkey::solana
