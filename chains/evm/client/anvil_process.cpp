// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/anvil_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "core/base/exec_pointers.hpp"

namespace latchkey::evm {

namespace {

std::string read_line(int from) {
    std::string line;
    char c = 0;
    while (::read(from, &c, 1) == 1) {
        if (c == '\n') {
            return line + c;
        }
        line += c;
    }
    return line;
}

}  // namespace

std::optional<std::string> find_anvil() {
    if (const char* given = std::getenv("LATCHKEY_ANVIL"); given != nullptr && *given != '\0') {
        return given;
    }
    const std::string installed = "chains/evm/contracts/node_modules/.bin/anvil";
    return std::filesystem::exists(installed) ? std::optional(installed) : std::nullopt;
}

AnvilProcess::AnvilProcess(const std::string& program, const std::vector<std::string>& arguments) {
    std::vector<std::string> words{program, "--port", "0"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    const std::vector<char*> pointers = core::exec_pointers(words);
    std::array<int, 2> output{};
    if (::pipe2(output.data(), O_CLOEXEC) != 0) {
        throw std::runtime_error("no pipe");
    }
    process_ = ::fork();
    if (process_ == 0) {
        // The npm package's program is a script that starts the real one: a group ends as a whole.
        ::setpgid(0, 0);
        ::dup2(output[1], STDOUT_FILENO);
        ::dup2(output[1], STDERR_FILENO);
        ::execvp(pointers[0], pointers.data());
        ::_exit(127);
    }
    ::close(output[1]);
    output_ = output[0];
    constexpr std::string_view kReady = "Listening on ";
    std::string all;
    while (url_.empty()) {
        const std::string line = read_line(output_);
        if (process_ < 0 || line.empty()) {
            stop();
            throw std::runtime_error("anvil did not start: " + all);
        }
        all += line;
        if (line.starts_with(kReady)) {
            url_ = "http://" + line.substr(kReady.size(), line.size() - kReady.size() - 1) + "/";
        }
    }
    reader_ = std::thread([from = output_] {
        while (!read_line(from).empty()) {
        }
    });
}

void AnvilProcess::stop() {
    if (process_ > 0) {
        ::setpgid(process_, process_);
        ::kill(-process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }
    process_ = -1;
    if (reader_.joinable()) {
        reader_.join();
    }
    if (output_ >= 0) {
        ::close(output_);
    }
    output_ = -1;
}

AnvilProcess::~AnvilProcess() {
    stop();
}

}  // namespace latchkey::evm
