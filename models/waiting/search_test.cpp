// SPDX-License-Identifier: Apache-2.0
#include "models/waiting/search.hpp"

#include <gtest/gtest.h>

namespace latchkey::waiting_model {
namespace {

// A walk along 0 1 2 ... 9, one place for each step. The adversary may go back from 3 to 2 if it is
// allowed to, and from 5 to the dead end 99.
struct Walk {
    bool goes_back = false;
    bool has_dead_end = false;

    int initial() const { return 0; }
    const char* broken_law(int at) const { return at == 7 ? "seven is unlucky" : nullptr; }
    std::string describe(int before, int move) const {
        return std::to_string(before) + "+" + std::to_string(move);
    }
    template <class Emit>
    void successors(int at, Emit&& emit) const {
        if (at < 9) {
            emit(at + 1, 1, at % 2 == 0 ? Step::kTick : Step::kHonest, nullptr);
        }
        if (at == 3 && goes_back) {
            emit(2, -1, Step::kHostile, nullptr);
        }
        if (at == 5 && has_dead_end) {
            emit(99, 94, Step::kHostile, "nobody is locked out");
        }
    }
};

using WalkSearch = Search<Walk, int, int>;

TEST(Search, CountsTicksToTheEarliest) {
    const Walk walk;
    WalkSearch search(walk, 1000);
    search.run(false);
    EXPECT_EQ(search.state_count(), 10U);
    EXPECT_EQ(search.step_count(), 9U);
    EXPECT_EQ(search.earliest([](int at) { return at == 6; }), 3);
    EXPECT_EQ(search.earliest([](int at) { return at == 11; }), kNever);
}

TEST(Search, CountsTicksToTheLatest) {
    const Walk walk;
    WalkSearch search(walk, 1000);
    search.run(false);
    EXPECT_EQ(search.latest([](int at) { return at == 0; }), 0);
    EXPECT_EQ(search.latest([](int at) { return at == 9; }), 5);
}

TEST(Search, ALoopInWhichTimePassesIsForEver) {
    const Walk walk{.goes_back = true};
    WalkSearch search(walk, 1000);
    search.run(false);
    EXPECT_EQ(search.latest([](int at) { return at == 9; }), kForever);
    EXPECT_EQ(search.latest([](int at) { return at == 3; }), 2);
    EXPECT_TRUE(search.stays_possible([](int at) { return at == 9; }));
}

TEST(Search, ADeadEndLocksOut) {
    const Walk walk{.has_dead_end = true};
    WalkSearch search(walk, 1000);
    search.run(false);
    size_t where = 0;
    EXPECT_FALSE(search.stays_possible([](int at) { return at == 9; }, &where));
    EXPECT_EQ(search.state(where), 99);
}

TEST(Search, KeepsTheFirstViolationOfEachLawWithItsWay) {
    const Walk walk{.has_dead_end = true};
    WalkSearch search(walk, 1000);
    search.run(false);
    ASSERT_EQ(search.violations().size(), 2U);
    EXPECT_EQ(search.violations()[0].law, "nobody is locked out");
    EXPECT_EQ(search.violations()[0].trace.back(), "5+94");
    EXPECT_EQ(search.violations()[1].law, "seven is unlucky");
    EXPECT_EQ(search.violations()[1].trace.size(), 7U);
}

TEST(Search, StopsAtTheFirstViolationOrTheMaximum) {
    const Walk walk;
    WalkSearch stopped(walk, 1000);
    stopped.run(true);
    EXPECT_EQ(stopped.violations().size(), 1U);
    EXPECT_LT(stopped.state_count(), 10U);
    WalkSearch small(walk, 4);
    small.run(false);
    EXPECT_TRUE(small.is_too_large());
}

}  // namespace
}  // namespace latchkey::waiting_model
