// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/verdict_text.hpp"

#include <gtest/gtest.h>

#include <set>

namespace latchkey::core {
namespace {

TEST(VerdictText, NamesAndSentences) {
    EXPECT_EQ(verdict_name(Verdict::kLockout), "Lockout");
    EXPECT_EQ(verdict_sentence(Verdict::kAccepted), "accepted");
    EXPECT_EQ(verdict_name(static_cast<Verdict>(1)), "");
    EXPECT_EQ(verdict_from_number(216), Verdict::kLockout);
    EXPECT_EQ(verdict_from_number(1), std::nullopt);
    EXPECT_EQ(to_error(Verdict::kLaneWindow).to_string(),
              "LK-1401 The authorization model refuses this; see the verdict's number in "
              "docs/spec/errors.md. (602 LaneWindow: the lane does not accept this window now)");
}

TEST(VerdictText, NumbersAreUniqueAndSentencesDiffer) {
    std::set<std::uint64_t> numbers;
    std::set<std::string_view> sentences;
    std::size_t count = 0;
#define LATCHKEY_COLLECT(name, number, sentence) \
    numbers.insert(number);                      \
    sentences.insert(sentence);                  \
    ++count;
    LATCHKEY_VERDICTS(LATCHKEY_COLLECT)
    LATCHKEY_EVM_VERDICTS(LATCHKEY_COLLECT)
#undef LATCHKEY_COLLECT
    EXPECT_EQ(numbers.size(), count);
    EXPECT_EQ(sentences.size(), count);
}

}  // namespace
}  // namespace latchkey::core
