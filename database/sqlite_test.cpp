// SPDX-License-Identifier: Apache-2.0
#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "database/fixture_testing.hpp"

namespace latchkey::database::testing {
namespace {

class Sqlite : public ::testing::Test {
  protected:
    std::string path(const std::string& name = "test.db") const {
        return folder_.path() + "/" + name;
    }
    Result<std::unique_ptr<Database>> open(const std::string& name = "test.db") const {
        return Database::open("sqlite:" + path(name));
    }
    /// As another program would.
    void run(const std::string& sql, const std::string& name = "test.db") const {
        sqlite3* handle = nullptr;
        ASSERT_EQ(sqlite3_open(path(name).c_str(), &handle), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
        sqlite3_close(handle);
        ::chmod(path(name).c_str(), 0600);
    }
    unsigned mode(const std::string& name) const {
        struct stat found{};
        return ::stat(path(name).c_str(), &found) == 0 ? found.st_mode & 0777U : 0U;
    }
    static constexpr Migration kTables[] = {
        {1, "t", "CREATE TABLE t (id {integer} PRIMARY KEY, data {bytes}) {table};"}};

    TemporaryFolder folder_;
};

TEST_F(Sqlite, files_are_their_owners) {
    const auto database = open();
    ASSERT_OK(database);
    ASSERT_OK(migrate(**database, "t", kTables));
    EXPECT_EQ(mode("test.db"), 0600U);
    EXPECT_EQ(mode("test.db-wal"), 0600U);
    EXPECT_EQ(mode("test.db-shm"), 0600U);
    ::chmod(path().c_str(), 0640);
    EXPECT_ERROR(ErrorCode::kDatabaseFilePermissions, open());
    ::chmod(path().c_str(), 0600);
    EXPECT_OK(open());
    EXPECT_ERROR(ErrorCode::kDatabaseFile, open("missing/test.db"));
    EXPECT_ERROR(ErrorCode::kDatabaseFile, open(""));
}

TEST_F(Sqlite, files_of_others_are_left_alone) {
    run("CREATE TABLE theirs (a)");
    EXPECT_ERROR(ErrorCode::kDatabaseForeign, open());
    run("PRAGMA application_id = 7", "other.db");
    EXPECT_ERROR(ErrorCode::kDatabaseForeign, open("other.db"));
}

TEST_F(Sqlite, files_that_are_no_database_are_left_alone) {
    std::ofstream(path()) << std::string(5000, 'x');
    ::chmod(path().c_str(), 0600);
    EXPECT_ERROR(ErrorCode::kDatabaseForeign, open());
    EXPECT_EQ(std::filesystem::file_size(path()), 5000U);
}

TEST_F(Sqlite, processes_may_make_the_file_together) {
    for (int round = 0; round < 5; ++round) {
        const std::string name = std::to_string(round) + ".db";
        std::vector<pid_t> children;
        for (int i = 0; i < 6; ++i) {
            children.push_back(in_child([&] {
                const auto own = open(name);
                return own.has_value() && migrate(**own, "t", kTables).has_value() ? 0 : 1;
            }));
        }
        for (const pid_t child : children) {
            EXPECT_EQ(wait_for(child), 0);
        }
    }
}

TEST_F(Sqlite, newer_files_are_left_alone) {
    ASSERT_OK(open());
    run("PRAGMA user_version = 2");
    EXPECT_ERROR(ErrorCode::kDatabaseNewer, open());
    run("PRAGMA user_version = 1");
    EXPECT_OK(open());
}

TEST_F(Sqlite, kinds_of_urls) {
    for (const std::string url : {"", "sqlite:", "sqlite::memory:", "mysql://x", "test.db"}) {
        EXPECT_ERROR(ErrorCode::kDatabaseUrl, Database::open(url)) << url;
    }
}

TEST_F(Sqlite, a_backup_is_whole_and_can_be_opened) {
    const auto database = open();
    ASSERT_OK(database);
    ASSERT_OK(migrate(**database, "t", kTables));
    for (int id = 0; id < 50; ++id) {
        ASSERT_OK(
            (*database)->execute("INSERT INTO t (id, data) VALUES ($1, $2)", {id, Bytes(5000, 1)}));
    }
    // A writer is not in the way, and what it has not committed is not in the copy.
    auto writer = (*database)->begin();
    ASSERT_OK(writer);
    ASSERT_OK(writer->execute("DELETE FROM t"));
    ASSERT_OK((*database)->back_up(path("copy.db")));
    EXPECT_EQ(mode("copy.db"), 0600U);
    EXPECT_FALSE(std::filesystem::exists(path("copy.db.part")));
    EXPECT_ERROR(ErrorCode::kBackupExists, (*database)->back_up(path("copy.db")));
    EXPECT_ERROR(ErrorCode::kDatabaseFile, (*database)->back_up(path("missing/copy.db")));
    const auto copy = open("copy.db");
    ASSERT_OK(copy);
    EXPECT_OK((*copy)->check_integrity());
    EXPECT_EQ((*copy)->query("SELECT count(*) FROM t")->rows[0], Row({50}));
}

TEST_F(Sqlite, damage_is_found) {
    {
        const auto database = open();
        ASSERT_OK(database);
        ASSERT_OK(migrate(**database, "t", kTables));
        for (int id = 0; id < 50; ++id) {
            ASSERT_OK((*database)->execute("INSERT INTO t (id, data) VALUES ($1, $2)",
                                           {id, Bytes(500, 1)}));
        }
        EXPECT_OK((*database)->check_integrity());
    }
    {
        std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(-4096, std::ios::end);
        file << std::string(4096, '\x5a');
    }
    const auto damaged = open();
    ASSERT_OK(damaged);
    EXPECT_ERROR(ErrorCode::kDatabaseCorrupt, (*damaged)->check_integrity());
}

}  // namespace
}  // namespace latchkey::database::testing
