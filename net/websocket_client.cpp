// SPDX-License-Identifier: Apache-2.0
#include "net/websocket_client.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <deque>

#include "net/connect.hpp"

namespace latchkey::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using boost::system::error_code;
using core::Error;
using core::ErrorCode;
using core::fail;

namespace {

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
constexpr Milliseconds kCloseTimeout{5000};

}  // namespace

/// What both kinds of streams share: the queues and the states of the connection. The stream itself
/// is in TypedSession.
class WebSocketClient::Session : public std::enable_shared_from_this<Session> {
  public:
    Session(const Executor& executor, Url url, WebSocketOptions options)
        : executor_(executor),
          url_(std::move(url)),
          options_(std::move(options)),
          arrived_(executor) {}
    virtual ~Session() = default;

    virtual Task<Result<void>> open(Deadline deadline) = 0;
    void start() {
        is_open_ = true;
        asio::co_spawn(executor_, read_loop(shared_from_this()), asio::detached);
    }
    Task<Result<void>> send(std::string text, Deadline deadline);
    Task<Result<std::string>> receive(Deadline deadline);
    Task<void> close(Deadline deadline);
    void drop() { end(Error{ErrorCode::kNotConnected, "closed"}); }
    [[nodiscard]] bool is_open() const { return is_open_; }

  protected:
    virtual Task<error_code> read(beast::flat_buffer& buffer) = 0;
    virtual Task<error_code> write(const std::string& text) = 0;
    virtual Task<error_code> shake_close() = 0;
    virtual void shut() = 0;

    const Executor& executor() const { return executor_; }
    const Url& url() const { return url_; }
    const WebSocketOptions& options() const { return options_; }

  private:
    struct Outgoing {
        Outgoing(const Executor& executor, std::string used_text, bool closes)
            : text(std::move(used_text)), is_close(closes), done(executor) {}

        std::string text;
        bool is_close;
        asio::steady_timer done;
        bool is_started = false;
        bool is_done = false;
    };

    static Task<void> read_loop(std::shared_ptr<Session> self);
    static Task<void> write_loop(std::shared_ptr<Session> self);
    std::shared_ptr<Outgoing> enqueue(std::string text, bool is_close);
    /// The first reason counts; everybody who waits is woken.
    void end(Error reason);
    void finish(Outgoing& outgoing) {
        outgoing.is_done = true;
        outgoing.done.cancel();
    }

    Executor executor_;
    Url url_;
    WebSocketOptions options_;
    bool is_open_ = false;
    bool is_receiving_ = false;
    bool is_writing_ = false;
    std::optional<Error> reason_;
    std::deque<std::string> inbox_;
    std::size_t inbox_bytes_ = 0;
    asio::steady_timer arrived_;
    std::deque<std::shared_ptr<Outgoing>> outbox_;
};

namespace {

template <typename Stream>
class TypedSession final : public WebSocketClient::Session {
  public:
    template <typename... Args>
    TypedSession(const Executor& executor, Url url, WebSocketOptions options, Args&&... args)
        : Session(executor, std::move(url), std::move(options)),
          stream_(executor, std::forward<Args>(args)...) {}

    Task<Result<void>> open(Deadline deadline) override;

  protected:
    Task<error_code> read(beast::flat_buffer& buffer) override {
        const auto [error, count] = co_await stream_.async_read(buffer, kAsTuple);
        co_return error;
    }
    Task<error_code> write(const std::string& text) override {
        const auto [error, count] = co_await stream_.async_write(asio::buffer(text), kAsTuple);
        co_return error;
    }
    Task<error_code> shake_close() override {
        const websocket::close_reason reason(websocket::close_code::normal);
        const auto [error] = co_await stream_.async_close(reason, kAsTuple);
        co_return error;
    }
    void shut() override { beast::get_lowest_layer(stream_).close(); }

  private:
    void set_options(Milliseconds handshake_timeout);

