// SPDX-License-Identifier: Apache-2.0
#include "cli/shell_command.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <thread>

namespace latchkey::cli {

namespace {

constexpr std::chrono::seconds kCommandTime{30};
constexpr std::chrono::milliseconds kCommandPoll{20};

}  // namespace

bool run_shell_command(const std::string& command, const EnvironmentVariable& variable,
                       const std::string& text) {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    const pid_t child = ::fork();
    if (child == 0) {
        ::signal(SIGPIPE, SIG_DFL);
        ::setpgid(0, 0);
        ::dup2(ends[0], STDIN_FILENO);
        ::setenv(variable.name.c_str(), variable.value.c_str(), 1);
        ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
        ::_exit(127);
    }
    ::close(ends[0]);
    // A command that does not read must not stop this program.
    ::fcntl(ends[1], F_SETFL, O_NONBLOCK);
    const ssize_t written = child > 0 ? ::write(ends[1], text.data(), text.size()) : -1;
    ::close(ends[1]);
    if (child < 0) {
        return false;
    }
    int status = 0;
    const auto until = std::chrono::steady_clock::now() + kCommandTime;
    while (::waitpid(child, &status, WNOHANG) == 0) {
        if (std::chrono::steady_clock::now() > until) {
            ::kill(-child, SIGKILL);
            ::waitpid(child, &status, 0);
            return false;
        }
        std::this_thread::sleep_for(kCommandPoll);
    }
    return written >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace latchkey::cli
