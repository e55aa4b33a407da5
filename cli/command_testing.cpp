// SPDX-License-Identifier: Apache-2.0
#include "cli/command_testing.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>

#include "core/base/exec_pointers.hpp"
#include "net/url.hpp"

namespace latchkey::cli::testing {

namespace {

constexpr int kNotStarted = 127;
constexpr std::chrono::milliseconds kPoll{5};
constexpr std::chrono::seconds kPatience{60};

std::unique_ptr<LocalNode>& shared_node() {
    static std::unique_ptr<LocalNode> node;
    return node;
}

fs::path new_folder() {
    std::string name = (fs::temp_directory_path() / "latchkey-command-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        throw std::runtime_error("no temporary folder");
    }
    return name;
}

std::string content(int file) {
    std::string out;
    std::array<char, 65536> buffer{};
    off_t from = 0;
    for (;;) {
        const ssize_t count = ::pread(file, buffer.data(), buffer.size(), from);
        if (count <= 0) {
            return out;
        }
        out.append(buffer.data(), static_cast<std::size_t>(count));
        from += count;
    }
}

int memory_file(const char* name) {
    const int out = ::memfd_create(name, MFD_CLOEXEC);
    if (out < 0) {
        throw std::runtime_error("no memory file");
    }
    return out;
}

std::map<std::string, std::string> bare_environment(const fs::path& home) {
    return {{"HOME", home.string()}, {"PATH", std::getenv("PATH")}};
}

std::vector<std::string> dev_words(const std::vector<std::string>& further) {
    std::vector<std::string> out{LATCHKEY_PROGRAM_PATH, "dev", "--json", "--port", "0",
                                 "--slot-ms",           "40"};
    out.insert(out.end(), further.begin(), further.end());
    if (std::find(further.begin(), further.end(), "--evm-port") == further.end()) {
        out.emplace_back("--solana-only");
    }
    return out;
}

}  // namespace

json::object Finished::fields() const {
    json::error_code error;
    const json::value value = json::parse(out, error);
    if (error || !value.is_object()) {
        throw std::runtime_error("not one JSON object: " + out + err);
    }
    return value.as_object();
}

Process::Process(const std::vector<std::string>& words, const fs::path& folder,
                 const std::map<std::string, std::string>& environment)
    : out_(memory_file("out")), err_(memory_file("err")) {
    std::vector<std::string> arguments = words;
    std::vector<std::string> variables;
    for (const auto& [name, value] : environment) {
        variables.push_back(name);
        variables.back().append("=").append(value);
    }
    const std::vector<char*> argument_pointers = core::exec_pointers(arguments);
    const std::vector<char*> variable_pointers = core::exec_pointers(variables);
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    process_ = ::fork();
    if (process_ == 0) {
        // Nothing stays behind when a test is killed.
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        ::dup2(nothing, STDIN_FILENO);
        ::dup2(out_, STDOUT_FILENO);
        ::dup2(err_, STDERR_FILENO);
        if (::chdir(folder.c_str()) == 0) {
            ::execve(argument_pointers[0], argument_pointers.data(), variable_pointers.data());
        }
        ::_exit(kNotStarted);
    }
    ::close(nothing);
    if (process_ < 0) {
        throw std::runtime_error("cannot start " + words[0]);
    }
}

Process::~Process() {
    if (process_ > 0) {
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }
    ::close(out_);
    ::close(err_);
}

void Process::signal(int number) const {
    ::kill(process_, number);
}

Finished Process::wait() {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    int status = 0;
    while (::waitpid(process_, &status, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() > until) {
            ::kill(process_, SIGKILL);
        }
        std::this_thread::sleep_for(kPoll);
    }
    process_ = -1;
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), content(out_),
            content(err_)};
}

bool Process::is_over(std::chrono::steady_clock::time_point until) const {
    siginfo_t info{};
    const bool is_gone =
        ::waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        info.si_pid != 0;
    return is_gone || std::chrono::steady_clock::now() > until;
}

void Process::wait_for(const std::string& part) const {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    for (;;) {
        const bool is_over = this->is_over(until);
        if (content(out_).find(part) != std::string::npos) {
            return;
        }
        if (is_over) {
            throw std::runtime_error("no " + part + ": " + content(out_) + content(err_));
        }
        std::this_thread::sleep_for(kPoll);
    }
}

std::string Process::first_line() const {
    wait_for("\n");
    const std::string text = content(out_);
    return text.substr(0, text.find('\n'));
}

LocalNode::LocalNode(const std::vector<std::string>& further)
    : folder_(new_folder()),
      process_(dev_words(further), folder_, bare_environment(folder_)),
      ready_(json::parse(process_.first_line()).as_object()),
      url_(ready_.at("rpc").as_string()) {}

Finished LocalNode::stop() {
    process_.signal(SIGINT);
    Finished out = process_.wait();
    fs::remove_all(folder_);
    return out;
}

