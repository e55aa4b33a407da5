// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <deque>
#include <limits>
#include <unordered_map>

#include "net/connect.hpp"

namespace latchkey::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using core::ErrorCode;
using core::fail;

namespace {

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
constexpr int kInterimResponsesMax = 8;
/// Over all origins; more are closed instead of kept.
constexpr std::size_t kIdleConnectionsMax = 512;

using Message = http::request<http::string_body>;
using Parser = http::response_parser<http::string_body>;

/// One TCP or TLS connection. Exactly one of the streams is there.
struct Connection {
    std::unique_ptr<detail::TcpStream> plain;
    std::unique_ptr<detail::TlsStream> tls;
    beast::flat_buffer buffer;
    TimePoint idle_since;
    bool is_reused = false;

    detail::TcpStream& tcp() { return tls ? beast::get_lowest_layer(*tls) : *plain; }

    /// False as soon as the other side has closed, or has sent something nobody asked for.
    bool is_usable() {
        char byte = 0;
        const auto peeked =
            ::recv(tcp().socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        return peeked < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    }
};

/// A request that waits for a connection slot of its origin.
struct Waiter {
    explicit Waiter(const Executor& executor) : timer(executor) {}

    asio::steady_timer timer;
    bool is_granted = false;
    bool is_taken = false;
    bool is_gone = false;
};

struct Origin {
    std::size_t active = 0;
    std::deque<std::shared_ptr<Waiter>> waiting;
    std::vector<std::unique_ptr<Connection>> idle;
};

http::verb verb(HttpMethod method) {
    switch (method) {
        case HttpMethod::kGet:
            return http::verb::get;
        case HttpMethod::kHead:
            return http::verb::head;
        case HttpMethod::kPost:
            return http::verb::post;
        case HttpMethod::kPut:
            return http::verb::put;
        case HttpMethod::kPatch:
            return http::verb::patch;
        case HttpMethod::kDelete:
            return http::verb::delete_;
        case HttpMethod::kOptions:
            return http::verb::options;
    }
    return http::verb::get;
}

Result<Message> make_message(HttpRequest& request, const std::string& user_agent) {
    if (request.url.is_websocket()) {
        return fail(ErrorCode::kInvalidUrl, "a ws or wss URL where http or https is needed");
    }
    Message message(verb(request.method), request.url.target, 11);
    LATCHKEY_CHECK(check_headers(request.headers));
    for (const HttpHeader& header : request.headers) {
        message.set(header.name, header.value);
    }
    message.set(http::field::host, request.url.authority());
    message.set(http::field::user_agent, user_agent);
    message.set(http::field::accept_encoding, "identity");
    message.body() = std::move(request.body);
    message.prepare_payload();
    return message;
}

ErrorCode read_error_code(const error_code& error) {
    if (error == http::error::body_limit || error == http::error::header_limit ||
        error == http::error::buffer_overflow) {
        return ErrorCode::kHttpTooLarge;
    }
    if (error == http::error::end_of_stream || error == http::error::partial_message) {
        return ErrorCode::kConnectionLost;
    }
    if (error.category() == http::make_error_code(http::error::bad_version).category()) {
        return ErrorCode::kHttpMalformed;
    }
    return ErrorCode::kConnectionLost;
}

Result<HttpResponse> make_response(http::response<http::string_body> message, const Url& url) {
    const unsigned status = message.result_int();
    if (status >= 300 && status < 400) {
        return fail(ErrorCode::kHttpRedirect, url.origin() + " answered " + std::to_string(status) +
                                                  "; configure the final address instead");
    }
    if (status < 200 || status > 599) {
        return fail(ErrorCode::kHttpMalformed,
                    url.origin() + " answered status " + std::to_string(status));
    }
    const auto encoding = message[http::field::content_encoding];
    if (!encoding.empty() && encoding != "identity") {
        return fail(ErrorCode::kHttpMalformed, url.origin() + " sent an encoding nobody asked for");
    }
    HttpResponse response;
    response.status = status;
    for (const auto& field : message) {
        response.headers.push_back({std::string(field.name_string()), std::string(field.value())});
    }
    response.body = std::move(message.body());
    return response;
}

}  // namespace

struct HttpClient::State : std::enable_shared_from_this<HttpClient::State> {
    State(Executor used_executor, HttpClientOptions used_options,
          std::shared_ptr<detail::TlsContext> used_tls)
        : executor(std::move(used_executor)),
          options(std::move(used_options)),
          tls(std::move(used_tls)),
          sweep_timer(executor) {}

    struct Attempt {
        Result<HttpResponse> result;
        /// The connection was dead before the server answered a single byte.
        bool is_stale = false;
    };

    /// Holds one of the origin's connection slots; gives it back however the request ends.
    class Slot {
      public:
        Slot(std::shared_ptr<State> state, std::string origin)
            : state_(std::move(state)), origin_(std::move(origin)) {}
        Slot(Slot&&) = default;
        Slot(const Slot&) = delete;
        Slot& operator=(const Slot&) = delete;
        Slot& operator=(Slot&&) = delete;
        ~Slot() {
            if (state_) {
                state_->release(origin_);
            }
        }

