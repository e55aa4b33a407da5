// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "core/base/result.hpp"

/// A program that this one starts, and that ends with it.
namespace latchkey::cli {

using core::Result;

/// Stopped by SIGTERM, then SIGKILL, when the object goes. Ctrl-C reaches this program only.
class ChildProcess {
  public:
    ChildProcess() = default;
    /// `shows_log`: what it writes as errors goes where ours go, else into memory. Error:
    /// kLocalChain.
    static Result<ChildProcess> start(std::vector<std::string> words, bool shows_log);
    ~ChildProcess();
    ChildProcess(ChildProcess&& other) noexcept;
    ChildProcess& operator=(ChildProcess&& other) noexcept;
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    /// One line of its output, without its end; empty when it ended or wrote none in time.
    std::string read_line(std::chrono::milliseconds patience);
    bool is_running();
    /// Until it ends; its exit code. SIGINT and SIGTERM to this program end it in order.
    int wait();
    /// The end of what it wrote as errors, if that was not shown.
    std::string log_tail() const;
    void stop();

  private:
    pid_t process_ = -1;
    int output_ = -1;
    int log_ = -1;
};

}  // namespace latchkey::cli
