// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.hpp"

#include <openssl/rand.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <ctime>
#include <exception>
#include <tuple>
#include <unordered_set>

#include "core/encoding/hex.hpp"

namespace latchkey::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using core::ErrorCode;
using core::fail;

namespace {

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
/// Closing with unread bytes makes the system reset the connection, and the client may lose the
/// reply; so they are read and dropped for a while.
constexpr Milliseconds kLingerTime{1000};
/// For the client's half of the end of TLS on a connection without a request.
constexpr Milliseconds kIdleLingerTime{100};
/// How long stop() waits for what it has cut.
constexpr Milliseconds kCutTime{1000};
/// After a failed accept, such as for want of file descriptors.
constexpr Milliseconds kAcceptPause{50};
/// Connections beyond the limit that are told so at a time; more are just closed.
constexpr std::size_t kRefusalsMax = 64;
/// Larger bodies are not copied behind the head.
constexpr std::size_t kCopiedBodyBytesMax = 64 * 1024;

/// Not for the client: there is nobody to send it to.
constexpr HttpRefusal kLost{0, {}};
constexpr HttpRefusal kSlow{408, "the request took too long to arrive"};
constexpr HttpRefusal kTooMany{503, "too many connections"};
constexpr HttpRefusal kCutShort{400, "the request ended early"};

enum class Received : std::uint8_t { kBytes, kEnd, kTimedOut, kLost };
enum class Next : std::uint8_t { kRequest, kEnd, kDrop };

/// One request in its handler's hands. Shared, because a handler may ignore its cancellation.
struct Call {
    explicit Call(const Executor& executor) : ended(executor) {}

    HttpServerRequest request;
    std::optional<HttpReply> reply;
    std::string failure;
    asio::cancellation_signal cancel;
    asio::steady_timer ended;
    bool is_ended = false;
};

struct Connection : std::enable_shared_from_this<Connection> {
    Connection(tcp::socket used_socket, asio::ssl::context* tls_context)
        : socket(std::move(used_socket)), watchdog(socket.get_executor()) {
        if (tls_context != nullptr) {
            tls.emplace(socket, *tls_context);
        }
    }

    /// Whatever waits for the socket ends after this time. Operations that begin later too.
    void watch(Milliseconds time) {
        is_timed_out = false;
        watchdog.expires_after(time);
        watchdog.async_wait([weak = weak_from_this()](const error_code& error) {
            const auto self = weak.lock();
            // Between expiry and this call the watch may have been renewed.
            if (error || !self || self->watchdog.expiry() > SteadyClock::now()) {
                return;
            }
            self->is_timed_out = true;
            error_code ignored;
            self->socket.cancel(ignored);
        });
    }

    void unwatch() {
        is_timed_out = false;
        watchdog.expires_at(TimePoint::max());
    }

    void cut() {
        is_cut = true;
        error_code ignored;
        socket.close(ignored);
        if (call) {
            call->cancel.emit(asio::cancellation_type::terminal);
            call->ended.cancel();
        }
    }

    tcp::socket socket;
    std::optional<asio::ssl::stream<tcp::socket&>> tls;
    asio::steady_timer watchdog;
    std::array<char, 8192> chunk;
    /// Received and not yet used.
    std::string buffer;
    std::string peer_address;
    std::uint16_t peer_port = 0;
    std::shared_ptr<Call> call;
    bool is_timed_out = false;
    /// Waits for the first byte of a request.
    bool is_idle = false;
    bool is_refused = false;
    bool is_cut = false;
};

using ConnectionPointer = std::shared_ptr<Connection>;

std::string_view reason_phrase(unsigned status) {
    struct Row {
        unsigned status;
        std::string_view phrase;
    };
    constexpr Row kRows[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
    };
    for (const Row& row : kRows) {
        if (row.status == status) {
            return row.phrase;
        }
    }
    // RFC 9112 section 4: may be empty.
    return {};
}

std::string random_id() {
    std::array<std::uint8_t, 16> bytes = {};
    // It only tells requests apart: without randomness it is all zeros.
    RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
    return core::encode_hex(bytes);
}

/// RFC 9110 section 5.6.7.
std::string http_date(std::time_t time) {
    std::tm utc = {};
    gmtime_r(&time, &utc);
    char text[64];
    const std::size_t size = std::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &utc);
    return {text, size};
}

