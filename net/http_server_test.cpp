// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.hpp"

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>

#include "core/base/result_testing.hpp"
#include "net/blocking.hpp"
#include "net/http_client.hpp"
#include "net/scripted_server.hpp"

namespace latchkey::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using core::ErrorCode;

/// What a test's handler does is in the path.
Task<HttpReply> handle(const HttpServerRequest& request) {
    HttpReply reply;
    const auto number = [&](std::string_view name) {
        const auto text = request.parameter(name);
        return text ? std::stoul(std::string(*text)) : 0UL;
    };
    if (request.path == "/throw") {
        throw std::runtime_error("the password is 1234");
    } else if (request.path == "/wait") {
        SystemClock clock;
        co_await clock.sleep_until(SteadyClock::now() + Milliseconds(number("ms")));
    } else if (request.path == "/stubborn") {
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        SystemClock clock;
        co_await clock.sleep_until(SteadyClock::now() + Milliseconds(number("ms")));
    } else if (request.path == "/big") {
        reply.body.assign(number("size"), 'b');
        co_return reply;
    } else if (request.path == "/status") {
        reply.status = static_cast<unsigned>(number("is"));
    } else if (request.path == "/header") {
        reply.headers.push_back(
            {std::string(*request.parameter("name")), std::string(*request.parameter("value"))});
    }
    reply.body = request.path + "|" + request.body;
    co_return reply;
}

/// A server with its thread.
class Running {
  public:
    explicit Running(HttpServerOptions options = {}, HttpHandler handler = handle)
        : server_(
              HttpServer::listen(context_.get_executor(), std::move(options), std::move(handler))
                  .value()),
          thread_([this] { context_.run(); }) {}
    ~Running() {
        asio::post(context_, [this] { server_.reset(); });
        work_.reset();
        // Ends when no coroutine of the server is left.
        thread_.join();
    }

    [[nodiscard]] std::uint16_t port() const { return server_->port(); }
    [[nodiscard]] std::string url(std::string_view path, std::string_view scheme = "http") const {
        return std::string(scheme) + "://127.0.0.1:" + std::to_string(port()) + std::string(path);
    }
    HttpServerCounters counters() {
        std::promise<HttpServerCounters> promise;
        asio::post(context_, [&] { promise.set_value(server_->counters()); });
        return promise.get_future().get();
    }
    std::future<bool> stop(Milliseconds grace) {
        return asio::co_spawn(context_, server_->stop(grace), asio::use_future);
    }
    /// Waits for what the server does on its own.
    bool becomes(const std::function<bool(const HttpServerCounters&)>& holds) {
        for (int i = 0; i < 1000; ++i) {
            if (holds(counters())) {
                return true;
            }
            std::this_thread::sleep_for(Milliseconds(10));
        }
        return false;
    }

  private:
    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
    std::unique_ptr<HttpServer> server_;
    std::thread thread_;
};

/// A blocking socket that waits five seconds at most.
class Raw {
  public:
    explicit Raw(std::uint16_t port, const std::string& address = "127.0.0.1") : socket_(context_) {
        socket_.connect(tcp::endpoint(asio::ip::make_address(address), port));
        socket_.set_option(tcp::no_delay(true));
        const timeval time{5, 0};
        ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time));
    }

    Raw& write(std::string_view bytes) {
        error_code ignored;
        asio::write(socket_, asio::buffer(bytes.data(), bytes.size()), ignored);
        return *this;
    }
    Raw& finish() {
        error_code ignored;
        socket_.shutdown(tcp::socket::shutdown_send, ignored);
        return *this;
    }
    void reset() {
        socket_.set_option(tcp::socket::linger(true, 0));
        socket_.close();
    }
    /// Until the server closes; "(timeout)" or "(reset)" at the end if it does not in order.
    std::string read_all() {
        while (read_some()) {
        }
        return std::exchange(text_, {}) + end_;
    }
    /// One reply with a Content-Length or without a body.
    std::string read_reply(bool has_body = true) {
        while (true) {
            const std::size_t end = text_.find("\r\n\r\n");
            const std::size_t length = text_.find("Content-Length: ");
            std::size_t size = end == std::string::npos ? end : end + 4;
            if (size != std::string::npos && has_body && length < end) {
                size += std::stoul(text_.substr(length + 16));
            }
            if (text_.size() >= size) {
                const std::string reply = text_.substr(0, size);
                text_.erase(0, size);
                return reply;
            }
            if (!read_some()) {
                return std::exchange(text_, {}) + end_;
            }
        }
    }
    tcp::socket& socket() { return socket_; }

  private:
    bool read_some() {
        // Not through Asio, which would wait on after the time is over.
        char chunk[4096];
        const auto size = ::recv(socket_.native_handle(), chunk, sizeof(chunk), 0);
        if (size <= 0) {
            end_ = size == 0 ? "" : errno == EAGAIN ? "(timeout)" : "(reset)";
            return false;
        }
        text_.append(chunk, static_cast<std::size_t>(size));
        return true;
    }

    asio::io_context context_;
    tcp::socket socket_;
    std::string text_;
    std::string end_;
};

