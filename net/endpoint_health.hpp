// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "net/effects.hpp"

namespace latchkey::net {

/// Which of several equal endpoints to ask. Pure: time comes in as an argument.
///
/// An endpoint that fails several times in a row rests, each time twice as long up to a limit, and
/// is then tried again. The order of the list is the order of preference.
class EndpointHealth {
  public:
    struct Options {
        unsigned failures_before_rest = 2;
        Milliseconds rest_min{1000};
        Milliseconds rest_max{60000};
    };

    EndpointHealth(std::size_t endpoints, Options options);

    void succeeded(std::size_t endpoint);
    void failed(std::size_t endpoint, TimePoint now);
    /// The endpoint itself said when to come back.
    void rest_until(std::size_t endpoint, TimePoint until);

    [[nodiscard]] bool is_resting(std::size_t endpoint, TimePoint now) const;
    /// The first one awake that is not in `avoid`; then the first one awake; then the one whose
    /// rest ends first: a call is never refused only because every endpoint has failed before.
    [[nodiscard]] std::size_t choose(TimePoint now, const std::vector<bool>& avoid) const;
    [[nodiscard]] unsigned consecutive_failures(std::size_t endpoint) const;

  private:
    struct State {
        unsigned failures = 0;
        std::optional<TimePoint> rests_until;
    };

    Options options_;
    std::vector<State> states_;
};

}  // namespace latchkey::net
