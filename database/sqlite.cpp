// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <unordered_map>

#include "database/connection.hpp"

namespace latchkey::database {

namespace {

/// "LkDb", in the header of every file of ours (PRAGMA application_id).
constexpr std::int64_t kApplicationId = 0x4c6b4462;
/// The format of what this library itself relies on (PRAGMA user_version).
constexpr std::int64_t kFormat = 1;
constexpr std::size_t kStatementsMax = 256;
constexpr int kProgressSteps = 10000;

using Clock = std::chrono::steady_clock;

struct CloseDatabase {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};
using Handle = std::unique_ptr<sqlite3, CloseDatabase>;

struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Prepared = std::unique_ptr<sqlite3_stmt, Finalize>;

/// A statement is left ready for its next use, without values, however the function is left.
struct ResetGuard {
    sqlite3_stmt* statement;
    ~ResetGuard() {
        sqlite3_reset(statement);
        sqlite3_clear_bindings(statement);
    }
};

/// SQLite's messages name tables, columns and constraints after the first ": ".
std::string named_in(std::string_view message) {
    const auto colon = message.find(": ");
    return colon == std::string_view::npos ? std::string() : std::string(message.substr(colon + 2));
}

tl::unexpected<core::Error> constraint_error(int extended, std::string_view message) {
    switch (extended) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY:
        case SQLITE_CONSTRAINT_ROWID:
            return fail(ErrorCode::kDatabaseUniqueViolation, named_in(message));
        case SQLITE_CONSTRAINT_FOREIGNKEY:
            return fail(ErrorCode::kDatabaseForeignKeyViolation);
        case SQLITE_CONSTRAINT_CHECK:
            return fail(ErrorCode::kDatabaseCheckViolation, named_in(message));
        case SQLITE_CONSTRAINT_NOTNULL:
            return fail(ErrorCode::kDatabaseNotNullViolation, named_in(message));
        case SQLITE_CONSTRAINT_DATATYPE:
            // The message says what kind of value met which column.
            return fail(ErrorCode::kDatabaseColumnType, std::string(message));
        default:
            return fail(ErrorCode::kDatabaseFailed, "SQLite " + std::to_string(extended));
    }
}

tl::unexpected<core::Error> engine_error(sqlite3* handle) {
    const int extended = sqlite3_extended_errcode(handle);
    const std::string message = sqlite3_errmsg(handle);
    switch (extended & 0xff) {
        case SQLITE_CONSTRAINT:
            return constraint_error(extended, message);
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return fail(ErrorCode::kDatabaseConflict);
        case SQLITE_INTERRUPT:
            return fail(ErrorCode::kDatabaseTimeout);
        case SQLITE_FULL:
            return fail(ErrorCode::kDatabaseFull);
        case SQLITE_CORRUPT:
            return fail(ErrorCode::kDatabaseCorrupt);
        case SQLITE_NOTADB:
            return fail(ErrorCode::kDatabaseForeign);
        case SQLITE_TOOBIG:
            return fail(ErrorCode::kDatabaseValueSize);
        case SQLITE_CANTOPEN:
        case SQLITE_IOERR:
        case SQLITE_PERM:
            return fail(ErrorCode::kDatabaseFile, message);
        default:
            // SQL errors quote the statement, which holds no values.
            return fail(ErrorCode::kDatabaseFailed,
                        "SQLite " + std::to_string(extended) + ": " + message);
    }
}

Result<void> run(sqlite3* handle, const char* sql) {
    if (sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
        return engine_error(handle);
    }
    return {};
}

Result<std::string> first_text(sqlite3* handle, const char* sql) {
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v2(handle, sql, -1, &raw, nullptr) != SQLITE_OK) {
        return engine_error(handle);
    }
    const Prepared statement(raw);
    const int step = sqlite3_step(raw);
    if (step == SQLITE_DONE) {
        return std::string();
    }
    if (step != SQLITE_ROW) {
        return engine_error(handle);
    }
    const auto* text = sqlite3_column_text(raw, 0);
    return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text));
}

