// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "database/database.hpp"

namespace latchkey::database {

/// One step of a schema: SQL statements without parameters. In the texts {integer} is a 64-bit
/// number, {text} a text compared byte by byte, {bytes} a byte string, and {table} stands between
/// the last ")" of a CREATE TABLE and its ";": the same then serves both engines.
struct Migration {
    /// 1, 2, 3 ... without gaps.
    int number;
    std::string_view name;
    /// For both engines, or for SQLite if `postgresql` is not empty.
    std::string_view sql;
    /// Only where one text cannot serve both.
    std::string_view postgresql = {};
};

/// Brings the tables of `component` to the last migration: all missing ones in one transaction,
/// which only one process at a time is in, so that replicas may start together. Never goes back.
/// - kMigrationInvalid: the numbers have gaps, a {word} is unknown, or a table is not {table}.
/// - kMigrationChanged: one that was applied differs from the program's.
/// - kDatabaseNewer: more were applied than the program knows.
/// - else an error of Session; then nothing was changed.
Result<void> migrate(Database& database, std::string_view component,
                     std::span<const Migration> migrations);

}  // namespace latchkey::database
