// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <thread>

#include "database/fixture_testing.hpp"

namespace latchkey::database::testing {
namespace {

constexpr Statement kInsertThing = "INSERT INTO things (id, label, data) VALUES ($1, $2, $3)";
constexpr Statement kReadThing = "SELECT label, data FROM things WHERE id = $1";
constexpr Statement kInsertWallet =
    "INSERT INTO wallets (id, owner, name, balance) VALUES ($1, $2, $3, $4)";
constexpr Statement kBalance = "SELECT balance FROM wallets WHERE id = $1";
constexpr Statement kSetBalance = "UPDATE wallets SET balance = $2 WHERE id = $1";
constexpr Statement kCount = "SELECT count(*) FROM wallets";

using Conformance = OnBothEngines;
INSTANTIATE_TEST_SUITE_P(Engines, Conformance,
                         ::testing::Values(Engine::kSqlite, Engine::kPostgresql), engine_name);

std::int64_t number(const Result<Rows>& rows) {
    EXPECT_OK(rows);
    if (!rows.has_value() || rows->rows.size() != 1) {
        return -1;
    }
    return rows->rows[0].integer(0).value_or(-2);
}

/// Reads and writes in two steps, so that two at once lose one if they are not kept apart.
Result<void> add_one(Database& database) {
    const Retry patient{200, std::chrono::milliseconds(1), std::chrono::milliseconds(20)};
    return in_transaction(
        database,
        [](Transaction& transaction) -> Result<void> {
            LATCHKEY_TRY(const Rows rows, transaction.execute(kBalance, {1}));
            LATCHKEY_TRY(const Row row, rows.only());
            LATCHKEY_TRY(const auto balance, row.integer(0));
            LATCHKEY_CHECK(transaction.execute(kSetBalance, {1, balance + 1}));
            return {};
        },
        patient);
}

TEST_P(Conformance, values_come_back_as_they_were) {
    Bytes all(256);
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i] = static_cast<std::uint8_t>(i);
    }
    const std::vector<std::pair<Value, Value>> pairs = {
        {"", Bytes{}},
        {Null{}, Null{}},
        {"grüße \xf0\x9f\x94\x91", all},
        {"'; DROP TABLE things; --", Bytes{0}},
        {"$1 ? :x @y \\' \" `", Bytes{'\'', 0, '\\'}},
        {"Robert'); DELETE FROM wallets WHERE ('1'='1", Bytes(3, 0xff)}};
    std::int64_t id = std::numeric_limits<std::int64_t>::min();
    for (const auto& [label, data] : pairs) {
        ASSERT_OK(database_->execute(kInsertThing, {id, label, data}));
        const auto rows = database_->query(kReadThing, {id});
        ASSERT_OK(rows);
        ASSERT_EQ(rows->rows.size(), 1U);
        EXPECT_EQ(rows->rows[0].values(), (std::vector<Value>{label, data}));
        ++id;
    }
    const std::int64_t largest = std::numeric_limits<std::int64_t>::max();
    ASSERT_OK(database_->execute(kInsertThing, {largest, Null{}, Null{}}));
    EXPECT_EQ(number(database_->query("SELECT max(id) FROM things")), largest);
    EXPECT_EQ(number(database_->query("SELECT count(*) FROM things")), 7);
}

TEST_P(Conformance, text_is_utf8_without_nul) {
    const std::string nul("a\0b", 3);
    EXPECT_ERROR(ErrorCode::kDatabaseText, database_->execute(kInsertThing, {1, nul, Null{}}));
    EXPECT_ERROR(ErrorCode::kDatabaseText,
                 database_->execute(kInsertThing, {1, "\xc3\x28", Null{}}));
    EXPECT_ERROR(ErrorCode::kDatabaseText,
                 database_->execute(kInsertThing, {1, "\xed\xa0\x80", Null{}}));
    EXPECT_OK(database_->execute(kInsertThing, {1, "ab", Bytes{0, 0xc3, 0x28}}));
}

