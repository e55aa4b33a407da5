// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/pubsub.hpp"

#include <gtest/gtest.h>

#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/json/parse.hpp>

#include "chains/solana/client/pubsub_codec.hpp"
#include "net/blocking.hpp"
#include "net/scripted_server.hpp"

namespace latchkey::solana {
namespace {

namespace beast = boost::beast;
namespace json = boost::json;
using core::ErrorCode;
using net::Milliseconds;

/// One WebSocket connection as a test's script sees it.
class Peer {
  public:
    explicit Peer(boost::asio::ip::tcp::socket& socket) : stream_(socket) {
        stream_.accept();
        stream_.text(true);
    }
    /// null when the client is gone.
    json::value read() {
        beast::flat_buffer buffer;
        beast::error_code error;
        stream_.read(buffer, error);
        return error ? json::value() : json::parse(beast::buffers_to_string(buffer.cdata()));
    }
    void write(const std::string& text) {
        beast::error_code error;
        stream_.write(boost::asio::buffer(text), error);
    }
    void answer(const json::value& request, const std::string& result) {
        write(R"({"jsonrpc":"2.0","result":)" + result + R"(,"id":)" +
              std::to_string(request.at("id").to_number<int>()) + "}");
    }
    void notify(const std::string& method, int subscription, const std::string& result) {
        write(R"({"jsonrpc":"2.0","method":")" + method + R"(","params":{"subscription":)" +
              std::to_string(subscription) + R"(,"result":)" + result + "}}");
    }

  private:
    beast::websocket::stream<boost::asio::ip::tcp::socket&> stream_;
};

net::ScriptedServer::Script talking(std::function<void(Peer&)> talk) {
    return [talk = std::move(talk)](net::ServerConnection& connection) {
        Peer peer(connection.socket());
        talk(peer);
    };
}

class PubSubTest : public testing::Test {
  protected:
    static net::Deadline in(int milliseconds) {
        return net::SteadyClock::now() + Milliseconds(milliseconds);
    }
    std::unique_ptr<PubSub> connect(const net::ScriptedServer& server) {
        const net::Url url = net::parse_url(server.url("ws")).value();
        return blocking.run(PubSub::connect(blocking.executor(), url, options, in(2000))).value();
    }

    net::BlockingExecutor blocking;
    PubSubOptions options;
};

std::string slot(int number) {
    return R"({"slot":)" + std::to_string(number) + R"(,"parent":1,"root":0})";
}

TEST_F(PubSubTest, notices_reach_their_own_subscription) {
    json::value first;
    json::value unsubscribed;
    const net::ScriptedServer server(talking([&](Peer& peer) {
        first = peer.read();
        peer.answer(first, "7");
        // At once, before the client has seen the answer.
        peer.notify("slotNotification", 7, slot(1));
        const auto second = peer.read();
        peer.notify("slotNotification", 99, slot(99));
        peer.answer(second, "8");
        peer.notify("slotNotification", 8, slot(2));
        peer.notify("slotNotification", 7, slot(3));
        unsubscribed = peer.read();
        peer.answer(unsubscribed, "true");
        peer.notify("slotNotification", 8, slot(4));
        peer.read();
    }));
    const auto pubsub = connect(server);
    auto one = blocking.run(pubsub->slot_subscribe()).value();
    EXPECT_EQ(first.at("method"), json::value("slotSubscribe"));
    auto two = blocking.run(pubsub->slot_subscribe()).value();
    EXPECT_EQ(blocking.run(one.next(in(1000)))->slot, 1U);
    EXPECT_EQ(blocking.run(one.next(in(1000)))->slot, 3U);
    EXPECT_EQ(blocking.run(two.next(in(1000)))->slot, 2U);
    {
        const auto ended = std::move(one);
    }
    EXPECT_EQ(blocking.run(two.next(in(1000)))->slot, 4U);
    EXPECT_EQ(unsubscribed.at("method"), json::value("slotUnsubscribe"));
    EXPECT_EQ(unsubscribed.at("params").at(0).to_number<int>(), 7);
    EXPECT_EQ(blocking.run(two.next(in(30))).error().code, ErrorCode::kTimedOut);
}

TEST_F(PubSubTest, signatures) {
    json::value request;
    const net::ScriptedServer server(talking([&](Peer& peer) {
        request = peer.read();
        peer.answer(request, "7");
        peer.notify("signatureNotification", 7,
                    R"({"context":{"slot":5},"value":"receivedSignature"})");
        peer.notify("signatureNotification", 7,
                    R"({"context":{"slot":6},"value":{"err":{"InstructionError":[0,
                        {"Custom":1}]}}})");
        peer.read();
    }));
    const auto pubsub = connect(server);
    auto subscription =
        blocking.run(pubsub->signature_subscribe(Signature(), Commitment::kConfirmed)).value();
    EXPECT_EQ(request.at("params").at(1).at("commitment"), json::value("confirmed"));
    const auto notice = blocking.run(subscription.next(in(1000))).value();
    EXPECT_EQ(notice.slot, 6U);
    EXPECT_EQ(notice.error->custom_code, 1U);
    EXPECT_EQ(blocking.run(subscription.next(in(1000))).error().code, ErrorCode::kNotConnected);
}

