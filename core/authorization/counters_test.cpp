// SPDX-License-Identifier: Apache-2.0
// Limits and lanes against plain models of what they promise.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

#include "core/authorization/lane.hpp"
#include "core/authorization/limits.hpp"
#include "core/base/bytes.hpp"
#include "core/encoding/byte_io.hpp"

namespace latchkey::core {
namespace {

Bytes limit_bytes(std::uint64_t per_call, std::uint64_t per_period, std::uint32_t period,
                  std::uint8_t asset = 0) {
    ByteWriter writer;
    writer.write(Bytes(32, asset)).write_be(per_call).write_be(per_period).write_be(period);
    return writer.take();
}

TEST(LimitsTest, FindLimit) {
    const Bytes limits =
        concat(Bytes{3}, limit_bytes(1, 1, 1, 5), limit_bytes(1, 1, 1, 6), limit_bytes(1, 1, 1, 9));
    for (const auto& [asset, index] : {std::pair{5, 0U}, {6, 1U}, {9, 2U}, {7, 3U}}) {
        EXPECT_EQ(find_limit(limits.data(), Bytes(32, static_cast<std::uint8_t>(asset)).data()),
                  index);
    }
}

TEST(LimitsTest, LargestNumbers) {
    std::uint8_t counter[kCounterSize] = {};
    const Bytes limit = limit_bytes(kNever, kNever, 0);
    EXPECT_EQ(book_outflow(limit.data(), counter, 0, 5, kNever), Verdict::kAccepted);
    EXPECT_EQ(book_outflow(limit.data(), counter, 0, 5, 1), Verdict::kLimitPerPeriod);
    EXPECT_EQ(load64(counter + 8), kNever);
    // A counter above the budget (it cannot be) leaves nothing.
    const Bytes small = limit_bytes(5, 5, 0);
    EXPECT_EQ(book_outflow(small.data(), counter, 0, 5, 1), Verdict::kLimitPerPeriod);
    EXPECT_EQ(book_outflow(small.data(), counter, 0, 5, 6), Verdict::kLimitPerCall);
}

RC_GTEST_PROP(LimitsTest, NoWindowSpendsMoreThanItsBudget, ()) {
    const auto period = *rc::gen::inRange<std::uint32_t>(0, 50);
    const auto start = *rc::gen::inRange<std::uint64_t>(0, 100);
    const auto per_period = *rc::gen::inRange<std::uint64_t>(0, 1000);
    const auto per_call = *rc::gen::inRange<std::uint64_t>(0, per_period + 1);
    const Bytes limit = limit_bytes(per_call, per_period, period);
    std::uint8_t counter[kCounterSize] = {};
    std::map<std::uint64_t, std::uint64_t> spent;
    std::uint64_t latest = 0;
    std::uint64_t now = start;
    for (const std::uint64_t step :
         *rc::gen::container<std::vector<std::uint64_t>>(rc::gen::inRange<std::uint64_t>(0, 400))) {
        // Mostly forward, sometimes back.
        now = step > 390 && now > start + 30 ? now - 30 : now + step % 40;
        const std::uint64_t amount = step * 7 % 300;
        const std::uint64_t window = period == 0 ? 0 : (now - start) / period;
        latest = std::max(latest, window);
        const Bytes before(counter, counter + kCounterSize);
        const Verdict verdict = book_outflow(limit.data(), counter, start, now, amount);
        if (amount > per_call) {
            RC_ASSERT(verdict == Verdict::kLimitPerCall);
        } else if (verdict == Verdict::kAccepted) {
            // Whatever the clock does, a window that was left is not opened again.
            latest = std::max(latest, load64(counter));
            spent[load64(counter)] += amount;
            RC_ASSERT(load64(counter) >= window);
            RC_ASSERT(spent[load64(counter)] == load64(counter + 8));
            RC_ASSERT(spent[load64(counter)] <= per_period);
        } else {
            RC_ASSERT(verdict == Verdict::kLimitPerPeriod);
        }
        if (verdict != Verdict::kAccepted) {
            RC_ASSERT(before == Bytes(counter, counter + kCounterSize));
        }
    }
}

std::uint64_t nonce_of(std::uint64_t window, std::uint64_t bit, std::uint64_t sixteenth = 15) {
    return bit | (window & 1) << 11 | sixteenth << 12;
}

TEST(LaneTest, DeadlineOfANonce) {
    const std::uint64_t now = 1000 * 256 + 17;
    EXPECT_EQ(lane_deadline(nonce_of(1000, 5, 3), now), 1000U * 256 + 3 * 16 + 15);
    EXPECT_EQ(lane_deadline(nonce_of(1001, 5, 0), now), 1001U * 256 + 15);
}

RC_GTEST_PROP(LaneTest, EveryBitOfEveryWindowOnce, ()) {
    std::uint8_t lane[kLaneSize] = {};
    std::uint64_t now = 1'000'000;
    store32<kLaneBaseOffset>(lane, opening_base(now));
    std::uint64_t base = opening_base(now);
    std::set<std::pair<std::uint64_t, std::uint64_t>> used;
    for (const std::uint64_t step : *rc::gen::container<std::vector<std::uint64_t>>(
             rc::gen::inRange<std::uint64_t>(0, 2000))) {
        now = step > 1900 ? now - step % 300 : now + step % 90;
        const std::uint64_t current = now / kLaneWindowSeconds;
        const std::uint64_t window = current + (step & 1);
        const std::uint64_t bit = step % 11 * 186;
        const std::uint64_t sixteenth = step % 16;
        std::uint64_t deadline = 0;
        const Bytes before(lane, lane + kLaneSize);
        const Verdict verdict = use_lane(lane, nonce_of(window, bit, sixteenth), now, &deadline);
        RC_ASSERT(deadline == window * 256 + sixteenth * 16 + 15);
        if (now > deadline) {
            RC_ASSERT(verdict == Verdict::kDeadlinePassed);
        } else if (window < base) {
            RC_ASSERT(verdict == Verdict::kLaneWindow);
        } else if (used.contains({window, bit})) {
            RC_ASSERT(verdict == Verdict::kNonceUsed);
        } else {
            RC_ASSERT(verdict == Verdict::kAccepted);
            used.insert({window, bit});
            base = std::max(base, current);
            RC_ASSERT(load32<kLaneBaseOffset>(lane) == base);
            continue;
        }
        // The runtime takes back what a refused transaction wrote.
        std::copy(before.begin(), before.end(), lane);
    }
}

}  // namespace
}  // namespace latchkey::core
