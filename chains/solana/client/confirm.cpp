// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/confirm.hpp"

#include <algorithm>

namespace latchkey::solana {

using core::Error;
using core::ErrorCode;

namespace {

using Stage = ConfirmProgress::Stage;
using Outcome = SendResult<Confirmation>;

SendError failure(ErrorCode code, std::string context) {
    return {Error{code, std::move(context)}, std::nullopt, {}};
}

/// One transaction on its way. Every step looks at what is known, and only then decides.
class Confirming {
  public:
    Confirming(RpcClient& rpc, Transaction transaction, ConfirmOptions options, PubSub* pubsub)
        : rpc_(rpc),
          transaction_(std::move(transaction)),
          options_(std::move(options)),
          pubsub_(pubsub),
          nonce_(durable_nonce(transaction_.message())),
          until_(rpc.clock().now() + options_.timeout) {}

    Task<Outcome> run(bool sends);

  private:
    Task<std::optional<Outcome>> send_once();
    Task<void> listen();
    Task<std::optional<Outcome>> wait(net::Deadline until);
    Task<std::optional<Outcome>> poll();
    Task<std::optional<Outcome>> check_lifetime();
    Task<Result<bool>> is_lifetime_over();
    std::optional<Outcome> judge(const SignatureStatus& status);
    Outcome unknown() const;

    void report(Stage stage, Commitment commitment = Commitment::kProcessed) {
        if (options_.on_progress) {
            options_.on_progress(ConfirmProgress{stage, commitment});
        }
    }
    [[nodiscard]] net::TimePoint now() const { return rpc_.clock().now(); }
    [[nodiscard]] const Signature& id() const { return *id_; }

