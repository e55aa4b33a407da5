// SPDX-License-Identifier: Apache-2.0
#include "net/websocket_client.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>

#include "net/blocking.hpp"
#include "net/scripted_server.hpp"

namespace latchkey::net {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using core::ErrorCode;
using ServerStream = websocket::stream<boost::asio::ip::tcp::socket&>;

/// A server that accepts the handshake and then does what `talk` says.
ScriptedServer::Script accepting(std::function<void(ServerStream&)> talk) {
    return [talk = std::move(talk)](ServerConnection& connection) {
        ServerStream stream(connection.socket());
        beast::error_code error;
        stream.accept(error);
        if (!error) {
            stream.text(true);
            talk(stream);
        }
    };
}

std::string read(ServerStream& stream) {
    beast::flat_buffer buffer;
    beast::error_code error;
    stream.read(buffer, error);
    return error ? "" : beast::buffers_to_string(buffer.cdata());
}

bool write(ServerStream& stream, std::string_view text) {
    beast::error_code error;
    stream.write(boost::asio::buffer(text.data(), text.size()), error);
    return !error;
}

void echo(ServerStream& stream) {
    for (std::string text = read(stream); !text.empty(); text = read(stream)) {
        write(stream, text);
    }
}

class WebSocketTest : public testing::Test {
  protected:
    static Deadline in(int milliseconds) { return SteadyClock::now() + Milliseconds(milliseconds); }

    Result<std::unique_ptr<WebSocketClient>> connect(const std::string& url,
                                                     int milliseconds = 2000) {
        const Url parsed = parse_url(url).value();
        return blocking.run(
            WebSocketClient::connect(blocking.executor(), parsed, options, in(milliseconds)));
    }

