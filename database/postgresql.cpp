// SPDX-License-Identifier: Apache-2.0
#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <unordered_map>

#include "core/base/secret.hpp"
#include "database/connection.hpp"

namespace latchkey::database {

namespace {

constexpr int kServerVersionMin = 130000;
constexpr std::size_t kStatementsMax = 256;
constexpr std::chrono::seconds kIdleBeforePing{30};
/// Of the server's own catalogue (pg_type.dat); these numbers never change.
constexpr Oid kBool = 16;
constexpr Oid kBytea = 17;
constexpr Oid kInt8 = 20;
constexpr Oid kInt2 = 21;
constexpr Oid kInt4 = 23;
constexpr Oid kVoid = 2278;
constexpr Oid kTexts[] = {19, 25, 705, 1042, 1043};
constexpr Oid kText = 25;
/// Of pg_advisory_xact_lock: "LkMigrat".
constexpr std::string_view kMigrationLock = "5506994376310907252";

using Clock = std::chrono::steady_clock;

struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Handle = std::unique_ptr<PGconn, Finish>;
struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, Clear>;
struct FreeOptions {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using ParsedUrl = std::unique_ptr<PQconninfoOption, FreeOptions>;

ParsedUrl parse(const std::string& url) {
    char* message = nullptr;
    ParsedUrl parsed(PQconninfoParse(url.c_str(), &message));
    // The message quotes the URL, password and all.
    if (message != nullptr) {
        core::wipe({reinterpret_cast<std::uint8_t*>(message), std::string_view(message).size()});
        PQfreemem(message);
    }
    return parsed;
}

std::string option(const ParsedUrl& parsed, std::string_view name) {
    for (const auto* entry = parsed.get(); entry->keyword != nullptr; ++entry) {
        if (name == entry->keyword && entry->val != nullptr) {
            return entry->val;
        }
    }
    return {};
}

bool all_on_this_machine(std::string_view hosts) {
    while (!hosts.empty()) {
        const auto host = hosts.substr(0, hosts.find(','));
        if (!host.starts_with('/') && !host.starts_with('@') && host != "localhost" &&
            host != "127.0.0.1" && host != "::1") {
            return false;
        }
        hosts.remove_prefix(std::min(hosts.size(), host.size() + 1));
    }
    return true;
}

std::string field(const PGresult* result, int code) {
    const char* text = PQresultErrorField(result, code);
    return text == nullptr ? std::string() : std::string(text);
}

/// As SQLite says it: "table.column, table.column". The detail, in any language, has
/// "(column, column)=(values)"; the values stay here.
std::string unique_key(const PGresult* result) {
    const std::string table = field(result, PG_DIAG_TABLE_NAME);
    const std::string detail = field(result, PG_DIAG_MESSAGE_DETAIL);
    const auto open = detail.find('(');
    const auto close = detail.find(")=(");
    std::string by_name = "index '" + field(result, PG_DIAG_CONSTRAINT_NAME) + "'";
    if (open == std::string::npos || close == std::string::npos || close < open) {
        return by_name;
    }
    std::string key;
    std::string_view columns = std::string_view(detail).substr(open + 1, close - open - 1);
    while (!columns.empty()) {
        const auto column = columns.substr(0, columns.find(", "));
        if (!std::all_of(column.begin(), column.end(), detail::is_word)) {
            return by_name;
        }
        key += (key.empty() ? "" : ", ") + table + "." + std::string(column);
        columns.remove_prefix(std::min(columns.size(), column.size() + 2));
    }
    return key;
}

bool is_connection_state(std::string_view state) {
    return state.starts_with("08") || state == "57P01" || state == "57P02" || state == "57P03" ||
           state == "25P03";
}

/// By SQLSTATE (PostgreSQL's manual, appendix A).
tl::unexpected<core::Error> engine_error(const PGresult* result) {
    const std::string state = field(result, PG_DIAG_SQLSTATE);
    if (state.empty() || is_connection_state(state)) {
        return fail(ErrorCode::kDatabaseConnectionLost, state);
    }
    if (state == "23505") {
        return fail(ErrorCode::kDatabaseUniqueViolation, unique_key(result));
    }
    if (state == "23503") {
        return fail(ErrorCode::kDatabaseForeignKeyViolation,
                    field(result, PG_DIAG_CONSTRAINT_NAME));
    }
    if (state == "23514") {
        return fail(ErrorCode::kDatabaseCheckViolation, field(result, PG_DIAG_CONSTRAINT_NAME));
    }
    if (state == "23502") {
        return fail(ErrorCode::kDatabaseNotNullViolation,
                    field(result, PG_DIAG_TABLE_NAME) + "." + field(result, PG_DIAG_COLUMN_NAME));
    }
    // Serialization failure, deadlock, lock not available.
    if (state == "40001" || state == "40P01" || state == "55P03") {
        return fail(ErrorCode::kDatabaseConflict, state);
    }
    if (state == "57014") {
        return fail(ErrorCode::kDatabaseTimeout, state);
    }
    if (state == "53100") {
        return fail(ErrorCode::kDatabaseFull, state);
    }
    if (state.starts_with("XX001") || state.starts_with("XX002")) {
        return fail(ErrorCode::kDatabaseCorrupt, state);
    }
    if (state == "42804") {
        return fail(ErrorCode::kDatabaseColumnType, field(result, PG_DIAG_MESSAGE_PRIMARY));
    }
    // Messages about statements quote the statement; others (class 22) quote values.
    return fail(ErrorCode::kDatabaseFailed,
                "SQLSTATE " + state +
                    (state.starts_with("42") ? ": " + field(result, PG_DIAG_MESSAGE_PRIMARY) : ""));
}

std::int64_t read_big_endian(const char* data, int size) {
    std::uint64_t number = (static_cast<unsigned char>(data[0]) & 0x80U) != 0 ? ~0ULL : 0;
    for (int i = 0; i < size; ++i) {
        number = (number << 8U) | static_cast<unsigned char>(data[i]);
    }
    return static_cast<std::int64_t>(number);
}

Result<Value> read_value(const PGresult* result, int row, int column) {
    if (PQgetisnull(result, row, column) != 0) {
        return Value(Null{});
    }
    const char* data = PQgetvalue(result, row, column);
    const int size = PQgetlength(result, row, column);
    const Oid type = PQftype(result, column);
    if (type == kInt8 || type == kInt4 || type == kInt2) {
        return Value(read_big_endian(data, size));
    }
    if (type == kBool) {
        return Value(std::int64_t{data[0]});
    }
    if (std::find(std::begin(kTexts), std::end(kTexts), type) != std::end(kTexts)) {
        return Value(std::string(data, static_cast<std::size_t>(size)));
    }
    if (type == kBytea) {
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(data);
        return Value(Bytes(bytes, bytes + size));
    }
    if (type == kVoid) {
        return Value(Null{});
    }
    return fail(ErrorCode::kDatabaseColumnType,
                "column " + std::to_string(column) + " has the server's type " +
                    std::to_string(type) + "; CAST it to BIGINT, TEXT or BYTEA");
}

/// Values as the protocol's binary parameters; points into the values.
struct Parameters {
    explicit Parameters(std::span<const Value> values) {
        numbers.resize(values.size());
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (const auto* number = std::get_if<std::int64_t>(&values[i])) {
                for (std::size_t byte = 0; byte < 8; ++byte) {
                    numbers[i][byte] =
                        static_cast<char>(static_cast<std::uint64_t>(*number) >> (56 - 8 * byte));
                }
                add(kInt8, numbers[i].data(), 8);
            } else if (const auto* text = std::get_if<std::string>(&values[i])) {
                add(kText, text->data(), text->size());
            } else if (const auto* bytes = std::get_if<Bytes>(&values[i])) {
                // A null pointer would be NULL, not no bytes.
                add(kBytea, bytes->empty() ? "" : reinterpret_cast<const char*>(bytes->data()),
                    bytes->size());
            } else {
                add(0, nullptr, 0);
            }
        }
    }
    void add(Oid type, const char* data, std::size_t size) {
        types.push_back(type);
        pointers.push_back(data);
        sizes.push_back(static_cast<int>(size));
        formats.push_back(1);
    }
    int count() const { return static_cast<int>(types.size()); }

