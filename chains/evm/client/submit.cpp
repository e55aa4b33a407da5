// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/submit.hpp"

#include <algorithm>

#include "core/encoding/hex.hpp"

namespace latchkey::evm {

using core::Error;
using core::ErrorCode;

namespace {

using Stage = SubmitProgress::Stage;
using Outcome = tl::expected<Confirmation, SubmitError>;
using Event = ConfirmationTracker::Event;

Outcome failed(ErrorCode code, std::string context) {
    return tl::unexpected(SubmitError{Error{code, std::move(context)}, std::nullopt});
}

/// The node understood the transaction and will not take it as it is.
bool is_refusal(ErrorCode code) {
    switch (code) {
        case ErrorCode::kNodeRejected:
        case ErrorCode::kExecutionReverted:
        case ErrorCode::kNonceTooLow:
        case ErrorCode::kNonceTooHigh:
        case ErrorCode::kReplacementUnderpriced:
        case ErrorCode::kFeeTooLow:
        case ErrorCode::kInsufficientFunds:
        case ErrorCode::kGasLimitRefused:
        case ErrorCode::kHttpStatus:
            return true;
        default:
            return false;
    }
}

/// One nonce on its way. Every step looks at what is known, and only then decides.
class Submitting {
  public:
    Submitting(Nodes nodes, Address sender, std::uint64_t nonce, SubmitOptions options)
        : nodes_(std::move(nodes)),
          sender_(sender),
          options_(std::move(options)),
          tracker_(nonce, options_.confirmations),
          until_(now() + options_.timeout) {}

    Task<Outcome> send_and_follow(SignedTransaction transaction, Resign resign);
    Task<Outcome> follow(std::vector<Hash32> hashes);

  private:
    Task<std::optional<Error>> broadcast(SignedTransaction transaction);
    Task<void> send_again();
    Task<void> raise_fees();
    Task<Result<SignedTransaction>> replacement();
    Task<std::optional<Outcome>> poll();
    Task<std::optional<Outcome>> verify();
    Task<Outcome> run();

    void report(Stage stage) {
        if (options_.on_progress) {
            options_.on_progress(SubmitProgress{stage, hashes_.back(), trouble_});
        }
    }
    [[nodiscard]] net::TimePoint now() const { return nodes_.main->clock().now(); }

