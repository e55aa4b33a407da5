// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/pubsub.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <unordered_map>

#include "chains/solana/client/pubsub_codec.hpp"
#include "chains/solana/client/rpc_codec.hpp"

namespace latchkey::solana {

namespace asio = boost::asio;
namespace json = boost::json;
using core::Error;
using core::ErrorCode;
using core::fail;

namespace {

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
/// The reader waits as long as the connection lives; WebSocket pings notice a dead one.
constexpr std::chrono::hours kReadSlice{1};

/// What one subscription has received and its owner has not yet taken.
struct Channel {
    explicit Channel(const net::Executor& executor) : changed(executor) {}

    void end(Error reason) {
        if (!error) {
            error = std::move(reason);
        }
        changed.cancel();
    }

    std::deque<json::value> notices;
    std::optional<Error> error;
    asio::steady_timer changed;
};

/// A subscribe request that waits for its answer.
struct Pending {
    explicit Pending(const net::Executor& executor)
        : channel(std::make_shared<Channel>(executor)), answered(executor) {}

    std::shared_ptr<Channel> channel;
    asio::steady_timer answered;
    std::optional<tl::expected<std::uint64_t, net::JsonRpcError>> answer;
};

}  // namespace

class PubSub::Connection : public std::enable_shared_from_this<Connection> {
  public:
    struct Subscribed {
        std::uint64_t number = 0;
        std::shared_ptr<Channel> channel;
    };

    Connection(net::Executor executor, std::unique_ptr<net::WebSocketClient> socket,
               PubSubOptions options)
        : executor_(std::move(executor)),
          socket_(std::move(socket)),
          options_(std::move(options)) {}

    void start() { asio::co_spawn(executor_, read_loop(shared_from_this()), asio::detached); }
    Task<Result<Subscribed>> subscribe(std::string method, json::array params);
    void unsubscribe(const std::string& method, std::uint64_t number);
    void close(Error reason);
    [[nodiscard]] bool is_open() const { return !reason_; }
    [[nodiscard]] const net::Executor& executor() const { return executor_; }

  private:
    static Task<void> read_loop(std::shared_ptr<Connection> self);
    static Task<void> send_quietly(std::shared_ptr<Connection> self, std::string text);
    Result<void> handle(std::string_view text);
    void handle_answer(pubsub_codec::Answer answer);
    void handle_notification(pubsub_codec::Notification notification);

