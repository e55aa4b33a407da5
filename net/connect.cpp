// SPDX-License-Identifier: Apache-2.0
#include "net/connect.hpp"

#include <openssl/ssl.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>

namespace latchkey::net::detail {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;
using core::ErrorCode;
using core::fail;

namespace {

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

/// Shared with the resolver's callback, which may come long after the deadline: a lookup that runs
/// in the system's resolver cannot be interrupted.
struct Resolution {
    explicit Resolution(const Executor& executor) : resolver(executor), finished(executor) {}

    tcp::resolver resolver;
    asio::steady_timer finished;
    bool is_finished = false;
    error_code error;
    tcp::resolver::results_type endpoints;
};

Task<Result<tcp::resolver::results_type>> resolve(const Executor& executor, const Url& url,
                                                  Deadline deadline) {
    error_code not_an_address;
    const auto address = asio::ip::make_address(url.host, not_an_address);
    if (!not_an_address) {
        co_return tcp::resolver::results_type::create(tcp::endpoint(address, url.port), url.host,
                                                      std::to_string(url.port));
    }
    const auto resolution = std::make_shared<Resolution>(executor);
    resolution->finished.expires_at(deadline);
    resolution->resolver.async_resolve(
        url.host, std::to_string(url.port),
        [resolution](const error_code& error, tcp::resolver::results_type endpoints) {
            resolution->is_finished = true;
            resolution->error = error;
            resolution->endpoints = std::move(endpoints);
            resolution->finished.cancel();
        });
    co_await resolution->finished.async_wait(kAsTuple);
    if (!resolution->is_finished) {
        resolution->resolver.cancel();
        co_return network_failure(beast::error::timeout, ErrorCode::kTimedOut, "resolving", url);
    }
    if (resolution->error) {
        co_return network_failure(resolution->error, ErrorCode::kNameNotResolved, "resolving", url);
    }
    co_return resolution->endpoints;
}

}  // namespace

bool is_timeout(const error_code& error) {
    return error == beast::error::timeout || error == asio::error::timed_out;
}

tl::unexpected<core::Error> network_failure(const error_code& error, ErrorCode code,
                                            std::string_view doing, const Url& url) {
    std::string context(doing);
    context += " " + url.origin() + ": " + error.message();
    return fail(is_timeout(error) ? ErrorCode::kTimedOut : code, std::move(context));
}

Result<std::shared_ptr<TlsContext>> make_tls_context(const TlsOptions& options) {
    auto context = std::make_shared<TlsContext>(TlsContext::tls_client);
    error_code error;
    if (SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION) != 1) {
        return fail(ErrorCode::kTlsFailed, "TLS 1.2 is not available");
    }
    context->set_verify_mode(asio::ssl::verify_peer, error);
    if (!error && options.use_system_roots) {
        context->set_default_verify_paths(error);
    }
    if (!error && !options.extra_roots_pem.empty()) {
        context->add_certificate_authority(asio::buffer(options.extra_roots_pem), error);
    }
    if (error) {
        return fail(ErrorCode::kTlsFailed, "reading trusted certificates: " + error.message());
    }
    return context;
}

Task<Result<void>> connect_tcp(TcpStream& stream, const Url& url, Deadline deadline) {
    const Executor executor = stream.get_executor();
    LATCHKEY_CO_TRY(const auto endpoints, co_await resolve(executor, url, deadline));
    stream.expires_at(deadline);
    const auto [error, endpoint] = co_await stream.async_connect(endpoints, kAsTuple);
    if (error) {
        co_return network_failure(error, ErrorCode::kConnectFailed, "connecting to", url);
    }
    error_code ignored;
    stream.socket().set_option(tcp::no_delay(true), ignored);
    co_return Result<void>();
}

Task<Result<void>> handshake_tls(TlsStream& stream, const Url& url, Deadline deadline) {
    error_code is_name;
    asio::ip::make_address(url.host, is_name);
    // RFC 6066: the server name is a DNS name, never an address.
    if (is_name && SSL_set_tlsext_host_name(stream.native_handle(), url.host.c_str()) != 1) {
        co_return fail(ErrorCode::kTlsFailed, "setting the server name");
    }
    error_code error;
    stream.set_verify_callback(asio::ssl::host_name_verification(url.host), error);
    if (error) {
        co_return network_failure(error, ErrorCode::kTlsFailed, "preparing TLS with", url);
    }
    beast::get_lowest_layer(stream).expires_at(deadline);
    const auto [failure] =
        co_await stream.async_handshake(asio::ssl::stream_base::client, kAsTuple);
    if (failure) {
        co_return network_failure(failure, ErrorCode::kTlsFailed, "TLS with", url);
    }
    co_return Result<void>();
}

}  // namespace latchkey::net::detail