unsigned status_of(std::string_view reply) {
    return reply.starts_with("HTTP/1.1 ")
               ? static_cast<unsigned>(std::stoul(std::string(reply.substr(9, 3))))
               : 0;
}

bool says_close(std::string_view reply) {
    return reply.find("\r\nConnection: close\r\n") != std::string_view::npos;
}

Result<HttpResponse> send(HttpClient& client, BlockingExecutor& blocking, const std::string& url,
                          std::string body = {}) {
    HttpRequest request;
    request.method = body.empty() ? HttpMethod::kGet : HttpMethod::kPost;
    request.url = parse_url(url).value();
    request.body = std::move(body);
    return blocking.run(client.send(std::move(request), SteadyClock::now() + Milliseconds(5000)));
}

constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view kGetAndClose =
    "GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

TEST(HttpServer, serves_our_client_on_one_connection) {
    Running running;
    BlockingExecutor blocking;
    const auto client = HttpClient::create(blocking.executor(), {}).value();
    for (int i = 0; i < 3; ++i) {
        const auto response = send(*client, blocking, running.url("/x%20y"), "body");
        ASSERT_OK(response);
        EXPECT_EQ(response->status, 200U);
        EXPECT_EQ(response->body, "/x y|body");
        EXPECT_EQ(response->header("X-Request-Id")->size(), 32U);
        EXPECT_TRUE(response->header("Date")->ends_with(" GMT"));
    }
    const auto counters = running.counters();
    EXPECT_EQ(counters.connections_total, 1U);
    EXPECT_EQ(counters.connections_now, 1U);
    EXPECT_EQ(counters.replies[2], 3U);
    EXPECT_GT(counters.bytes_received, 100U);
    EXPECT_GT(counters.bytes_sent, 100U);
}

TEST(HttpServer, a_handler_sees_the_request) {
    HttpServerRequest seen;
    Running running({}, [&](const HttpServerRequest& request) -> Task<HttpReply> {
        seen = request;
        co_return HttpReply{201, {{"X-Answer", "42"}}, "done"};
    });
    const std::string reply = Raw(running.port())
                                  .write(
                                      "PATCH /p?q=1 HTTP/1.1\r\nHost: H\r\nX-A: 1\r\nx-a: 2\r\n"
                                      "X-Request-Id: abc-1\r\nContent-Length: 3\r\n"
                                      "Connection: close\r\n\r\nxyz")
                                  .read_all();
    EXPECT_EQ(status_of(reply), 201U) << reply;
    EXPECT_NE(reply.find("HTTP/1.1 201 Created\r\n"), std::string::npos);
    EXPECT_NE(reply.find("\r\nX-Answer: 42\r\n"), std::string::npos);
    EXPECT_NE(reply.find("\r\nX-Request-Id: abc-1\r\n"), std::string::npos);
    EXPECT_TRUE(reply.ends_with("\r\n\r\ndone"));
    EXPECT_EQ(seen.method, HttpMethod::kPatch);
    EXPECT_EQ(seen.path, "/p");
    EXPECT_EQ(seen.parameter("q"), "1");
    EXPECT_EQ(seen.parameter("r"), std::nullopt);
    EXPECT_EQ(seen.host, "h");
    EXPECT_EQ(seen.header("X-A"), "1");
    EXPECT_EQ(std::count_if(seen.headers.begin(), seen.headers.end(),
                            [](const auto& one) { return is_same_header_name(one.name, "x-a"); }),
              2);
    EXPECT_EQ(seen.body, "xyz");
    EXPECT_EQ(seen.peer_address, "127.0.0.1");
    EXPECT_NE(seen.peer_port, 0);
    EXPECT_EQ(seen.id, "abc-1");
    Raw(running.port()).write("GET / HTTP/1.0\r\nX-Request-Id: a b\r\n\r\n").read_all();
    EXPECT_EQ(seen.id.size(), 32U) << "ill-formed";
    Raw(running.port())
        .write("GET / HTTP/1.0\r\nX-Request-Id: a\r\nX-Request-Id: a\r\n\r\n")
        .read_all();
    EXPECT_EQ(seen.id.size(), 32U) << "two";
}

