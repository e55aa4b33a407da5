// SPDX-License-Identifier: Apache-2.0
#include "database/leases.hpp"

#include "database/migrations.hpp"

namespace latchkey::database {

namespace {

constexpr Migration kMigrations[] = {
    {1, "leases",
     "CREATE TABLE latchkey_leases (name {text} PRIMARY KEY, holder {text} NOT NULL, "
     "token {integer} NOT NULL, ends {integer} NOT NULL, "
     "CONSTRAINT token_positive CHECK (token > 0)) {table};"},
};

// The database's clock in milliseconds since 1970: SQLite's of this machine, which all its users
// share; PostgreSQL's of the moment, not of the transaction's begin.
#define SQLITE_NOW "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
#define POSTGRESQL_NOW "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"
// One text for both engines but for the clock.
#define PER_ENGINE(engine, before, after)                             \
    ((engine) == Engine::kSqlite ? Statement(before SQLITE_NOW after) \
                                 : Statement(before POSTGRESQL_NOW after))

Result<void> expect_one(const Rows& rows) {
    if (rows.affected != 1) {
        return fail(ErrorCode::kLeaseLost);
    }
    return {};
}

}  // namespace

Result<void> migrate_leases(Database& database) {
    return migrate(database, "leases", kMigrations);
}

Result<std::optional<Lease>> try_lease(Database& database, const std::string& name,
                                       const std::string& holder,
                                       std::chrono::milliseconds duration) {
    // The row of a lease that ended stays, because its token must not begin again.
    const Statement take =
        database.engine() == Engine::kSqlite
            ? Statement(
                  "INSERT INTO latchkey_leases AS held (name, holder, token, ends) "
                  "VALUES ($1, $2, 1, " SQLITE_NOW
                  " + $3) ON CONFLICT (name) DO UPDATE SET "
                  "holder = excluded.holder, token = held.token + 1, ends = excluded.ends "
                  "WHERE held.ends <= " SQLITE_NOW " RETURNING token")
            : Statement(
                  "INSERT INTO latchkey_leases AS held (name, holder, token, ends) "
                  "VALUES ($1, $2, 1, " POSTGRESQL_NOW
                  " + $3) ON CONFLICT (name) DO UPDATE SET "
                  "holder = excluded.holder, token = held.token + 1, ends = excluded.ends "
                  "WHERE held.ends <= " POSTGRESQL_NOW " RETURNING token");
    LATCHKEY_TRY(const Rows rows,
                 database.execute(take, {name, holder, std::int64_t{duration.count()}}));
    if (rows.rows.empty()) {
        return std::optional<Lease>();
    }
    LATCHKEY_TRY(const auto token, rows.rows.front().integer(0));
    return std::optional<Lease>(Lease{name, holder, token});
}

Result<void> renew(Database& database, const Lease& lease, std::chrono::milliseconds duration) {
    const Statement extend =
        database.engine() == Engine::kSqlite
            ? Statement("UPDATE latchkey_leases SET ends = " SQLITE_NOW
                        " + $4 WHERE name = $1 AND holder = $2 AND token = $3 AND "
                        "ends > " SQLITE_NOW)
            : Statement("UPDATE latchkey_leases SET ends = " POSTGRESQL_NOW
                        " + $4 WHERE name = $1 AND holder = $2 AND token = $3 AND "
                        "ends > " POSTGRESQL_NOW);
    LATCHKEY_TRY(const Rows rows, database.execute(extend, {lease.name, lease.holder, lease.token,
                                                            std::int64_t{duration.count()}}));
    return expect_one(rows);
}

Result<void> release(Database& database, const Lease& lease) {
    const Statement end = PER_ENGINE(database.engine(),
                                     "UPDATE latchkey_leases SET ends = 0 WHERE name = $1 AND "
                                     "holder = $2 AND token = $3 AND ends > ",
                                     "");
    LATCHKEY_TRY(const Rows rows, database.execute(end, {lease.name, lease.holder, lease.token}));
    return expect_one(rows);
}

Result<void> check_held(Session& session, const Lease& lease) {
    const Statement held = PER_ENGINE(session.engine(),
                                      "SELECT token FROM latchkey_leases WHERE name = $1 AND "
                                      "holder = $2 AND token = $3 AND ends > ",
                                      "");
    LATCHKEY_TRY(const Rows rows, session.execute(held, {lease.name, lease.holder, lease.token}));
    if (rows.rows.empty()) {
        return fail(ErrorCode::kLeaseLost);
    }
    return {};
}

}  // namespace latchkey::database
