// SPDX-License-Identifier: Apache-2.0
#include "database/value.hpp"

#include "core/encoding/utf8.hpp"

namespace latchkey::database {

namespace {

constexpr std::string_view kKinds[] = {"NULL", "an integer", "a text", "bytes"};

template <typename T>
Result<T> get(const std::vector<Value>& values, std::size_t column, std::string_view wanted) {
    const std::string where = "column " + std::to_string(column);
    if (column >= values.size()) {
        return fail(ErrorCode::kDatabaseColumnType, where + " of " + std::to_string(values.size()));
    }
    if (const T* value = std::get_if<T>(&values[column])) {
        return *value;
    }
    return fail(ErrorCode::kDatabaseColumnType, where + " holds " +
                                                    std::string(kKinds[values[column].index()]) +
                                                    ", not " + std::string(wanted));
}

}  // namespace

Result<void> check_value(const Value& value) {
    std::size_t size = 0;
    if (const auto* text = std::get_if<std::string>(&value)) {
        size = text->size();
        if (text->find('\0') != std::string::npos || !core::is_valid_utf8(*text)) {
            return fail(ErrorCode::kDatabaseText);
        }
    } else if (const auto* bytes = std::get_if<Bytes>(&value)) {
        size = bytes->size();
    }
    if (size > kValueBytesMax) {
        return fail(ErrorCode::kDatabaseValueSize,
                    std::to_string(size) + " bytes, at most " + std::to_string(kValueBytesMax));
    }
    return {};
}

bool Row::is_null(std::size_t column) const {
    return column < values_.size() && std::holds_alternative<Null>(values_[column]);
}

Result<std::int64_t> Row::integer(std::size_t column) const {
    return get<std::int64_t>(values_, column, "an integer");
}

Result<std::string> Row::text(std::size_t column) const {
    return get<std::string>(values_, column, "a text");
}

Result<Bytes> Row::bytes(std::size_t column) const {
    return get<Bytes>(values_, column, "bytes");
}

Result<Row> Rows::only() const {
    if (rows.size() != 1) {
        return fail(ErrorCode::kDatabaseRowCount,
                    "expected one row, got " + std::to_string(rows.size()));
    }
    return rows.front();
}

}  // namespace latchkey::database
