// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

/// Commands of the user's own, such as those of `latchkey watch --exec`.
namespace latchkey::cli {

/// As a command finds it in its environment.
struct EnvironmentVariable {
    std::string name;
    std::string value;
};

/// Runs the shell command with `text` on its standard input and waits for it, 30 seconds at most:
/// then it is ended. SIGPIPE must be ignored. False: it failed or took too long.
bool run_shell_command(const std::string& command, const EnvironmentVariable& variable,
                       const std::string& text);

}  // namespace latchkey::cli
