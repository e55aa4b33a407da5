// SPDX-License-Identifier: Apache-2.0
#include "database/database.hpp"

#include <algorithm>
#include <random>
#include <thread>

namespace latchkey::database {

namespace {

constexpr std::string_view kSqlitePrefix = "sqlite:";
constexpr std::string_view kPostgresqlPrefixes[] = {"postgresql://", "postgres://"};

Result<void> check_values(const Statement& statement, std::span<const Value> values) {
    if (statement.parameters() != values.size()) {
        return fail(ErrorCode::kDatabaseParameters, std::to_string(values.size()) + " values for " +
                                                        std::to_string(statement.parameters()) +
                                                        " parameters");
    }
    for (const Value& value : values) {
        LATCHKEY_CHECK(check_value(value));
    }
    return {};
}

Connector connector(Engine engine, const std::string& location, Access access,
                    const Options& options) {
    return [=]() {
        return engine == Engine::kSqlite ? connect_sqlite(location, access, options)
                                         : connect_postgresql(location, options);
    };
}

}  // namespace

Transaction::~Transaction() {
    if (connection_ && !over_) {
        connection_->rollback();
    }
}

template <typename T>
Result<T> Transaction::watch(Result<T> result) {
    failed_ = failed_ || !result.has_value();
    return result;
}

Result<Rows> Transaction::execute(const Statement& statement, std::span<const Value> values) {
    if (failed_ || over_) {
        return fail(ErrorCode::kDatabaseTransactionOver);
    }
    if (auto checked = watch(check_values(statement, values)); !checked.has_value()) {
        return tl::unexpected(std::move(checked).error());
    }
    return watch(connection_->execute(statement, values));
}

Result<void> Transaction::run_script(const std::string& sql) {
    if (failed_ || over_) {
        return fail(ErrorCode::kDatabaseTransactionOver);
    }
    return watch(connection_->run_script(sql));
}

Result<void> Transaction::commit() {
    if (failed_ || over_) {
        return fail(ErrorCode::kDatabaseTransactionOver);
    }
    auto result = watch(connection_->commit());
    over_ = result.has_value();
    return result;
}

Database::Database(Engine engine, std::string location, const Options& options)
    : engine_(engine),
      location_(std::move(location)),
      options_(options),
      writers_(engine == Engine::kSqlite ? 1 : options.connections_max, options.wait,
               connector(engine, location_, Access::kWrite, options)),
      readers_(options.connections_max, options.wait,
               connector(engine, location_, Access::kRead, options)),
      reading_(engine == Engine::kSqlite ? readers_ : writers_) {}

Result<std::unique_ptr<Database>> Database::open(std::string_view url, const Options& options) {
    std::unique_ptr<Database> database;
    if (url.starts_with(kSqlitePrefix)) {
        const std::string path(url.substr(kSqlitePrefix.size()));
        // Names that SQLite would take for something else than a file.
        if (path.empty() || path.starts_with(":") || path.find('\0') != std::string::npos) {
            return fail(ErrorCode::kDatabaseUrl, "sqlite: needs the path of a file");
        }
        database.reset(new Database(Engine::kSqlite, path, options));
    } else if (std::any_of(std::begin(kPostgresqlPrefixes), std::end(kPostgresqlPrefixes),
                           [&](std::string_view prefix) { return url.starts_with(prefix); })) {
        LATCHKEY_CHECK(check_postgresql_url(std::string(url)));
        database.reset(new Database(Engine::kPostgresql, std::string(url), options));
    } else {
        return fail(ErrorCode::kDatabaseUrl);
    }
    // Others may be making the same file at this moment.
    for (int attempt = 1;; ++attempt) {
        auto connection = database->writers_.acquire();
        if (connection.has_value()) {
            return database;
        }
        if (!is_repeatable(connection.error()) || !wait_to_repeat({}, attempt)) {
            return tl::unexpected(std::move(connection).error());
        }
    }
}

Result<Rows> Database::query(const Statement& statement, std::initializer_list<Value> values) {
    LATCHKEY_TRY(auto transaction, begin(Access::kRead));
    return transaction.execute(statement, values);
}

Result<Rows> Database::execute(const Statement& statement, std::initializer_list<Value> values) {
    const std::span<const Value> span(values.begin(), values.size());
    LATCHKEY_CHECK(check_values(statement, span));
    for (int attempt = 1;; ++attempt) {
        LATCHKEY_TRY(auto connection, writers_.acquire());
        auto rows = connection->execute(statement, span);
        if (rows.has_value()) {
            return rows;
        }
        if (rows.error().code == ErrorCode::kDatabaseConnectionLost) {
            return fail(ErrorCode::kDatabaseCommitUnknown, rows.error().context);
        }
        if (!is_repeatable(rows.error()) || !wait_to_repeat({}, attempt)) {
            return rows;
        }
    }
}

Result<Transaction> Database::begin(Access access) {
    LATCHKEY_TRY(auto connection, (access == Access::kRead ? reading_ : writers_).acquire());
    LATCHKEY_CHECK(connection->begin(access));
    return Transaction(engine_, std::move(connection));
}

Result<Transaction> Database::begin_migration() {
    LATCHKEY_TRY(auto connection, writers_.acquire());
    LATCHKEY_CHECK(connection->begin_migration());
    return Transaction(engine_, std::move(connection));
}

Result<void> Database::check_integrity() const {
    if (engine_ != Engine::kSqlite) {
        return fail(ErrorCode::kBackupUnsupported, "use pg_amcheck");
    }
    return check_sqlite(location_, options_);
}

Result<void> Database::back_up(const std::string& target) const {
    if (engine_ != Engine::kSqlite) {
        return fail(ErrorCode::kBackupUnsupported, "use pg_dump or pg_basebackup");
    }
    return back_up_sqlite(location_, target, options_);
}

bool is_repeatable(const core::Error& error) {
    return error.code == ErrorCode::kDatabaseConflict ||
           error.code == ErrorCode::kDatabaseConnectionLost;
}

bool wait_to_repeat(const Retry& retry, int attempt) {
    if (attempt >= retry.attempts_max) {
        return false;
    }
    const auto full =
        std::min(retry.longest, retry.first * (std::int64_t{1} << std::min(attempt - 1, 16)));
    // Two that met once must not meet again: each waits its own time.
    thread_local std::minstd_rand random{std::random_device{}()};
    std::uniform_int_distribution<std::int64_t> distribution(full.count() / 2, full.count());
    std::this_thread::sleep_for(std::chrono::milliseconds(distribution(random)));
    return true;
}

}  // namespace latchkey::database