RubbishServer::RubbishServer(std::string answer) : answer_(std::move(answer)) {
    listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    auto* const name = reinterpret_cast<sockaddr*>(&address);
    if (listening_ < 0 || ::bind(listening_, name, length) != 0 || ::listen(listening_, 16) != 0 ||
        ::getsockname(listening_, name, &length) != 0) {
        throw std::runtime_error("no server");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
}

RubbishServer::~RubbishServer() {
    ends_ = true;
    thread_.join();
    ::close(listening_);
}

void RubbishServer::serve() {
    constexpr int kPollMilliseconds = 20;
    while (!ends_) {
        pollfd waiting{listening_, POLLIN, 0};
        if (::poll(&waiting, 1, kPollMilliseconds) <= 0) {
            continue;
        }
        const int connection = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
        std::array<char, 65536> request{};
        if (::recv(connection, request.data(), request.size(), 0) > 0) {
            ::send(connection, answer_.data(), answer_.size(), MSG_NOSIGNAL);
        }
        ::shutdown(connection, SHUT_WR);
        ::close(connection);
    }
}

namespace {

/// The body of the node's answer.
std::string forward(const net::Url& node, const std::string& body) {
    namespace http = boost::beast::http;
    boost::asio::io_context context;
    boost::beast::tcp_stream stream(context);
    stream.connect(
        boost::asio::ip::tcp::endpoint(boost::asio::ip::make_address(node.host), node.port));
    http::request<http::string_body> request(http::verb::post, "/", 11, body);
    request.set(http::field::host, node.host);
    request.set(http::field::content_type, "application/json");
    request.prepare_payload();
    http::write(stream, request);
    boost::beast::flat_buffer buffer;
    http::response<http::string_body> response;
    http::read(stream, buffer, response);
    return response.body();
}

void answer_all(const net::Url& node, const LyingNode::Lie& lie,
                net::ServerConnection& connection) {
    for (;;) {
        const std::string request = connection.read_request();
        if (request.empty()) {
            return;
        }
        const std::string body = request.substr(request.find("\r\n\r\n") + 4);
        json::object answer = json::parse(forward(node, body)).as_object();
        if (json::value* const result = answer.if_contains("result")) {
            lie(text_of(json::parse(body).as_object(), "method"), *result);
        }
        if (!connection.answer(json::serialize(answer))) {
            return;
        }
    }
}

}  // namespace

LyingNode::LyingNode(const std::string& url, Lie lie)
    : server_([node = net::parse_url(url).value(), lie = std::move(lie)](
                  net::ServerConnection& connection) { answer_all(node, lie, connection); }) {}

void CommandTest::SetUpTestSuite() {
    start_node({});
}

void CommandTest::start_node(const std::vector<std::string>& further) {
    if (!shared_node()) {
        shared_node() = std::make_unique<LocalNode>(further);
    }
}

void CommandTest::TearDownTestSuite() {
    shared_node().reset();
}

CommandTest::CommandTest() : folder_(new_folder()), environment_(bare_environment(folder_)) {
    environment_["LATCHKEY_RPC"] = node().url();
}

CommandTest::~CommandTest() {
    fs::remove_all(folder_);
}

const LocalNode& CommandTest::node() {
    return *shared_node();
}

Finished CommandTest::run(const std::string& line,
                          std::map<std::string, std::string> further) const {
    std::istringstream text(line);
    std::vector<std::string> words;
    for (std::string word; text >> word;) {
        words.push_back(word);
    }
    return run(words, std::move(further));
}

Finished CommandTest::run(const std::vector<std::string>& words,
                          std::map<std::string, std::string> further) const {
    std::vector<std::string> all{LATCHKEY_PROGRAM_PATH};
    all.insert(all.end(), words.begin(), words.end());
    further.insert(environment_.begin(), environment_.end());
    return Process(all, folder_, further).wait();
}

json::object CommandTest::done(const std::string& line) const {
    const Finished finished = run("--json " + line);
    if (finished.code != 0) {
        throw std::runtime_error(line + ": " + finished.err);
    }
    EXPECT_EQ(finished.err, "") << line;
    return finished.fields();
}

void CommandTest::refused(const std::string& line, const std::string& part,
                          const std::map<std::string, std::string>& further) const {
    const auto before = files();
    const Finished finished = run(line, further);
    EXPECT_GT(finished.code, 0) << line;
    EXPECT_EQ(finished.out, "") << line;
    // One line: "error: ... [LK-1234]".
    static const std::regex sentence(R"(error: [^\n]+ \[LK-[0-9]{4}\]\n)");
    EXPECT_TRUE(std::regex_match(finished.err, sentence)) << line << ": " << finished.err;
    EXPECT_NE(finished.err.find(part), std::string::npos) << line << ": " << finished.err;
    EXPECT_EQ(files(), before) << line;
}

void CommandTest::write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    fs::permissions(path(name), fs::perms::owner_read | fs::perms::owner_write);
}

std::string CommandTest::read(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::map<std::string, std::string> CommandTest::files() const {
    std::map<std::string, std::string> out;
    for (const auto& entry : fs::directory_iterator(folder_)) {
        const std::string name = entry.path().filename().string();
        out[name] = entry.is_regular_file() ? read(name) : "";
    }
    return out;
}

void CommandTest::make_wallet() const {
    done("passkey new phone.json");
    done("key new payer.json");
    done("wallet create my.json --signer phone.json");
    done("wallet fund 5 --to payer.json");
    done("wallet fund 2 --wallet my.json");
}

std::uint64_t CommandTest::lamports(const std::string& wallet) const {
    return done("wallet show --wallet " + wallet).at("lamports").to_number<std::uint64_t>();
}

std::string text_of(const json::object& fields, const char* name) {
    return std::string(fields.at(name).as_string());
}

}  // namespace latchkey::cli::testing
