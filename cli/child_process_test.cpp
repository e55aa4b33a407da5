// SPDX-License-Identifier: Apache-2.0
#include "cli/child_process.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace latchkey::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLong{20'000};

ChildProcess shell(const std::string& script) {
    return std::move(ChildProcess::start({"/bin/sh", "-c", script}, false)).value();
}

bool ends(ChildProcess& process) {
    for (int i = 0; i < 2000 && process.is_running(); ++i) {
        std::this_thread::sleep_for(milliseconds(10));
    }
    return !process.is_running();
}

TEST(ChildProcess, lines_and_errors) {
    ChildProcess process = shell("echo one; echo two; echo words >&2; exit 3");
    EXPECT_EQ(process.read_line(kLong), "one");
    EXPECT_EQ(process.read_line(kLong), "two");
    EXPECT_EQ(process.read_line(kLong), "");
    EXPECT_EQ(process.wait(), 3);
    EXPECT_EQ(process.log_tail(), "words\n");
    EXPECT_FALSE(process.is_running());
}

TEST(ChildProcess, a_line_that_does_not_come) {
    ChildProcess process = shell("sleep 60");
    EXPECT_EQ(process.read_line(milliseconds(50)), "");
    EXPECT_TRUE(process.is_running());
    process.stop();
    EXPECT_FALSE(process.is_running());
    process.stop();
}

TEST(ChildProcess, a_program_that_is_not_there) {
    auto process = ChildProcess::start({"/no/such/program"}, false);
    ASSERT_TRUE(process);
    EXPECT_EQ(process->read_line(kLong), "");
    EXPECT_TRUE(ends(*process));
}

TEST(ChildProcess, only_the_end_of_a_long_log) {
    ChildProcess process =
        shell("i=0; while [ $i -lt 2000 ]; do echo line $i >&2; i=$((i+1)); done");
    EXPECT_TRUE(ends(process));
    EXPECT_EQ(process.log_tail().size(), 4096U);
    EXPECT_TRUE(process.log_tail().ends_with("line 1999\n"));
}

TEST(ChildProcess, one_that_does_not_want_to_end_is_killed) {
    const auto before = std::chrono::steady_clock::now();
    {
        ChildProcess process = shell("trap '' TERM; echo ready; while :; do sleep 0.1; done");
        EXPECT_EQ(process.read_line(kLong), "ready");
        ChildProcess other = std::move(process);
        EXPECT_TRUE(other.is_running());
        EXPECT_FALSE(process.is_running());
    }
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(20));
}

}  // namespace
}  // namespace latchkey::cli
