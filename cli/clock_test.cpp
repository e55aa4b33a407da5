// SPDX-License-Identifier: Apache-2.0
#include "cli/clock.hpp"

#include <gtest/gtest.h>

#include "core/base/result_testing.hpp"

namespace latchkey::cli {
namespace {

constexpr std::uint64_t kOwn = 1'800'000'000;

std::vector<net::Url> urls(const std::vector<std::string>& texts) {
    std::vector<net::Url> out;
    for (const std::string& text : texts) {
        out.push_back(net::parse_url(text).value());
    }
    return out;
}

TEST(Clock, a_node_cannot_make_approvals_last_longer) {
    const auto far = urls({"https://rpc.example"});
    for (const std::uint64_t told : {std::uint64_t{0}, kOwn - 1'000'000, kOwn, kOwn + 600}) {
        EXPECT_EQ(believe_time(told, kOwn, far).value(), told);
    }
    for (const std::uint64_t told : {kOwn + 601, UINT64_MAX}) {
        EXPECT_ERROR(core::ErrorCode::kCommandInput, believe_time(told, kOwn, far)) << told;
    }
}

TEST(Clock, time_passes_at_will_on_this_machine) {
    for (const char* here : {"http://127.0.0.1:8545", "http://localhost:1", "http://[::1]:8545"}) {
        EXPECT_EQ(believe_time(kOwn + 601, kOwn, urls({here})).value(), kOwn + 601) << here;
    }
    EXPECT_ERROR(
        core::ErrorCode::kCommandInput,
        believe_time(kOwn + 601, kOwn, urls({"http://127.0.0.1:8545", "https://rpc.example"})));
    EXPECT_ERROR(core::ErrorCode::kCommandInput,
                 believe_time(kOwn + 601, kOwn, urls({"https://localhost.example"})));
}

TEST(Clock, this_computer_has_one) {
    // The year 2020.
    EXPECT_GT(own_time(), 1'577'836'800U);
}

}  // namespace
}  // namespace latchkey::cli