HttpReply refusal_reply(const HttpRefusal& refusal, std::string_view id) {
    HttpReply reply;
    reply.status = refusal.status;
    reply.headers.push_back({"Content-Type", "application/json"});
    // Neither the sentences nor the identifier hold anything that JSON escapes.
    reply.body.append("{\"error\":\"")
        .append(refusal.reason)
        .append("\",\"requestId\":\"")
        .append(id)
        .append("\",\"status\":")
        .append(std::to_string(refusal.status))
        .append("}");
    return reply;
}

/// What is wrong with a handler's reply; empty if nothing is.
std::string reply_fault(const HttpReply& reply) {
    if (reply.status < 200 || reply.status > 599) {
        return "the handler's status is " + std::to_string(reply.status);
    }
    if (const auto checked = check_headers(reply.headers); !checked) {
        return checked.error().context;
    }
    for (const HttpHeader& header : reply.headers) {
        for (const std::string_view name :
             {"Content-Length", "Connection", "Date", "Transfer-Encoding", "X-Request-Id"}) {
            if (is_same_header_name(header.name, name)) {
                return "the handler sets the server's header " + header.name;
            }
        }
    }
    return {};
}

std::string to_text(const tcp::endpoint& endpoint) {
    const std::string address = endpoint.address().to_string();
    const std::string port = ":" + std::to_string(endpoint.port());
    return endpoint.address().is_v6() ? "[" + address + "]" + port : address + port;
}

tl::unexpected<core::Error> listen_failure(const error_code& error, const tcp::endpoint& endpoint) {
    std::string why = error.message();
    if (error == asio::error::address_in_use) {
        why = "another program listens there";
    } else if (error == asio::error::access_denied) {
        why = "not permitted; ports under 1024 need the capability CAP_NET_BIND_SERVICE";
    } else if (error == boost::system::errc::address_not_available) {
        why = "the address is not one of this machine";
    }
    return fail(ErrorCode::kListenFailed, to_text(endpoint) + ": " + why);
}

int select_alpn(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                const unsigned char* offered, unsigned offered_size, void*) {
    // The answer points into it.
    static constexpr unsigned char kOurs[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* match = nullptr;
    if (SSL_select_next_proto(&match, chosen_size, kOurs, sizeof(kOurs), offered, offered_size) !=
        OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *chosen = match;
    return SSL_TLSEXT_ERR_OK;
}

Result<std::unique_ptr<asio::ssl::context>> make_tls(const HttpServerTls& options) {
    auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    SSL_CTX* const native = context->native_handle();
    if (SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION) != 1) {
        return fail(ErrorCode::kTlsFailed, "TLS 1.2 is not available");
    }
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(native, select_alpn, nullptr);
    error_code error;
    // OpenSSL would ask for a pass phrase on the terminal.
    context->set_password_callback(
        [](std::size_t, asio::ssl::context::password_purpose) { return std::string(); }, error);
    if (!error) {
        context->use_certificate_chain_file(options.certificate_chain_file, error);
    }
    if (error) {
        return fail(
            ErrorCode::kTlsFailed,
            "the certificate chain " + options.certificate_chain_file + ": " + error.message());
    }
    context->use_private_key_file(options.key_file, asio::ssl::context::pem, error);
    if (error) {
        return fail(ErrorCode::kTlsFailed, "the key " + options.key_file + ": " + error.message());
    }
    return context;
}

Result<void> check_options(const HttpServerOptions& options) {
    for (const std::size_t limit :
         {options.request.head_bytes_max, options.request.target_bytes_max,
          options.request.headers_max, options.body_bytes_max, options.connections_max,
          options.requests_per_connection_max}) {
        if (limit == 0) {
            return fail(ErrorCode::kInvalidArgument, "a limit of the HTTP server is 0");
        }
    }
    for (const Milliseconds time :
         {options.header_timeout, options.body_timeout, options.idle_timeout, options.write_timeout,
          options.handler_timeout}) {
        if (time <= Milliseconds(0)) {
            return fail(ErrorCode::kInvalidArgument,
                        "a time limit of the HTTP server is not positive");
        }
    }
    return {};
}

Result<tcp::acceptor> open_acceptor(const Executor& executor, const HttpServerOptions& options) {
    error_code error;
    const auto address = asio::ip::make_address(options.address, error);
    if (error) {
        return fail(ErrorCode::kInvalidArgument,
                    "'" + options.address + "' is no IPv4 or IPv6 address");
    }
    const tcp::endpoint endpoint(address, options.port);
    tcp::acceptor acceptor(executor);
    acceptor.open(endpoint.protocol(), error);
    if (!error) {
        // A restarted server does not wait for the connections of its predecessor to be forgotten.
        // On Linux no second server can share the port by that.
        acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    }
    if (!error && address.is_v6()) {
        acceptor.set_option(asio::ip::v6_only(!address.is_unspecified()), error);
    }
    if (!error) {
        acceptor.bind(endpoint, error);
    }
    if (!error) {
        acceptor.listen(tcp::acceptor::max_listen_connections, error);
    }
    if (error) {
        return listen_failure(error, endpoint);
    }
    return acceptor;
}

}  // namespace

