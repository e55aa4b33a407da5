// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
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
        std::exception_ptr failure;
        bool done = false;
        if constexpr (std::is_void_v<T>) {
            boost::asio::co_spawn(context_, std::move(task), [&](std::exception_ptr error) {
                failure = std::move(error);
                done = true;
            });
            run_until(done);
            if (failure) {
                std::rethrow_exception(failure);
            }
        } else {
            std::optional<T> value;
            boost::asio::co_spawn(context_, std::move(task),
                                  [&](std::exception_ptr error, auto result) {
                                      failure = std::move(error);
                                      if (!failure) {
                                          value.emplace(std::move(result));
                                      }
                                      done = true;
                                  });
            run_until(done);
            if (failure) {
                std::rethrow_exception(failure);
            }
            return *std::move(value);
        }
    }

  private:
    void run_until(const bool& done);

    boost::asio::io_context context_{1};
};

/// The same for a single task that takes its executor from where it runs.
template <typename T>
T run_blocking(Task<T> task) {
    BlockingExecutor executor;
    return executor.run(std::move(task));
}

}  // namespace latchkey::net
