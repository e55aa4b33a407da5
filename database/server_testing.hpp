// SPDX-License-Identifier: Apache-2.0
#pragma once

// For tests only: a folder that goes away, processes that can be killed, and a real PostgreSQL
// server that lives as long as the test program.
#include <optional>
#include <string>

#include <sys/types.h>

namespace latchkey::database::testing {

/// A folder of its own, removed when destroyed.
class TemporaryFolder {
  public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

/// "postgresql:///postgres?host=FOLDER&user=postgres" of a server started on first use, on a socket
/// in a private folder; nothing, and why on standard error, where PostgreSQL is not installed. What
/// tests kill are clients, so the server does without fsync unless its first user asks for it.
std::optional<std::string> postgresql_url(bool durable = false);

/// Runs `body` in a new process, which ends with what it returns.
template <typename Body>
pid_t in_child(Body&& body);
/// The exit status, or 128 and the signal.
int wait_for(pid_t child);

pid_t fork_or_die();
[[noreturn]] void leave(int status);

template <typename Body>
pid_t in_child(Body&& body) {
    const pid_t child = fork_or_die();
    if (child == 0) {
        leave(body());
    }
    return child;
}

}  // namespace latchkey::database::testing