    websocket::stream<Stream> stream_;
};

template <typename Stream>
void TypedSession<Stream>::set_options(Milliseconds handshake_timeout) {
    websocket::stream_base::timeout timeouts{};
    timeouts.handshake_timeout = handshake_timeout;
    timeouts.idle_timeout = options().idle_timeout;
    timeouts.keep_alive_pings = true;
    stream_.set_option(timeouts);
    stream_.read_message_max(options().message_bytes_max);
    stream_.set_option(websocket::stream_base::decorator(
        [headers = options().headers,
         agent = options().user_agent](websocket::request_type& request) {
            for (const HttpHeader& header : headers) {
                request.set(header.name, header.value);
            }
            request.set(beast::http::field::user_agent, agent);
        }));
    stream_.text(true);
    stream_.auto_fragment(false);
}

template <typename Stream>
Task<Result<void>> TypedSession<Stream>::open(Deadline deadline) {
    detail::TcpStream& tcp = beast::get_lowest_layer(stream_);
    LATCHKEY_CO_CHECK(co_await detail::connect_tcp(tcp, url(), deadline));
    if constexpr (std::is_same_v<Stream, detail::TlsStream>) {
        LATCHKEY_CO_CHECK(co_await detail::handshake_tls(stream_.next_layer(), url(), deadline));
    }
    // From here on the WebSocket layer keeps the time.
    tcp.expires_never();
    const auto left = std::chrono::duration_cast<Milliseconds>(deadline - SteadyClock::now());
    set_options(std::max(left, Milliseconds(1)));
    websocket::response_type response;
    const std::string authority = url().authority();
    const std::string target = url().target;
    const auto [error] = co_await stream_.async_handshake(response, authority, target, kAsTuple);
    if (error == websocket::error::upgrade_declined) {
        co_return fail(ErrorCode::kWebSocketRefused, url().origin() + " answered status " +
                                                         std::to_string(response.result_int()));
    }
    if (error) {
        co_return detail::network_failure(error, ErrorCode::kWebSocketRefused, "WebSocket to",
                                          url());
    }
    // From now on this limits the closing handshake, also the one after a violation of the
    // protocol.
    set_options(kCloseTimeout);
    co_return Result<void>();
}

}  // namespace

void WebSocketClient::Session::end(Error reason) {
    if (!reason_) {
        reason_ = std::move(reason);
    }
    if (!is_open_) {
        return;
    }
    is_open_ = false;
    shut();
    arrived_.cancel();
    for (const auto& outgoing : outbox_) {
        outgoing->done.cancel();
    }
    outbox_.clear();
}

Task<void> WebSocketClient::Session::read_loop(std::shared_ptr<Session> self) {
    while (self->is_open_) {
        beast::flat_buffer buffer;
        const error_code error = co_await self->read(buffer);
        if (error == websocket::error::message_too_big ||
            error == websocket::error::buffer_overflow) {
            self->end(Error{ErrorCode::kWebSocketOverflow,
                            self->url_.origin() + " sent a message that is too large"});
            co_return;
        }
        if (error) {
            self->end(detail::network_failure(error, ErrorCode::kConnectionLost, "WebSocket to",
                                              self->url_)
                          .value());
            co_return;
        }
        const auto data = buffer.cdata();
        self->inbox_bytes_ += data.size();
        self->inbox_.emplace_back(static_cast<const char*>(data.data()), data.size());
        if (self->inbox_.size() > self->options_.inbox_messages_max ||
            self->inbox_bytes_ > self->options_.inbox_bytes_max) {
            self->end(Error{ErrorCode::kWebSocketOverflow,
                            std::to_string(self->inbox_.size()) + " messages of " +
                                self->url_.origin() + " wait to be received"});
            co_return;
        }
        self->arrived_.cancel();
    }
}

Task<Result<std::string>> WebSocketClient::Session::receive(Deadline deadline) {
    if (is_receiving_) {
        co_return fail(ErrorCode::kInvalidArgument, "two receive() calls at a time");
    }
    const auto self = shared_from_this();
    is_receiving_ = true;
    const std::shared_ptr<void> leaving(nullptr, [self](void*) { self->is_receiving_ = false; });
    while (inbox_.empty()) {
        if (!is_open_) {
            co_return tl::unexpected(*reason_);
        }
        if (SteadyClock::now() >= deadline) {
            co_return fail(ErrorCode::kTimedOut, "no message of " + url_.origin());
        }
        arrived_.expires_at(deadline);
        co_await arrived_.async_wait(kAsTuple);
    }
    std::string message = std::move(inbox_.front());
    inbox_.pop_front();
    inbox_bytes_ -= message.size();
    co_return message;
}

