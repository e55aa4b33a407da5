// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace latchkey::database {

using core::Bytes;
using core::ByteView;
using core::ErrorCode;
using core::fail;
using core::Result;

/// SQL's NULL.
struct Null {
    friend bool operator==(const Null&, const Null&) = default;
};

/// What a parameter or a column holds. There is no floating point: amounts are integers or texts,
/// and the two engines round differently.
using Value = std::variant<Null, std::int64_t, std::string, Bytes>;

/// The largest text or byte string that is stored.
inline constexpr std::size_t kValueBytesMax = std::size_t{64} << 20U;

/// kDatabaseText for text with NUL or invalid UTF-8 (PostgreSQL stores neither, SQLite would),
/// kDatabaseValueSize over kValueBytesMax.
Result<void> check_value(const Value& value);

/// One row. Columns count from 0 in the statement's order. Every accessor fails with
/// kDatabaseColumnType if there is no such column or it holds something else, NULL included.
class Row {
  public:
    explicit Row(std::vector<Value> values) : values_(std::move(values)) {}

    std::size_t size() const { return values_.size(); }
    /// False also for columns that do not exist.
    bool is_null(std::size_t column) const;
    Result<std::int64_t> integer(std::size_t column) const;
    Result<std::string> text(std::size_t column) const;
    Result<Bytes> bytes(std::size_t column) const;
    const std::vector<Value>& values() const { return values_; }

    friend bool operator==(const Row&, const Row&) = default;

  private:
    std::vector<Value> values_;
};

/// What a statement gave.
struct Rows {
    std::vector<Row> rows;
    /// Rows inserted, changed or deleted; 0 for statements that only read.
    std::int64_t affected = 0;

    /// The only row; kDatabaseRowCount if there is none or more than one.
    Result<Row> only() const;
};

}  // namespace latchkey::database
