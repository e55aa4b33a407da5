// SPDX-License-Identifier: Apache-2.0
#include "net/endpoint_health.hpp"

#include <gtest/gtest.h>

namespace latchkey::net {
namespace {

const TimePoint kStart{std::chrono::seconds(1000)};

EndpointHealth three() {
    EndpointHealth::Options options;
    options.failures_before_rest = 2;
    options.rest_min = Milliseconds(1000);
    options.rest_max = Milliseconds(5000);
    return {3, options};
}

TEST(endpoint_health, prefers_the_order_of_the_list) {
    const auto health = three();
    EXPECT_EQ(health.choose(kStart, {}), 0U);
    EXPECT_EQ(health.choose(kStart, {true, false, false}), 1U);
    EXPECT_EQ(health.choose(kStart, {true, true, false}), 2U);
    EXPECT_EQ(health.choose(kStart, {true, true, true}), 0U);
}

TEST(endpoint_health, rests_twice_as_long_each_time) {
    auto health = three();
    health.failed(0, kStart);
    EXPECT_FALSE(health.is_resting(0, kStart));
    health.failed(0, kStart);
    EXPECT_TRUE(health.is_resting(0, kStart + Milliseconds(999)));
    EXPECT_FALSE(health.is_resting(0, kStart + Milliseconds(1000)));
    EXPECT_EQ(health.choose(kStart, {}), 1U);
    EXPECT_EQ(health.choose(kStart + Milliseconds(1000), {}), 0U) << "tried again";
    health.failed(0, kStart + Milliseconds(1000));
    EXPECT_TRUE(health.is_resting(0, kStart + Milliseconds(2999)));
    for (int i = 0; i < 100; ++i) {
        health.failed(0, kStart + Milliseconds(3000));
    }
    EXPECT_FALSE(health.is_resting(0, kStart + Milliseconds(8000))) << "the limit";
    health.succeeded(0);
    EXPECT_EQ(health.consecutive_failures(0), 0U);
    EXPECT_FALSE(health.is_resting(0, kStart));
}

TEST(endpoint_health, when_all_rest_the_first_to_wake_is_asked) {
    auto health = three();
    health.rest_until(0, kStart + Milliseconds(300));
    health.rest_until(1, kStart + Milliseconds(100));
    health.rest_until(2, kStart + Milliseconds(200));
    EXPECT_EQ(health.choose(kStart, {}), 1U);
    health.rest_until(1, kStart + Milliseconds(50));
    EXPECT_TRUE(health.is_resting(1, kStart + Milliseconds(99))) << "a rest is never shortened";
}

}  // namespace
}  // namespace latchkey::net