TEST_P(Conformance, large_values_fit_and_larger_ones_are_refused) {
    const std::string text(std::size_t{4} << 20U, 'x');
    const Bytes bytes(std::size_t{8} << 20U, 7);
    ASSERT_OK(database_->execute(kInsertThing, {1, text, bytes}));
    const auto rows = database_->query(kReadThing, {1});
    ASSERT_OK(rows);
    EXPECT_TRUE(rows->rows[0].values() == (std::vector<Value>{text, bytes}));
    EXPECT_ERROR(ErrorCode::kDatabaseValueSize,
                 database_->execute(kInsertThing, {2, Null{}, Bytes(kValueBytesMax + 1)}));
}

TEST_P(Conformance, one_statement_serves_values_of_all_kinds) {
    ASSERT_OK(database_->execute(kInsertThing, {1, "a", Null{}}));
    ASSERT_OK(database_->execute(kInsertThing, {2, Null{}, Bytes{1}}));
    // Parameters out of order, and one used twice.
    EXPECT_EQ(number(database_->query("SELECT id FROM things WHERE label = $2 AND id = $1 AND "
                                      "label = $2",
                                      {1, "a"})),
              1);
    EXPECT_ERROR(ErrorCode::kDatabaseParameters, database_->query(kReadThing, {}));
    EXPECT_ERROR(ErrorCode::kDatabaseParameters, database_->query(kReadThing, {1, 2}));
}

TEST_P(Conformance, rows_say_what_they_hold) {
    ASSERT_OK(database_->execute(kInsertThing, {1, "a", Null{}}));
    const auto rows = database_->query(kReadThing, {1});
    ASSERT_OK(rows);
    const Row& row = rows->rows[0];
    EXPECT_OK(row.text(0));
    EXPECT_ERROR(ErrorCode::kDatabaseColumnType, row.integer(0));
    EXPECT_ERROR(ErrorCode::kDatabaseColumnType, row.bytes(1));
    EXPECT_ERROR(ErrorCode::kDatabaseColumnType, row.text(2));
    EXPECT_TRUE(row.is_null(1));
    EXPECT_ERROR(ErrorCode::kDatabaseRowCount, database_->query(kReadThing, {2})->only());
    EXPECT_ERROR(ErrorCode::kDatabaseColumnType, database_->query("SELECT 1.5"));
}

TEST_P(Conformance, texts_are_in_the_order_of_their_bytes) {
    ASSERT_OK(database_->execute(
        "INSERT INTO things (id, label) VALUES (1, 'b'), (2, 'B'), (3, 'a'), (4, 'é')"));
    const auto rows = database_->query("SELECT id FROM things ORDER BY label");
    ASSERT_OK(rows);
    EXPECT_EQ(rows->rows, (std::vector<Row>{Row({2}), Row({3}), Row({1}), Row({4})}));
}

TEST_P(Conformance, affected_rows_are_counted) {
    const auto made =
        database_->execute("INSERT INTO things (id) VALUES (1), (2), (3) RETURNING id");
    ASSERT_OK(made);
    EXPECT_EQ(made->affected, 3);
    EXPECT_EQ(made->rows.size(), 3U);
    EXPECT_EQ(database_->execute("UPDATE things SET label = $1 WHERE id > 1", {"x"})->affected, 2);
    EXPECT_EQ(database_->execute("DELETE FROM things WHERE id > 5")->affected, 0);
    EXPECT_EQ(database_->query("SELECT id FROM things")->affected, 0);
}

