// SPDX-License-Identifier: Apache-2.0
#include "database/migrations.hpp"

#include "database/fixture_testing.hpp"

namespace latchkey::database::testing {
namespace {

using Migrations = OnBothEngines;
INSTANTIATE_TEST_SUITE_P(Engines, Migrations,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgresql), engine_name);

constexpr Migration kMade = {1, "made", "CREATE TABLE made (id {integer} PRIMARY KEY) {table};"};
// Would fail or count twice if it ran twice.
constexpr Migration kFilled = {2, "filled", "INSERT INTO made (id) VALUES (1), (2);",
                               "INSERT INTO made (id) SELECT generate_series(1, 2);"};
constexpr Statement kCountMade = "SELECT count(*) FROM made";

TEST_P(Migrations, are_applied_once_and_in_order) {
    const std::vector<Migration> first = {kMade};
    const std::vector<Migration> both = {kMade, kFilled};
    ASSERT_OK(migrate(*database_, "parts", first));
    EXPECT_EQ(database_->query(kCountMade)->rows[0], Row({0}));
    ASSERT_OK(migrate(*database_, "parts", both));
    ASSERT_OK(migrate(*database_, "parts", both));
    EXPECT_EQ(database_->query(kCountMade)->rows[0], Row({2}));
    EXPECT_ERROR(ErrorCode::kDatabaseNewer, migrate(*database_, "parts", first));
}

TEST_P(Migrations, that_changed_are_named) {
    const std::vector<Migration> before = {kMade};
    ASSERT_OK(migrate(*database_, "parts", before));
    const std::vector<Migration> after = {
        {1, "made", "CREATE TABLE made (id {integer} PRIMARY KEY, more {text}) {table};"}};
    const auto refused = migrate(*database_, "parts", after);
    EXPECT_ERROR(ErrorCode::kMigrationChanged, refused);
    EXPECT_EQ(refused.error().context, "parts 1 (made)");
}

TEST_P(Migrations, that_fail_leave_nothing) {
    const std::vector<Migration> broken = {kMade, {2, "broken", "INSERT INTO nowhere VALUES (1);"}};
    const auto refused = migrate(*database_, "parts", broken);
    EXPECT_ERROR(ErrorCode::kDatabaseFailed, refused);
    EXPECT_TRUE(refused.error().context.starts_with("parts 2 (broken): "));
    EXPECT_ERROR(ErrorCode::kDatabaseFailed, database_->query(kCountMade));
    const std::vector<Migration> repaired = {kMade, kFilled};
    EXPECT_OK(migrate(*database_, "parts", repaired));
}

TEST_P(Migrations, not_well_formed_are_refused) {
    const std::vector<Migration> gap = {{2, "made", kMade.sql}};
    EXPECT_ERROR(ErrorCode::kMigrationInvalid, migrate(*database_, "parts", gap));
    const std::vector<Migration> word = {{1, "made", "CREATE TABLE made (id {int}) {table};"}};
    EXPECT_ERROR(ErrorCode::kMigrationInvalid, migrate(*database_, "parts", word));
    const std::vector<Migration> loose = {{1, "made", "CREATE TABLE made (id {integer});"}};
    if (is_sqlite()) {
        EXPECT_ERROR(ErrorCode::kMigrationInvalid, migrate(*database_, "parts", loose));
    }
}

TEST_P(Migrations, of_processes_that_start_together_run_once) {
    const std::vector<Migration> both = {kMade, kFilled};
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i) {
        children.push_back(in_child([&] {
            const auto own = open();
            return own != nullptr && migrate(*own, "parts", both).has_value() ? 0 : 1;
        }));
    }
    for (const pid_t child : children) {
        EXPECT_EQ(wait_for(child), 0);
    }
    EXPECT_EQ(database_->query(kCountMade)->rows[0], Row({2}));
}

}  // namespace
}  // namespace latchkey::database::testing
