// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tests only: the real program in a process of its own, and chains for it to talk to.
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json/object.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "net/scripted_server.hpp"

namespace latchkey::cli::testing {

namespace fs = std::filesystem;
namespace json = boost::json;

/// What a finished process left.
struct Finished {
    /// Negative: the signal that ended it.
    int code = 0;
    std::string out;
    std::string err;

    /// `out` as the one JSON object that it must be; throws otherwise.
    json::object fields() const;
};

/// A process; its output goes to files, so that no pipe can fill up.
class Process {
  public:
    /// `words[0]` is the program's path. `environment` is all that the process sees.
    Process(const std::vector<std::string>& words, const fs::path& folder,
            const std::map<std::string, std::string>& environment);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    void signal(int number) const;
    /// Ends it with SIGKILL after 60 s, which is a failure of the test.
    Finished wait();
    /// The first line on standard output; waits for it.
    std::string first_line() const;
    /// Waits until its standard output holds `part`.
    void wait_for(const std::string& part) const;

  private:
    bool is_over(std::chrono::steady_clock::time_point until) const;

    int process_ = -1;
    int out_ = -1;
    int err_ = -1;
};

/// `latchkey dev` in memory on free ports, without EVM chains unless `further` has --evm-port; it
/// ends with this object.
class LocalNode {
  public:
    explicit LocalNode(const std::vector<std::string>& further = {});
    const std::string& url() const { return url_; }
    const json::object& ready() const { return ready_; }
    /// As Ctrl-C does.
    Finished stop();

  private:
    fs::path folder_;
    Process process_;
    json::object ready_;
    std::string url_;
};

/// Accepts connections and answers every request with the same bytes.
class RubbishServer {
  public:
    explicit RubbishServer(std::string answer);
    ~RubbishServer();
    RubbishServer(const RubbishServer&) = delete;
    RubbishServer& operator=(const RubbishServer&) = delete;
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  private:
    void serve();

    std::string answer_;
    int listening_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<bool> ends_{false};
    std::thread thread_;
};

/// A node whose JSON-RPC does not always tell the truth.
class LyingNode {
  public:
    /// Changes the result of a call as it likes.
    using Lie = std::function<void(const std::string& method, json::value& result)>;

    /// `url` is that of an honest node, such as LocalNode::url().
    LyingNode(const std::string& url, Lie lie);
    std::string url() const { return server_.url(); }

  private:
    net::ScriptedServer server_;
};

/// An empty folder in which the program runs, with a home of its own; all tests share one chain.
class CommandTest : public ::testing::Test {
  protected:
    static void SetUpTestSuite();
    static void TearDownTestSuite();
    /// What SetUpTestSuite of a suite with other chains does.
    static void start_node(const std::vector<std::string>& further);

    CommandTest();
    ~CommandTest() override;

    /// `line`: words between spaces; nothing is quoted.
    Finished run(const std::string& line, std::map<std::string, std::string> further = {}) const;
    Finished run(const std::vector<std::string>& words,
                 std::map<std::string, std::string> further = {}) const;
    /// With --json; it must succeed and say nothing on standard error.
    json::object done(const std::string& line) const;
    /// It must fail with one sentence that holds `part` and touch no file.
    void refused(const std::string& line, const std::string& part,
                 const std::map<std::string, std::string>& further = {}) const;

    std::string path(const std::string& name) const { return (folder_ / name).string(); }
    void write(const std::string& name, const std::string& text) const;
    std::string read(const std::string& name) const;
    /// Name, size and content of everything in the folder.
    std::map<std::string, std::string> files() const;
    static const LocalNode& node();

    /// phone.json, payer.json with 5 SOL and my.json with 2 SOL that the phone opens.
    void make_wallet() const;
    std::uint64_t lamports(const std::string& wallet) const;

    fs::path folder_;
    std::map<std::string, std::string> environment_;
};

std::string text_of(const json::object& fields, const char* name);

}  // namespace latchkey::cli::testing
