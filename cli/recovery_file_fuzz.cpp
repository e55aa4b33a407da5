// SPDX-License-Identifier: Apache-2.0
// Covers: cli/recovery_file.cpp cli/advise.cpp
// Recovery files and what people answer: whatever is read is the same when it is made again.
#include "cli/recovery_file.hpp"

#include <boost/json/parse.hpp>

#include "cli/advise.hpp"
#include "cli/commands/waiting.hpp"
#include "core/base/fuzz_testing.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::cli {
namespace {

using core::testing::require;

void check_file(const boost::json::object& value) {
    const auto file = parse_recovery_file(value, "it");
    if (!file) {
        return;
    }
    const auto again = make_recovery_file(file->part, file->commitment.guard_hours, file->names);
    require(again && again->bytes == file->bytes && again->commitment == file->commitment);
    for (const std::string& line : description_lines(*file)) {
        require(line.find('\n') == std::string::npos);
    }
}

/// With the commitment that belongs to the rest: no fuzzer finds a keccak.
void check_mended_file(boost::json::object value) {
    const boost::json::value* const part = value.if_contains("recovery_part");
    const boost::json::value* const guard = value.if_contains("guard_hours");
    if (part == nullptr || !part->is_string() || guard == nullptr || !guard->is_int64()) {
        return;
    }
    if (const auto bytes = core::decode_hex(std::string_view(part->as_string()))) {
        const auto commitment =
            core::commitment_of(*bytes, static_cast<std::uint16_t>(guard->as_int64()));
        value["commitment"] = core::encode_hex(commitment.bytes().view());
        check_file(value);
    }
}

void check_texts(const std::string& text) {
    for (const char* name :
         {"controls", "value", "devices", "recovery", "heir", "members", "threshold"}) {
        Answers answers;
        if (!take_answer(answers, name, text)) {
            require(answers == Answers{});
        }
    }
    if (const auto kind = parse_preset_name(text)) {
        require(preset_name(*kind) == text);
    }
    if (const auto name = parse_proposal(text)) {
        solana::RuleRecord record;
        record.rule = name->record;
        record.epoch = name->number.value_or(0);
        const auto again = parse_proposal(name->number ? solana::proposal_text(record)
                                                       : solana::record_text(record.rule));
        require(again && again->record == name->record && again->number == name->number);
    }
}

}  // namespace
}  // namespace latchkey::cli

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    latchkey::cli::check_texts(text);
    boost::json::error_code error;
    boost::json::parse_options options;
    options.max_depth = 16;
    const auto value = boost::json::parse(text, error, {}, options);
    if (!error && value.is_object()) {
        latchkey::cli::check_file(value.as_object());
        latchkey::cli::check_mended_file(value.as_object());
    }
    return 0;
}