    net::Executor executor_;
    std::unique_ptr<net::WebSocketClient> socket_;
    PubSubOptions options_;
    std::optional<Error> reason_;
    std::uint64_t next_id_ = 1;
    std::unordered_map<std::uint64_t, std::shared_ptr<Pending>> pending_;
    std::unordered_map<std::uint64_t, std::shared_ptr<Channel>> channels_;
};

void PubSub::Connection::close(Error reason) {
    if (reason_) {
        return;
    }
    reason_ = std::move(reason);
    for (const auto& [id, pending] : pending_) {
        pending->answered.cancel();
    }
    for (const auto& [number, channel] : channels_) {
        channel->end(*reason_);
    }
    pending_.clear();
    channels_.clear();
    // The reader holds this object until its receive() ends.
    asio::post(executor_, [self = shared_from_this()] { self->socket_.reset(); });
}

Task<void> PubSub::Connection::read_loop(std::shared_ptr<Connection> self) {
    while (!self->reason_) {
        const auto message = co_await self->socket_->receive(net::SteadyClock::now() + kReadSlice);
        if (self->reason_) {
            break;
        }
        if (!message) {
            if (message.error().code != ErrorCode::kTimedOut || !self->socket_->is_open()) {
                self->close(message.error());
            }
            continue;
        }
        if (auto handled = self->handle(*message); !handled) {
            self->close(handled.error());
        }
    }
}

Result<void> PubSub::Connection::handle(std::string_view text) {
    LATCHKEY_TRY(auto incoming, pubsub_codec::decode_message(text));
    if (auto* answer = std::get_if<pubsub_codec::Answer>(&incoming)) {
        handle_answer(std::move(*answer));
    } else if (auto* notification = std::get_if<pubsub_codec::Notification>(&incoming)) {
        handle_notification(std::move(*notification));
    }
    return {};
}

void PubSub::Connection::handle_answer(pubsub_codec::Answer answer) {
    const auto found = pending_.find(answer.id);
    if (found == pending_.end()) {
        return;
    }
    const std::shared_ptr<Pending> pending = found->second;
    pending_.erase(found);
    if (answer.subscription) {
        // Notices may follow at once, before the subscriber runs again.
        channels_[*answer.subscription] = pending->channel;
    }
    pending->answer = std::move(answer.subscription);
    pending->answered.cancel();
}

void PubSub::Connection::handle_notification(pubsub_codec::Notification notification) {
    const auto found = channels_.find(notification.subscription);
    if (found == channels_.end()) {
        return;
    }
    const std::shared_ptr<Channel> channel = found->second;
    if (channel->notices.size() >= options_.notices_max) {
        channels_.erase(found);
        channel->end(Error{ErrorCode::kWebSocketOverflow,
                           std::to_string(options_.notices_max) + " notices were not taken"});
        return;
    }
    channel->notices.push_back(std::move(notification.result));
    channel->changed.cancel();
}

Task<Result<PubSub::Connection::Subscribed>> PubSub::Connection::subscribe(std::string method,
                                                                           json::array params) {
    const auto self = shared_from_this();
    if (reason_) {
        co_return tl::unexpected(*reason_);
    }
    if (channels_.size() + pending_.size() >= options_.subscriptions_max) {
        co_return fail(ErrorCode::kTooManyWaiting, "too many subscriptions on one connection");
    }
    const std::uint64_t id = next_id_++;
    const auto pending = std::make_shared<Pending>(executor_);
    pending_[id] = pending;
    const net::JsonRpcCall call{std::move(method), std::move(params)};
    const net::Deadline deadline = net::SteadyClock::now() + options_.call_timeout;
    const auto sent = co_await socket_->send(net::encode_json_rpc_request(call, id), deadline);
    if (!sent) {
        pending_.erase(id);
        co_return tl::unexpected(sent.error());
    }
    if (!pending->answer && !reason_) {
        pending->answered.expires_at(deadline);
        co_await pending->answered.async_wait(kAsTuple);
    }
    if (!pending->answer) {
        pending_.erase(id);
        co_return reason_ ? tl::unexpected(*reason_) : fail(ErrorCode::kTimedOut, call.method);
    }
    if (!*pending->answer) {
        co_return fail(ErrorCode::kRpcRejected,
                       call.method + ": " + rpc_codec::explain_rpc_error(pending->answer->error()));
    }
    co_return Subscribed{**pending->answer, pending->channel};
}

Task<void> PubSub::Connection::send_quietly(std::shared_ptr<Connection> self, std::string text) {
    if (!self->reason_) {
        (void)co_await self->socket_->send(std::move(text),
                                           net::SteadyClock::now() + self->options_.call_timeout);
    }
}

void PubSub::Connection::unsubscribe(const std::string& method, std::uint64_t number) {
    if (reason_ || channels_.erase(number) == 0) {
        return;
    }
    const net::JsonRpcCall call{method, json::array{number}};
    asio::co_spawn(executor_,
                   send_quietly(shared_from_this(), net::encode_json_rpc_request(call, next_id_++)),
                   asio::detached);
}

template <typename Notice>
class Subscription<Notice>::State {
  public:
    State(std::shared_ptr<PubSub::Connection> connection, PubSub::Connection::Subscribed subscribed)
        : connection_(std::move(connection)), subscribed_(std::move(subscribed)) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { connection_->unsubscribe(unsubscribe_method(), subscribed_.number); }

    Task<Result<Notice>> next(net::Deadline deadline);