Result<void> bind(sqlite3* handle, sqlite3_stmt* statement, int index, const Value& value) {
    int code = SQLITE_OK;
    // The values outlive the step, so SQLite need not copy them.
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        code = sqlite3_bind_int64(statement, index, *number);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        code = sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_STATIC,
                                   SQLITE_UTF8);
    } else if (const auto* bytes = std::get_if<Bytes>(&value)) {
        // A null pointer would be NULL, not no bytes.
        code = bytes->empty() ? sqlite3_bind_zeroblob(statement, index, 0)
                              : sqlite3_bind_blob64(statement, index, bytes->data(), bytes->size(),
                                                    SQLITE_STATIC);
    } else {
        code = sqlite3_bind_null(statement, index);
    }
    if (code != SQLITE_OK) {
        return engine_error(handle);
    }
    return {};
}

Result<Value> read_column(sqlite3_stmt* statement, int column) {
    switch (sqlite3_column_type(statement, column)) {
        case SQLITE_NULL:
            return Value(Null{});
        case SQLITE_INTEGER:
            return Value(std::int64_t{sqlite3_column_int64(statement, column)});
        case SQLITE_TEXT: {
            const auto* text =
                reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
            const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
            Value value(std::string(text, size));
            // A file that somebody else wrote into may hold anything.
            LATCHKEY_CHECK(check_value(value));
            return value;
        }
        case SQLITE_BLOB: {
            const auto* data =
                static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, column));
            const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
            return Value(Bytes(data, data + size));
        }
        default:
            return fail(ErrorCode::kDatabaseColumnType,
                        "column " + std::to_string(column) + " is a floating-point number");
    }
}

class SqliteConnection final : public Connection {
  public:
    SqliteConnection(Handle handle, const Options& options)
        : handle_(std::move(handle)), timeout_(options.statement_timeout) {
        sqlite3_progress_handler(handle_.get(), kProgressSteps, &SqliteConnection::out_of_time,
                                 this);
    }

    Result<Rows> execute(const Statement& statement, std::span<const Value> values) override {
        LATCHKEY_TRY(sqlite3_stmt* const prepared, prepare(statement));
        const ResetGuard guard{prepared};
        for (int index = 1; index <= sqlite3_bind_parameter_count(prepared); ++index) {
            // SQLite counts $2 first if it comes first; the name has the number.
            const char* name = sqlite3_bind_parameter_name(prepared, index);
            const auto number = static_cast<std::size_t>(std::strtol(name + 1, nullptr, 10));
            LATCHKEY_CHECK(bind(handle_.get(), prepared, index, values[number - 1]));
        }
        deadline_ = Clock::now() + timeout_;
        Rows out;
        const int columns = sqlite3_column_count(prepared);
        int step = 0;
        while ((step = sqlite3_step(prepared)) == SQLITE_ROW) {
            std::vector<Value> row;
            row.reserve(static_cast<std::size_t>(columns));
            for (int column = 0; column < columns; ++column) {
                LATCHKEY_TRY(Value value, read_column(prepared, column));
                row.push_back(std::move(value));
            }
            out.rows.emplace_back(std::move(row));
        }
        if (step != SQLITE_DONE) {
            return engine_error(handle_.get());
        }
        out.affected = sqlite3_stmt_readonly(prepared) ? 0 : sqlite3_changes64(handle_.get());
        return out;
    }

    Result<void> begin(Access access) override {
        deadline_ = Clock::time_point::max();
        return run(handle_.get(), access == Access::kWrite ? "BEGIN IMMEDIATE" : "BEGIN");
    }

    Result<void> begin_migration() override { return begin(Access::kWrite); }

    Result<void> commit() override {
        deadline_ = Clock::time_point::max();
        return run(handle_.get(), "COMMIT");
    }

    void rollback() override {
        deadline_ = Clock::time_point::max();
        if (sqlite3_get_autocommit(handle_.get()) == 0) {
            sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
        }
    }

    Result<void> run_script(const std::string& sql) override {
        deadline_ = Clock::time_point::max();
        return run(handle_.get(), sql.c_str());
    }

