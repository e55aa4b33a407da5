// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/waiting.hpp"

#include <gtest/gtest.h>

#include "core/base/result_testing.hpp"

namespace latchkey::cli {
namespace {

using core::ErrorCode;

TEST(ProposalName, is_read_as_it_is_written) {
    for (const std::uint8_t rule : core::Bytes{0, 1, 9, 10, 15, 0x80, 0x81, 0x8f}) {
        const auto any = parse_proposal(solana::record_text(rule));
        ASSERT_OK(any);
        EXPECT_EQ(any->record, rule);
        EXPECT_FALSE(any->number) << "whatever waits there";
        for (const std::uint32_t epoch : {0U, 1U, 4294967295U}) {
            solana::RuleRecord record;
            record.rule = rule;
            record.epoch = epoch;
            const auto exact = parse_proposal(solana::proposal_text(record));
            ASSERT_OK(exact);
            EXPECT_EQ(exact->record, rule);
            EXPECT_EQ(exact->number, epoch);
        }
    }
}

TEST(ProposalName, refuses_everything_else) {
    for (const char* text : {"",
                             ".",
                             ".1",
                             "2.",
                             "2.1.3",
                             "16",
                             "recovery:16",
                             "recovery",
                             "recovery:",
                             "recovery:.1",
                             "recovery:recovery:0",
                             "Recovery:0",
                             "-1",
                             "+1",
                             "2,1",
                             "2.-1",
                             "2 .1",
                             "2. 1",
                             " 2",
                             "2 ",
                             "0x2",
                             "2.4294967296",
                             "18446744073709551616",
                             "session:1",
                             "two"}) {
        EXPECT_ERROR(ErrorCode::kCommandInput, parse_proposal(text)) << text;
    }
}

TEST(ActionText, names_what_can_wait) {
    EXPECT_EQ(action_text(1), "execute calls");
    EXPECT_EQ(action_text(2), "grant a session");
    EXPECT_EQ(action_text(4), "change the configuration");
    EXPECT_EQ(action_text(14), "recover");
    EXPECT_EQ(action_text(15), "upgrade a program");
    for (const std::uint8_t other : core::Bytes{0, 3, 5, 6, 11, 12, 13, 16, 255}) {
        EXPECT_EQ(action_text(other), "an unknown action") << int{other};
    }
}

}  // namespace
}  // namespace latchkey::cli