std::shared_ptr<WebSocketClient::Session::Outgoing> WebSocketClient::Session::enqueue(
    std::string text, bool is_close) {
    auto outgoing = std::make_shared<Outgoing>(executor_, std::move(text), is_close);
    outbox_.push_back(outgoing);
    if (!is_writing_) {
        is_writing_ = true;
        asio::co_spawn(executor_, write_loop(shared_from_this()), asio::detached);
    }
    return outgoing;
}

Task<void> WebSocketClient::Session::write_loop(std::shared_ptr<Session> self) {
    while (self->is_open_ && !self->outbox_.empty()) {
        const std::shared_ptr<Outgoing> outgoing = self->outbox_.front();
        self->outbox_.pop_front();
        outgoing->is_started = true;
        error_code error;
        if (outgoing->is_close) {
            error = co_await self->shake_close();
            self->finish(*outgoing);
            self->end(Error{ErrorCode::kNotConnected, "closed"});
            break;
        }
        error = co_await self->write(outgoing->text);
        if (error) {
            self->end(detail::network_failure(error, ErrorCode::kConnectionLost, "WebSocket to",
                                              self->url_)
                          .value());
            outgoing->done.cancel();
            break;
        }
        self->finish(*outgoing);
    }
    self->is_writing_ = false;
}

Task<Result<void>> WebSocketClient::Session::send(std::string text, Deadline deadline) {
    if (!is_open_) {
        co_return tl::unexpected(*reason_);
    }
    if (outbox_.size() >= options_.outbox_messages_max) {
        co_return fail(ErrorCode::kWebSocketOverflow,
                       std::to_string(outbox_.size()) + " messages wait to be sent");
    }
    const auto self = shared_from_this();
    const auto outgoing = enqueue(std::move(text), /*is_close=*/false);
    outgoing->done.expires_at(deadline);
    co_await outgoing->done.async_wait(kAsTuple);
    if (outgoing->is_done) {
        co_return Result<void>();
    }
    if (!is_open_) {
        co_return tl::unexpected(*reason_);
    }
    if (outgoing->is_started) {
        end(Error{ErrorCode::kConnectionLost, "a message was cut off by its deadline"});
    } else {
        std::erase(outbox_, outgoing);
    }
    co_return fail(ErrorCode::kTimedOut, "sending to " + url_.origin());
}

Task<void> WebSocketClient::Session::close(Deadline deadline) {
    const auto self = shared_from_this();
    if (is_open_) {
        const auto outgoing = enqueue({}, /*is_close=*/true);
        outgoing->done.expires_at(deadline);
        co_await outgoing->done.async_wait(kAsTuple);
    }
    drop();
}

WebSocketClient::WebSocketClient(std::shared_ptr<Session> session) : session_(std::move(session)) {}

WebSocketClient::~WebSocketClient() {
    session_->drop();
}

Task<Result<std::unique_ptr<WebSocketClient>>> WebSocketClient::connect(Executor executor, Url url,
                                                                        WebSocketOptions options,
                                                                        Deadline deadline) {
    if (!url.is_websocket()) {
        co_return fail(ErrorCode::kInvalidUrl, "an http URL where ws or wss is needed");
    }
    LATCHKEY_CO_CHECK(check_headers(options.headers));
    std::shared_ptr<Session> session;
    std::shared_ptr<detail::TlsContext> tls;
    if (url.is_tls()) {
        LATCHKEY_CO_TRY(tls, detail::make_tls_context(options.tls));
        session = std::make_shared<TypedSession<detail::TlsStream>>(executor, std::move(url),
                                                                    std::move(options), *tls);
    } else {
        session = std::make_shared<TypedSession<detail::TcpStream>>(executor, std::move(url),
                                                                    std::move(options));
    }
    LATCHKEY_CO_CHECK(co_await session->open(deadline));
    session->start();
    co_return std::unique_ptr<WebSocketClient>(new WebSocketClient(std::move(session)));
}

Task<Result<void>> WebSocketClient::send(std::string text, Deadline deadline) {
    return session_->send(std::move(text), deadline);
}

Task<Result<std::string>> WebSocketClient::receive(Deadline deadline) {
    return session_->receive(deadline);
}

Task<void> WebSocketClient::close(Deadline deadline) {
    return session_->close(deadline);
}

bool WebSocketClient::is_open() const {
    return session_->is_open();
}

}  // namespace latchkey::net
