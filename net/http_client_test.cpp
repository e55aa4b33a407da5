// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <mutex>

#include "net/blocking.hpp"
#include "net/scripted_server.hpp"

namespace latchkey::net {
namespace {

using core::ErrorCode;

class HttpClientTest : public testing::Test {
  protected:
    HttpClient& client() {
        if (!client_) {
            client_ = HttpClient::create(blocking.executor(), options).value();
        }
        return *client_;
    }

    Result<HttpResponse> post(const std::string& url, std::string body = "{}",
                              Milliseconds timeout = Milliseconds(2000), bool idempotent = false) {
        HttpRequest request;
        request.method = HttpMethod::kPost;
        request.url = parse_url(url).value();
        request.body = std::move(body);
        request.idempotent = idempotent;
        return blocking.run(client().send(std::move(request), SteadyClock::now() + timeout));
    }

    ErrorCode code(const std::string& url, Milliseconds timeout = Milliseconds(2000)) {
        const auto response = post(url, "{}", timeout);
        return response ? ErrorCode::kUnsupported : response.error().code;
    }

    BlockingExecutor blocking;
    HttpClientOptions options;
    std::unique_ptr<HttpClient> client_;
};

/// Answers every request on every connection.
void echo(ServerConnection& connection) {
    while (true) {
        const std::string request = connection.read_request();
        if (request.empty() || !connection.answer(request)) {
            return;
        }
    }
}

TEST_F(HttpClientTest, sends_and_receives_and_keeps_the_connection) {
    const ScriptedServer server(echo);
    for (int i = 0; i < 3; ++i) {
        const auto response = post(server.url(), "body " + std::to_string(i));
        ASSERT_TRUE(response) << response.error().to_string();
        EXPECT_EQ(response->status, 200U);
        EXPECT_TRUE(response->body.starts_with("POST /path HTTP/1.1\r\n")) << response->body;
        EXPECT_NE(response->body.find("Host: 127.0.0.1:" + std::to_string(server.port())),
                  std::string::npos);
        EXPECT_TRUE(response->body.ends_with("\r\n\r\nbody " + std::to_string(i)));
    }
    EXPECT_EQ(server.connections(), 1);
    EXPECT_EQ(client().idle_connections(), 1U);
}

TEST_F(HttpClientTest, error_statuses_are_answers) {
    const ScriptedServer server([](ServerConnection& connection) {
        connection.read_request();
        connection.answer("slow down", "429 Too Many Requests", "retry-AFTER: 3\r\n");
    });
    const auto response = post(server.url()).value();
    EXPECT_EQ(response.status, 429U);
    EXPECT_EQ(response.body, "slow down");
    EXPECT_FALSE(response.is_success());
    EXPECT_EQ(retry_after(response), std::chrono::seconds(3));
}

TEST_F(HttpClientTest, refuses_redirects) {
    const ScriptedServer server([](ServerConnection& connection) {
        connection.read_request();
        connection.answer("", "307 Temporary Redirect", "Location: http://evil.example/\r\n");
    });
    EXPECT_EQ(code(server.url()), ErrorCode::kHttpRedirect);
}

TEST_F(HttpClientTest, garbage_truncation_and_early_ends) {
    struct Case {
        std::string_view answer;
        ErrorCode code;
    };
    for (const Case& one : std::initializer_list<Case>{
             {"", ErrorCode::kConnectionLost},
             {"garbage\r\n\r\n", ErrorCode::kHttpMalformed},
             {"HTTP/9.9 200 OK\r\n\r\n", ErrorCode::kHttpMalformed},
             {"HTTP/1.1 abc OK\r\n\r\n", ErrorCode::kHttpMalformed},
             {"HTTP/1.1 200 OK\r\nContent-Le", ErrorCode::kConnectionLost},
             {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345", ErrorCode::kConnectionLost},
             {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", ErrorCode::kHttpMalformed},
             {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
              ErrorCode::kHttpMalformed},
             {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n123",
              ErrorCode::kConnectionLost},
             {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
              ErrorCode::kHttpMalformed},
             {"HTTP/1.1 101 Switching\r\n\r\n", ErrorCode::kHttpMalformed},
         }) {
        const ScriptedServer server([&](ServerConnection& connection) {
            connection.read_request();
            connection.write(one.answer);
        });
        EXPECT_EQ(code(server.url()), one.code) << one.answer;
    }
}

TEST_F(HttpClientTest, a_reset_in_the_body) {
    const ScriptedServer server([](ServerConnection& connection) {
        connection.read_request();
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n12345");
        connection.wait(Milliseconds(20));
        connection.end_with_reset();
    });
    EXPECT_EQ(code(server.url()), ErrorCode::kConnectionLost);
}

TEST_F(HttpClientTest, interim_answers_are_passed_over_but_not_for_ever) {
    const ScriptedServer server([](ServerConnection& connection) {
        connection.read_request();
        connection.write("HTTP/1.1 103 Early Hints\r\n\r\n");
        connection.answer("done");
    });
    EXPECT_EQ(post(server.url())->body, "done");
    const ScriptedServer endless([](ServerConnection& connection) {
        connection.read_request();
        while (connection.write("HTTP/1.1 103 Early Hints\r\n\r\n")) {
        }
    });
    EXPECT_EQ(code(endless.url()), ErrorCode::kHttpMalformed);
}

TEST_F(HttpClientTest, limits_on_body_and_header) {
    options.body_bytes_max = 1000;
    options.header_bytes_max = 500;
    const ScriptedServer announced([](ServerConnection& connection) {
        connection.read_request();
        connection.answer(std::string(1001, 'x'));
    });
    EXPECT_EQ(code(announced.url()), ErrorCode::kHttpTooLarge);
    const ScriptedServer exact([](ServerConnection& connection) {
        connection.read_request();
        connection.answer(std::string(1000, 'x'));
    });
    EXPECT_EQ(post(exact.url())->body.size(), 1000U);
    const ScriptedServer chunked([](ServerConnection& connection) {
        connection.read_request();
        connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        while (connection.write("64\r\n" + std::string(100, 'x') + "\r\n")) {
        }
    });
    EXPECT_EQ(code(chunked.url()), ErrorCode::kHttpTooLarge);
    const ScriptedServer header([](ServerConnection& connection) {
        connection.read_request();
        connection.answer("", "200 OK", "X: " + std::string(600, 'x') + "\r\n");
    });
    EXPECT_EQ(code(header.url()), ErrorCode::kHttpTooLarge);
}

TEST_F(HttpClientTest, deadlines) {
    const ScriptedServer silent([](ServerConnection& connection) {
        connection.read_request();
        connection.read_request();
    });
    const auto start = SteadyClock::now();
    EXPECT_EQ(code(silent.url(), Milliseconds(150)), ErrorCode::kTimedOut);
    const ScriptedServer trickle([](ServerConnection& connection) {
        connection.read_request();
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
        while (connection.write("x")) {
            connection.wait(Milliseconds(10));
        }
    });
    EXPECT_EQ(code(trickle.url(), Milliseconds(150)), ErrorCode::kTimedOut);
    EXPECT_LT(SteadyClock::now() - start, Milliseconds(1500));
    EXPECT_EQ(client().idle_connections(), 0U) << "a connection with half an answer is useless";
}

TEST_F(HttpClientTest, nobody_listens) {
    std::string url;
    {
        const ScriptedServer server(echo);
        url = server.url();
    }
    EXPECT_EQ(code(url), ErrorCode::kConnectFailed);
    EXPECT_TRUE(is_before_sending(ErrorCode::kConnectFailed));
}

TEST_F(HttpClientTest, unknown_names) {
    // RFC 6761: names under .invalid never exist.
    EXPECT_EQ(code("http://no-such-host.invalid/"), ErrorCode::kNameNotResolved);
}

TEST_F(HttpClientTest, a_connection_the_server_closed_is_not_used_again) {
    const ScriptedServer server([](ServerConnection& connection) {
        connection.read_request();
        connection.answer("one");
    });
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(post(server.url()));
        std::this_thread::sleep_for(Milliseconds(20));
    }
    EXPECT_EQ(server.connections(), 3);
}

TEST_F(HttpClientTest, a_kept_connection_that_dies_is_replaced_only_for_idempotent_requests) {
    // Closes when the second request has arrived: the client cannot know whether it was handled.
    const ScriptedServer server([](ServerConnection& connection) {
        connection.read_request();
        connection.answer("one");
        connection.read_request();
    });
    EXPECT_TRUE(post(server.url()));
    EXPECT_EQ(post(server.url()).error().code, ErrorCode::kConnectionLost);
    EXPECT_EQ(server.connections(), 1);
    EXPECT_TRUE(post(server.url()));
    EXPECT_TRUE(post(server.url(), "{}", Milliseconds(2000), /*idempotent=*/true));
    EXPECT_EQ(server.connections(), 3);
}

TEST_F(HttpClientTest, bytes_after_the_answer_spoil_the_connection) {
    const ScriptedServer server([](ServerConnection& connection) {
        connection.read_request();
        connection.answer("one");
        connection.answer("for somebody else");
        connection.read_request();
    });
    EXPECT_EQ(post(server.url())->body, "one");
    std::this_thread::sleep_for(Milliseconds(20));
    EXPECT_EQ(post(server.url())->body, "one");
    EXPECT_EQ(server.connections(), 2);
}

TEST_F(HttpClientTest, close_means_close) {
    const ScriptedServer server([](ServerConnection& connection) {
        connection.read_request();
        connection.answer("one", "200 OK", "Connection: close\r\n");
        connection.read_request();
    });
    EXPECT_TRUE(post(server.url()));
    EXPECT_EQ(client().idle_connections(), 0U);
}

TEST_F(HttpClientTest, idle_connections_grow_old) {
    options.idle_timeout = Milliseconds(30);
    const ScriptedServer server(echo);
    EXPECT_TRUE(post(server.url()));
    std::this_thread::sleep_for(Milliseconds(60));
    EXPECT_TRUE(post(server.url()));
    EXPECT_EQ(server.connections(), 2);
}

TEST_F(HttpClientTest, requests_wait_for_a_connection_in_order) {
    options.connections_max = 2;
    options.waiting_max = 3;
    std::atomic<int> at_once = 0;
    std::atomic<int> at_once_max = 0;
    const ScriptedServer server([&](ServerConnection& connection) {
        while (!connection.read_request().empty()) {
            at_once_max = std::max<int>(at_once_max, ++at_once);
            connection.wait(Milliseconds(20));
            --at_once;
            connection.answer("ok");
        }
    });
    int answered = 0;
    int refused = 0;
    const auto one = [&](Milliseconds timeout) -> Task<void> {
        HttpRequest request;
        request.url = parse_url(server.url()).value();
        const auto response =
            co_await client().send(std::move(request), SteadyClock::now() + timeout);
        response ? ++answered : ++refused;
    };
    const auto all = [&]() -> Task<void> {
        const Executor executor = co_await boost::asio::this_coro::executor;
        for (int i = 0; i < 4; ++i) {
            boost::asio::co_spawn(executor, one(Milliseconds(2000)), boost::asio::detached);
        }
        // Waits behind the others and runs out of time there.
        boost::asio::co_spawn(executor, one(Milliseconds(5)), boost::asio::detached);
        boost::asio::co_spawn(executor, one(Milliseconds(2000)), boost::asio::detached);
        SystemClock clock;
        co_await clock.sleep_until(SteadyClock::now() + Milliseconds(300));
    };
    blocking.run(all());
    EXPECT_EQ(answered, 4);
    EXPECT_EQ(refused, 2) << "one out of time, one too many";
    EXPECT_EQ(at_once_max, 2);
    EXPECT_EQ(server.connections(), 2);
}

TEST_F(HttpClientTest, header_injection_is_refused) {
    HttpRequest request;
    request.url = parse_url("http://127.0.0.1:1/").value();
    for (const HttpHeader& header :
         std::initializer_list<HttpHeader>{{"X", "a\r\nEvil: 1"},
                                           {"X\r\nEvil", "1"},
                                           {"", "1"},
                                           {"X Y", "1"},
                                           {"X:", "1"},
                                           {"X", std::string("a\0b", 3)}}) {
        request.headers = {header};
        const auto response =
            blocking.run(client().send(request, SteadyClock::now() + Milliseconds(100)));
        EXPECT_EQ(response.error().code, ErrorCode::kInvalidArgument);
    }
}

TEST_F(HttpClientTest, tls_verifies_chain_and_name) {
    const TestCertificates certificates("DNS:localhost,IP:127.0.0.1");
    const auto context = certificates.server_context();
    const auto script = [&](ServerConnection& connection) {
        if (connection.start_tls(*context)) {
            echo(connection);
        }
    };
    const ScriptedServer server(script);
    EXPECT_EQ(code(server.url("https")), ErrorCode::kTlsFailed) << "unknown authority";
    client_.reset();
    options.tls.extra_roots_pem = certificates.authority_pem;
    for (int i = 0; i < 2; ++i) {
        const auto response = post(server.url("https"), "secret");
        ASSERT_TRUE(response) << response.error().to_string();
        EXPECT_TRUE(response->body.ends_with("secret"));
    }
    EXPECT_TRUE(post(server.url("https", "localhost")));
    EXPECT_EQ(code(server.url("http")), ErrorCode::kConnectionLost) << "no TLS";

    const TestCertificates other("DNS:example.com");
    const auto other_context = other.server_context();
    const ScriptedServer impostor([&](ServerConnection& connection) {
        if (connection.start_tls(*other_context)) {
            echo(connection);
        }
    });
    client_.reset();
    options.tls.extra_roots_pem = other.authority_pem;
    EXPECT_EQ(code(impostor.url("https")), ErrorCode::kTlsFailed) << "another name";
    EXPECT_EQ(code(impostor.url("https", "localhost")), ErrorCode::kTlsFailed) << "another name";
}

TEST_F(HttpClientTest, tls_truncation_is_noticed) {
    const TestCertificates certificates("IP:127.0.0.1");
    const auto context = certificates.server_context();
    options.tls.extra_roots_pem = certificates.authority_pem;
    // A body that ends with the connection, cut off below TLS by somebody on the way.
    const ScriptedServer server([&](ServerConnection& connection) {
        if (connection.start_tls(*context)) {
            connection.read_request();
            connection.write("HTTP/1.1 200 OK\r\n\r\n{\"amount\": 1");
        }
    });
    EXPECT_EQ(code(server.url("https")), ErrorCode::kConnectionLost);
}

TEST_F(HttpClientTest, a_peer_that_never_finishes_the_handshake) {
    options.connect_timeout = Milliseconds(100);
    const ScriptedServer server([](ServerConnection& connection) { connection.read_request(); });
    EXPECT_EQ(code(server.url("https")), ErrorCode::kTimedOut);
}

TEST_F(HttpClientTest, bad_roots_are_an_error_at_once) {
    options.tls.extra_roots_pem = "nonsense";
    EXPECT_EQ(HttpClient::create(blocking.executor(), options).error().code, ErrorCode::kTlsFailed);
}

}  // namespace
}  // namespace latchkey::net