TEST(HttpServer, pipelined_requests_are_answered_in_order) {
    Running running;
    std::string bytes;
    for (int i = 0; i < 20; ++i) {
        const std::string n = std::to_string(i);
        // The first takes longest.
        bytes += "POST /wait?ms=" + std::to_string(20 - i) +
                 " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(n.size()) +
                 "\r\n\r\n" + n;
    }
    Raw raw(running.port());
    raw.write(bytes);
    for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(raw.read_reply().ends_with("\r\n\r\n/wait|" + std::to_string(i))) << i;
    }
    EXPECT_TRUE(raw.write(kGetAndClose).read_all().ends_with("/last|"));
}

TEST(HttpServer, requests_may_arrive_byte_by_byte) {
    Running running;
    Raw raw(running.port());
    const std::string bytes =
        "POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n" +
        std::string(kGetAndClose);
    for (const char c : bytes) {
        raw.write({&c, 1});
    }
    EXPECT_TRUE(raw.read_reply().ends_with("\r\n\r\n/b|abcde"));
    const std::string last = raw.read_all();
    EXPECT_TRUE(says_close(last));
    EXPECT_TRUE(last.ends_with("/last|"));
}

TEST(HttpServer, head_and_statuses_without_a_body) {
    Running running;
    Raw raw(running.port());
    const std::string head =
        raw.write("HEAD /abc HTTP/1.1\r\nHost: x\r\n\r\n").read_reply(/*has_body=*/false);
    EXPECT_NE(head.find("Content-Length: 5\r\n"), std::string::npos) << head;
    for (const std::string status : {"204", "304"}) {
        const std::string reply =
            raw.write("GET /status?is=" + status + " HTTP/1.1\r\nHost: x\r\n\r\n").read_reply();
        EXPECT_TRUE(reply.starts_with("HTTP/1.1 " + status)) << reply;
        EXPECT_EQ(reply.find("Content-Length"), std::string::npos);
    }
    EXPECT_TRUE(raw.write(kGet).read_reply().ends_with("/a|")) << "the connection is in step";
    const std::string refused = raw.write(
                                       "HEAD / HTTP/1.1\r\nHost: x\r\nContent-Length: "
                                       "99999999\r\n\r\n")
                                    .read_all();
    EXPECT_EQ(status_of(refused), 413U);
    EXPECT_TRUE(refused.ends_with("\r\n\r\n"));
}

