// SPDX-License-Identifier: Apache-2.0
#include "net/rate_limit.hpp"

#include <algorithm>

namespace latchkey::net {

TokenBucket::TokenBucket(double tokens_per_second, double burst, TimePoint now)
    : tokens_per_second_(std::max(tokens_per_second, 1e-6)),
      burst_(std::max(burst, 1.0)),
      tokens_(burst_),
      updated_(now) {}

double TokenBucket::tokens_at(TimePoint now) const {
    const double elapsed = std::max(0.0, std::chrono::duration<double>(now - updated_).count());
    return std::min(burst_, tokens_ + elapsed * tokens_per_second_);
}

Duration TokenBucket::wait_for(double tokens) const {
    if (tokens >= 0.0) {
        return Duration::zero();
    }
    const std::chrono::duration<double> wait(-tokens / tokens_per_second_);
    return std::chrono::duration_cast<Duration>(wait);
}

Duration TokenBucket::wait_time(TimePoint now) const {
    return wait_for(tokens_at(now) - 1.0);
}

Duration TokenBucket::reserve(TimePoint now) {
    tokens_ = tokens_at(now) - 1.0;
    updated_ = std::max(updated_, now);
    return wait_for(tokens_);
}

}  // namespace latchkey::net