struct HttpServer::State : std::enable_shared_from_this<HttpServer::State> {
    State(Executor used_executor, HttpServerOptions used_options, HttpHandler used_handler,
          std::unique_ptr<asio::ssl::context> used_tls, tcp::acceptor used_acceptor)
        : executor(std::move(used_executor)),
          options(std::move(used_options)),
          handler(std::move(used_handler)),
          tls(std::move(used_tls)),
          acceptor(std::move(used_acceptor)) {}

    static Task<void> accept_loop(std::shared_ptr<State> self);
    void take(tcp::socket socket);
    void leave(const ConnectionPointer& connection);

    Task<void> serve(ConnectionPointer connection);
    Task<void> serve_too_many(ConnectionPointer connection);
    Task<Next> serve_one(Connection& connection, bool is_last);
    Task<Next> refuse(Connection& connection, HttpRefusal refusal, std::string id, bool is_head);
    Task<bool> wait_for_request(Connection& connection);
    Task<HttpChecked<HttpRequestHead>> receive_head(Connection& connection);
    Task<HttpChecked<std::string>> receive_body(Connection& connection, bool is_chunked,
                                                std::uint64_t length, bool expects_continue);
    Task<HttpChecked<HttpReply>> answer(Connection& connection, std::shared_ptr<Call> call);
    static Task<void> run_handler(std::shared_ptr<State> self, std::shared_ptr<Call> call);
    Task<bool> send_reply(Connection& connection, HttpReply reply, std::string id, bool is_head,
                          bool keep_alive);

    Task<bool> handshake(Connection& connection);
    Task<Received> receive(Connection& connection);
    Task<bool> write(Connection& connection, std::string_view head, std::string_view body);
    Task<void> end(Connection& connection, bool is_idle);

    void report(const HttpServerRequest& request, std::string_view what) const;
    const std::string& date();
    void begin_stop();
    void cut();
    [[nodiscard]] bool is_over() const { return connections.empty() && counters.handlers_now == 0; }
    void wake_stop();
    static Task<void> wait_until_over(std::shared_ptr<State> self, TimePoint until);
    static Task<bool> stop(std::shared_ptr<State> self, Milliseconds grace);

    Executor executor;
    HttpServerOptions options;
    HttpHandler handler;
    std::unique_ptr<asio::ssl::context> tls;
    tcp::acceptor acceptor;
    std::uint16_t port = 0;
    std::unordered_set<ConnectionPointer> connections;
    std::size_t refusing = 0;
    HttpServerCounters counters;
    bool is_stopping = false;
    std::vector<std::shared_ptr<asio::steady_timer>> stop_timers;
    std::time_t date_time = 0;
    std::string date_text;
};

// Connections

