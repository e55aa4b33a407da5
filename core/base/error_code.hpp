// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace latchkey::core {

/// Every error of the C++ libraries, in numbered blocks per library. Numbers and names are stable
/// for ever: they appear in API answers and on the documentation's error page. A library adds its
/// own rows in core/base/error_codes/<library>.def and never reuses or renumbers one. The error
/// codes of the programs on chain are a separate list, kept with those programs.
enum class ErrorCode : std::uint16_t {
#define X(name, number, message) name = number,
#include "core/base/error_codes/cli.def"
#include "core/base/error_codes/core.def"
#include "core/base/error_codes/database.def"
#include "core/base/error_codes/evm.def"
#include "core/base/error_codes/net.def"
#include "core/base/error_codes/signers.def"
#include "core/base/error_codes/solana.def"
#undef X
};

/// The enumerator's name without its leading k, such as "InvalidLength"; "Unknown" for other
/// numbers.
std::string_view error_name(ErrorCode code);

/// One sentence that explains the code to people; never empty.
std::string_view error_message(ErrorCode code);

/// The error's number, as shown to users ("LK-1001").
constexpr std::uint16_t error_number(ErrorCode code) {
    return static_cast<std::uint16_t>(code);
}

}  // namespace latchkey::core
