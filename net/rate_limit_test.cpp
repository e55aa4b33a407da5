// SPDX-License-Identifier: Apache-2.0
#include "net/rate_limit.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace latchkey::net {
namespace {

using std::chrono::duration_cast;

const TimePoint kStart{std::chrono::seconds(1000)};

Milliseconds rounded(Duration duration) {
    return duration_cast<Milliseconds>(duration + std::chrono::microseconds(500));
}

TEST(token_bucket, burst_then_steady_rate) {
    TokenBucket bucket(10, 3, kStart);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(bucket.wait_time(kStart), Duration::zero());
        EXPECT_EQ(bucket.reserve(kStart), Duration::zero());
    }
    EXPECT_EQ(rounded(bucket.wait_time(kStart)), Milliseconds(100));
    EXPECT_EQ(rounded(bucket.reserve(kStart)), Milliseconds(100));
    EXPECT_EQ(rounded(bucket.reserve(kStart)), Milliseconds(200)) << "the debt is booked";
    EXPECT_EQ(rounded(bucket.reserve(kStart + Milliseconds(250))), Milliseconds(50));
}

TEST(token_bucket, does_not_collect_more_than_a_burst) {
    TokenBucket bucket(1000, 2, kStart);
    const TimePoint later = kStart + std::chrono::hours(1);
    EXPECT_EQ(bucket.reserve(later), Duration::zero());
    EXPECT_EQ(bucket.reserve(later), Duration::zero());
    EXPECT_GT(bucket.reserve(later), Duration::zero());
}

TEST(token_bucket, a_clock_that_jumps_back_gives_nothing) {
    TokenBucket bucket(10, 1, kStart);
    EXPECT_EQ(bucket.reserve(kStart), Duration::zero());
    EXPECT_GT(bucket.reserve(kStart - std::chrono::hours(1)), Duration::zero());
}

RC_GTEST_PROP(token_bucket, never_lets_more_through_than_rate_and_burst, ()) {
    const double rate = *rc::gen::inRange(1, 200);
    const double burst = *rc::gen::inRange(1, 20);
    TokenBucket bucket(rate, burst, kStart);
    std::vector<TimePoint> released;
    TimePoint now = kStart;
    for (int i = 0; i < 200; ++i) {
        now += Milliseconds(*rc::gen::inRange(0, 20));
        released.push_back(now + bucket.reserve(now));
    }
    for (std::size_t first = 0; first < released.size(); first += 7) {
        for (std::size_t last = first; last < released.size(); ++last) {
            const double seconds =
                std::chrono::duration<double>(released[last] - released[first]).count();
            RC_ASSERT(static_cast<double>(last - first + 1) <= burst + rate * seconds + 1.001);
        }
    }
}

}  // namespace
}  // namespace latchkey::net