    BlockingExecutor blocking;
    WebSocketOptions options;
};

TEST_F(WebSocketTest, sends_receives_and_closes) {
    std::string target;
    const ScriptedServer server(accepting(echo));
    auto client = connect(server.url("ws"));
    ASSERT_TRUE(client) << client.error().to_string();
    WebSocketClient& socket = **client;
    for (int i = 0; i < 20; ++i) {
        const std::string text(static_cast<std::size_t>(i) * 1000 + 1, 'x');
        ASSERT_TRUE(blocking.run(socket.send(text, in(1000))));
        EXPECT_EQ(blocking.run(socket.receive(in(1000))).value(), text);
    }
    EXPECT_TRUE(socket.is_open());
    blocking.run(socket.close(in(1000)));
    EXPECT_FALSE(socket.is_open());
    EXPECT_EQ(blocking.run(socket.receive(in(1000))).error().code, ErrorCode::kNotConnected);
    EXPECT_EQ(blocking.run(socket.send("x", in(1000))).error().code, ErrorCode::kNotConnected);
}

TEST_F(WebSocketTest, wrong_schemes_and_refused_handshakes) {
    EXPECT_EQ(connect("http://127.0.0.1:1/").error().code, ErrorCode::kInvalidUrl);
    const ScriptedServer plain([](ServerConnection& connection) {
        connection.read_request();
        connection.answer("no", "403 Forbidden");
    });
    const auto refused = connect(plain.url("ws"));
    EXPECT_EQ(refused.error().code, ErrorCode::kWebSocketRefused);
    EXPECT_NE(refused.error().context.find("403"), std::string::npos);
    const ScriptedServer garbage([](ServerConnection& connection) {
        connection.read_request();
        connection.write("garbage\r\n\r\n");
    });
    EXPECT_EQ(connect(garbage.url("ws")).error().code, ErrorCode::kWebSocketRefused);
    const ScriptedServer silent([](ServerConnection& connection) {
        connection.read_request();
        connection.read_request();
    });
    EXPECT_EQ(connect(silent.url("ws"), 100).error().code, ErrorCode::kTimedOut);
    options.headers = {{"X", "a\r\nEvil: 1"}};
    EXPECT_EQ(connect(silent.url("ws")).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(WebSocketTest, headers_reach_the_server) {
    std::string request;
    const ScriptedServer server([&](ServerConnection& connection) {
        request = connection.read_request();
        connection.answer("no", "403 Forbidden");
    });
    options.headers = {{"Authorization", "Bearer x"}};
    EXPECT_FALSE(connect(server.url("ws")));
    EXPECT_NE(request.find("Authorization: Bearer x\r\n"), std::string::npos) << request;
    EXPECT_TRUE(request.starts_with("GET /path HTTP/1.1\r\n")) << request;
}

TEST_F(WebSocketTest, a_timeout_leaves_the_connection_open) {
    const ScriptedServer server(accepting(echo));
    const auto client = connect(server.url("ws")).value();
    EXPECT_EQ(blocking.run(client->receive(in(50))).error().code, ErrorCode::kTimedOut);
    EXPECT_TRUE(client->is_open());
    ASSERT_TRUE(blocking.run(client->send("still here", in(1000))));
    EXPECT_EQ(blocking.run(client->receive(in(1000))).value(), "still here");
}

TEST_F(WebSocketTest, what_arrived_before_the_end_can_be_received) {
    const ScriptedServer server(accepting([](ServerStream& stream) {
        write(stream, "one");
        write(stream, "two");
    }));
    const auto client = connect(server.url("ws")).value();
    EXPECT_EQ(blocking.run(client->receive(in(1000))).value(), "one");
    std::this_thread::sleep_for(Milliseconds(20));
    EXPECT_EQ(blocking.run(client->receive(in(1000))).value(), "two");
    EXPECT_EQ(blocking.run(client->receive(in(1000))).error().code, ErrorCode::kConnectionLost);
    EXPECT_FALSE(client->is_open());
}

TEST_F(WebSocketTest, a_consumer_that_is_too_slow_is_told) {
    options.inbox_messages_max = 10;
    const ScriptedServer server(accepting([](ServerStream& stream) {
        for (int i = 0; i < 100 && write(stream, std::to_string(i)); ++i) {
        }
        read(stream);
    }));
    const auto client = connect(server.url("ws")).value();
    SystemClock clock;
    blocking.run(clock.sleep_until(in(100)));
    for (int i = 0; i < 11; ++i) {
        EXPECT_EQ(blocking.run(client->receive(in(1000))).value(), std::to_string(i));
    }
    EXPECT_EQ(blocking.run(client->receive(in(1000))).error().code, ErrorCode::kWebSocketOverflow);
}

TEST_F(WebSocketTest, messages_have_a_limit) {
    options.message_bytes_max = 1000;
    const ScriptedServer server(accepting([](ServerStream& stream) {
        write(stream, std::string(1000, 'x'));
        write(stream, std::string(1001, 'x'));
        read(stream);
    }));
    const auto client = connect(server.url("ws")).value();
    EXPECT_EQ(blocking.run(client->receive(in(1000)))->size(), 1000U);
    EXPECT_EQ(blocking.run(client->receive(in(1000))).error().code, ErrorCode::kWebSocketOverflow);
}

TEST_F(WebSocketTest, silent_peers_are_pinged_and_given_up) {
    options.idle_timeout = Milliseconds(200);
    std::atomic<int> pings = 0;
    const ScriptedServer alive(accepting([&](ServerStream& stream) {
        stream.control_callback([&](websocket::frame_type kind, beast::string_view) {
            pings += kind == websocket::frame_type::ping ? 1 : 0;
        });
        read(stream);
    }));
    const auto client = connect(alive.url("ws")).value();
    EXPECT_EQ(blocking.run(client->receive(in(700))).error().code, ErrorCode::kTimedOut);
    EXPECT_TRUE(client->is_open()) << "pongs keep it alive";
    EXPECT_GE(pings, 2);
    // Accepts and then reads nothing, so nobody answers pings.
    const ScriptedServer dead(
        accepting([](ServerStream&) { std::this_thread::sleep_for(Milliseconds(700)); }));
    const auto lost = connect(dead.url("ws")).value();
    EXPECT_EQ(blocking.run(lost->receive(in(2000))).error().code, ErrorCode::kTimedOut);
    EXPECT_FALSE(lost->is_open());
}

TEST_F(WebSocketTest, a_garbled_frame_ends_the_connection) {
    const ScriptedServer server([](ServerConnection& connection) {
        ServerStream stream(connection.socket());
        stream.accept();
        // Reserved bits set, reserved opcode.
        connection.write(std::string(20, static_cast<char>(0xff)));
        connection.wait(Milliseconds(50));
    });
    const auto client = connect(server.url("ws")).value();
    EXPECT_EQ(blocking.run(client->receive(in(1000))).error().code, ErrorCode::kConnectionLost);
}

TEST_F(WebSocketTest, over_tls) {
    const TestCertificates certificates("IP:127.0.0.1");
    const auto context = certificates.server_context();
    const ScriptedServer server([&](ServerConnection& connection) {
        // The certificate is all that is looked at here.
        connection.start_tls(*context);
        connection.read_request();
        connection.answer("no", "403 Forbidden");
    });
    EXPECT_EQ(connect(server.url("wss")).error().code, ErrorCode::kTlsFailed);
    options.tls.extra_roots_pem = certificates.authority_pem;
    EXPECT_EQ(connect(server.url("wss")).error().code, ErrorCode::kWebSocketRefused);
}

TEST_F(WebSocketTest, a_message_cut_off_by_its_deadline_ends_the_connection) {
    const ScriptedServer server(
        accepting([](ServerStream&) { std::this_thread::sleep_for(Milliseconds(500)); }));
    const auto client = connect(server.url("ws")).value();
    // More than the buffers of both sides hold.
    EXPECT_EQ(blocking.run(client->send(std::string(64 * 1024 * 1024, 'x'), in(200))).error().code,
              ErrorCode::kTimedOut);
    EXPECT_FALSE(client->is_open());
}

TEST_F(WebSocketTest, one_receiver_at_a_time) {
    const ScriptedServer server(accepting(echo));
    const auto client = connect(server.url("ws")).value();
    const auto both = [&]() -> Task<ErrorCode> {
        const Executor executor = co_await boost::asio::this_coro::executor;
        const auto first = [&]() -> Task<void> { (void)co_await client->receive(in(100)); };
        boost::asio::co_spawn(executor, first(), [](std::exception_ptr) {});
        SystemClock clock;
        co_await clock.sleep_until(in(20));
        const auto second = co_await client->receive(in(100));
        co_return second.error().code;
    };
    EXPECT_EQ(blocking.run(both()), ErrorCode::kInvalidArgument);
    SystemClock clock;
    blocking.run(clock.sleep_until(in(150)));
}

}  // namespace
}  // namespace latchkey::net
