// SPDX-License-Identifier: Apache-2.0
#include "database/statement.hpp"

#include <gtest/gtest.h>

#include "core/base/result_testing.hpp"

namespace latchkey::database {
namespace {

using core::ErrorCode;

static_assert(Statement("SELECT $2, $1, $2").parameters() == 2);
static_assert(Statement("SELECT 1").parameters() == 0);

TEST(Statement, one_statement_on_rows_with_numbered_parameters) {
    for (const std::string_view text :
         {"SELECT 1", "  insert INTO a VALUES ($1)", "\n WITH a AS (SELECT 1) SELECT 1",
          "UPDATE a SET b = '; -- ? $9 ''x'' /*' WHERE c = $1", "DELETE FROM \"a?;b\"",
          "VALUES ($1)", "SELECT a - -1 FROM b", "SELECT 8 / 2"}) {
        EXPECT_OK(Statement::parse(text)) << text;
    }
    for (const std::string_view text : {"",
                                        "SELECT",
                                        "SELECTED 1",
                                        "PRAGMA user_version",
                                        "BEGIN",
                                        "COMMIT",
                                        "ATTACH 'x' AS y",
                                        "CREATE TABLE a (b)",
                                        "DROP TABLE a",
                                        "SET search_path = x",
                                        "COPY a TO 'x'",
                                        "SELECT 1; SELECT 2",
                                        "SELECT 1;",
                                        "SELECT 1 -- why",
                                        "SELECT 1 /* why */",
                                        "SELECT ?",
                                        "SELECT ?1",
                                        "SELECT :name",
                                        "SELECT @name",
                                        "SELECT $name",
                                        "SELECT $0",
                                        "SELECT $01",
                                        "SELECT $65",
                                        "SELECT $100",
                                        "SELECT $2",
                                        "SELECT $1, $3",
                                        "SELECT $",
                                        "SELECT $$a$$",
                                        "SELECT 'open",
                                        "SELECT \"open",
                                        "SELECT E'\\''",
                                        "SELECT a::int",
                                        "SELECT [a]",
                                        "SELECT `a`"}) {
        EXPECT_ERROR(ErrorCode::kDatabaseStatement, Statement::parse(text)) << text;
    }
    EXPECT_ERROR(ErrorCode::kDatabaseStatement,
                 Statement::parse(std::string_view("SELECT \0 1", 10)));
}

}  // namespace
}  // namespace latchkey::database
