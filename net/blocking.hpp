// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <optional>
#include <type_traits>
#include <utility>

#include "net/task.hpp"

namespace latchkey::net {

/// One thread's executor for callers without an event loop, such as the command line: make clients
/// with executor(), then run() their tasks one after the other. What a task leaves running in the
/// background goes on during the next run() only.
class BlockingExecutor {
  public:
    [[nodiscard]] Executor executor() { return context_.get_executor(); }

    /// Blocks until the task has ended, and returns its value. An exception of the task passes
    /// through.
    template <typename T>
    T run(Task<T> task) {
        if constexpr (std::is_void_v<T>) {
            run_until_done(std::move(task));
        } else {
            std::optional<T> value;
            run_until_done(store(std::move(task), value));
            return *std::move(value);
        }
    }

  private:
    // Values go round co_spawn, which wants them default-constructible.
    template <typename T>
    static Task<void> store(Task<T> task, std::optional<T>& value) {
        value.emplace(co_await std::move(task));
    }
    void run_until_done(Task<void> task);

    boost::asio::io_context context_{1};
};

/// The same for a single task that takes its executor from where it runs.
template <typename T>
T run_blocking(Task<T> task) {
    BlockingExecutor executor;
    return executor.run(std::move(task));
}

}  // namespace latchkey::net
