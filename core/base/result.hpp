// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "core/base/error_code.hpp"

namespace latchkey::core {

/// An error as a value: what went wrong (stable code) and where (free text, which says what to do
/// when that is known). The context never holds secrets.
struct Error {
    ErrorCode code;
    std::string context;

    /// "LK-1001 The input has the wrong length. (context)"
    std::string to_string() const;

    friend bool operator==(const Error&, const Error&) = default;
};

/// A value or an Error. Exceptions never cross a module border; this does.
template <typename T>
using Result = tl::expected<T, Error>;

/// `return fail(ErrorCode::kInvalidLength, "walletId has 32 bytes");`
inline tl::unexpected<Error> fail(ErrorCode code, std::string context = {}) {
    return tl::unexpected<Error>(Error{code, std::move(context)});
}

/// Passes an error on, with the caller's context in front: `return fail("genesis", error);`
tl::unexpected<Error> fail(std::string_view context, const Error& cause);

}  // namespace latchkey::core

#define LATCHKEY_CONCAT_INNER(a, b) a##b
#define LATCHKEY_CONCAT(a, b) LATCHKEY_CONCAT_INNER(a, b)
#define LATCHKEY_TRY_INNER(result, leave, declaration, ...) \
    auto result = (__VA_ARGS__);                            \
    if (!result.has_value()) {                              \
        leave ::tl::unexpected(std::move(result).error());  \
    }                                                       \
    declaration = *std::move(result)
#define LATCHKEY_CHECK_INNER(result, leave, ...)            \
    if (auto result = (__VA_ARGS__); !result.has_value()) { \
        leave ::tl::unexpected(std::move(result).error());  \
    }                                                       \
    static_assert(true)

/// `LATCHKEY_TRY(const auto key, parse_key(text));` declares key or returns the error.
#define LATCHKEY_TRY(declaration, ...)                                                   \
    LATCHKEY_TRY_INNER(LATCHKEY_CONCAT(latchkey_try_, __COUNTER__), return, declaration, \
                       __VA_ARGS__)
/// `LATCHKEY_CHECK(verify(...));` goes on if the result holds no error, else returns it.
#define LATCHKEY_CHECK(...) \
    LATCHKEY_CHECK_INNER(LATCHKEY_CONCAT(latchkey_check_, __COUNTER__), return, __VA_ARGS__)
/// The same inside coroutines.
#define LATCHKEY_CO_TRY(declaration, ...)                                                   \
    LATCHKEY_TRY_INNER(LATCHKEY_CONCAT(latchkey_try_, __COUNTER__), co_return, declaration, \
                       __VA_ARGS__)
#define LATCHKEY_CO_CHECK(...) \
    LATCHKEY_CHECK_INNER(LATCHKEY_CONCAT(latchkey_check_, __COUNTER__), co_return, __VA_ARGS__)