    bool usable() override { return sqlite3_get_autocommit(handle_.get()) != 0; }

  private:
    static int out_of_time(void* self) {
        return Clock::now() > static_cast<SqliteConnection*>(self)->deadline_ ? 1 : 0;
    }

    Result<sqlite3_stmt*> prepare(const Statement& statement) {
        const std::string text(statement.text());
        if (const auto found = statements_.find(text); found != statements_.end()) {
            return found->second.get();
        }
        if (statements_.size() >= kStatementsMax) {
            statements_.clear();
        }
        sqlite3_stmt* raw = nullptr;
        if (sqlite3_prepare_v3(handle_.get(), text.c_str(), static_cast<int>(text.size() + 1),
                               SQLITE_PREPARE_PERSISTENT, &raw, nullptr) != SQLITE_OK) {
            return engine_error(handle_.get());
        }
        statements_.emplace(text, Prepared(raw));
        return raw;
    }

    // Statements end before their database.
    Handle handle_;
    std::unordered_map<std::string, Prepared> statements_;
    std::chrono::milliseconds timeout_;
    Clock::time_point deadline_ = Clock::time_point::max();
};

/// Made before SQLite sees it, so that no moment exists in which others could open it; the files of
/// the write-ahead log take over its mode.
Result<void> prepare_file(const std::string& path) {
    const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (made >= 0) {
        ::close(made);
        return {};
    }
    struct stat found{};
    if (errno != EEXIST || ::stat(path.c_str(), &found) != 0) {
        return fail(ErrorCode::kDatabaseFile, path + ": " + std::strerror(errno));
    }
    if (!S_ISREG(found.st_mode)) {
        return fail(ErrorCode::kDatabaseFile, path + " is not a file");
    }
    if ((found.st_mode & 077U) != 0) {
        return fail(ErrorCode::kDatabaseFilePermissions, "chmod 600 " + path);
    }
    return {};
}

Result<Handle> open_handle(const std::string& path, int flags, std::chrono::milliseconds wait) {
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &raw,
                                     flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    Handle handle(raw);
    if (code != SQLITE_OK) {
        return fail(ErrorCode::kDatabaseFile, path + ": " + sqlite3_errstr(code));
    }
    sqlite3_busy_timeout(raw, static_cast<int>(wait.count()));
    sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    sqlite3_limit(raw, SQLITE_LIMIT_ATTACHED, 0);
    return handle;
}

/// An empty file becomes ours in one transaction, and before it gets a write-ahead log: a crash
/// leaves either an empty file or one of ours.
Result<void> claim(sqlite3* handle, const std::string& path) {
    LATCHKEY_TRY(const auto pages, first_text(handle, "PRAGMA page_count"));
    if (pages == "0") {
        LATCHKEY_CHECK(run(handle, "BEGIN IMMEDIATE"));
        // Another process may have been quicker; the page itself exists from here on.
        LATCHKEY_TRY(const auto used,
                     first_text(handle,
                                "SELECT (SELECT count(*) FROM sqlite_schema) + "
                                "(SELECT application_id FROM pragma_application_id)"));
        if (used == "0") {
            const std::string sql = "PRAGMA application_id = " + std::to_string(kApplicationId) +
                                    "; PRAGMA user_version = " + std::to_string(kFormat) + ";";
            LATCHKEY_CHECK(run(handle, sql.c_str()));
        }
        LATCHKEY_CHECK(run(handle, "COMMIT"));
    }
    LATCHKEY_TRY(const auto id, first_text(handle, "PRAGMA application_id"));
    if (id != std::to_string(kApplicationId)) {
        return fail(ErrorCode::kDatabaseForeign, path);
    }
    LATCHKEY_TRY(const auto format, first_text(handle, "PRAGMA user_version"));
    if (std::strtoll(format.c_str(), nullptr, 10) > kFormat) {
        return fail(ErrorCode::kDatabaseNewer, path + " has format " + format);
    }
    return {};
}