TEST(HttpServer, expect_100_continue) {
    Running running;
    const std::string head =
        "POST /e HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ";
    Raw raw(running.port());
    EXPECT_EQ(raw.write(head + "2\r\n\r\n").read_reply(), "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_TRUE(raw.write("ok").read_reply().ends_with("/e|ok"));
    // Nobody waits for what is there already, or would be too large.
    EXPECT_TRUE(raw.write(head + "2\r\n\r\nok").read_reply().starts_with("HTTP/1.1 200"));
    EXPECT_TRUE(raw.write(head + "0\r\n\r\n").read_reply().starts_with("HTTP/1.1 200"));
    EXPECT_EQ(status_of(raw.write(head + "9999999\r\n\r\n").read_all()), 413U);
}

TEST(HttpServer, older_and_other_forms) {
    Running running;
    const std::string old = Raw(running.port()).write("GET /o HTTP/1.0\r\n\r\n").read_all();
    EXPECT_EQ(status_of(old), 200U);
    EXPECT_TRUE(says_close(old));
    const std::string absolute =
        Raw(running.port())
            .write("GET http://x/abs HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .read_all();
    EXPECT_TRUE(absolute.ends_with("/abs|")) << absolute;
    // The client has nothing more to say, but still listens.
    EXPECT_TRUE(Raw(running.port()).write(kGet).finish().read_all().ends_with("/a|"));
}

TEST(HttpServer, refuses_and_closes_so_that_nothing_is_smuggled) {
    std::atomic<int> handled = 0;
    Running running({}, [&](const HttpServerRequest&) -> Task<HttpReply> {
        ++handled;
        co_return HttpReply{};
    });
    struct Case {
        std::string bytes;
        unsigned status;
    };
    const std::string post = "POST / HTTP/1.1\r\nHost: x\r\n";
    const std::string inner = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    for (const Case& one : std::initializer_list<Case>{
             {post + "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
             {post + "Content-Length: 0\r\nContent-Length: 37\r\n\r\n", 400},
             {post + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n", 400},
             {post + "Content-Length: 0, 0\r\n\r\n", 400},
             {post + "Content-Length : 5\r\n\r\n", 400},
             {post + "Content-Length: +0\r\n\r\n", 400},
             {post + "Transfer-Encoding: xchunked\r\n\r\n", 501},
             {post + "Transfer-Encoding:\x0b"
                     "chunked\r\n\r\n",
              400},
             {post + "X: a\r\n Content-Length: 5\r\n\r\n", 400},
             {post + "X: a\nContent-Length: 5\r\n\r\n", 400},
             {post + "X: a\rContent-Length: 5\r\n\r\n", 400},
             {"POST / HTTP/1.1\nHost: x\n\n", 400},
             {post + "Transfer-Encoding: chunked\r\n\r\n0;a\n\r\n\r\n", 400},
             {post + "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n", 400},
             {post + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n", 400},
             {"\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
             {"GET /%ff HTTP/1.1\r\nHost: x\r\n\r\n", 400},
             {"GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505},
             {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
             {"\x16\x03\x01\x02", 400},
         }) {
        const std::string reply = Raw(running.port()).write(one.bytes + inner).read_all();
        EXPECT_EQ(status_of(reply), one.status) << one.bytes << reply;
        EXPECT_TRUE(says_close(reply)) << reply;
        EXPECT_NE(reply.find("\r\nContent-Type: application/json\r\n"), std::string::npos);
        EXPECT_NE(reply.find("{\"error\":\""), std::string::npos);
        EXPECT_TRUE(reply.ends_with(",\"status\":" + std::to_string(one.status) + "}")) << reply;
    }
    EXPECT_EQ(handled, 0);
    EXPECT_EQ(status_of(Raw(running.port()).write(kGetAndClose).read_all()), 200U);
}

TEST(HttpServer, limits) {
    HttpServerOptions options;
    options.body_bytes_max = 10;
    options.request.target_bytes_max = 100;
    options.request.head_bytes_max = 500;
    options.requests_per_connection_max = 2;
    Running running(options);
    const std::string post = "POST /l HTTP/1.1\r\nHost: x\r\n";
    const auto status = [&](const std::string& bytes) {
        return status_of(Raw(running.port()).write(bytes).finish().read_all());
    };
    EXPECT_EQ(status(post + "Content-Length: 10\r\n\r\n0123456789"), 200U);
    // The client is told although it sends on.
    EXPECT_EQ(status(post + "Content-Length: 100000\r\n\r\n" + std::string(100000, 'a')), 413U);
    EXPECT_EQ(status(post + "Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n"),
              200U);
    EXPECT_EQ(status(post + "Transfer-Encoding: chunked\r\n\r\nb\r\n"), 413U);
    EXPECT_EQ(status("GET /" + std::string(99, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n"), 200U);
    EXPECT_EQ(status("GET /" + std::string(100, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n"), 414U);
    EXPECT_EQ(status(post + "X: " + std::string(500, 'a') + "\r\n\r\n"), 431U);

    Raw raw(running.port());
    EXPECT_FALSE(says_close(raw.write(kGet).read_reply()));
    const std::string last = raw.write(std::string(kGet) + std::string(kGet)).read_all();
    EXPECT_TRUE(says_close(last));
    EXPECT_EQ(last.find("HTTP/1.1", 1), std::string::npos) << "no third";
}

TEST(HttpServer, too_many_connections) {
    HttpServerOptions options;
    options.connections_max = 2;
    Running running(options);
    Raw first(running.port());
    EXPECT_EQ(status_of(first.write(kGet).read_reply()), 200U);
    Raw second(running.port());
    EXPECT_EQ(status_of(second.write(kGet).read_reply()), 200U);
    const std::string refused = Raw(running.port()).write(kGet).read_all();
    EXPECT_EQ(status_of(refused), 503U) << refused;
    EXPECT_TRUE(says_close(refused));
    EXPECT_EQ(running.counters().connections_refused, 1U);
    EXPECT_EQ(running.counters().connections_now, 2U);
    first.finish().read_all();
    EXPECT_TRUE(running.becomes([](const auto& c) { return c.connections_now == 1; }));
    EXPECT_EQ(status_of(Raw(running.port()).write(kGetAndClose).read_all()), 200U);
}

TEST(HttpServer, slow_clients) {
    HttpServerOptions options;
    options.header_timeout = Milliseconds(150);
    options.body_timeout = Milliseconds(150);
    options.idle_timeout = Milliseconds(400);
    Running running(options);
    // A byte now and then does not keep it alive.
    Raw loris(running.port());
    loris.write("GET / HTTP/1.1\r\nHost: x\r\n");
    for (int i = 0; i < 10; ++i) {
        loris.write("X: y\r\n");
        std::this_thread::sleep_for(Milliseconds(30));
    }
    EXPECT_EQ(status_of(loris.read_all()), 408U);
    Raw body(running.port());
    EXPECT_EQ(
        status_of(
            body.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nab").read_all()),
        408U);
    // Without a request the connection just ends.
    const auto start = SteadyClock::now();
    EXPECT_EQ(Raw(running.port()).read_all(), "");
    EXPECT_GE(SteadyClock::now() - start, Milliseconds(350));
    EXPECT_EQ(running.counters().replies[4], 2U);
}

TEST(HttpServer, a_client_that_does_not_read) {
    HttpServerOptions options;
    options.write_timeout = Milliseconds(200);
    Running running(options);
    Raw raw(running.port());
    raw.write("GET /big?size=50000000 HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(
        running.becomes([](const auto& c) { return c.replies[2] == 1 && c.connections_now == 0; }));
}

TEST(HttpServer, half_requests_and_resets) {
    Running running;
    const std::string post = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";
    for (std::size_t size = 1; size < post.size(); ++size) {
        Raw raw(running.port());
        EXPECT_EQ(status_of(raw.write(post.substr(0, size)).finish().read_all()), 400U) << size;
        Raw(running.port()).write(post.substr(0, size)).reset();
    }
    // While its handler runs.
    Raw(running.port()).write("GET /wait?ms=50 HTTP/1.1\r\nHost: x\r\n\r\n").reset();
    EXPECT_TRUE(running.becomes([](const auto& c) { return c.connections_now == 0; }));
    EXPECT_EQ(running.counters().handlers_now, 0U);
    EXPECT_EQ(status_of(Raw(running.port()).write(kGetAndClose).read_all()), 200U);
}

TEST(HttpServer, failures_of_handlers_have_no_details) {
    std::mutex mutex;
    std::vector<std::string> reported;
    HttpServerOptions options;
    options.on_failure = [&](const HttpServerRequest& request, std::string_view what) {
        const std::lock_guard lock(mutex);
        reported.push_back(request.path + ": " + std::string(what));
    };
    Running running(options);
    for (const std::string target :
         {"/throw", "/status?is=199", "/status?is=600", "/header?name=X&value=a%0D%0AX:+y",
          "/header?name=content-length&value=1", "/header?name=Connection&value=x"}) {
        const std::string reply =
            Raw(running.port()).write("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n").read_all();
        EXPECT_EQ(status_of(reply), 500U) << target;
        EXPECT_EQ(reply.find("1234"), std::string::npos) << reply;
        EXPECT_TRUE(says_close(reply));
    }
    const std::lock_guard lock(mutex);
    ASSERT_EQ(reported.size(), 6U);
    EXPECT_EQ(reported[0], "/throw: the password is 1234");
    EXPECT_EQ(reported[1], "/status: the handler's status is 199");
    EXPECT_EQ(reported[5], "/header: the handler sets the server's header Connection");
}

TEST(HttpServer, handlers_have_a_deadline) {
    HttpServerOptions options;
    options.handler_timeout = Milliseconds(100);
    options.connections_max = 2;
    Running running(options);
    const auto get = [&](const std::string& target) {
        return status_of(
            Raw(running.port()).write("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n").read_all());
    };
    EXPECT_EQ(get("/wait?ms=60000"), 504U);
    EXPECT_TRUE(running.becomes([](const auto& c) { return c.handlers_now == 0; })) << "cancelled";
    // The client is answered even if the handler does not let itself be cancelled.
    EXPECT_EQ(get("/stubborn?ms=1500"), 504U);
    EXPECT_EQ(get("/stubborn?ms=1500"), 504U);
    EXPECT_EQ(running.counters().handlers_now, 2U);
    EXPECT_EQ(get("/a"), 503U) << "they do not pile up";
    EXPECT_TRUE(running.becomes([](const auto& c) { return c.handlers_now == 0; }));
    EXPECT_TRUE(running.becomes([](const auto& c) { return c.connections_now == 0; }));
    EXPECT_EQ(status_of(Raw(running.port()).write(kGetAndClose).read_all()), 200U);
}

TEST(HttpServer, two_hundred_connections_at_once) {
    Running running;
    BlockingExecutor blocking;
    HttpClientOptions options;
    options.connections_max = 200;
    const auto client = HttpClient::create(blocking.executor(), options).value();
    int answered = 0;
    int ended = 0;
    const auto one = [&](int i) -> Task<void> {
        for (int round = 0; round < 5; ++round) {
            HttpRequest request;
            request.method = HttpMethod::kPost;
            request.url = parse_url(running.url("/wait?ms=20")).value();
            request.body = std::to_string(i);
            const auto response =
                co_await client->send(std::move(request), SteadyClock::now() + Milliseconds(20000));
            answered += response && response->body == "/wait|" + std::to_string(i) ? 1 : 0;
        }
        ++ended;
    };
    for (int i = 0; i < 200; ++i) {
        asio::co_spawn(blocking.executor(), one(i), asio::detached);
    }
    const auto all = [&]() -> Task<void> {
        SystemClock clock;
        while (ended < 200) {
            co_await clock.sleep_until(SteadyClock::now() + Milliseconds(5));
        }
    };
    blocking.run(all());
    EXPECT_EQ(answered, 1000);
    EXPECT_EQ(running.counters().connections_total, 200U);
    EXPECT_EQ(running.counters().replies[2], 1000U);
}

TEST(HttpServer, stop_lets_running_requests_finish) {
    Running running;
    Raw idle(running.port());
    EXPECT_EQ(status_of(idle.write(kGet).read_reply()), 200U);
    Raw fresh(running.port());
    Raw busy(running.port());
    busy.write("GET /wait?ms=1500 HTTP/1.1\r\nHost: x\r\n\r\n");
    Raw half(running.port());
    half.write("GET /half HTTP/1.1\r\n");
    ASSERT_TRUE(running.becomes(
        [](const auto& c) { return c.handlers_now == 1 && c.connections_now == 4; }));
    std::this_thread::sleep_for(Milliseconds(50));
    const auto start = SteadyClock::now();
    auto stopped = running.stop(Milliseconds(5000));
    EXPECT_EQ(idle.read_all(), "");
    EXPECT_EQ(fresh.read_all(), "");
    EXPECT_LT(SteadyClock::now() - start, Milliseconds(1000)) << "idle ones end at once";
    EXPECT_THROW(Raw(running.port()), boost::system::system_error) << "nobody listens";
    const std::string finished = half.write("Host: x\r\n\r\n").read_all();
    EXPECT_TRUE(finished.ends_with("/half|")) << finished;
    EXPECT_TRUE(says_close(finished));
    EXPECT_TRUE(busy.read_all().ends_with("/wait|"));
    EXPECT_TRUE(stopped.get());
    EXPECT_LT(SteadyClock::now() - start, Milliseconds(4500));
    EXPECT_TRUE(running.stop(Milliseconds(0)).get()) << "again";
}

TEST(HttpServer, stop_cuts_when_the_grace_is_over) {
    Running running;
    Raw busy(running.port());
    busy.write("GET /wait?ms=60000 HTTP/1.1\r\nHost: x\r\n\r\n");
    Raw half(running.port());
    half.write("GET /half HTTP/1.1\r\n");
    ASSERT_TRUE(running.becomes(
        [](const auto& c) { return c.handlers_now == 1 && c.connections_now == 2; }));
    const auto start = SteadyClock::now();
    EXPECT_TRUE(running.stop(Milliseconds(200)).get());
    EXPECT_GE(SteadyClock::now() - start, Milliseconds(190));
    EXPECT_LT(SteadyClock::now() - start, Milliseconds(5000));
    EXPECT_EQ(status_of(busy.read_all()), 0U);
    EXPECT_EQ(running.counters().connections_now, 0U);
    EXPECT_EQ(running.counters().handlers_now, 0U);
}

TEST(HttpServer, stop_tells_of_handlers_that_do_not_end) {
    Running running;
    Raw busy(running.port());
    busy.write("GET /stubborn?ms=1500 HTTP/1.1\r\nHost: x\r\n\r\n");
    ASSERT_TRUE(running.becomes([](const auto& c) { return c.handlers_now == 1; }));
    EXPECT_FALSE(running.stop(Milliseconds(0)).get());
    EXPECT_TRUE(running.becomes([](const auto& c) { return c.handlers_now == 0; }));
}

TEST(HttpServer, shutdown_under_load_loses_no_accepted_request) {
    std::atomic<int> handled = 0;
    Running running({}, [&](const HttpServerRequest&) -> Task<HttpReply> {
        SystemClock clock;
        co_await clock.sleep_until(SteadyClock::now() + Milliseconds(5));
        ++handled;
        co_return HttpReply{200, {}, "done"};
    });
    std::atomic<int> answered = 0;
    std::atomic<int> broken = 0;
    std::vector<std::thread> clients;
    for (int i = 0; i < 20; ++i) {
        clients.emplace_back([&] {
            try {
                Raw raw(running.port());
                while (true) {
                    const std::string reply = raw.write(kGet).read_reply();
                    if (!reply.starts_with("HTTP/1.1 200")) {
                        // Half an answer is a loss; none means that the server never began.
                        broken += reply.starts_with("H") ? 1 : 0;
                        return;
                    }
                    ++answered;
                    broken += reply.ends_with("\r\n\r\ndone") ? 0 : 1;
                    if (says_close(reply)) {
                        return;
                    }
                }
            } catch (const boost::system::system_error&) {
                ++broken;
            }
        });
    }
    std::this_thread::sleep_for(Milliseconds(300));
    EXPECT_TRUE(running.stop(Milliseconds(5000)).get());
    for (std::thread& client : clients) {
        client.join();
    }
    EXPECT_EQ(broken, 0);
    EXPECT_GT(answered, 20);
    EXPECT_EQ(answered, handled);
}

TEST(HttpServer, listening) {
    BlockingExecutor blocking;
    const auto listen = [&](std::string address, std::uint16_t port) {
        HttpServerOptions options;
        options.address = std::move(address);
        options.port = port;
        return HttpServer::listen(blocking.executor(), options, handle);
    };
    Running running;
    const auto taken = listen("127.0.0.1", running.port());
    EXPECT_ERROR(ErrorCode::kListenFailed, taken);
    EXPECT_EQ(taken.error().context,
              "127.0.0.1:" + std::to_string(running.port()) + ": another program listens there");
    const auto elsewhere = listen("192.0.2.1", 0);
    EXPECT_ERROR(ErrorCode::kListenFailed, elsewhere);
    EXPECT_EQ(elsewhere.error().context, "192.0.2.1:0: the address is not one of this machine");
    EXPECT_ERROR(ErrorCode::kInvalidArgument, listen("localhost", 0));
    HttpServerOptions no_limit;
    no_limit.connections_max = 0;
    EXPECT_ERROR(ErrorCode::kInvalidArgument,
                 HttpServer::listen(blocking.executor(), no_limit, handle));
    HttpServerOptions no_time;
    no_time.idle_timeout = Milliseconds(0);
    EXPECT_ERROR(ErrorCode::kInvalidArgument,
                 HttpServer::listen(blocking.executor(), no_time, handle));
}

TEST(HttpServer, a_port_can_be_taken_again_at_once) {
    HttpServerOptions options;
    for (int i = 0; i < 2; ++i) {
        Running running(options);
        options.port = running.port();
        // The server closes first, so the connection lingers in the system.
        EXPECT_EQ(status_of(Raw(running.port()).write(kGetAndClose).read_all()), 200U);
    }
}

TEST(HttpServer, ipv6) {
    std::mutex mutex;
    std::vector<std::string> peers;
    HttpServerOptions options;
    options.address = "::";
    Running running(options, [&](const HttpServerRequest& request) -> Task<HttpReply> {
        const std::lock_guard lock(mutex);
        peers.push_back(request.peer_address);
        co_return HttpReply{};
    });
    EXPECT_EQ(status_of(Raw(running.port(), "::1").write(kGetAndClose).read_all()), 200U);
    EXPECT_EQ(status_of(Raw(running.port(), "127.0.0.1").write(kGetAndClose).read_all()), 200U);
    const std::lock_guard lock(mutex);
    EXPECT_EQ(peers, (std::vector<std::string>{"::1", "127.0.0.1"}));
}

/// Certificate files for one test.
class TlsFiles {
  public:
    TlsFiles() : certificates_("IP:127.0.0.1") {
        std::string name = std::filesystem::temp_directory_path() / "http-server-XXXXXX";
        folder_ = ::mkdtemp(name.data());
        tls.certificate_chain_file = write("chain.pem", certificates_.certificate_pem);
        tls.key_file = write("key.pem", certificates_.key_pem);
    }
    ~TlsFiles() { std::filesystem::remove_all(folder_); }

    std::string write(const std::string& name, const std::string& text) {
        const std::filesystem::path path = folder_ / name;
        std::ofstream(path) << text;
        return path;
    }
    [[nodiscard]] const std::string& authority() const { return certificates_.authority_pem; }

    HttpServerTls tls;

  private:
    TestCertificates certificates_;
    std::filesystem::path folder_;
};

TEST(HttpServer, tls) {
    TlsFiles files;
    HttpServerOptions options;
    options.tls = files.tls;
    options.header_timeout = Milliseconds(1000);
    Running running(options);
    BlockingExecutor blocking;
    HttpClientOptions client_options;
    client_options.tls.extra_roots_pem = files.authority();
    const auto client = HttpClient::create(blocking.executor(), client_options).value();
    for (const std::size_t size : {1U, 100000U, 1000000U}) {
        const auto response =
            send(*client, blocking, running.url("/t", "https"), std::string(size, 'x'));
        ASSERT_OK(response);
        EXPECT_EQ(response->body.size(), size + 3);
    }
    EXPECT_EQ(send(*client, blocking, running.url("/big?size=1000000", "https"))->body.size(),
              1000000U);
    EXPECT_EQ(running.counters().connections_total, 1U);
    EXPECT_EQ(status_of(Raw(running.port()).write(kGet).read_all()), 0U) << "no TLS";
    EXPECT_EQ(Raw(running.port()).read_all(), "") << "a handshake that never begins";
    const auto start = SteadyClock::now();
    EXPECT_TRUE(running.stop(Milliseconds(5000)).get());
    EXPECT_LT(SteadyClock::now() - start, Milliseconds(4000));
}

TEST(HttpServer, tls_versions_and_protocols) {
    TlsFiles files;
    HttpServerOptions options;
    options.tls = files.tls;
    Running running(options);
    const auto connect = [&](int version_max, const std::string& offered) -> std::string {
        asio::ssl::context context(asio::ssl::context::tls_client);
        // Old versions are only there for those who ask for weak algorithms.
        SSL_CTX_set_cipher_list(context.native_handle(), "ALL:@SECLEVEL=0");
        SSL_CTX_set_max_proto_version(context.native_handle(), version_max);
        Raw raw(running.port());
        asio::ssl::stream<tcp::socket&> stream(raw.socket(), context);
        SSL_set_alpn_protos(stream.native_handle(),
                            reinterpret_cast<const unsigned char*>(offered.data()),
                            static_cast<unsigned>(offered.size()));
        error_code error;
        stream.handshake(asio::ssl::stream_base::client, error);
        const unsigned char* chosen = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(stream.native_handle(), &chosen, &size);
        return error ? "refused" : std::string(reinterpret_cast<const char*>(chosen), size);
    };
    const std::string http1("\x08http/1.1");
    const std::string http2("\x02h2");
    EXPECT_EQ(connect(TLS1_3_VERSION, http2 + http1), "http/1.1");
    EXPECT_EQ(connect(TLS1_2_VERSION, http1), "http/1.1");
    EXPECT_EQ(connect(TLS1_2_VERSION, ""), "");
    EXPECT_EQ(connect(TLS1_3_VERSION, http2), "refused");
    EXPECT_EQ(connect(TLS1_1_VERSION, http1), "refused");
}

TEST(HttpServer, unusable_certificates_are_an_error_at_once) {
    TlsFiles files;
    TlsFiles others;
    BlockingExecutor blocking;
    const auto listen = [&](HttpServerTls tls) {
        HttpServerOptions options;
        options.tls = std::move(tls);
        return HttpServer::listen(blocking.executor(), options, handle);
    };
    EXPECT_OK(listen(files.tls));
    HttpServerTls tls = files.tls;
    tls.certificate_chain_file = "/nonexistent";
    EXPECT_ERROR(ErrorCode::kTlsFailed, listen(tls));
    tls = files.tls;
    tls.key_file = files.tls.certificate_chain_file;
    EXPECT_ERROR(ErrorCode::kTlsFailed, listen(tls));
    tls.key_file = others.tls.key_file;
    EXPECT_ERROR(ErrorCode::kTlsFailed, listen(tls)) << "another certificate's key";
}

TEST(HttpServer, curl) {
    if (std::system("command -v curl > /dev/null 2>&1") != 0) {
        GTEST_SKIP() << "no curl";
    }
    Running running;
    const auto curl = [](const std::string& arguments) {
        std::string out;
        FILE* pipe = ::popen(("curl -sS -m 10 --noproxy '*' " + arguments + " 2>&1").c_str(), "r");
        char chunk[4096];
        while (const std::size_t size = std::fread(chunk, 1, sizeof(chunk), pipe)) {
            out.append(chunk, size);
        }
        ::pclose(pipe);
        return out;
    };
    EXPECT_EQ(curl(running.url("/c")), "/c|");
    EXPECT_EQ(curl("-0 " + running.url("/c")), "/c|");
    EXPECT_EQ(curl(running.url("/1") + " " + running.url("/2")), "/1|/2|");
    EXPECT_EQ(curl("-H 'Transfer-Encoding: chunked' -d abc " + running.url("/c")), "/c|abc");
    EXPECT_EQ(curl("-H 'Expect: 100-continue' -d abc " + running.url("/c")), "/c|abc");
    EXPECT_EQ(curl("-I -o /dev/null -w '%{http_code}' " + running.url("/c")), "200");
    EXPECT_EQ(curl("-X BREW -o /dev/null -w '%{http_code}' " + running.url("/c")), "501");
    TlsFiles files;
    HttpServerOptions options;
    options.tls = files.tls;
    Running secure(options);
    const std::string authority = files.write("authority.pem", files.authority());
    EXPECT_EQ(curl("--cacert " + authority + " " + secure.url("/s", "https")), "/s|");
}

}  // namespace
}  // namespace latchkey::net