    Nodes nodes_;
    Address sender_;
    SubmitOptions options_;
    ConfirmationTracker tracker_;
    net::Deadline until_;
    std::vector<Hash32> hashes_;
    /// Absent when there is nothing to send.
    std::optional<SignedTransaction> newest_;
    Resign resign_;
    unsigned replacements_ = 0;
    net::TimePoint next_send_;
    net::TimePoint next_raise_;
    std::string trouble_;
};

/// No error when at least one node has it now. Else that of a node that may have it after all,
/// before refusals.
Task<std::optional<Error>> Submitting::broadcast(SignedTransaction transaction) {
    std::vector<RpcClient*> all{nodes_.main};
    all.insert(all.end(), nodes_.others.begin(), nodes_.others.end());
    std::optional<Error> error;
    bool is_taken = false;
    for (RpcClient* node : all) {
        const auto sent = co_await node->send(transaction);
        if (sent || sent.error().code == ErrorCode::kAlreadyKnown) {
            is_taken = true;
        } else {
            trouble_ = sent.error().to_string();
            if (!error || (is_refusal(error->code) && !is_refusal(sent.error().code))) {
                error = sent.error();
            }
        }
    }
    if (is_taken) {
        co_return std::nullopt;
    }
    co_return error;
}

Task<void> Submitting::send_again() {
    // Refusals are no news here: it may be in a block by now, and polling decides.
    if (!co_await broadcast(*newest_)) {
        report(Stage::kResent);
    }
    next_send_ = now() + options_.resend_interval;
}

Task<Result<SignedTransaction>> Submitting::replacement() {
    Transaction next = newest_->transaction();
    const Fees previous{next.max_priority_fee_per_gas, next.max_fee_per_gas};
    LATCHKEY_CO_TRY(const Fees fees,
                    co_await fetch_bumped_fees(*nodes_.main, previous, options_.fees));
    next.max_priority_fee_per_gas = fees.max_priority_fee_per_gas;
    next.max_fee_per_gas = fees.max_fee_per_gas;
    LATCHKEY_CO_TRY(SignedTransaction resigned, resign_(next));
    if (resigned.sender() != sender_ || resigned.transaction() != next) {
        co_return core::fail(ErrorCode::kInvalidTransaction, "another transaction was signed");
    }
    co_return resigned;
}

Task<void> Submitting::raise_fees() {
    next_raise_ = now() + options_.replace_after;
    auto raised = co_await replacement();
    if (!raised) {
        trouble_ = raised.error().to_string();
        co_return;
    }
    ++replacements_;
    const auto error = co_await broadcast(*raised);
    if (error && is_refusal(error->code)) {
        co_return;
    }
    // Also when the answer was lost: either one may be included, so both are followed.
    newest_ = *std::move(raised);
    hashes_.push_back(newest_->hash());
    next_send_ = now() + options_.resend_interval;
    report(Stage::kFeesRaised);
}

/// The chain must still have the block, asked after its depth was seen.
Task<std::optional<Outcome>> Submitting::verify() {
    const Receipt receipt = *tracker_.receipt();
    const std::uint64_t depth = tracker_.depth();
    const auto block = co_await nodes_.main->get_block(receipt.block_number);
    if (!block) {
        trouble_ = block.error().to_string();
        co_return std::nullopt;
    }
    if (!tracker_.check_block(*block)) {
        report(Stage::kReorganized);
        next_send_ = now();
        co_return std::nullopt;
    }
    if (!receipt.has_succeeded) {
        co_return Outcome(
            tl::unexpected(SubmitError{Error{ErrorCode::kTransactionReverted,
                                             core::encode_hex_prefixed(receipt.transaction_hash)},
                                       receipt}));
    }
    co_return Outcome(Confirmation{receipt, depth});
}

Task<std::optional<Outcome>> Submitting::poll() {
    std::vector<Hash32> hashes = hashes_;
    const auto standing = co_await nodes_.main->get_standing(sender_, std::move(hashes));
    if (!standing) {
        trouble_ = standing.error().to_string();
        co_return std::nullopt;
    }
    switch (tracker_.observe(*standing)) {
        case Event::kNone:
            break;
        case Event::kIncluded:
            report(Stage::kIncluded);
            break;
        case Event::kReorganized:
            report(Stage::kReorganized);
            next_send_ = now();
            break;
        case Event::kDropped:
            report(Stage::kDropped);
            next_send_ = now();
            break;
        case Event::kDeepEnough:
            co_return co_await verify();
        case Event::kReplaced:
            co_return failed(ErrorCode::kTransactionReplaced,
                             core::encode_hex_prefixed(hashes_.back()));
    }
    co_return std::nullopt;
}

Task<Outcome> Submitting::run() {
    const bool replaces = newest_ && resign_ && options_.replace_after.count() > 0 &&
                          newest_->transaction().type != TransactionType::kLegacy;
    while (true) {
        if (auto outcome = co_await poll()) {
            co_return *std::move(outcome);
        }
        const bool is_waiting = newest_ && !tracker_.receipt();
        if (is_waiting && replaces && replacements_ < options_.replacements_max &&
            now() >= next_raise_) {
            co_await raise_fees();
        } else if (is_waiting && now() >= next_send_) {
            co_await send_again();
        }
        if (now() >= until_) {
            std::string context = core::encode_hex_prefixed(hashes_.back());
            context += tracker_.receipt() ? " is in a block, but not deep enough"
                                          : " may still be included";
            if (!trouble_.empty()) {
                context += "; last: " + trouble_;
            }
            co_return failed(ErrorCode::kTransactionUnconfirmed, std::move(context));
        }
        co_await nodes_.main->clock().sleep_until(std::min(until_, now() + options_.poll_interval));
    }
}

Task<Outcome> Submitting::send_and_follow(SignedTransaction transaction, Resign resign) {
    hashes_ = {transaction.hash()};
    resign_ = std::move(resign);
    while (const auto error = co_await broadcast(transaction)) {
        if (is_refusal(error->code)) {
            // Perhaps the node has this very transaction from before: it then need not be as good
            // as a new one has to be.
            const auto known = co_await nodes_.main->get_transaction(transaction.hash());
            if (known && *known) {
                break;
            }
        }
        if (is_refusal(error->code) || now() >= until_) {
            co_return tl::unexpected(SubmitError{*error, std::nullopt});
        }
        if (!net::is_before_sending(error->code)) {
            // Perhaps a node took it although its answer was lost; polling will tell.
            break;
        }
        co_await nodes_.main->clock().sleep_until(std::min(until_, now() + options_.poll_interval));
    }
    newest_ = std::move(transaction);
    next_send_ = now() + options_.resend_interval;
    next_raise_ = now() + options_.replace_after;
    report(Stage::kSent);
    co_return co_await run();
}

Task<Outcome> Submitting::follow(std::vector<Hash32> hashes) {
    hashes_ = std::move(hashes);
    co_return co_await run();
}

}  // namespace

Task<Outcome> submit(Nodes nodes, SignedTransaction transaction, SubmitOptions options,
                     Resign resign) {
    Submitting submitting(std::move(nodes), transaction.sender(), transaction.transaction().nonce,
                          std::move(options));
    co_return co_await submitting.send_and_follow(std::move(transaction), std::move(resign));
}

Task<Outcome> await_confirmation(RpcClient& rpc, Address sender, std::uint64_t nonce,
                                 std::vector<Hash32> hashes, SubmitOptions options) {
    if (hashes.empty()) {
        co_return failed(ErrorCode::kInvalidArgument, "at least one hash is needed");
    }
    Nodes nodes;
    nodes.main = &rpc;
    Submitting submitting(std::move(nodes), sender, nonce, std::move(options));
    co_return co_await submitting.follow(std::move(hashes));
}

}  // namespace latchkey::evm
