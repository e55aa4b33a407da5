// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/effects.hpp"

namespace latchkey::net {

/// A token bucket. Pure: time comes in as an argument.
class TokenBucket {
  public:
    /// `tokens_per_second` > 0 and `burst` >= 1; a bucket starts full.
    TokenBucket(double tokens_per_second, double burst, TimePoint now);

    /// Takes one token now and returns how long the caller has to wait before it may act: zero
    /// while the bucket holds tokens. The debt is booked, so callers that arrive later wait longer.
    [[nodiscard]] Duration reserve(TimePoint now);

    /// How long a caller arriving now would have to wait, without taking anything.
    [[nodiscard]] Duration wait_time(TimePoint now) const;

  private:
    [[nodiscard]] double tokens_at(TimePoint now) const;
    [[nodiscard]] Duration wait_for(double tokens) const;

    double tokens_per_second_;
    double burst_;
    double tokens_;
    TimePoint updated_;
};

}  // namespace latchkey::net