Task<void> HttpServer::State::accept_loop(std::shared_ptr<State> self) {
    while (!self->is_stopping) {
        auto [error, socket] = co_await self->acceptor.async_accept(kAsTuple);
        if (!error) {
            self->take(std::move(socket));
        } else if (!self->is_stopping) {
            asio::steady_timer pause(self->executor, kAcceptPause);
            co_await pause.async_wait(kAsTuple);
        }
    }
}

void HttpServer::State::take(tcp::socket socket) {
    error_code error;
    const tcp::endpoint peer = socket.remote_endpoint(error);
    ++counters.connections_total;
    const bool is_refused = connections.size() - refusing >= options.connections_max;
    counters.connections_refused += is_refused ? 1 : 0;
    // An error means that the client is gone again.
    if (error || (is_refused && (tls != nullptr || refusing >= kRefusalsMax))) {
        return;
    }
    socket.set_option(tcp::no_delay(true), error);
    const auto connection = std::make_shared<Connection>(std::move(socket), tls.get());
    auto address = peer.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    }
    connection->peer_address = address.to_string();
    connection->peer_port = peer.port();
    connection->is_refused = is_refused;
    refusing += is_refused ? 1 : 0;
    connections.insert(connection);
    asio::co_spawn(executor, is_refused ? serve_too_many(connection) : serve(connection),
                   [self = shared_from_this(), connection](const std::exception_ptr&) {
                       self->leave(connection);
                   });
}

void HttpServer::State::leave(const ConnectionPointer& connection) {
    connection->unwatch();
    error_code ignored;
    connection->socket.close(ignored);
    refusing -= connection->is_refused ? 1 : 0;
    connections.erase(connection);
    wake_stop();
}

Task<void> HttpServer::State::serve_too_many(ConnectionPointer connection) {
    co_await refuse(*connection, kTooMany, random_id(), false);
    co_await end(*connection, false);
}

Task<void> HttpServer::State::serve(ConnectionPointer connection) {
    if (connection->tls && !co_await handshake(*connection)) {
        co_return;
    }
    for (std::size_t left = options.requests_per_connection_max; left > 0; --left) {
        if (!co_await wait_for_request(*connection)) {
            co_await end(*connection, true);
            co_return;
        }
        const Next next = co_await serve_one(*connection, left == 1);
        if (next == Next::kDrop) {
            co_return;
        }
        if (next == Next::kEnd) {
            break;
        }
    }
    co_await end(*connection, false);
}

Task<bool> HttpServer::State::handshake(Connection& connection) {
    connection.watch(options.header_timeout);
    const auto [error] =
        co_await connection.tls->async_handshake(asio::ssl::stream_base::server, kAsTuple);
    co_return !error;
}

Task<Received> HttpServer::State::receive(Connection& connection) {
    if (connection.is_timed_out) {
        co_return Received::kTimedOut;
    }
    const auto space = asio::buffer(connection.chunk);
    error_code error;
    std::size_t size = 0;
    if (connection.tls) {
        std::tie(error, size) = co_await connection.tls->async_read_some(space, kAsTuple);
    } else {
        std::tie(error, size) = co_await connection.socket.async_read_some(space, kAsTuple);
    }
    counters.bytes_received += size;
    connection.buffer.append(connection.chunk.data(), size);
    if (!error) {
        co_return Received::kBytes;
    }
    if (connection.is_timed_out) {
        co_return Received::kTimedOut;
    }
    // A request says how long it is: an end without TLS's own goodbye takes nothing away from it.
    co_return error == asio::error::eof || error == asio::ssl::error::stream_truncated
        ? Received::kEnd
        : Received::kLost;
}

Task<bool> HttpServer::State::write(Connection& connection, std::string_view head,
                                    std::string_view body) {
    connection.watch(options.write_timeout);
    const std::array<asio::const_buffer, 2> both = {asio::buffer(head.data(), head.size()),
                                                    asio::buffer(body.data(), body.size())};
    error_code error;
    std::size_t size = 0;
    if (connection.tls) {
        std::tie(error, size) = co_await asio::async_write(*connection.tls, both, kAsTuple);
    } else {
        std::tie(error, size) = co_await asio::async_write(connection.socket, both, kAsTuple);
    }
    counters.bytes_sent += size;
    co_return !error;
}

