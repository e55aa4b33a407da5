// SPDX-License-Identifier: Apache-2.0
// Covers: cli/action_file.cpp cli/rule_text.cpp cli/config.cpp cli/text.cpp cli/evm/amounts.cpp
// cli/evm/request_file.cpp
// Files and arguments from outside: whatever decodes must encode to the same again.
#include <boost/json/parse.hpp>

#include "cli/action_file.hpp"
#include "cli/config.hpp"
#include "cli/evm/amounts.hpp"
#include "cli/evm/request_file.hpp"
#include "cli/rule_text.hpp"
#include "cli/text.hpp"
#include "core/base/fuzz_testing.hpp"

namespace latchkey::cli {
namespace {

using core::testing::require;

void parse_texts(const std::string& text) {
    static_cast<void>(parse_sol(text));
    static_cast<void>(parse_duration(text));
    static_cast<void>(parse_limit(text));
    static_cast<void>(parse_target(text));
    static_cast<void>(parse_actions(text));
    static_cast<void>(parse_config(text, "it"));
    static_cast<void>(on_evm::parse_units(text, 18));
    static_cast<void>(on_evm::parse_coin(text, evm::Chain()));
}

void parse_files(const boost::json::object& value) {
    if (const auto request = decode_request(value, "it")) {
        const auto again = decode_request(encode_request(*request, {}), "it");
        require(again && again->digest() == request->digest());
    }
    if (const auto request = on_evm::decode_request(value, "it")) {
        static_cast<void>(request->description());
        const auto encoded = on_evm::encode_request(*request);
        require(encoded.has_value());
        const auto again = on_evm::decode_request(*encoded, "it");
        require(again && again->digest() == request->digest());
    }
    if (const auto answers = decode_answers(value, "it")) {
        require(decode_answers(encode_answers(*answers), "it").has_value());
    }
    if (const auto message = decode_message_approval(value, "it")) {
        require(
            decode_message_approval(
                encode_message_approval(message->wallet, message->hash, message->approval), "it")
                .has_value());
    }
}

}  // namespace
}  // namespace latchkey::cli

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    latchkey::cli::parse_texts(text);
    boost::json::error_code error;
    boost::json::parse_options options;
    options.max_depth = 16;
    const auto value = boost::json::parse(text, error, {}, options);
    if (!error && value.is_object()) {
        latchkey::cli::parse_files(value.as_object());
    }
    return 0;
}