  private:
    static std::string unsubscribe_method() {
        if constexpr (std::is_same_v<Notice, SignatureNotice>) {
            return "signatureUnsubscribe";
        } else if constexpr (std::is_same_v<Notice, AccountNotice>) {
            return "accountUnsubscribe";
        } else {
            return "slotUnsubscribe";
        }
    }
    static Result<std::optional<Notice>> decode(const json::value& value) {
        if constexpr (std::is_same_v<Notice, SignatureNotice>) {
            return pubsub_codec::decode_signature_notice(value);
        } else if constexpr (std::is_same_v<Notice, AccountNotice>) {
            return pubsub_codec::decode_account_notice(value);
        } else {
            return pubsub_codec::decode_slot_notice(value);
        }
    }

    std::shared_ptr<PubSub::Connection> connection_;
    PubSub::Connection::Subscribed subscribed_;
};

template <typename Notice>
Task<Result<Notice>> Subscription<Notice>::State::next(net::Deadline deadline) {
    const std::shared_ptr<Channel> channel = subscribed_.channel;
    while (true) {
        while (channel->notices.empty()) {
            if (channel->error) {
                co_return tl::unexpected(*channel->error);
            }
            if (net::SteadyClock::now() >= deadline) {
                co_return fail(ErrorCode::kTimedOut, "no notice yet");
            }
            channel->changed.expires_at(deadline);
            co_await channel->changed.async_wait(kAsTuple);
        }
        const json::value value = std::move(channel->notices.front());
        channel->notices.pop_front();
        LATCHKEY_CO_TRY(auto notice, decode(value));
        if (!notice) {
            continue;
        }
        if constexpr (std::is_same_v<Notice, SignatureNotice>) {
            // The node has ended the subscription with this.
            channel->end(Error{ErrorCode::kNotConnected, "the only notice has been taken"});
        }
        co_return *std::move(notice);
    }
}

template <typename Notice>
Task<Result<Notice>> Subscription<Notice>::next(net::Deadline deadline) {
    // The state outlives the call even if the subscription moves or ends meanwhile.
    const std::shared_ptr<State> state = state_;
    co_return co_await state->next(deadline);
}

template class Subscription<SignatureNotice>;
template class Subscription<AccountNotice>;
template class Subscription<SlotNotice>;

namespace {

template <typename Notice>
Task<Result<Subscription<Notice>>> subscribe(std::shared_ptr<PubSub::Connection> connection,
                                             std::string method, json::array params) {
    LATCHKEY_CO_TRY(auto subscribed,
                    co_await connection->subscribe(std::move(method), std::move(params)));
    using State = typename Subscription<Notice>::State;
    co_return Subscription<Notice>(
        std::make_shared<State>(std::move(connection), std::move(subscribed)));
}

}  // namespace

PubSub::PubSub(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}

PubSub::~PubSub() {
    connection_->close(Error{ErrorCode::kNotConnected, "closed"});
}

Task<Result<std::unique_ptr<PubSub>>> PubSub::connect(net::Executor executor, net::Url url,
                                                      PubSubOptions options,
                                                      net::Deadline deadline) {
    LATCHKEY_CO_TRY(auto socket, co_await net::WebSocketClient::connect(executor, std::move(url),
                                                                        options.socket, deadline));
    auto connection = std::make_shared<Connection>(executor, std::move(socket), std::move(options));
    connection->start();
    co_return std::unique_ptr<PubSub>(new PubSub(std::move(connection)));
}

Task<Result<Subscription<SignatureNotice>>> PubSub::signature_subscribe(Signature signature,
                                                                        Commitment commitment) {
    json::array params{to_base58(signature), json::object{{"commitment", to_string(commitment)},
                                                          {"enableReceivedNotification", false}}};
    return subscribe<SignatureNotice>(connection_, "signatureSubscribe", std::move(params));
}

Task<Result<Subscription<AccountNotice>>> PubSub::account_subscribe(Address address,
                                                                    Commitment commitment) {
    json::array params{to_base58(address),
                       json::object{{"commitment", to_string(commitment)}, {"encoding", "base64"}}};
    return subscribe<AccountNotice>(connection_, "accountSubscribe", std::move(params));
}

Task<Result<Subscription<SlotNotice>>> PubSub::slot_subscribe() {
    return subscribe<SlotNotice>(connection_, "slotSubscribe", json::array{});
}

bool PubSub::is_open() const {
    return connection_->is_open();
}

}  // namespace latchkey::solana
