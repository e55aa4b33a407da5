// SPDX-License-Identifier: Apache-2.0
#include "cli/text.hpp"

#include <charconv>
#include <limits>

#include "chains/solana/client/decode.hpp"
#include "core/authorization/configuration.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;

namespace {

constexpr std::uint8_t kSolDecimals = 9;
constexpr std::uint64_t kDurationSecondsMax = 100 * 366 * core::kDay;
constexpr std::size_t kShownText = 64;

std::string quoted(std::string_view text) {
    return solana::quote_text(text.substr(0, kShownText));
}

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool drop_suffix(std::string_view& text, std::string_view suffix) {
    if (!text.ends_with(suffix)) {
        return false;
    }
    text.remove_suffix(suffix.size());
    while (text.ends_with(' ')) {
        text.remove_suffix(1);
    }
    return true;
}

}  // namespace

Result<std::uint64_t> parse_number(std::string_view text, std::uint64_t max,
                                   std::string_view what) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (!is_digits(text) || error != std::errc() || end != text.data() + text.size() ||
        value > max) {
        return fail(ErrorCode::kCommandInput, std::string(what) + " must be a whole number up to " +
                                                  std::to_string(max) + ", not " + quoted(text));
    }
    return value;
}

Result<std::uint64_t> parse_amount(std::string_view text, std::uint8_t decimals) {
    const std::string_view original = text;
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
    if (drop_suffix(text, "lamports") || drop_suffix(text, "lamport") ||
        drop_suffix(text, "units") || drop_suffix(text, "unit")) {
        return parse_number(text, kMax, "an amount");
    }
    const std::size_t dot = text.find('.');
    const std::string_view whole = text.substr(0, dot);
    std::string fraction(dot == std::string_view::npos ? "" : text.substr(dot + 1));
    if (!is_digits(whole) || (dot != std::string_view::npos && !is_digits(fraction))) {
        return fail(ErrorCode::kCommandInput,
                    "an amount is written like 1.5 or 250000 units, not " + quoted(original));
    }
    if (fraction.size() > decimals) {
        return fail(ErrorCode::kCommandInput, quoted(original) + " has more than " +
                                                  std::to_string(decimals) + " decimal places");
    }
    fraction.resize(decimals, '0');
    auto units = parse_number(std::string(whole) + fraction, kMax, "an amount");
    if (!units) {
        return fail(ErrorCode::kCommandInput, "the amount " + quoted(original) + " is too large");
    }
    return units;
}

Result<std::uint64_t> parse_sol(std::string_view text) {
    drop_suffix(text, "SOL");
    return parse_amount(text, kSolDecimals);
}

Result<std::uint64_t> parse_duration(std::string_view text) {
    const auto refuse = [&] {
        return fail(ErrorCode::kCommandInput,
                    "a duration is a number and s, m, h, d or w, such as 12h, not " + quoted(text));
    };
    if (text.empty()) {
        return refuse();
    }
    std::uint64_t unit = 0;
    switch (text.back()) {
        case 's':
            unit = 1;
            break;
        case 'm':
            unit = 60;
            break;
        case 'h':
            unit = core::kHour;
            break;
        case 'd':
            unit = core::kDay;
            break;
        case 'w':
            unit = 7 * core::kDay;
            break;
        default:
            return refuse();
    }
    const auto count =
        parse_number(text.substr(0, text.size() - 1), kDurationSecondsMax / unit, "a duration");
    if (!count || *count == 0) {
        return refuse();
    }
    return *count * unit;
}

Result<solana::Address> parse_address_argument(std::string_view text, std::string_view what) {
    auto address = solana::parse_address(text);
    if (!address) {
        return fail(ErrorCode::kCommandInput,
                    std::string(what) + " must be a Solana address in base58, not " + quoted(text));
    }
    return address;
}

std::string format_sol(std::uint64_t lamports) {
    return solana::format_amount(lamports, kSolDecimals) + " SOL";
}

std::string format_count(std::uint64_t number) {
    std::string out = std::to_string(number);
    for (std::size_t at = out.size(); at > 3;) {
        at -= 3;
        out.insert(at, ",");
    }
    return out;
}

std::string shorten(std::string_view text) {
    constexpr std::size_t kEnd = 4;
    if (text.size() <= 3 * kEnd) {
        return std::string(text);
    }
    return std::string(text.substr(0, kEnd)) + "…" + std::string(text.substr(text.size() - kEnd));
}

}  // namespace latchkey::cli
