// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tests only.
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace latchkey::net {

/// A connection as a test's script sees it: blocking, plain or TLS.
class ServerConnection {
  public:
    using Socket = boost::asio::ip::tcp::socket;
    using TlsSocket = boost::asio::ssl::stream<Socket>;

    explicit ServerConnection(Socket socket) : socket_(std::move(socket)) {}

    /// Returns false if the handshake fails.
    bool start_tls(boost::asio::ssl::context& context);
    /// Head and body of the next request; empty when the client has closed.
    std::string read_request();
    /// False if the client is gone.
    bool write(std::string_view bytes);
    /// A complete answer.
    bool answer(std::string_view body, std::string_view status = "200 OK",
                std::string_view more_headers = {});
    void wait(std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }
    /// When the script ends the client gets a reset instead of an orderly end.
    void end_with_reset();
    Socket& socket() { return socket_; }

  private:
    std::size_t read_some(char* data, std::size_t size);

    Socket socket_;
    std::unique_ptr<boost::asio::ssl::stream<Socket&>> tls_;
};

/// Listens on a free port of this machine and runs the script once for each connection, in its own
/// thread. Everything ends in the destructor.
class ScriptedServer {
  public:
    using Script = std::function<void(ServerConnection&)>;

    explicit ScriptedServer(Script script);
    ~ScriptedServer();
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    /// "http://127.0.0.1:port/path"
    [[nodiscard]] std::string url(std::string_view scheme = "http",
                                  std::string_view host = "127.0.0.1") const;
    [[nodiscard]] int connections() const { return connections_; }

  private:
    void accept_loop();

    boost::asio::io_context context_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::uint16_t port_;
    Script script_;
    std::atomic<int> connections_ = 0;
    std::atomic<bool> is_stopping_ = false;
    std::mutex mutex_;
    std::vector<std::thread> threads_;
    std::set<int> handles_;
    std::thread acceptor_thread_;
};

/// A certificate authority and a server certificate for `name`, made afresh.
struct TestCertificates {
    explicit TestCertificates(const std::string& name);

    std::string authority_pem;
    std::string certificate_pem;
    std::string key_pem;

    [[nodiscard]] std::unique_ptr<boost::asio::ssl::context> server_context() const;
};

}  // namespace latchkey::net