Task<void> HttpServer::State::end(Connection& connection, bool is_idle) {
    connection.watch(is_idle ? kIdleLingerTime : kLingerTime);
    if (connection.tls) {
        co_await connection.tls->async_shutdown(kAsTuple);
    }
    error_code error;
    connection.socket.shutdown(tcp::socket::shutdown_send, error);
    while (!is_idle && !error && !connection.is_timed_out) {
        const auto space = asio::buffer(connection.chunk);
        std::size_t size = 0;
        std::tie(error, size) = co_await connection.socket.async_read_some(space, kAsTuple);
        counters.bytes_received += size;
    }
}

// Requests

Task<bool> HttpServer::State::wait_for_request(Connection& connection) {
    if (!connection.buffer.empty()) {
        co_return true;
    }
    error_code ignored;
    if (!is_stopping) {
        connection.watch(options.idle_timeout);
        connection.is_idle = true;
        const Received received = co_await receive(connection);
        connection.is_idle = false;
        if (received == Received::kBytes) {
            co_return true;
        }
    }
    // A request that had arrived before the server stopped is still answered.
    if (!is_stopping || connection.socket.available(ignored) == 0) {
        co_return false;
    }
    connection.watch(options.header_timeout);
    co_return co_await receive(connection) == Received::kBytes;
}

Task<HttpChecked<HttpRequestHead>> HttpServer::State::receive_head(Connection& connection) {
    connection.watch(options.header_timeout);
    std::size_t seen = 0;
    while (true) {
        const auto size = find_head_end(connection.buffer, seen, options.request);
        if (!size) {
            co_return tl::unexpected(size.error());
        }
        if (*size > 0) {
            const std::string_view bytes(connection.buffer);
            auto head = check_request_head(bytes.substr(0, *size), options.request);
            connection.buffer.erase(0, *size);
            co_return head;
        }
        seen = connection.buffer.size();
        const Received received = co_await receive(connection);
        if (received != Received::kBytes) {
            co_return tl::unexpected(received == Received::kTimedOut ? kSlow
                                     : received == Received::kEnd    ? kCutShort
                                                                     : kLost);
        }
    }
}

Task<HttpChecked<std::string>> HttpServer::State::receive_body(Connection& connection,
                                                               bool is_chunked,
                                                               std::uint64_t length,
                                                               bool expects_continue) {
    std::string body;
    if (length > options.body_bytes_max) {
        co_return tl::unexpected(HttpRefusal{413, "the body is too large"});
    }
    if (!is_chunked && length == 0) {
        co_return body;
    }
    if (expects_continue && connection.buffer.empty() &&
        !co_await write(connection, "HTTP/1.1 100 Continue\r\n\r\n", {})) {
        co_return tl::unexpected(kLost);
    }
    connection.watch(options.body_timeout);
    HttpChunkedBody chunked(options.body_bytes_max);
    while (true) {
        if (is_chunked) {
            const auto used = chunked.feed(connection.buffer, body);
            if (!used) {
                co_return tl::unexpected(used.error());
            }
            connection.buffer.erase(0, *used);
        } else {
            const std::size_t used =
                std::min<std::size_t>(connection.buffer.size(), length - body.size());
            body.append(connection.buffer, 0, used);
            connection.buffer.erase(0, used);
        }
        if (is_chunked ? chunked.is_complete() : body.size() == length) {
            co_return body;
        }
        const Received received = co_await receive(connection);
        if (received != Received::kBytes) {
            co_return tl::unexpected(received == Received::kTimedOut ? kSlow
                                     : received == Received::kEnd    ? kCutShort
                                                                     : kLost);
        }
    }
}