    std::vector<std::array<char, 8>> numbers;
    std::vector<Oid> types;
    std::vector<const char*> pointers;
    std::vector<int> sizes;
    std::vector<int> formats;
};

Result<Rows> read_rows(PGresult* result) {
    Rows out;
    const int columns = PQnfields(result);
    out.rows.reserve(static_cast<std::size_t>(PQntuples(result)));
    for (int row = 0; row < PQntuples(result); ++row) {
        std::vector<Value> values;
        values.reserve(static_cast<std::size_t>(columns));
        for (int column = 0; column < columns; ++column) {
            LATCHKEY_TRY(Value value, read_value(result, row, column));
            values.push_back(std::move(value));
        }
        out.rows.emplace_back(std::move(values));
    }
    if (!std::string_view(PQcmdStatus(result)).starts_with("SELECT")) {
        out.affected = std::strtoll(PQcmdTuples(result), nullptr, 10);
    }
    return out;
}

class PostgresqlConnection final : public Connection {
  public:
    explicit PostgresqlConnection(Handle handle) : handle_(std::move(handle)) {}

    Result<Rows> execute(const Statement& statement, std::span<const Value> values) override {
        const Parameters parameters(values);
        LATCHKEY_TRY(const std::string name, prepare(statement, parameters));
        const Answer answer(PQexecPrepared(handle_.get(), name.c_str(), parameters.count(),
                                           parameters.pointers.data(), parameters.sizes.data(),
                                           parameters.formats.data(), 1));
        // "Cached plan must not change result type": another replica has migrated since. A new
        // connection plans anew.
        if (field(answer.get(), PG_DIAG_SQLSTATE) == "0A000") {
            outdated_ = true;
            return fail(ErrorCode::kDatabaseConflict, "0A000");
        }
        LATCHKEY_CHECK(check(answer.get()));
        return read_rows(answer.get());
    }

