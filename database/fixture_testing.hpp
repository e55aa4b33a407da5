// SPDX-License-Identifier: Apache-2.0
#pragma once

// For tests only: each test on both engines, in a database that was empty before.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/base/result_testing.hpp"
#include "database/database.hpp"
#include "database/migrations.hpp"
#include "database/server_testing.hpp"

namespace latchkey::database::testing {

class OnBothEngines : public ::testing::TestWithParam<Engine> {
  protected:
    void SetUp() override {
        if (GetParam() == Engine::kSqlite) {
            url_ = "sqlite:" + folder_.path() + "/test.db";
        } else {
            const auto server = postgresql_url();
            if (!server.has_value()) {
                GTEST_SKIP() << "no PostgreSQL server: apt-get install postgresql";
            }
            static int schemas = 0;
            const std::string schema = "t" + std::to_string(++schemas);
            auto base = Database::open(*server);
            ASSERT_OK(base);
            auto transaction = (*base)->begin_migration();
            ASSERT_OK(transaction);
            ASSERT_OK(transaction->run_script("CREATE SCHEMA " + schema));
            ASSERT_OK(transaction->commit());
            url_ = *server + "&options=-csearch_path%3D" + schema;
        }
        database_ = open();
        ASSERT_NE(database_, nullptr);
        ASSERT_OK(migrate(*database_, "test", kTables));
    }

    static constexpr Migration kTables[] = {
        {1, "tables",
         "CREATE TABLE things (id {integer} PRIMARY KEY, label {text}, data {bytes}) {table};"
         "CREATE TABLE wallets (id {integer} NOT NULL, owner {text} NOT NULL, name {text} NOT NULL,"
         " balance {integer} NOT NULL, CONSTRAINT wallets_primary PRIMARY KEY (id),"
         " CONSTRAINT one_name UNIQUE (owner, name),"
         " CONSTRAINT balance_not_negative CHECK (balance >= 0)) {table};"
         "CREATE TABLE sessions (id {integer} PRIMARY KEY, wallet {integer} NOT NULL,"
         " CONSTRAINT session_wallet FOREIGN KEY (wallet) REFERENCES wallets (id)) {table};"},
    };

    std::unique_ptr<Database> open(const Options& options = {}) {
        auto database = Database::open(url_, options);
        EXPECT_OK(database);
        return database.has_value() ? *std::move(database) : nullptr;
    }

    bool is_sqlite() const { return GetParam() == Engine::kSqlite; }

    TemporaryFolder folder_;
    std::string url_;
    std::unique_ptr<Database> database_;
};

inline std::string engine_name(const ::testing::TestParamInfo<Engine>& info) {
    return info.param == Engine::kSqlite ? "sqlite" : "postgresql";
}

}  // namespace latchkey::database::testing
