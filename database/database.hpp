// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "database/connection.hpp"
#include "database/statement.hpp"
#include "database/value.hpp"

namespace latchkey::database {

/// Where statements run. They fail with
/// - kDatabaseUniqueViolation; the context is "table.column, table.column" on both engines, or
///   "index 'name'" for an index on expressions;
/// - kDatabaseCheckViolation (context: the constraint's name), kDatabaseNotNullViolation (context:
///   "table.column"), kDatabaseForeignKeyViolation (context: its name on PostgreSQL, SQLite knows
///   none);
/// - kDatabaseConflict: another writer was in the way, repeat the whole transaction;
/// - kDatabaseTimeout, kDatabaseConnectionLost, kDatabaseFull, kDatabaseCorrupt;
/// - kDatabaseParameters, kDatabaseText, kDatabaseValueSize, kDatabaseColumnType: our mistake;
/// - kDatabaseFailed: anything else, with the engine's code.
/// No context holds a value of a row or a password.
class Session {
  public:
    virtual ~Session() = default;
    virtual Engine engine() const = 0;
    virtual Result<Rows> execute(const Statement& statement, std::span<const Value> values) = 0;
    Result<Rows> execute(const Statement& statement, std::initializer_list<Value> values = {}) {
        return execute(statement, std::span<const Value>(values.begin(), values.size()));
    }
};

/// All or nothing, as if alone: PostgreSQL's SERIALIZABLE, SQLite's one writer. Rolled back when
/// destroyed without commit(). After an error nothing but the end is left
/// (kDatabaseTransactionOver), on both engines. Used by one thread at a time; must not outlive its
/// database.
class Transaction final : public Session {
  public:
    Transaction(Engine engine, PooledConnection connection)
        : engine_(engine), connection_(std::move(connection)) {}
    Transaction(Transaction&&) noexcept = default;
    ~Transaction() override;

    Engine engine() const override { return engine_; }
    using Session::execute;
    Result<Rows> execute(const Statement& statement, std::span<const Value> values) override;
    /// For schemas; as execute.
    Result<void> run_script(const std::string& sql);
    /// Durable when it returns. kDatabaseConflict: nothing was done, repeat.
    /// kDatabaseCommitUnknown: the connection broke; look before repeating.
    Result<void> commit();

  private:
    template <typename T>
    Result<T> watch(Result<T> result);

    Engine engine_;
    PooledConnection connection_;
    bool failed_ = false;
    bool over_ = false;
};

/// A database. Safe from any thread; calls block, so they belong on a thread pool.
class Database {
  public:
    /// "sqlite:PATH" makes the file if it is missing (mode 0600; one that others may read is
    /// refused). "postgresql://USER:PASSWORD@HOST/NAME?sslmode=verify-full&sslrootcert=PATH" is
    /// libpq's; hosts other than this machine must say their sslmode. Connects once, so that
    /// mistakes show at the start. Errors: kDatabaseUrl and those of connecting.
    static Result<std::unique_ptr<Database>> open(std::string_view url,
                                                  const Options& options = {});

    Engine engine() const { return engine_; }
    const Options& options() const { return options_; }

    /// One statement that changes nothing, on a connection that could not.
    Result<Rows> query(const Statement& statement, std::initializer_list<Value> values = {});
    /// One statement in a transaction of its own, repeated on conflicts. kDatabaseCommitUnknown if
    /// the connection breaks.
    Result<Rows> execute(const Statement& statement, std::initializer_list<Value> values = {});
    /// kDatabasePoolExhausted, kDatabaseConflict or an error of connecting.
    Result<Transaction> begin(Access access = Access::kWrite);
    /// The one migration at a time; see migrations.hpp.
    Result<Transaction> begin_migration();

    /// Reads everything and compares it. kDatabaseCorrupt; kBackupUnsupported on PostgreSQL.
    Result<void> check_integrity() const;
    /// Copies the database, while it is used, into a file that must not exist (mode 0600), checked
    /// and on disk on return. kBackupUnsupported on PostgreSQL, kBackupExists, kDatabaseFile.
    Result<void> back_up(const std::string& target) const;

  private:
    Database(Engine engine, std::string location, const Options& options);

    Engine engine_;
    // A path, or a URL with a password: never in a message.
    std::string location_;
    Options options_;
    Pool writers_;
    Pool readers_;
    // PostgreSQL's connections do both.
    Pool& reading_;
};

/// How often to repeat and how long to wait in between: doubled each time, with jitter.
struct Retry {
    int attempts_max = 12;
    std::chrono::milliseconds first{2};
    std::chrono::milliseconds longest{250};
};

/// Whether the whole transaction can be repeated: conflicts, and connections lost before commit.
bool is_repeatable(const core::Error& error);
/// Sleeps and says true, or false when no attempt is left. `attempt` counts from 1.
bool wait_to_repeat(const Retry& retry, int attempt);

/// Runs `function(Transaction&)`, which returns a Result, and commits if that holds no error.
/// Repeats all of it as long as is_repeatable, so the function must have no effect but on the
/// transaction. The last error if no attempt is left.
template <typename Function>
auto in_transaction(Database& database, Function&& function, const Retry& retry = {})
    -> std::invoke_result_t<Function&, Transaction&> {
    using Answer = std::invoke_result_t<Function&, Transaction&>;
    const auto once = [&]() -> Answer {
        LATCHKEY_TRY(auto transaction, database.begin());
        Answer answer = function(transaction);
        if (answer.has_value()) {
            LATCHKEY_CHECK(transaction.commit());
        }
        return answer;
    };
    for (int attempt = 1;; ++attempt) {
        Answer answer = once();
        if (answer.has_value() || !is_repeatable(answer.error()) ||
            !wait_to_repeat(retry, attempt)) {
            return answer;
        }
    }
}

}  // namespace latchkey::database
