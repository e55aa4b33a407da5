// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "chains/solana/client/address.hpp"
#include "core/base/result.hpp"

/// What people type and read: amounts, times, addresses.
namespace latchkey::cli {

using core::Result;

/// "1.5" or "1.5 SOL" in whole units with `decimals`; "1500 units" and "1500 lamports" are the
/// smallest unit. No signs, exponents or thousands separators. Error: kCommandInput.
Result<std::uint64_t> parse_amount(std::string_view text, std::uint8_t decimals);
/// Of SOL, in lamports. Error: kCommandInput.
Result<std::uint64_t> parse_sol(std::string_view text);
/// "90s", "15m", "12h", "30d", "2w", in seconds, above 0 and at most 100 years.
/// Error: kCommandInput.
Result<std::uint64_t> parse_duration(std::string_view text);
/// Base58 of 32 bytes; `what` names it in the error. Error: kCommandInput.
Result<solana::Address> parse_address_argument(std::string_view text, std::string_view what);
/// Whole, decimal and at most `max`. Error: kCommandInput.
Result<std::uint64_t> parse_number(std::string_view text, std::uint64_t max, std::string_view what);

/// "0.1 SOL".
std::string format_sol(std::uint64_t lamports);
/// "12,992".
std::string format_count(std::uint64_t number);
/// "9xQe…VFin": enough to tell addresses apart on one screen.
std::string shorten(std::string_view text);

}  // namespace latchkey::cli
