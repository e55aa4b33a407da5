// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "database/statement.hpp"
#include "database/value.hpp"

namespace latchkey::database {

enum class Engine : std::uint8_t { kSqlite, kPostgresql };
enum class Access : std::uint8_t { kRead, kWrite };

/// Limits of a database; the defaults are those of the service.
struct Options {
    /// PostgreSQL: connections at most. SQLite: readers at most; there is always one writer.
    /// At least 1.
    std::size_t connections_max = 8;
    /// How long to wait for a free connection and for locks.
    std::chrono::milliseconds wait{5000};
    /// How long one statement may run. Migrations are exempt.
    std::chrono::milliseconds statement_timeout{10000};
    /// What PostgreSQL's administrator sees.
    std::string application_name = "latchkey";
};

/// One connection of one engine, used by one thread at a time; private to this library. Errors are
/// those of Session.
class Connection {
  public:
    virtual ~Connection() = default;
    virtual Result<Rows> execute(const Statement& statement, std::span<const Value> values) = 0;
    virtual Result<void> begin(Access access) = 0;
    /// Takes the lock that only one migration holds, of all processes, without a time limit for
    /// its statements.
    virtual Result<void> begin_migration() = 0;
    virtual Result<void> commit() = 0;
    virtual void rollback() = 0;
    /// Many statements without parameters or results, for schemas.
    virtual Result<void> run_script(const std::string& sql) = 0;
    /// Whether it can serve a next transaction; looks, without asking the server.
    virtual bool usable() = 0;
};

using Connector = std::function<Result<std::unique_ptr<Connection>>()>;

class Pool;

/// A connection on loan; goes back when destroyed.
class PooledConnection {
  public:
    PooledConnection(Pool* pool, std::unique_ptr<Connection> connection)
        : pool_(pool), connection_(std::move(connection)) {}
    PooledConnection(PooledConnection&& other) noexcept = default;
    PooledConnection& operator=(PooledConnection&& other) = delete;
    ~PooledConnection();

    Connection* operator->() const { return connection_.get(); }
    explicit operator bool() const { return connection_ != nullptr; }

  private:
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
};

/// At most so many connections, opened when needed, replaced when broken. Safe from any thread;
/// outlives what it lends.
class Pool {
  public:
    Pool(std::size_t limit, std::chrono::milliseconds wait, Connector connect)
        : limit_(limit), wait_(wait), connect_(std::move(connect)) {}

    /// kDatabasePoolExhausted after the wait, else the connector's error.
    Result<PooledConnection> acquire();
    void give_back(std::unique_ptr<Connection> connection);

  private:
    const std::size_t limit_;
    const std::chrono::milliseconds wait_;
    const Connector connect_;
    std::mutex mutex_;
    std::condition_variable freed_;
    std::vector<std::unique_ptr<Connection>> idle_;
    std::size_t lent_ = 0;
};

/// kDatabaseFile, -FilePermissions, -Foreign, -Newer, -Corrupt, or an error of Session.
Result<std::unique_ptr<Connection>> connect_sqlite(const std::string& path, Access access,
                                                   const Options& options);
/// Of SQLite's files: every page, index and reference. kDatabaseCorrupt.
Result<void> check_sqlite(const std::string& path, const Options& options);
/// A consistent copy while others write. kBackupExists, or an error of connect_sqlite.
Result<void> back_up_sqlite(const std::string& path, const std::string& target,
                            const Options& options);

/// kDatabaseUrl for what libpq cannot use or would do without TLS over a network unasked.
Result<void> check_postgresql_url(const std::string& url);
/// kDatabaseUnreachable, kDatabaseSettings. The text of the errors never holds the password.
Result<std::unique_ptr<Connection>> connect_postgresql(const std::string& url,
                                                       const Options& options);

}  // namespace latchkey::database