      private:
        std::shared_ptr<State> state_;
        std::string origin_;
    };

    static Task<Result<HttpResponse>> send(std::shared_ptr<State> self, HttpRequest request,
                                           Deadline deadline);
    static Task<Result<Slot>> acquire(std::shared_ptr<State> self, Url url, Deadline deadline);
    Task<Result<std::unique_ptr<Connection>>> open(const Url& url, Deadline deadline);
    Task<Attempt> attempt(std::unique_ptr<Connection> connection, const Message& message,
                          const Url& url, Deadline deadline);
    template <typename Stream>
    Task<Attempt> exchange(Stream& stream, Connection& connection, const Message& message,
                           const Url& url, bool& keep);

    std::unique_ptr<Connection> take_idle(const std::string& origin);
    void keep_idle(const std::string& origin, std::unique_ptr<Connection> connection);
    void release(const std::string& origin);
    void forget_if_unused(const std::string& origin);
    void sweep();
    void arm_sweep();
    [[nodiscard]] std::size_t idle_count() const;

    Executor executor;
    HttpClientOptions options;
    std::shared_ptr<detail::TlsContext> tls;
    std::unordered_map<std::string, Origin> origins;
    asio::steady_timer sweep_timer;
    bool is_sweep_armed = false;
    bool is_closed = false;
};

std::size_t HttpClient::State::idle_count() const {
    std::size_t count = 0;
    for (const auto& [name, origin] : origins) {
        count += origin.idle.size();
    }
    return count;
}

std::unique_ptr<Connection> HttpClient::State::take_idle(const std::string& name) {
    auto& idle = origins[name].idle;
    // The youngest first, so that the others grow old and are closed.
    while (!idle.empty()) {
        std::unique_ptr<Connection> connection = std::move(idle.back());
        idle.pop_back();
        if (SteadyClock::now() - connection->idle_since < options.idle_timeout &&
            connection->is_usable()) {
            connection->is_reused = true;
            return connection;
        }
    }
    return nullptr;
}

void HttpClient::State::keep_idle(const std::string& name, std::unique_ptr<Connection> connection) {
    if (is_closed || idle_count() >= kIdleConnectionsMax) {
        return;
    }
    connection->tcp().expires_never();
    connection->idle_since = SteadyClock::now();
    origins[name].idle.push_back(std::move(connection));
    arm_sweep();
}

void HttpClient::State::arm_sweep() {
    if (is_sweep_armed) {
        return;
    }
    is_sweep_armed = true;
    sweep_timer.expires_after(options.idle_timeout);
    sweep_timer.async_wait([weak = weak_from_this()](const error_code& error) {
        if (const auto self = weak.lock(); self && !error) {
            self->is_sweep_armed = false;
            self->sweep();
        }
    });
}

void HttpClient::State::sweep() {
    const TimePoint now = SteadyClock::now();
    for (auto it = origins.begin(); it != origins.end();) {
        Origin& origin = it->second;
        std::erase_if(origin.idle, [&](const std::unique_ptr<Connection>& connection) {
            return now - connection->idle_since >= options.idle_timeout;
        });
        const bool unused = origin.idle.empty() && origin.active == 0 && origin.waiting.empty();
        it = unused ? origins.erase(it) : std::next(it);
    }
    if (idle_count() > 0) {
        arm_sweep();
    }
}

void HttpClient::State::forget_if_unused(const std::string& name) {
    const auto it = origins.find(name);
    if (it != origins.end() && it->second.idle.empty() && it->second.active == 0 &&
        it->second.waiting.empty()) {
        origins.erase(it);
    }
}

Task<Result<HttpClient::State::Slot>> HttpClient::State::acquire(std::shared_ptr<State> self,
                                                                 Url url, Deadline deadline) {
    const std::string name = url.origin();
    Origin& origin = self->origins[name];
    if (origin.active < self->options.connections_max) {
        ++origin.active;
        co_return Slot(self, name);
    }
    if (origin.waiting.size() >= self->options.waiting_max) {
        co_return fail(ErrorCode::kTooManyWaiting,
                       std::to_string(origin.waiting.size()) + " wait for " + name);
    }
    const auto waiter = std::make_shared<Waiter>(self->executor);
    // Also when this coroutine is destroyed while it waits.
    const std::shared_ptr<void> leaving(nullptr, [self, name, waiter](void*) {
        waiter->is_gone = true;
        if (waiter->is_granted && !waiter->is_taken) {
            self->release(name);
        }
    });
    origin.waiting.push_back(waiter);
    waiter->timer.expires_at(deadline);
    co_await waiter->timer.async_wait(kAsTuple);
    if (!waiter->is_granted) {
        // Not in the queue any more, so that it does not count as waiting.
        std::erase(self->origins[name].waiting, waiter);
        co_return fail(ErrorCode::kTimedOut, "waiting for a connection to " + name);
    }
    waiter->is_taken = true;
    co_return Slot(self, name);
}

void HttpClient::State::release(const std::string& name) {
    Origin& origin = origins[name];
    while (!origin.waiting.empty()) {
        const std::shared_ptr<Waiter> next = origin.waiting.front();
        origin.waiting.pop_front();
        if (!next->is_gone) {
            // The slot passes on; the number of active ones stays.
            next->is_granted = true;
            next->timer.cancel();
            return;
        }
    }
    --origin.active;
    forget_if_unused(name);
}

Task<Result<std::unique_ptr<Connection>>> HttpClient::State::open(const Url& url,
                                                                  Deadline deadline) {
    const Deadline until = std::min(deadline, SteadyClock::now() + options.connect_timeout);
    auto connection = std::make_unique<Connection>();
    connection->buffer.max_size(options.header_bytes_max + options.body_bytes_max);
    if (!url.is_tls()) {
        connection->plain = std::make_unique<detail::TcpStream>(executor);
    } else {
        connection->tls = std::make_unique<detail::TlsStream>(executor, *tls);
    }
    LATCHKEY_CO_CHECK(co_await detail::connect_tcp(connection->tcp(), url, until));
    if (connection->tls) {
        LATCHKEY_CO_CHECK(co_await detail::handshake_tls(*connection->tls, url, until));
    }
    co_return connection;
}

template <typename Stream>
Task<HttpClient::State::Attempt> HttpClient::State::exchange(Stream& stream, Connection& connection,
                                                             const Message& message, const Url& url,
                                                             bool& keep) {
    const auto [write_error, written] = co_await http::async_write(stream, message, kAsTuple);
    if (write_error) {
        Attempt failed{
            detail::network_failure(write_error, ErrorCode::kConnectionLost, "sending to", url),
            !detail::is_timeout(write_error)};
        co_return failed;
    }
    for (int interim = 0; interim < kInterimResponsesMax; ++interim) {
        Parser parser;
        parser.header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(
            options.header_bytes_max, std::numeric_limits<std::uint32_t>::max())));
        parser.body_limit(options.body_bytes_max);
        parser.skip(message.method() == http::verb::head);
        const auto [error, count] =
            co_await http::async_read(stream, connection.buffer, parser, kAsTuple);
        if (error) {
            Attempt failed{
                detail::network_failure(error, read_error_code(error), "reading from", url),
                !parser.got_some() && !detail::is_timeout(error)};
            co_return failed;
        }
        const unsigned status = parser.get().result_int();
        if (status >= 100 && status < 200 && status != 101) {
            continue;
        }
        // Bytes after the answer would be taken for the next one.
        keep = parser.keep_alive() && connection.buffer.size() == 0;
        Attempt done{make_response(parser.release(), url), false};
        co_return done;
    }
    Attempt failed{fail(ErrorCode::kHttpMalformed, url.origin() + " sends interim answers only"),
                   false};
    co_return failed;
}

