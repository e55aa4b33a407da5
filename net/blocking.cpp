// SPDX-License-Identifier: Apache-2.0
#include "net/blocking.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <stdexcept>

namespace latchkey::net {

void BlockingExecutor::run_until_done(Task<void> task) {
    std::exception_ptr failure;
    bool is_done = false;
    boost::asio::co_spawn(context_, std::move(task), [&](std::exception_ptr error) {
        failure = std::move(error);
        is_done = true;
    });
    context_.restart();
    while (!is_done) {
        // No work left and not done means that the task waits for something that cannot happen.
        if (context_.run_one() == 0) {
            throw std::logic_error("the task waits for an event that nothing will raise");
        }
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
}

}  // namespace latchkey::net