Result<void> check_handle(sqlite3* handle) {
    LATCHKEY_TRY(const auto pages, first_text(handle, "PRAGMA integrity_check(1)"));
    if (pages != "ok") {
        return fail(ErrorCode::kDatabaseCorrupt, pages);
    }
    LATCHKEY_TRY(const auto orphan, first_text(handle, "PRAGMA foreign_key_check"));
    if (!orphan.empty()) {
        return fail(ErrorCode::kDatabaseCorrupt, "a row of " + orphan + " refers to nothing");
    }
    return {};
}

Result<void> copy(sqlite3* source, const std::string& path, const Options& options) {
    LATCHKEY_TRY(const Handle target, open_handle(path, SQLITE_OPEN_READWRITE, options.wait));
    sqlite3_backup* backup = sqlite3_backup_init(target.get(), "main", source, "main");
    if (backup == nullptr) {
        return engine_error(target.get());
    }
    // In one step, which reads one snapshot and keeps no writer waiting.
    sqlite3_backup_step(backup, -1);
    if (sqlite3_backup_finish(backup) != SQLITE_OK) {
        return engine_error(target.get());
    }
    // One file, without a log beside it that could be forgotten.
    LATCHKEY_CHECK(run(target.get(), "PRAGMA journal_mode = DELETE"));
    LATCHKEY_CHECK(claim(target.get(), path));
    return check_handle(target.get());
}

Result<void> sync_path(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const bool done = file >= 0 && ::fsync(file) == 0;
    if (file >= 0) {
        ::close(file);
    }
    if (!done) {
        return fail(ErrorCode::kDatabaseFile, path + ": " + std::strerror(errno));
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<Connection>> connect_sqlite(const std::string& path, Access access,
                                                   const Options& options) {
    LATCHKEY_CHECK(prepare_file(path));
    LATCHKEY_TRY(Handle handle, open_handle(path, SQLITE_OPEN_READWRITE, options.wait));
    LATCHKEY_CHECK(claim(handle.get(), path));
    LATCHKEY_TRY(const auto mode, first_text(handle.get(), "PRAGMA journal_mode = WAL"));
    if (mode != "wal") {
        return fail(ErrorCode::kDatabaseFile, path + ": no write-ahead log on this file system");
    }
    // FULL: what was acknowledged survives a power failure, which NORMAL does not promise.
    LATCHKEY_CHECK(run(handle.get(),
                       "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; "
                       "PRAGMA cell_size_check = ON;"));
    if (access == Access::kRead) {
        LATCHKEY_CHECK(run(handle.get(), "PRAGMA query_only = ON"));
    }
    return std::make_unique<SqliteConnection>(std::move(handle), options);
}

Result<void> check_sqlite(const std::string& path, const Options& options) {
    LATCHKEY_CHECK(prepare_file(path));
    LATCHKEY_TRY(const Handle handle, open_handle(path, SQLITE_OPEN_READWRITE, options.wait));
    LATCHKEY_CHECK(claim(handle.get(), path));
    return check_handle(handle.get());
}

Result<void> back_up_sqlite(const std::string& path, const std::string& target,
                            const Options& options) {
    LATCHKEY_TRY(const Handle source, open_handle(path, SQLITE_OPEN_READWRITE, options.wait));
    LATCHKEY_CHECK(claim(source.get(), path));
    // The final name appears only when everything is on disk.
    const std::string part = target + ".part";
    const int made = ::open(part.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (made < 0) {
        return fail(ErrorCode::kDatabaseFile, part + ": " + std::strerror(errno));
    }
    ::close(made);
    auto done = copy(source.get(), part, options);
    if (done.has_value()) {
        done = sync_path(part);
    }
    if (done.has_value() && ::link(part.c_str(), target.c_str()) != 0) {
        done = errno == EEXIST ? Result<void>(fail(ErrorCode::kBackupExists, target))
                               : Result<void>(fail(ErrorCode::kDatabaseFile,
                                                   target + ": " + std::strerror(errno)));
    }
    ::unlink(part.c_str());
    LATCHKEY_CHECK(std::move(done));
    const auto folder = std::filesystem::path(target).parent_path();
    return sync_path(folder.empty() ? "." : folder.string());
}

}  // namespace latchkey::database