    Result<void> begin(Access access) override {
        return run_script(access == Access::kWrite
                              ? "BEGIN ISOLATION LEVEL SERIALIZABLE"
                              : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    }

    // READ COMMITTED: after waiting for the lock it must see what the other one did.
    Result<void> begin_migration() override {
        return run_script(
            "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = 0; "
            "SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock(" +
            std::string(kMigrationLock) + ")");
    }

    Result<void> commit() override {
        const Answer answer(PQexec(handle_.get(), "COMMIT"));
        auto done = check(answer.get());
        if (!done.has_value() && done.error().code == ErrorCode::kDatabaseConnectionLost) {
            return fail(ErrorCode::kDatabaseCommitUnknown, done.error().context);
        }
        LATCHKEY_CHECK(std::move(done));
        if (std::string_view(PQcmdStatus(answer.get())) != "COMMIT") {
            return fail(ErrorCode::kDatabaseTransactionOver);
        }
        return {};
    }

    void rollback() override {
        if (PQtransactionStatus(handle_.get()) != PQTRANS_IDLE) {
            const Answer answer(PQexec(handle_.get(), "ROLLBACK"));
        }
    }

    Result<void> run_script(const std::string& sql) override {
        const Answer answer(PQexec(handle_.get(), sql.c_str()));
        return check(answer.get());
    }

    bool usable() override {
        if (outdated_ || PQstatus(handle_.get()) != CONNECTION_OK ||
            PQtransactionStatus(handle_.get()) != PQTRANS_IDLE) {
            return false;
        }
        // A server that says something unasked says good-bye.
        pollfd socket{PQsocket(handle_.get()), POLLIN, 0};
        if (::poll(&socket, 1, 0) != 0) {
            return false;
        }
        const auto idle_since = std::exchange(used_, Clock::now());
        if (used_ - idle_since < kIdleBeforePing) {
            return true;
        }
        const Answer answer(PQexec(handle_.get(), ""));
        return PQresultStatus(answer.get()) == PGRES_EMPTY_QUERY;
    }

  private:
    Result<void> check(const PGresult* result) {
        const auto status = PQresultStatus(result);
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
            return {};
        }
        if (result == nullptr || PQstatus(handle_.get()) != CONNECTION_OK) {
            return fail(ErrorCode::kDatabaseConnectionLost, field(result, PG_DIAG_SQLSTATE));
        }
        return engine_error(result);
    }