    RpcClient& rpc_;
    Transaction transaction_;
    ConfirmOptions options_;
    PubSub* pubsub_;
    std::optional<DurableNonce> nonce_;
    net::Deadline until_;
    std::optional<Signature> id_;
    std::optional<Subscription<SignatureNotice>> subscription_;
    std::optional<Commitment> seen_;
    bool is_sent_ = false;
    bool is_over_ = false;
    std::string last_trouble_;
};

Outcome Confirming::unknown() const {
    std::string context = to_base58(*id_) + " may still be included";
    if (!last_trouble_.empty()) {
        context += "; last: " + last_trouble_;
    }
    return tl::unexpected(failure(ErrorCode::kConfirmationUnknown, std::move(context)));
}

std::optional<Outcome> Confirming::judge(const SignatureStatus& status) {
    if (!seen_ || *seen_ < status.commitment) {
        seen_ = status.commitment;
        report(Stage::kSeen, status.commitment);
    }
    // A failure on a fork that is dropped later is none, so it needs the commitment as well.
    if (status.commitment < options_.commitment) {
        return std::nullopt;
    }
    if (status.error) {
        SendError error =
            failure(ErrorCode::kTransactionFailed,
                    explain(*status.error, &transaction_.message(), rpc_.options().custom_errors));
        error.transaction_error = status.error;
        return Outcome(tl::unexpected(std::move(error)));
    }
    return Outcome(Confirmation{id(), status.slot, status.commitment});
}

/// Whether the transaction was taken; an outcome only if it is certain that none will come.
Task<std::optional<Outcome>> Confirming::send_once() {
    // What was simulated once need not be again, and a resent one would look like a duplicate.
    const bool preflight = options_.preflight && !is_sent_;
    auto sent = co_await rpc_.send(transaction_, preflight, options_.commitment);
    if (sent) {
        report(is_sent_ ? Stage::kResent : Stage::kSent);
        is_sent_ = true;
        co_return std::nullopt;
    }
    const SendError& error = sent.error();
    last_trouble_ = error.error.to_string();
    if (!error.transaction_error) {
        // The node or the network: perhaps it was taken, perhaps the next attempt works. A request
        // that can never work is not repeated.
        const bool is_hopeless = error.error.code == ErrorCode::kRpcRejected ||
                                 error.error.code == ErrorCode::kMissingSignature ||
                                 error.error.code == ErrorCode::kInvalidSignature ||
                                 error.error.code == ErrorCode::kHttpStatus;
        if (is_hopeless && !is_sent_) {
            co_return Outcome(tl::unexpected(error));
        }
        is_sent_ = is_sent_ || !net::is_before_sending(error.error.code);
        co_return std::nullopt;
    }
    if (error.transaction_error->name == "AlreadyProcessed") {
        is_sent_ = true;
        co_return std::nullopt;
    }
    // A node that is a little behind does not know a fresh blockhash yet.
    if (error.transaction_error->name == "BlockhashNotFound" || is_sent_) {
        co_return std::nullopt;
    }
    co_return Outcome(tl::unexpected(error));
}

Task<void> Confirming::listen() {
    if (pubsub_ == nullptr || !pubsub_->is_open()) {
        co_return;
    }
    auto subscribed = co_await pubsub_->signature_subscribe(id(), options_.commitment);
    if (subscribed) {
        subscription_.emplace(*std::move(subscribed));
    } else {
        last_trouble_ = subscribed.error().to_string();
    }
}

/// Until then, or until something is known.
Task<std::optional<Outcome>> Confirming::wait(net::Deadline until) {
    if (!subscription_) {
        co_await rpc_.clock().sleep_until(until);
        co_return std::nullopt;
    }
    const auto notice = co_await subscription_->next(until);
    if (notice) {
        SignatureStatus status;
        status.slot = notice->slot;
        status.commitment = options_.commitment;
        status.error = notice->error;
        subscription_.reset();
        co_return judge(status);
    }
    if (notice.error().code != ErrorCode::kTimedOut || !pubsub_->is_open()) {
        // Polling takes over.
        last_trouble_ = notice.error().to_string();
        subscription_.reset();
    }
    co_return std::nullopt;
}

Task<std::optional<Outcome>> Confirming::poll() {
    std::vector<Signature> ids{id()};
    const auto statuses = co_await rpc_.get_signature_statuses(std::move(ids), false);
    if (!statuses) {
        last_trouble_ = statuses.error().to_string();
        co_return std::nullopt;
    }
    if (!statuses->front()) {
        // A block it was seen in may have been dropped.
        seen_.reset();
        co_return std::nullopt;
    }
    co_return judge(*statuses->front());
}

Task<Result<bool>> Confirming::is_lifetime_over() {
    if (nonce_) {
        LATCHKEY_CO_TRY(const NonceState state, co_await rpc_.get_nonce(nonce_->nonce_account));
        co_return state.nonce != transaction_.message().lifetime;
    }
    LATCHKEY_CO_TRY(const std::uint64_t height, co_await rpc_.get_block_height());
    co_return height > options_.last_valid_block_height;
}

/// Says "expired" only when that is final: seen from the finalized state, with history.
Task<std::optional<Outcome>> Confirming::check_lifetime() {
    if (!is_over_) {
        const auto over = co_await is_lifetime_over();
        if (!over) {
            last_trouble_ = over.error().to_string();
        }
        if (!over || !*over) {
            co_return std::nullopt;
        }
        is_over_ = true;
        report(Stage::kExpiring);
    }
    std::optional<Address> nonce_account;
    if (nonce_) {
        nonce_account = nonce_->nonce_account;
    }
    const auto finality = co_await rpc_.get_finality(id(), nonce_account);
    if (!finality) {
        last_trouble_ = finality.error().to_string();
        co_return std::nullopt;
    }
    if (finality->status) {
        co_return judge(*finality->status);
    }
    const bool is_final = nonce_ ? finality->nonce != transaction_.message().lifetime
                                 : finality->block_height > options_.last_valid_block_height;
    if (!is_final) {
        co_return std::nullopt;
    }
    co_return Outcome(tl::unexpected(failure(
        ErrorCode::kBlockhashExpired, to_base58(id()) + " was not included; sign a new one")));
}

Task<Outcome> Confirming::run(bool sends) {
    id_ = transaction_.id();
    if (!id_ || !transaction_.is_fully_signed()) {
        co_return tl::unexpected(failure(ErrorCode::kMissingSignature, "sign before sending"));
    }
    if (!nonce_ && options_.last_valid_block_height == 0) {
        co_return tl::unexpected(failure(ErrorCode::kInvalidArgument,
                                         "the last valid block height of the blockhash is needed"));
    }
    is_sent_ = !sends;
    co_await listen();
    net::TimePoint next_send = now();
    while (true) {
        if (sends && !is_over_ && now() >= next_send) {
            if (auto outcome = co_await send_once()) {
                co_return *std::move(outcome);
            }
            next_send = now() + options_.resend_interval;
        }
        const auto step = subscription_ ? options_.resend_interval : options_.poll_interval;
        const net::Deadline wake = std::min(until_, now() + step);
        if (auto outcome = co_await wait(wake)) {
            co_return *std::move(outcome);
        }
        // Also while listening: a notice may have been missed, and blocks may be dropped.
        if (auto outcome = co_await poll()) {
            co_return *std::move(outcome);
        }
        if (!seen_) {
            if (auto outcome = co_await check_lifetime()) {
                co_return *std::move(outcome);
            }
        }
        if (now() >= until_) {
            if (!is_sent_) {
                co_return tl::unexpected(failure(ErrorCode::kTimedOut, last_trouble_));
            }
            co_return unknown();
        }
    }
}

}  // namespace

Task<SendResult<Confirmation>> send_and_confirm(RpcClient& rpc, Transaction transaction,
                                                ConfirmOptions options, PubSub* pubsub) {
    Confirming confirming(rpc, std::move(transaction), std::move(options), pubsub);
    co_return co_await confirming.run(true);
}

Task<SendResult<Confirmation>> await_confirmation(RpcClient& rpc, Transaction transaction,
                                                  ConfirmOptions options, PubSub* pubsub) {
    Confirming confirming(rpc, std::move(transaction), std::move(options), pubsub);
    co_return co_await confirming.run(false);
}

}  // namespace latchkey::solana
