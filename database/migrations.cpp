// SPDX-License-Identifier: Apache-2.0
#include "database/migrations.hpp"

#include "core/crypto/hash.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::database {

namespace {

/// Longer than a migration takes elsewhere: SQLite's lock is waited for here.
constexpr Retry kRetry{240, std::chrono::milliseconds(2), std::chrono::milliseconds(500)};

struct Word {
    std::string_view name;
    std::string_view sqlite;
    std::string_view postgresql;
};
constexpr Word kWords[] = {{"{integer}", "INTEGER", "BIGINT"},
                           {"{text}", "TEXT", "TEXT COLLATE \"C\""},
                           {"{bytes}", "BLOB", "BYTEA"},
                           {"{table}", "STRICT", ""}};

constexpr std::string_view kOwnTable =
    "CREATE TABLE IF NOT EXISTS latchkey_migrations ("
    " component {text} NOT NULL, number {integer} NOT NULL, name {text} NOT NULL,"
    " checksum {text} NOT NULL, PRIMARY KEY (component, number)) {table};";

Result<std::string> render(std::string_view text, Engine engine) {
    std::string out;
    while (!text.empty()) {
        const auto open = text.find('{');
        out += text.substr(0, open);
        if (open == std::string_view::npos) {
            break;
        }
        text.remove_prefix(open);
        const Word* found = nullptr;
        for (const Word& word : kWords) {
            found = text.starts_with(word.name) ? &word : found;
        }
        if (found == nullptr) {
            return fail(ErrorCode::kMigrationInvalid,
                        "unknown word at " + std::string(text.substr(0, 16)));
        }
        out += engine == Engine::kSqlite ? found->sqlite : found->postgresql;
        text.remove_prefix(found->name.size());
    }
    return out;
}

std::string_view text_of(const Migration& migration, Engine engine) {
    return engine == Engine::kPostgresql && !migration.postgresql.empty() ? migration.postgresql
                                                                          : migration.sql;
}

std::string checksum(const Migration& migration, Engine engine) {
    return core::encode_hex(core::crypto::sha256(core::as_bytes(text_of(migration, engine))));
}

std::string title(std::string_view component, const Migration& migration) {
    return std::string(component) + " " + std::to_string(migration.number) + " (" +
           std::string(migration.name) + ")";
}

/// How many of the migrations are applied.
Result<std::size_t> compare_applied(Transaction& transaction, std::string_view component,
                                    std::span<const Migration> migrations) {
    LATCHKEY_TRY(const Rows applied,
                 transaction.execute("SELECT number, checksum FROM latchkey_migrations "
                                     "WHERE component = $1 ORDER BY number",
                                     {std::string(component)}));
    if (applied.rows.size() > migrations.size()) {
        return fail(ErrorCode::kDatabaseNewer,
                    std::string(component) + " is at " + std::to_string(applied.rows.size()) +
                        ", this program knows " + std::to_string(migrations.size()));
    }
    for (std::size_t i = 0; i < applied.rows.size(); ++i) {
        LATCHKEY_TRY(const auto number, applied.rows[i].integer(0));
        LATCHKEY_TRY(const auto sum, applied.rows[i].text(1));
        if (number != migrations[i].number ||
            sum != checksum(migrations[i], transaction.engine())) {
            return fail(ErrorCode::kMigrationChanged, title(component, migrations[i]));
        }
    }
    return applied.rows.size();
}

/// Tables that are not strict would keep a text in a column of integers.
Result<void> check_strict(Transaction& transaction) {
    if (transaction.engine() != Engine::kSqlite) {
        return {};
    }
    LATCHKEY_TRY(const Rows loose,
                 transaction.execute("SELECT name FROM pragma_table_list WHERE type = 'table' AND "
                                     "strict = 0 AND name NOT LIKE 'sqlite%'"));
    if (!loose.rows.empty()) {
        LATCHKEY_TRY(const auto name, loose.rows.front().text(0));
        return fail(ErrorCode::kMigrationInvalid, "{table} is missing from " + name);
    }
    return {};
}

Result<void> migrate_once(Database& database, std::string_view component,
                          std::span<const Migration> migrations) {
    LATCHKEY_TRY(auto transaction, database.begin_migration());
    LATCHKEY_TRY(const auto own, render(kOwnTable, database.engine()));
    LATCHKEY_CHECK(transaction.run_script(own));
    LATCHKEY_TRY(const auto applied, compare_applied(transaction, component, migrations));
    for (const Migration& migration : migrations.subspan(applied)) {
        LATCHKEY_TRY(const auto sql,
                     render(text_of(migration, database.engine()), database.engine()));
        if (auto done = transaction.run_script(sql); !done.has_value()) {
            return fail(title(component, migration), done.error());
        }
        LATCHKEY_CHECK(transaction.execute(
            "INSERT INTO latchkey_migrations (component, number, name, checksum) "
            "VALUES ($1, $2, $3, $4)",
            {std::string(component), migration.number, std::string(migration.name),
             checksum(migration, database.engine())}));
    }
    LATCHKEY_CHECK(check_strict(transaction));
    return transaction.commit();
}

}  // namespace

Result<void> migrate(Database& database, std::string_view component,
                     std::span<const Migration> migrations) {
    for (std::size_t i = 0; i < migrations.size(); ++i) {
        if (migrations[i].number != static_cast<int>(i) + 1) {
            return fail(ErrorCode::kMigrationInvalid, "number " +
                                                          std::to_string(migrations[i].number) +
                                                          " at place " + std::to_string(i + 1));
        }
    }
    for (int attempt = 1;; ++attempt) {
        auto done = migrate_once(database, component, migrations);
        if (done.has_value() || !is_repeatable(done.error()) || !wait_to_repeat(kRetry, attempt)) {
            return done;
        }
    }
}

}  // namespace latchkey::database
