// SPDX-License-Identifier: Apache-2.0
#include "database/leases.hpp"

#include <thread>

#include "database/fixture_testing.hpp"

namespace latchkey::database::testing {
namespace {

using std::chrono::milliseconds;

class Leases : public OnBothEngines {
  protected:
    void SetUp() override {
        OnBothEngines::SetUp();
        if (database_ != nullptr) {
            ASSERT_OK(migrate_leases(*database_));
        }
    }
    Result<void> write_under(const Lease& lease) {
        return in_transaction(*database_, [&](Transaction& transaction) -> Result<void> {
            LATCHKEY_CHECK(check_held(transaction, lease));
            LATCHKEY_CHECK(
                transaction.execute("INSERT INTO things (id) VALUES ($1)", {lease.token}));
            return {};
        });
    }
};
INSTANTIATE_TEST_SUITE_P(Engines, Leases, ::testing::Values(Engine::kSqlite, Engine::kPostgresql),
                         engine_name);

TEST_P(Leases, one_holds_it_until_it_is_released) {
    const auto first = try_lease(*database_, "sender", "a", milliseconds(60000));
    ASSERT_OK(first);
    EXPECT_EQ(*first, (Lease{"sender", "a", 1}));
    for (const char* holder : {"a", "b"}) {
        const auto refused = try_lease(*database_, "sender", holder, milliseconds(60000));
        ASSERT_OK(refused);
        EXPECT_FALSE(refused->has_value());
    }
    EXPECT_TRUE(try_lease(*database_, "other", "b", milliseconds(60000))->has_value());
    EXPECT_OK(renew(*database_, **first, milliseconds(60000)));
    EXPECT_OK(write_under(**first));
    const Lease forged{"sender", "b", 1};
    EXPECT_ERROR(ErrorCode::kLeaseLost, renew(*database_, forged, milliseconds(60000)));
    EXPECT_ERROR(ErrorCode::kLeaseLost, release(*database_, forged));
    EXPECT_ERROR(ErrorCode::kLeaseLost, write_under(forged));
    EXPECT_OK(release(*database_, **first));
    EXPECT_ERROR(ErrorCode::kLeaseLost, release(*database_, **first));
    const auto second = try_lease(*database_, "sender", "a", milliseconds(60000));
    ASSERT_OK(second);
    EXPECT_EQ(*second, (Lease{"sender", "a", 2}));
    EXPECT_ERROR(ErrorCode::kLeaseLost, renew(*database_, **first, milliseconds(60000)));
    EXPECT_ERROR(ErrorCode::kLeaseLost, write_under(**first));
}

TEST_P(Leases, it_ends_by_the_clock_of_the_database) {
    const auto first = try_lease(*database_, "sender", "a", milliseconds(40));
    ASSERT_OK(first);
    ASSERT_TRUE(first->has_value());
    std::this_thread::sleep_for(milliseconds(60));
    EXPECT_ERROR(ErrorCode::kLeaseLost, renew(*database_, **first, milliseconds(60000)));
    EXPECT_ERROR(ErrorCode::kLeaseLost, write_under(**first));
    const auto second = try_lease(*database_, "sender", "b", milliseconds(60000));
    ASSERT_OK(second);
    ASSERT_TRUE(second->has_value());
    EXPECT_EQ((*second)->token, 2);
    EXPECT_ERROR(ErrorCode::kLeaseLost, release(*database_, **first));
    EXPECT_OK(write_under(**second));
}

TEST_P(Leases, of_many_processes_one_gets_it) {
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i) {
        children.push_back(in_child([&] {
            const auto own = open();
            const auto lease = try_lease(*own, "sender", std::to_string(i), milliseconds(60000));
            return !lease.has_value() ? 9 : lease->has_value() ? 1 : 0;
        }));
    }
    int holders = 0;
    for (const pid_t child : children) {
        holders += wait_for(child);
    }
    EXPECT_EQ(holders, 1);
}

}  // namespace
}  // namespace latchkey::database::testing
