// SPDX-License-Identifier: Apache-2.0
#include "cli/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>
#include <utility>

#include "core/base/exec_pointers.hpp"

namespace latchkey::cli {

namespace {

constexpr std::size_t kLineMax = 64 * 1024;
constexpr std::chrono::milliseconds kStopPoll{10};
constexpr unsigned kStopPolls = 300;
constexpr int kExecFailed = 127;

struct Pipe {
    int reading = -1;
    int writing = -1;
};

void run_child(std::vector<std::string> words, const Pipe& pipe, int log) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    // Ctrl-C reaches this program only, which then ends the child in order.
    ::setpgid(0, 0);
    ::dup2(pipe.writing, STDOUT_FILENO);
    if (log >= 0) {
        ::dup2(log, STDERR_FILENO);
    }
    const std::vector<char*> pointers = core::exec_pointers(words);
    ::execvp(pointers[0], pointers.data());
    ::_exit(kExecFailed);
}

volatile sig_atomic_t child_to_stop = 0;

void pass_signal_on(int /*number*/) {
    if (child_to_stop > 0) {
        ::kill(child_to_stop, SIGTERM);
    }
}

}  // namespace

Result<ChildProcess> ChildProcess::start(std::vector<std::string> words, bool shows_log) {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return core::fail(core::ErrorCode::kLocalChain, "no pipe for the process " + words.front());
    }
    const Pipe pipe{ends[0], ends[1]};
    ChildProcess out;
    out.log_ = shows_log ? -1 : ::memfd_create("latchkey-child-log", MFD_CLOEXEC);
    out.output_ = pipe.reading;
    const std::string name = words.front();
    out.process_ = ::fork();
    if (out.process_ == 0) {
        run_child(std::move(words), pipe, out.log_);
    }
    ::close(pipe.writing);
    if (out.process_ < 0) {
        return core::fail(core::ErrorCode::kLocalChain, name + " could not be started");
    }
    return out;
}

std::string ChildProcess::read_line(std::chrono::milliseconds patience) {
    std::string line;
    const auto until = std::chrono::steady_clock::now() + patience;
    while (line.size() < kLineMax) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            until - std::chrono::steady_clock::now());
        pollfd waiting{output_, POLLIN, 0};
        char c = 0;
        if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0 ||
            ::read(output_, &c, 1) != 1) {
            return {};
        }
        if (c == '\n') {
            break;
        }
        line += c;
    }
    return line;
}

bool ChildProcess::is_running() {
    if (process_ > 0 && ::waitpid(process_, nullptr, WNOHANG) != 0) {
        process_ = -1;
    }
    return process_ > 0;
}

int ChildProcess::wait() {
    child_to_stop = process_;
    struct sigaction action{};
    action.sa_handler = pass_signal_on;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
    }
    child_to_stop = 0;
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

std::string ChildProcess::log_tail() const {
    std::array<char, 4096> buffer{};
    const off_t size = log_ >= 0 ? ::lseek(log_, 0, SEEK_END) : 0;
    const off_t from = std::max<off_t>(0, size - static_cast<off_t>(buffer.size()));
    const ssize_t count = size > 0 ? ::pread(log_, buffer.data(), buffer.size(), from) : 0;
    return {buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
}

void ChildProcess::stop() {
    if (process_ > 0) {
        ::kill(process_, SIGTERM);
        for (unsigned i = 0; i < kStopPolls; ++i) {
            if (::waitpid(process_, nullptr, WNOHANG) != 0) {
                process_ = -1;
                break;
            }
            std::this_thread::sleep_for(kStopPoll);
        }
    }
    if (process_ > 0) {
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
    }
    for (int* descriptor : {&output_, &log_}) {
        if (*descriptor >= 0) {
            ::close(*descriptor);
        }
        *descriptor = -1;
    }
    process_ = -1;
}

ChildProcess::~ChildProcess() {
    stop();
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept {
    *this = std::move(other);
}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
    if (this != &other) {
        stop();
        process_ = std::exchange(other.process_, -1);
        output_ = std::exchange(other.output_, -1);
        log_ = std::exchange(other.log_, -1);
    }
    return *this;
}

}  // namespace latchkey::cli
