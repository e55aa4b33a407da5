// SPDX-License-Identifier: Apache-2.0
#include "net/endpoint_health.hpp"

#include <algorithm>

namespace latchkey::net {

EndpointHealth::EndpointHealth(std::size_t endpoints, Options options)
    : options_(options), states_(endpoints) {}

void EndpointHealth::succeeded(std::size_t endpoint) {
    states_[endpoint] = {};
}

void EndpointHealth::failed(std::size_t endpoint, TimePoint now) {
    State& state = states_[endpoint];
    ++state.failures;
    if (state.failures < options_.failures_before_rest) {
        return;
    }
    // Doubling more often would exceed any limit.
    const unsigned doublings = std::min(state.failures - options_.failures_before_rest, 20U);
    const Milliseconds rest =
        std::min(options_.rest_max, options_.rest_min * (std::int64_t{1} << doublings));
    rest_until(endpoint, now + rest);
}

void EndpointHealth::rest_until(std::size_t endpoint, TimePoint until) {
    auto& current = states_[endpoint].rests_until;
    current = current ? std::max(*current, until) : until;
}

bool EndpointHealth::is_resting(std::size_t endpoint, TimePoint now) const {
    const auto& until = states_[endpoint].rests_until;
    return until && now < *until;
}

std::size_t EndpointHealth::choose(TimePoint now, const std::vector<bool>& avoid) const {
    std::optional<std::size_t> awake;
    std::size_t soonest = 0;
    for (std::size_t i = 0; i < states_.size(); ++i) {
        if (!is_resting(i, now)) {
            if (i >= avoid.size() || !avoid[i]) {
                return i;
            }
            awake = awake.value_or(i);
        } else if (is_resting(soonest, now) &&
                   *states_[i].rests_until < *states_[soonest].rests_until) {
            soonest = i;
        }
    }
    return awake.value_or(soonest);
}

unsigned EndpointHealth::consecutive_failures(std::size_t endpoint) const {
    return states_[endpoint].failures;
}

}  // namespace latchkey::net