TEST_P(Conformance, violations_say_which_rule) {
    ASSERT_OK(database_->execute(kInsertWallet, {1, "o", "n", 0}));
    const auto twice = database_->execute(kInsertWallet, {2, "o", "n", 0});
    EXPECT_ERROR(ErrorCode::kDatabaseUniqueViolation, twice);
    EXPECT_EQ(twice.error().context, "wallets.owner, wallets.name");
    const auto key = database_->execute(kInsertWallet, {1, "o", "m", 0});
    EXPECT_ERROR(ErrorCode::kDatabaseUniqueViolation, key);
    EXPECT_EQ(key.error().context, "wallets.id");
    const auto check = database_->execute(kInsertWallet, {2, "o", "m", -1});
    EXPECT_ERROR(ErrorCode::kDatabaseCheckViolation, check);
    EXPECT_EQ(check.error().context, "balance_not_negative");
    const auto null = database_->execute(kInsertWallet, {2, Null{}, "m", 1});
    EXPECT_ERROR(ErrorCode::kDatabaseNotNullViolation, null);
    EXPECT_EQ(null.error().context, "wallets.owner");
    EXPECT_ERROR(ErrorCode::kDatabaseForeignKeyViolation,
                 database_->execute("INSERT INTO sessions (id, wallet) VALUES (1, 9)"));
    EXPECT_ERROR(ErrorCode::kDatabaseFailed, database_->execute("SELECT nothing FROM nowhere"));
    EXPECT_OK(database_->execute(kInsertWallet, {2, "o", "m", 1}));
}

TEST_P(Conformance, queries_cannot_write) {
    EXPECT_ERROR(ErrorCode::kDatabaseFailed, database_->query(kInsertWallet, {1, "o", "n", 0}));
    EXPECT_EQ(number(database_->query(kCount)), 0);
}

TEST_P(Conformance, a_transaction_is_all_or_nothing) {
    {
        auto dropped = database_->begin();
        ASSERT_OK(dropped);
        ASSERT_OK(dropped->execute(kInsertWallet, {1, "o", "n", 0}));
        EXPECT_EQ(number(dropped->execute(kCount)), 1);
        EXPECT_EQ(number(database_->query(kCount)), 0) << "seen from outside before commit";
    }
    EXPECT_EQ(number(database_->query(kCount)), 0);
    {
        auto failed = database_->begin();
        ASSERT_OK(failed);
        ASSERT_OK(failed->execute(kInsertWallet, {1, "o", "n", 0}));
        EXPECT_ERROR(ErrorCode::kDatabaseUniqueViolation,
                     failed->execute(kInsertWallet, {1, "o", "n", 0}));
        EXPECT_ERROR(ErrorCode::kDatabaseTransactionOver, failed->execute(kCount));
        EXPECT_ERROR(ErrorCode::kDatabaseTransactionOver, failed->commit());
    }
    EXPECT_EQ(number(database_->query(kCount)), 0);
    auto kept = database_->begin();
    ASSERT_OK(kept);
    ASSERT_OK(kept->execute(kInsertWallet, {1, "o", "n", 0}));
    ASSERT_OK(kept->commit());
    EXPECT_ERROR(ErrorCode::kDatabaseTransactionOver, kept->commit());
    EXPECT_EQ(number(database_->query(kCount)), 1);
}

TEST_P(Conformance, a_reader_sees_one_moment) {
    auto reader = database_->begin(Access::kRead);
    ASSERT_OK(reader);
    EXPECT_EQ(number(reader->execute(kCount)), 0);
    ASSERT_OK(database_->execute(kInsertWallet, {1, "o", "n", 0}));
    EXPECT_EQ(number(reader->execute(kCount)), 0);
    EXPECT_EQ(number(database_->query(kCount)), 1);
}

TEST_P(Conformance, threads_do_not_lose_changes) {
    ASSERT_OK(database_->execute(kInsertWallet, {1, "o", "n", 0}));
    std::atomic<int> failures = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < 15; ++n) {
                failures += add_one(*database_).has_value() ? 0 : 1;
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(number(database_->query(kBalance, {1})), 60);
}

