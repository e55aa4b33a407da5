// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/http.hpp"
#include "net/tls.hpp"

namespace latchkey::net {

struct WebSocketOptions {
    TlsOptions tls;
    /// Sent with the opening handshake.
    std::vector<HttpHeader> headers;
    std::size_t message_bytes_max = 16 * 1024 * 1024;
    /// Received and not yet taken with receive(). One more ends the connection: a consumer that is
    /// too slow must notice, not fall behind without end.
    std::size_t inbox_messages_max = 1024;
    std::size_t inbox_bytes_max = 64 * 1024 * 1024;
    /// Waiting to be sent; one more is refused with kWebSocketOverflow.
    std::size_t outbox_messages_max = 256;
    /// A silent peer is pinged after half of this time and given up after all of it.
    Milliseconds idle_timeout{30000};
    std::string user_agent = "latchkey";
};

/// One WebSocket connection (RFC 6455), plain or over TLS. It does not reconnect: what a lost
/// connection means is for the caller to decide. Belongs to its executor's thread.
class WebSocketClient {
  public:
    /// `url` is ws or wss. Errors: kInvalidUrl, kInvalidArgument, kNameNotResolved, kConnectFailed,
    /// kTlsFailed, kTimedOut, kWebSocketRefused.
    static Task<Result<std::unique_ptr<WebSocketClient>>> connect(Executor executor, Url url,
                                                                  WebSocketOptions options,
                                                                  Deadline deadline);
    /// Drops the connection without a closing handshake.
    ~WebSocketClient();

    /// Returns when the text has been handed to the network. If the deadline passes half-way
    /// through the message, the connection is of no more use and is closed. Errors: kTimedOut,
    /// kConnectionLost, kNotConnected, kWebSocketOverflow.
    Task<Result<void>> send(std::string text, Deadline deadline);

    /// The next message, text or binary, in order of arrival. One call at a time. After kTimedOut
    /// the connection goes on. What arrived before the connection ended can still be received.
    /// Errors: kTimedOut, kConnectionLost, kNotConnected (closed by close()), kWebSocketOverflow.
    Task<Result<std::string>> receive(Deadline deadline);

    /// Sends what is queued, then the closing handshake; returns when it is done or the deadline
    /// has passed. Afterwards the connection is closed in any case.
    Task<void> close(Deadline deadline);

    [[nodiscard]] bool is_open() const;

    class Session;

  private:
    explicit WebSocketClient(std::shared_ptr<Session> session);
    std::shared_ptr<Session> session_;
};

}  // namespace latchkey::net
