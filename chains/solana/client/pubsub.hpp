// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "chains/solana/client/rpc_types.hpp"
#include "net/websocket_client.hpp"

namespace latchkey::solana {

using net::Task;

/// What became of a transaction.
struct SignatureNotice {
    std::uint64_t slot = 0;
    std::optional<TransactionError> error;
};

/// An account after a change.
struct AccountNotice {
    std::uint64_t slot = 0;
    /// An account that is gone has no lamports, no data and System as its owner.
    AccountInfo account;
};

/// The node works on a new slot.
struct SlotNotice {
    std::uint64_t slot = 0;
    std::uint64_t parent = 0;
    std::uint64_t root = 0;
};

struct PubSubOptions {
    net::WebSocketOptions socket;
    /// For each subscribe request.
    net::Milliseconds call_timeout{10000};
    /// Notices of one subscription that nobody has taken yet; one more ends that subscription.
    std::size_t notices_max = 1024;
    std::size_t subscriptions_max = 1000;
};

/// One subscription; unsubscribes when destroyed. `next` returns what the node sent, in order.
/// Errors: kTimedOut (nothing yet; ask again), the connection's error, kWebSocketOverflow (too
/// slow), kRpcMalformed, kNotConnected (a signature subscription after its only notice).
template <typename Notice>
class Subscription {
  public:
    class State;

    explicit Subscription(std::shared_ptr<State> state) : state_(std::move(state)) {}
    Subscription(Subscription&&) = default;
    Subscription& operator=(Subscription&&) = default;

    Task<Result<Notice>> next(net::Deadline deadline);

  private:
    std::shared_ptr<State> state_;
};

/// Subscriptions of one WebSocket connection to a Solana node. When the connection is lost all of
/// them end with its error; whoever still wants to know connects again and reads the state anew,
/// because notices may have been missed. Belongs to its executor's thread.
class PubSub {
  public:
    /// Errors: those of net::WebSocketClient::connect.
    static Task<Result<std::unique_ptr<PubSub>>> connect(net::Executor executor, net::Url url,
                                                         PubSubOptions options,
                                                         net::Deadline deadline);
    ~PubSub();

    /// One notice, once the transaction has reached the commitment or has failed. Nothing comes if
    /// it had already reached it long before: look at its status as well.
    Task<Result<Subscription<SignatureNotice>>> signature_subscribe(Signature signature,
                                                                    Commitment commitment);
    /// A notice for every change of the account.
    Task<Result<Subscription<AccountNotice>>> account_subscribe(Address address,
                                                                Commitment commitment);
    Task<Result<Subscription<SlotNotice>>> slot_subscribe();

    [[nodiscard]] bool is_open() const;

    class Connection;

  private:
    explicit PubSub(std::shared_ptr<Connection> connection);
    std::shared_ptr<Connection> connection_;
};

extern template class Subscription<SignatureNotice>;
extern template class Subscription<AccountNotice>;
extern template class Subscription<SlotNotice>;

}  // namespace latchkey::solana