Task<HttpClient::State::Attempt> HttpClient::State::attempt(std::unique_ptr<Connection> connection,
                                                            const Message& message, const Url& url,
                                                            Deadline deadline) {
    connection->tcp().expires_at(deadline);
    bool keep = false;
    Attempt result = connection->tls
                         ? co_await exchange(*connection->tls, *connection, message, url, keep)
                         : co_await exchange(*connection->plain, *connection, message, url, keep);
    if (keep) {
        keep_idle(url.origin(), std::move(connection));
    }
    co_return result;
}

Task<Result<HttpResponse>> HttpClient::State::send(std::shared_ptr<State> self, HttpRequest request,
                                                   Deadline deadline) {
    LATCHKEY_CO_TRY(const Message message, make_message(request, self->options.user_agent));
    const Url& url = request.url;
    LATCHKEY_CO_TRY(const Slot slot, co_await acquire(self, url, deadline));
    if (std::unique_ptr<Connection> kept = self->take_idle(url.origin())) {
        Attempt first = co_await self->attempt(std::move(kept), message, url, deadline);
        if (!first.is_stale || !request.idempotent) {
            co_return std::move(first.result);
        }
    }
    LATCHKEY_CO_TRY(std::unique_ptr<Connection> connection, co_await self->open(url, deadline));
    Attempt last = co_await self->attempt(std::move(connection), message, url, deadline);
    co_return std::move(last.result);
}

HttpClient::HttpClient(std::shared_ptr<State> state) : state_(std::move(state)) {}

HttpClient::~HttpClient() {
    state_->is_closed = true;
    state_->sweep_timer.cancel();
    for (auto& [name, origin] : state_->origins) {
        origin.idle.clear();
    }
}

Result<std::unique_ptr<HttpClient>> HttpClient::create(Executor executor,
                                                       HttpClientOptions options) {
    LATCHKEY_TRY(auto tls, detail::make_tls_context(options.tls));
    auto state = std::make_shared<State>(std::move(executor), std::move(options), std::move(tls));
    return std::unique_ptr<HttpClient>(new HttpClient(std::move(state)));
}

Task<Result<HttpResponse>> HttpClient::send(HttpRequest request, Deadline deadline) {
    return State::send(state_, std::move(request), deadline);
}

std::size_t HttpClient::idle_connections() const {
    return state_->idle_count();
}

}  // namespace latchkey::net
