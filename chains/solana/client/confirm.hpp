// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "chains/solana/client/pubsub.hpp"
#include "chains/solana/client/rpc.hpp"

namespace latchkey::solana {

struct ConfirmProgress {
    enum class Stage : std::uint8_t {
        /// A node took the transaction.
        kSent,
        /// The same bytes were sent again, because nothing is known of them yet.
        kResent,
        /// It is in a block; `commitment` says how firmly.
        kSeen,
        /// Its lifetime has passed; only whether it made it is still to be found out.
        kExpiring,
    };
    Stage stage;
    Commitment commitment = Commitment::kProcessed;
};

struct ConfirmOptions {
    Commitment commitment = Commitment::kConfirmed;
    /// Until when a transaction with a recent blockhash can be included; from get_latest_blockhash.
    /// Not looked at for durable transactions, which live until their nonce advances.
    std::uint64_t last_valid_block_height = 0;
    /// Simulate before the first sending.
    bool preflight = true;
    net::Milliseconds resend_interval{2000};
    net::Milliseconds poll_interval{500};
    /// The whole of it. A blockhash lives about half a minute to a minute.
    net::Milliseconds timeout{90000};
    std::function<void(const ConfirmProgress&)> on_progress;
};

struct Confirmation {
    Signature id;
    std::uint64_t slot = 0;
    /// At least what was asked for.
    Commitment commitment = Commitment::kConfirmed;
};

/// Sends the signed transaction and the same bytes again until it is confirmed or cannot be
/// included any more. Listens on `pubsub` if there is one (it may be null, and may break on the
/// way) and polls otherwise. Errors:
/// - kSimulationFailed: refused by the preflight, never sent;
/// - kTransactionFailed: included, and failed on chain (the fee is paid);
/// - kBlockhashExpired: not included and never will be, so that a new transaction may be made;
/// - kConfirmationUnknown: the time is up and it may still be included: ask again with
/// await_confirmation;
/// - errors of the node and the network, when the transaction was not handed to any node.
Task<SendResult<Confirmation>> send_and_confirm(RpcClient& rpc, Transaction transaction,
                                                ConfirmOptions options, PubSub* pubsub = nullptr);

/// The same without sending: for a transaction that was handed over before.
Task<SendResult<Confirmation>> await_confirmation(RpcClient& rpc, Transaction transaction,
                                                  ConfirmOptions options, PubSub* pubsub = nullptr);

}  // namespace latchkey::solana