Task<Next> HttpServer::State::serve_one(Connection& connection, bool is_last) {
    auto head = co_await receive_head(connection);
    if (!head) {
        co_return co_await refuse(connection, head.error(), random_id(), false);
    }
    auto call = std::make_shared<Call>(executor);
    HttpServerRequest& request = call->request;
    request.method = head->method;
    request.path = std::move(head->path);
    request.query = std::move(head->query);
    request.host = std::move(head->host);
    request.headers = std::move(head->headers);
    request.peer_address = connection.peer_address;
    request.peer_port = connection.peer_port;
    const auto count = std::count_if(
        request.headers.begin(), request.headers.end(),
        [](const HttpHeader& one) { return is_same_header_name(one.name, "X-Request-Id"); });
    const auto given = request.header("X-Request-Id");
    request.id = count == 1 && is_request_id(*given) ? std::string(*given) : random_id();
    const bool is_head = request.method == HttpMethod::kHead;

    auto body = co_await receive_body(connection, head->is_chunked, head->content_length,
                                      head->expects_continue);
    connection.unwatch();
    if (!body) {
        co_return co_await refuse(connection, body.error(), request.id, is_head);
    }
    request.body = std::move(*body);
    auto reply = co_await answer(connection, call);
    if (!reply) {
        co_return co_await refuse(connection, reply.error(), call->request.id, is_head);
    }
    const bool keep_alive = head->keep_alive && !is_last && !is_stopping;
    if (!co_await send_reply(connection, std::move(*reply), call->request.id, is_head,
                             keep_alive)) {
        co_return Next::kDrop;
    }
    co_return keep_alive ? Next::kRequest : Next::kEnd;
}

Task<Next> HttpServer::State::refuse(Connection& connection, HttpRefusal refusal, std::string id,
                                     bool is_head) {
    if (refusal.status == kLost.status) {
        co_return Next::kDrop;
    }
    HttpReply reply = refusal_reply(refusal, id);
    const bool is_sent =
        co_await send_reply(connection, std::move(reply), std::move(id), is_head, false);
    co_return is_sent ? Next::kEnd : Next::kDrop;
}

Task<HttpChecked<HttpReply>> HttpServer::State::answer(Connection& connection,
                                                       std::shared_ptr<Call> call) {
    // Handlers that ignore their cancellation must not pile up.
    if (counters.handlers_now >= options.connections_max) {
        co_return tl::unexpected(HttpRefusal{503, "too many requests are being handled"});
    }
    call->request.deadline = SteadyClock::now() + options.handler_timeout;
    call->ended.expires_at(call->request.deadline);
    ++counters.handlers_now;
    asio::co_spawn(
        executor, run_handler(shared_from_this(), call),
        asio::bind_cancellation_slot(call->cancel.slot(), [call](const std::exception_ptr&) {}));
    connection.call = call;
    if (!call->is_ended) {
        co_await call->ended.async_wait(kAsTuple);
    }
    connection.call.reset();
    if (connection.is_cut) {
        co_return tl::unexpected(kLost);
    }
    if (!call->is_ended) {
        call->cancel.emit(asio::cancellation_type::terminal);
        report(call->request, "the handler missed its deadline");
        co_return tl::unexpected(HttpRefusal{504, "the server took too long"});
    }
    if (call->reply) {
        call->failure = reply_fault(*call->reply);
    }
    if (!call->reply || !call->failure.empty()) {
        report(call->request, call->failure);
        co_return tl::unexpected(HttpRefusal{500, "the server failed"});
    }
    co_return std::move(*call->reply);
}

Task<void> HttpServer::State::run_handler(std::shared_ptr<State> self, std::shared_ptr<Call> call) {
    try {
        HttpReply reply = co_await self->handler(call->request);
        call->reply = std::move(reply);
    } catch (const std::exception& error) {
        call->failure = error.what();
    } catch (...) {
        call->failure = "something that is no std::exception";
    }
    call->is_ended = true;
    call->ended.cancel();
    --self->counters.handlers_now;
    self->wake_stop();
}

void HttpServer::State::report(const HttpServerRequest& request, std::string_view what) const {
    if (options.on_failure) {
        options.on_failure(request, what);
    }
}

const std::string& HttpServer::State::date() {
    const std::time_t now = std::time(nullptr);
    if (now != date_time) {
        date_time = now;
        date_text = http_date(now);
    }
    return date_text;
}