TEST_P(Conformance, processes_do_not_lose_changes) {
    ASSERT_OK(database_->execute(kInsertWallet, {1, "o", "n", 0}));
    std::vector<pid_t> children;
    for (int i = 0; i < 2; ++i) {
        children.push_back(in_child([&] {
            const auto own = open();
            for (int n = 0; n < 30; ++n) {
                if (own == nullptr || !add_one(*own).has_value()) {
                    return 1;
                }
            }
            return 0;
        }));
    }
    for (const pid_t child : children) {
        EXPECT_EQ(wait_for(child), 0);
    }
    EXPECT_EQ(number(database_->query(kBalance, {1})), 60);
}

// Each empties the wallet that the other one keeps: as if one after the other, never both.
TEST_P(Conformance, what_two_decide_on_each_others_rows_is_a_conflict) {
    ASSERT_OK(database_->execute(kInsertWallet, {1, "o", "a", 5}));
    ASSERT_OK(database_->execute(kInsertWallet, {2, "o", "b", 5}));
    Options hasty;
    hasty.wait = std::chrono::milliseconds(50);
    const auto other = open(hasty);
    auto first = database_->begin();
    ASSERT_OK(first);
    EXPECT_EQ(number(first->execute(kBalance, {2})), 5);
    ASSERT_OK(first->execute(kSetBalance, {1, 0}));
    const auto race = [&]() -> Result<void> {
        LATCHKEY_TRY(auto second, other->begin());
        LATCHKEY_CHECK(second.execute(kBalance, {1}));
        LATCHKEY_CHECK(second.execute(kSetBalance, {2, 0}));
        LATCHKEY_CHECK(first->commit());
        return second.commit();
    };
    EXPECT_ERROR(ErrorCode::kDatabaseConflict, race());
    if (is_sqlite()) {
        ASSERT_OK(first->commit());
    }
    EXPECT_EQ(number(database_->query(kBalance, {1})), 0);
    EXPECT_EQ(number(database_->query(kBalance, {2})), 5);
}

TEST_P(Conformance, conflicts_are_repeated_and_only_conflicts) {
    int runs = 0;
    const auto answer = in_transaction(*database_, [&](Transaction& transaction) -> Result<int> {
        LATCHKEY_CHECK(transaction.execute(kInsertWallet, {1, "o", "n", 0}));
        if (++runs < 3) {
            return fail(ErrorCode::kDatabaseConflict);
        }
        return runs;
    });
    ASSERT_OK(answer);
    EXPECT_EQ(*answer, 3);
    EXPECT_EQ(number(database_->query(kCount)), 1);
    runs = 0;
    const auto count = [&](ErrorCode code) {
        runs = 0;
        const Retry quick{4, std::chrono::milliseconds(1), std::chrono::milliseconds(1)};
        EXPECT_ERROR(code, in_transaction(
                               *database_,
                               [&](Transaction&) -> Result<void> {
                                   ++runs;
                                   return fail(code);
                               },
                               quick));
        return runs;
    };
    EXPECT_EQ(count(ErrorCode::kDatabaseConflict), 4);
    EXPECT_EQ(count(ErrorCode::kDatabaseConnectionLost), 4);
    EXPECT_EQ(count(ErrorCode::kDatabaseCommitUnknown), 1);
    EXPECT_EQ(count(ErrorCode::kDatabaseUniqueViolation), 1);
}

TEST_P(Conformance, statements_end_in_time) {
    Options options;
    options.statement_timeout = std::chrono::milliseconds(100);
    const auto hasty = open(options);
    EXPECT_ERROR(ErrorCode::kDatabaseTimeout,
                 hasty->query("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                              "WHERE i < 1000000000) SELECT count(*) FROM n"));
    EXPECT_EQ(number(hasty->query(kCount)), 0);
}

TEST_P(Conformance, waiting_for_a_connection_ends) {
    Options options;
    options.connections_max = 1;
    options.wait = std::chrono::milliseconds(50);
    const auto small = open(options);
    {
        auto held = small->begin();
        ASSERT_OK(held);
        EXPECT_ERROR(ErrorCode::kDatabasePoolExhausted, small->begin());
    }
    EXPECT_OK(small->begin());
}

}  // namespace
}  // namespace latchkey::database::testing
