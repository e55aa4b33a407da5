// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/nonce_manager.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "core/base/result_testing.hpp"

namespace latchkey::evm {
namespace {

using core::ErrorCode;
using Numbers = std::vector<std::uint64_t>;
using Resync = NonceManager::Resync;

TEST(NonceManager, gives_out_one_after_the_other) {
    NonceManager nonces(7, 2);
    EXPECT_EQ(nonces.reserve().value(), 7U);
    EXPECT_EQ(nonces.reserve().value(), 8U);
    EXPECT_ERROR(ErrorCode::kTooManyInFlight, nonces.reserve());
    nonces.sent(7);
    EXPECT_ERROR(ErrorCode::kTooManyInFlight, nonces.reserve());
    EXPECT_EQ(nonces.resync(8, 8), (Resync{{7}, {}, {}}));
    EXPECT_EQ(nonces.reserve().value(), 9U);
}

TEST(NonceManager, gaps_are_filled_first) {
    NonceManager nonces(0);
    for (std::uint64_t i = 0; i < 5; ++i) {
        EXPECT_EQ(nonces.reserve().value(), i);
    }
    nonces.release(3);
    nonces.release(1);
    nonces.release(1);
    nonces.release(99);
    EXPECT_EQ(nonces.gaps(), (Numbers{1, 3}));
    EXPECT_EQ(nonces.reserve().value(), 1U);
    // Released at the end, nothing waits for it, nor for the gap before it.
    nonces.release(4);
    EXPECT_EQ(nonces.gaps(), Numbers());
    EXPECT_EQ(nonces.next(), 3U);
    EXPECT_EQ(nonces.reserve().value(), 3U);
}

TEST(NonceManager, resync_tells_what_became_of_them) {
    NonceManager nonces(10);
    for (int i = 0; i < 5; ++i) {
        (void)nonces.reserve();
    }
    nonces.sent(10);
    nonces.sent(12);
    nonces.sent(13);
    nonces.release(11);
    // The chain is past 10 and, although nobody sent it here, 11; the pool has 12.
    EXPECT_EQ(nonces.resync(12, 13), (Resync{{10}, {}, {13}}));
    EXPECT_EQ(nonces.gaps(), Numbers());
    EXPECT_EQ(nonces.in_flight(), 3U);
    // Somebody else used the key far beyond.
    EXPECT_EQ(nonces.resync(20, 22), (Resync{{12, 13}, {14}, {}}));
    EXPECT_EQ(nonces.reserve().value(), 22U);
    // Late news of nonces that are finished change nothing.
    nonces.sent(12);
    nonces.release(13);
    EXPECT_EQ(nonces.in_flight(), 1U);
}

TEST(NonceManager, counts_that_fall_change_only_what_is_missing) {
    NonceManager nonces(5);
    (void)nonces.reserve();
    nonces.sent(5);
    EXPECT_EQ(nonces.resync(5, 6), Resync());
    EXPECT_EQ(nonces.resync(3, 4), (Resync{{}, {}, {5}}));
    EXPECT_EQ(nonces.resync(3, 0), (Resync{{}, {}, {5}}));
    EXPECT_EQ(nonces.next(), 6U);
}

RC_GTEST_PROP(NonceManager, never_gives_a_nonce_twice, (const std::vector<std::uint8_t>& steps)) {
    NonceManager nonces(0, 8);
    std::set<std::uint64_t> held;
    std::uint64_t latest = 0;
    for (const std::uint8_t step : steps) {
        if (step % 3 == 0) {
            if (const auto nonce = nonces.reserve()) {
                RC_ASSERT(*nonce >= latest);
                RC_ASSERT(held.insert(*nonce).second);
            } else {
                RC_ASSERT(held.size() == 8U);
            }
        } else if (step % 3 == 1 && !held.empty()) {
            auto one = held.begin();
            std::advance(one, step % held.size());
            nonces.release(*one);
            held.erase(one);
        } else {
            latest += step % 4;
            const auto found = nonces.resync(latest, latest);
            for (const std::uint64_t nonce : found.lost) {
                RC_ASSERT(held.erase(nonce) == 1U);
            }
            RC_ASSERT(held.empty() || *held.begin() >= latest);
        }
        RC_ASSERT(nonces.in_flight() == held.size());
        for (const std::uint64_t gap : nonces.gaps()) {
            RC_ASSERT(!held.contains(gap) && gap >= latest && gap < nonces.next());
        }
    }
}

}  // namespace
}  // namespace latchkey::evm