TEST_F(PubSubTest, refused_subscriptions) {
    const net::ScriptedServer server(talking([&](Peer& peer) {
        const auto request = peer.read();
        peer.write(R"({"jsonrpc":"2.0","error":{"code":-32602,"message":"no"},"id":)" +
                   std::to_string(request.at("id").to_number<int>()) + "}");
        peer.read();
        peer.read();
    }));
    options.call_timeout = Milliseconds(100);
    const auto pubsub = connect(server);
    EXPECT_EQ(blocking.run(pubsub->slot_subscribe()).error().code, ErrorCode::kRpcRejected);
    EXPECT_EQ(blocking.run(pubsub->slot_subscribe()).error().code, ErrorCode::kTimedOut);
}

TEST_F(PubSubTest, a_lost_connection_ends_all_subscriptions) {
    const net::ScriptedServer server(talking([&](Peer& peer) {
        peer.answer(peer.read(), "7");
        peer.notify("slotNotification", 7, slot(1));
    }));
    const auto pubsub = connect(server);
    auto subscription = blocking.run(pubsub->slot_subscribe()).value();
    EXPECT_EQ(blocking.run(subscription.next(in(1000)))->slot, 1U);
    EXPECT_EQ(blocking.run(subscription.next(in(1000))).error().code, ErrorCode::kConnectionLost);
    EXPECT_FALSE(pubsub->is_open());
    EXPECT_EQ(blocking.run(pubsub->slot_subscribe()).error().code, ErrorCode::kConnectionLost);
}

TEST_F(PubSubTest, garbage_ends_the_connection) {
    for (const std::string garbage : {"nonsense", "[]", R"({"jsonrpc":"2.0","method":"x"})",
                                      R"({"jsonrpc":"2.0","id":"x","result":5})"}) {
        const net::ScriptedServer server(talking([&](Peer& peer) {
            peer.answer(peer.read(), "7");
            peer.write(garbage);
            peer.read();
        }));
        const auto pubsub = connect(server);
        auto subscription = blocking.run(pubsub->slot_subscribe()).value();
        const auto notice = blocking.run(subscription.next(in(1000)));
        ASSERT_FALSE(notice);
        EXPECT_TRUE(notice.error().code == ErrorCode::kRpcMalformed ||
                    notice.error().code == ErrorCode::kInvalidJson)
            << notice.error().to_string();
    }
}

TEST_F(PubSubTest, a_slow_subscriber_is_told_and_the_others_go_on) {
    options.notices_max = 5;
    const net::ScriptedServer server(talking([&](Peer& peer) {
        peer.answer(peer.read(), "7");
        peer.answer(peer.read(), "8");
        for (int i = 0; i < 10; ++i) {
            peer.notify("slotNotification", 7, slot(i));
        }
        peer.notify("slotNotification", 8, slot(42));
        peer.read();
    }));
    const auto pubsub = connect(server);
    auto slow = blocking.run(pubsub->slot_subscribe()).value();
    auto other = blocking.run(pubsub->slot_subscribe()).value();
    EXPECT_EQ(blocking.run(other.next(in(1000)))->slot, 42U);
    for (unsigned i = 0; i < 5; ++i) {
        EXPECT_EQ(blocking.run(slow.next(in(1000)))->slot, i);
    }
    EXPECT_EQ(blocking.run(slow.next(in(1000))).error().code, ErrorCode::kWebSocketOverflow);
    EXPECT_TRUE(pubsub->is_open());
}

TEST_F(PubSubTest, subscriptions_may_outlive_their_connection) {
    const net::ScriptedServer server(talking([&](Peer& peer) {
        peer.answer(peer.read(), "7");
        peer.read();
    }));
    auto pubsub = connect(server);
    auto subscription = blocking.run(pubsub->slot_subscribe()).value();
    pubsub.reset();
    EXPECT_EQ(blocking.run(subscription.next(in(1000))).error().code, ErrorCode::kNotConnected);
}

TEST(pubsub_codec, notices) {
    using namespace pubsub_codec;
    EXPECT_EQ(
        decode_account_notice(json::parse(R"({"context":{"slot":5},"value":null})")).error().code,
        ErrorCode::kRpcMalformed);
    EXPECT_EQ(decode_slot_notice(json::parse(R"({"slot":5,"parent":4})")).error().code,
              ErrorCode::kRpcMalformed);
    EXPECT_EQ(
        decode_signature_notice(json::parse(R"({"context":{"slot":5},"value":{}})")).error().code,
        ErrorCode::kRpcMalformed);
    EXPECT_EQ(
        std::get<Answer>(decode_message(R"({"id":1,"result":5})").value()).subscription.value(),
        5U);
}

}  // namespace
}  // namespace latchkey::solana