    /// The types of the values are part of what is prepared.
    Result<std::string> prepare(const Statement& statement, const Parameters& parameters) {
        std::string key(statement.text());
        for (const Oid type : parameters.types) {
            key += '\0' + std::to_string(type);
        }
        if (const auto found = statements_.find(key); found != statements_.end()) {
            return found->second;
        }
        if (statements_.size() >= kStatementsMax) {
            LATCHKEY_CHECK(run_script("DEALLOCATE ALL"));
            statements_.clear();
        }
        std::string name = "s" + std::to_string(++named_);
        const std::string text(statement.text());
        const Answer answer(PQprepare(handle_.get(), name.c_str(), text.c_str(), parameters.count(),
                                      parameters.types.data()));
        LATCHKEY_CHECK(check(answer.get()));
        statements_.emplace(std::move(key), name);
        return name;
    }

    Handle handle_;
    std::unordered_map<std::string, std::string> statements_;
    std::uint64_t named_ = 0;
    bool outdated_ = false;
    Clock::time_point used_ = Clock::now();
};

/// What libpq says about connecting, on one line, without the password.
std::string connect_message(const PGconn* connection, const std::string& url) {
    std::string message = PQerrorMessage(connection);
    const ParsedUrl parsed = parse(url);
    const std::string password = parsed == nullptr ? std::string() : option(parsed, "password");
    if (!password.empty() && message.find(password) != std::string::npos) {
        return "the server's message holds the password and is left out";
    }
    std::replace(message.begin(), message.end(), '\n', ' ');
    while (message.ends_with(' ')) {
        message.pop_back();
    }
    return message;
}

}  // namespace

Result<void> check_postgresql_url(const std::string& url) {
    const ParsedUrl parsed = parse(url);
    // A password that was not percent-encoded: libpq would take its end for the host, the port or
    // the database and say so in errors.
    const auto misread = [&] {
        return std::count(url.begin(), url.end(), '@') > 1 ||
               option(parsed, "dbname").find('@') != std::string::npos ||
               option(parsed, "port").find_first_not_of("0123456789,") != std::string::npos;
    };
    if (parsed == nullptr || url.find('\0') != std::string::npos || misread()) {
        return fail(ErrorCode::kDatabaseUrl,
                    "libpq does not understand it; percent-encode special characters");
    }
    const std::string hosts =
        option(parsed, "host") +
        (option(parsed, "hostaddr").empty() ? "" : "," + option(parsed, "hostaddr"));
    if (!all_on_this_machine(hosts.starts_with(',') ? hosts.substr(1) : hosts) &&
        option(parsed, "sslmode").empty()) {
        return fail(ErrorCode::kDatabaseUrl,
                    "a host other than this machine needs sslmode, best verify-full");
    }
    return {};
}

Result<std::unique_ptr<Connection>> connect_postgresql(const std::string& url,
                                                       const Options& options) {
    // Before dbname: what the URL may replace. After it: what it may not.
    const char* const keywords[] = {"fallback_application_name",
                                    "connect_timeout",
                                    "tcp_user_timeout",
                                    "target_session_attrs",
                                    "dbname",
                                    "client_encoding",
                                    nullptr};
    const char* const values[] = {
        options.application_name.c_str(), "5", "15000", "read-write", url.c_str(), "UTF8", nullptr};
    Handle handle(PQconnectdbParams(keywords, values, 1));
    if (handle == nullptr || PQstatus(handle.get()) != CONNECTION_OK) {
        return fail(ErrorCode::kDatabaseUnreachable, connect_message(handle.get(), url));
    }
    PQsetNoticeProcessor(handle.get(), [](void*, const char*) {}, nullptr);
    if (PQserverVersion(handle.get()) < kServerVersionMin) {
        return fail(ErrorCode::kDatabaseSettings, "PostgreSQL 13 or newer is needed");
    }
    const char* encoding = PQparameterStatus(handle.get(), "server_encoding");
    if (encoding == nullptr || std::string_view(encoding) != "UTF8") {
        return fail(ErrorCode::kDatabaseSettings, "the database's encoding must be UTF8");
    }
    auto connection = std::make_unique<PostgresqlConnection>(std::move(handle));
    // A transaction that its replica forgot ends, so that its locks do.
    LATCHKEY_CHECK(connection->run_script(
        "SET default_transaction_isolation = 'serializable'; SET standard_conforming_strings = on;"
        "SET synchronous_commit = on; SET idle_in_transaction_session_timeout = '60s';"
        "SET statement_timeout = " +
        std::to_string(options.statement_timeout.count()) +
        "; SET lock_timeout = " + std::to_string(options.wait.count())));
    return connection;
}

}  // namespace latchkey::database
