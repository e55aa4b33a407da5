// SPDX-License-Identifier: Apache-2.0
#include "database/fixture_testing.hpp"

namespace latchkey::database::testing {
namespace {

constexpr Statement kEndTheOthers =
    "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity "
    "WHERE pid <> pg_backend_pid() AND application_name = $1";

class Postgresql : public ::testing::Test {
  protected:
    void SetUp() override {
        const auto server = postgresql_url();
        if (!server.has_value()) {
            GTEST_SKIP() << "no PostgreSQL server: apt-get install postgresql";
        }
        Options options;
        options.application_name = "victim";
        auto opened = Database::open(*server, options);
        ASSERT_OK(opened);
        database_ = *std::move(opened);
        auto killer = Database::open(*server);
        ASSERT_OK(killer);
        killer_ = *std::move(killer);
    }
    void end_all() { ASSERT_OK(killer_->execute(kEndTheOthers, {"victim"})); }

    std::unique_ptr<Database> database_;
    std::unique_ptr<Database> killer_;
};

TEST_F(Postgresql, an_idle_connection_that_was_lost_is_replaced) {
    ASSERT_OK(database_->query("SELECT 1"));
    end_all();
    EXPECT_OK(database_->query("SELECT 1"));
    end_all();
    EXPECT_OK(database_->execute("SELECT 1"));
}

TEST_F(Postgresql, a_lost_transaction_is_repeated_if_it_was_not_committing) {
    int runs = 0;
    EXPECT_OK(in_transaction(*database_, [&](Transaction& transaction) -> Result<void> {
        LATCHKEY_CHECK(transaction.execute("SELECT 1"));
        if (++runs == 1) {
            end_all();
        }
        const auto rows = transaction.execute("SELECT 2");
        EXPECT_EQ(rows.has_value(), runs == 2);
        if (!rows.has_value()) {
            EXPECT_ERROR(ErrorCode::kDatabaseConnectionLost, rows);
            return tl::unexpected(rows.error());
        }
        return {};
    }));
    EXPECT_EQ(runs, 2);
}

TEST_F(Postgresql, a_connection_lost_while_committing_leaves_the_result_open) {
    auto transaction = database_->begin();
    ASSERT_OK(transaction);
    ASSERT_OK(transaction->execute("SELECT 1"));
    end_all();
    EXPECT_ERROR(ErrorCode::kDatabaseCommitUnknown, transaction->commit());
}

TEST_F(Postgresql, what_another_replica_changed_is_planned_anew) {
    const auto script = [&](const std::string& sql) {
        auto transaction = killer_->begin_migration();
        ASSERT_OK(transaction);
        ASSERT_OK(transaction->run_script(sql));
        ASSERT_OK(transaction->commit());
    };
    script("CREATE TABLE planned (id BIGINT); INSERT INTO planned VALUES (1);");
    ASSERT_OK(database_->execute("SELECT * FROM planned"));
    script("ALTER TABLE planned ADD COLUMN more BIGINT");
    const auto rows = database_->execute("SELECT * FROM planned");
    ASSERT_OK(rows);
    EXPECT_EQ(rows->rows[0].size(), 2U);
    script("DROP TABLE planned");
}

TEST_F(Postgresql, backups_are_the_servers) {
    EXPECT_ERROR(ErrorCode::kBackupUnsupported, database_->back_up("copy.db"));
    EXPECT_ERROR(ErrorCode::kBackupUnsupported, database_->check_integrity());
}

TEST(PostgresqlUrl, errors_never_hold_the_password) {
    for (const std::string url :
         {"postgresql://user:s3cret@127.0.0.1:1/name",
          "postgresql://user:s3cret@localhost:1/s3cret", "postgresql://user:s3cret@[::1",
          "postgresql://user:p@s3cret@localhost:1/name",
          "postgresql://user:p/s3cret@localhost:1/name", "postgresql://localhost:s3cret/name",
          "postgresql://localhost:12/s3cret@localhost/name",
          "postgresql:///name?password=s3cret&host=/nowhere",
          "postgresql:///name?host=/nowhere&s3cret=1"}) {
        const auto refused = Database::open(url);
        ASSERT_FALSE(refused.has_value());
        EXPECT_EQ(refused.error().to_string().find("s3cret"), std::string::npos)
            << refused.error().to_string();
    }
}

TEST(PostgresqlUrl, a_network_needs_a_word_on_tls) {
    for (const std::string url :
         {"postgresql://user@db.example/name", "postgresql://localhost,db.example/name",
          "postgresql://localhost/name?hostaddr=192.0.2.1", "postgresql://%zz/name"}) {
        EXPECT_ERROR(ErrorCode::kDatabaseUrl, check_postgresql_url(url)) << url;
    }
    for (const std::string url :
         {"postgresql://user@db.example/name?sslmode=verify-full", "postgresql://localhost/name",
          "postgres://user:a%40b@127.0.0.1/name", "postgresql:///name?host=/run/postgresql"}) {
        EXPECT_OK(check_postgresql_url(url)) << url;
    }
}

}  // namespace
}  // namespace latchkey::database::testing
