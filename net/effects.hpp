// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <random>

#include "net/task.hpp"

namespace latchkey::net {

using SteadyClock = std::chrono::steady_clock;
using TimePoint = SteadyClock::time_point;
using Duration = SteadyClock::duration;
using Milliseconds = std::chrono::milliseconds;

/// The instant by which an operation must have ended, on the steady clock.
using Deadline = TimePoint;

/// Time as the retry, rate-limit and health logic sees it, so that tests decide how it passes.
/// Transports measure their deadlines on the real steady clock.
class Clock {
  public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual TimePoint now() const = 0;
    /// Returns at `until`, or at once when it has passed.
    virtual Task<void> sleep_until(TimePoint until) = 0;
};

/// Randomness for jitter only. Never a source of keys or nonces.
class Jitter {
  public:
    virtual ~Jitter() = default;
    /// A number in [0, bound), or 0 when bound is 0.
    virtual std::uint64_t below(std::uint64_t bound) = 0;
};

/// The steady clock with Asio timers.
class SystemClock final : public Clock {
  public:
    [[nodiscard]] TimePoint now() const override { return SteadyClock::now(); }
    Task<void> sleep_until(TimePoint until) override;
};

/// A Mersenne Twister seeded by the operating system.
class SystemJitter final : public Jitter {
  public:
    SystemJitter();
    std::uint64_t below(std::uint64_t bound) override;

  private:
    std::mt19937_64 engine_;
};

}  // namespace latchkey::net
