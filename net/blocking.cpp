// SPDX-License-Identifier: Apache-2.0
#include "net/blocking.hpp"

#include <stdexcept>

namespace latchkey::net {

void BlockingExecutor::run_until(const bool& done) {
    context_.restart();
    while (!done) {
        // No work left and not done means that the task waits for something that cannot happen.
        if (context_.run_one() == 0) {
            throw std::logic_error("the task waits for an event that nothing will raise");
        }
    }
}

}  // namespace latchkey::net
