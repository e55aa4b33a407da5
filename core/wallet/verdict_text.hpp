// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "core/authorization/verdict.hpp"
#include "core/base/result.hpp"

namespace latchkey::core {

/// A value, or the number by which every implementation refuses it. Used where the model itself
/// judges; anything else that can go wrong is a Result.
template <typename T>
using Judged = tl::expected<T, Verdict>;

inline tl::unexpected<Verdict> refuse(Verdict verdict) {
    return tl::unexpected<Verdict>(verdict);
}

/// "SignerKey"; empty for a number that is no verdict.
std::string_view verdict_name(Verdict verdict);
/// The sentence of docs/spec/errors.md; empty for a number that is no verdict.
std::string_view verdict_sentence(Verdict verdict);
/// The verdict of a Solana custom error code, if it is one.
std::optional<Verdict> verdict_from_number(std::uint64_t number);

/// For borders that speak Result: kRefusedByModel with the verdict's number, name and sentence in
/// the context. Not for kAccepted.
Error to_error(Verdict verdict);

/// The same for a judged value: `LATCHKEY_TRY(const auto shared, to_result(decode_shared(bytes)));`
template <typename T>
Result<T> to_result(Judged<T> judged) {
    if (!judged.has_value()) {
        return tl::unexpected<Error>(to_error(judged.error()));
    }
    return *std::move(judged);
}

}  // namespace latchkey::core