Task<bool> HttpServer::State::send_reply(Connection& connection, HttpReply reply, std::string id,
                                         bool is_head, bool keep_alive) {
    std::string head = "HTTP/1.1 ";
    head.append(std::to_string(reply.status)).append(" ").append(reason_phrase(reply.status));
    head.append("\r\nDate: ").append(date()).append("\r\nX-Request-Id: ").append(id);
    for (const HttpHeader& header : reply.headers) {
        head.append("\r\n").append(header.name).append(": ").append(header.value);
    }
    const bool has_body = reply.status != 204 && reply.status != 304;
    if (has_body) {
        head.append("\r\nContent-Length: ").append(std::to_string(reply.body.size()));
    }
    head.append(keep_alive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n");
    ++counters.replies[reply.status / 100];
    if (!has_body || is_head) {
        reply.body.clear();
    }
    if (reply.body.size() <= kCopiedBodyBytesMax) {
        head += reply.body;
        reply.body.clear();
    }
    co_return co_await write(connection, head, reply.body);
}

// The end

void HttpServer::State::begin_stop() {
    if (is_stopping) {
        return;
    }
    is_stopping = true;
    // What the system has accepted in our name is answered if its request is there already.
    error_code error;
    acceptor.non_blocking(true, error);
    while (!error) {
        tcp::socket socket(executor);
        acceptor.accept(socket, error);
        if (!error) {
            take(std::move(socket));
        }
    }
    acceptor.close(error);
    for (const ConnectionPointer& connection : connections) {
        if (connection->is_idle) {
            connection->socket.cancel(error);
        }
    }
}

void HttpServer::State::cut() {
    for (const ConnectionPointer& connection : connections) {
        connection->cut();
    }
}

void HttpServer::State::wake_stop() {
    for (const auto& timer : stop_timers) {
        timer->cancel();
    }
}

Task<void> HttpServer::State::wait_until_over(std::shared_ptr<State> self, TimePoint until) {
    const auto timer = std::make_shared<asio::steady_timer>(self->executor, until);
    self->stop_timers.push_back(timer);
    while (!self->is_over() && SteadyClock::now() < until) {
        co_await timer->async_wait(kAsTuple);
    }
    std::erase(self->stop_timers, timer);
}

Task<bool> HttpServer::State::stop(std::shared_ptr<State> self, Milliseconds grace) {
    self->begin_stop();
    co_await wait_until_over(self, SteadyClock::now() + grace);
    if (!self->is_over()) {
        self->cut();
        co_await wait_until_over(self, SteadyClock::now() + kCutTime);
    }
    co_return self->is_over();
}

std::optional<std::string_view> HttpServerRequest::header(std::string_view name) const {
    for (const HttpHeader& one : headers) {
        if (is_same_header_name(one.name, name)) {
            return one.value;
        }
    }
    return std::nullopt;
}

std::optional<std::string_view> HttpServerRequest::parameter(std::string_view name) const {
    for (const auto& [one, value] : query) {
        if (one == name) {
            return value;
        }
    }
    return std::nullopt;
}

HttpServer::HttpServer(std::shared_ptr<State> state) : state_(std::move(state)) {}

HttpServer::~HttpServer() {
    state_->begin_stop();
    state_->cut();
}

Result<std::unique_ptr<HttpServer>> HttpServer::listen(const Executor& executor,
                                                       HttpServerOptions options,
                                                       HttpHandler handler) {
    LATCHKEY_CHECK(check_options(options));
    std::unique_ptr<asio::ssl::context> tls;
    if (options.tls) {
        LATCHKEY_TRY(tls, make_tls(*options.tls));
    }
    LATCHKEY_TRY(tcp::acceptor acceptor, open_acceptor(executor, options));
    auto state = std::make_shared<State>(executor, std::move(options), std::move(handler),
                                         std::move(tls), std::move(acceptor));
    error_code error;
    state->port = state->acceptor.local_endpoint(error).port();
    asio::co_spawn(executor, State::accept_loop(state), [](const std::exception_ptr&) {});
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

std::uint16_t HttpServer::port() const {
    return state_->port;
}

HttpServerCounters HttpServer::counters() const {
    HttpServerCounters counters = state_->counters;
    counters.connections_now = state_->connections.size() - state_->refusing;
    return counters;
}

Task<bool> HttpServer::stop(Milliseconds grace) {
    return State::stop(state_, grace);
}

}  // namespace latchkey::net
