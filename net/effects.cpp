// SPDX-License-Identifier: Apache-2.0
#include "net/effects.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace latchkey::net {

namespace asio = boost::asio;

Task<void> SystemClock::sleep_until(TimePoint until) {
    if (until <= SteadyClock::now()) {
        co_return;
    }
    const Executor executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, until);
    // A cancelled sleep just ends early; callers look at the clock.
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

SystemJitter::SystemJitter() : engine_(std::random_device{}()) {}

std::uint64_t SystemJitter::below(std::uint64_t bound) {
    if (bound == 0) {
        return 0;
    }
    return std::uniform_int_distribution<std::uint64_t>(0, bound - 1)(engine_);
}

}  // namespace latchkey::net
