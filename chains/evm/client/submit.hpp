// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "chains/evm/client/confirm.hpp"
#include "chains/evm/client/fees.hpp"

namespace latchkey::evm {

/// Whom to ask and whom to tell, one after the other: a short RpcOptions::call_timeout keeps a slow
/// one from delaying the rest. All clients must outlive the call.
struct Nodes {
    /// Asked for everything, and told first.
    RpcClient* main = nullptr;
    /// Told as well: pools of other providers, so that one that is slow or censors does not matter.
    std::vector<RpcClient*> others;
};

/// What happens on the way, for people.
struct SubmitProgress {
    enum class Stage : std::uint8_t {
        /// At least one node took it.
        kSent,
        /// The same bytes were sent again.
        kResent,
        /// A replacement with higher fees was sent; `hash` is the new one.
        kFeesRaised,
        /// It is in a block.
        kIncluded,
        /// The block it was in is gone; unless it is in another one, it is sent again.
        kReorganized,
        /// The node's pool does not have it any more; it is sent again.
        kDropped,
    };
    Stage stage;
    Hash32 hash;
    /// The most recent trouble, if any: an error of a node, or why fees were not raised.
    std::string trouble;
};

/// How patiently.
struct SubmitOptions {
    /// See ConfirmationTracker; from the chain's configuration.
    std::uint64_t confirmations = 1;
    net::Milliseconds poll_interval{1000};
    /// The same bytes again while they are in no block.
    net::Milliseconds resend_interval{15000};
    /// Higher fees after this time in no block, and again after the same time; 0 is never.
    net::Milliseconds replace_after{0};
    unsigned replacements_max = 5;
    /// For replacements.
    FeeOptions fees;
    /// The whole of it.
    net::Milliseconds timeout{600000};
    std::function<void(const SubmitProgress&)> on_progress;
};

/// Signs a replacement: the same transaction with higher fees. Legacy transactions are not
/// replaced.
using Resign = std::function<Result<SignedTransaction>(Transaction)>;

/// A transaction that is in the chain to stay, with the receipt of the block that holds it.
struct Confirmation {
    Receipt receipt;
    /// Blocks from its own to the latest.
    std::uint64_t depth = 0;
};

/// Why there is no success.
struct SubmitError {
    core::Error error;
    /// With kTransactionReverted.
    std::optional<Receipt> receipt;
};

/// Sends the signed transaction to all nodes and again until it is confirmed or cannot be any more,
/// and replaces it with higher fees when it waits too long, if `resign` is given. Errors:
/// - kTransactionReverted: confirmed, and failed on chain (the fee is paid);
/// - kTransactionReplaced: another transaction has the nonce, as deep in the chain as asked for;
/// - kTransactionUnconfirmed: the time is up and it may still be included: ask again with
///   await_confirmation;
/// - errors of the node and the network, when no node took or has the transaction; kNonceTooLow
/// says
///   that the nonce was used before.
Task<tl::expected<Confirmation, SubmitError>> submit(Nodes nodes, SignedTransaction transaction,
                                                     SubmitOptions options, Resign resign = {});

/// The same without sending: for transactions of one sender with one nonce that were handed over
/// before, the last of them being the newest. At least one, else kInvalidArgument.
Task<tl::expected<Confirmation, SubmitError>> await_confirmation(RpcClient& rpc, Address sender,
                                                                 std::uint64_t nonce,
                                                                 std::vector<Hash32> hashes,
                                                                 SubmitOptions options);

}  // namespace latchkey::evm
