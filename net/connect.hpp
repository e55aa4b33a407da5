// SPDX-License-Identifier: Apache-2.0
#pragma once

// Private to this library: Beast and OpenSSL streams are slow to compile, so this header is
// included by the http_client, websocket_client and connect sources only.
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <memory>

#include "net/effects.hpp"
#include "net/tls.hpp"
#include "net/url.hpp"

namespace latchkey::net::detail {

using TcpStream = boost::beast::tcp_stream;
using TlsStream = boost::beast::ssl_stream<TcpStream>;
using TlsContext = boost::asio::ssl::context;

/// Error: kTlsFailed.
Result<std::shared_ptr<TlsContext>> make_tls_context(const TlsOptions& options);

/// Resolves and connects; the first address that answers wins.
/// Errors: kNameNotResolved, kConnectFailed, kTimedOut.
Task<Result<void>> connect_tcp(TcpStream& stream, const Url& url, Deadline deadline);

/// Server name indication, handshake, certificate chain and host name. Errors: kTlsFailed,
/// kTimedOut.
Task<Result<void>> handshake_tls(TlsStream& stream, const Url& url, Deadline deadline);

/// `doing` names the step; the context says which host, never the path.
tl::unexpected<core::Error> network_failure(const boost::system::error_code& error,
                                            core::ErrorCode code, std::string_view doing,
                                            const Url& url);

bool is_timeout(const boost::system::error_code& error);

}  // namespace latchkey::net::detail
