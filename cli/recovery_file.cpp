// SPDX-License-Identifier: Apache-2.0
#include "cli/recovery_file.hpp"

#include <sstream>

#include "cli/files.hpp"
#include "core/encoding/hex.hpp"
#include "signers/entropy.hpp"
#include "signers/secret_file.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;
namespace json = boost::json;

namespace {

constexpr std::string_view kFormat = "latchkey recovery 1";

json::object encode(const RecoveryFile& file) {
    json::array description;
    for (std::string& line : description_lines(file)) {
        description.emplace_back(std::move(line));
    }
    const auto& parties = file.names.relying_parties;
    return {{"format", kFormat},
            {"recovery_part", core::encode_hex(file.bytes)},
            {"guard_hours", file.commitment.guard_hours},
            {"commitment", core::encode_hex(file.commitment.bytes().view())},
            {"relying_parties", json::array(parties.begin(), parties.end())},
            {"description", std::move(description)}};
}

}  // namespace

Result<RecoveryFile> make_recovery_file(core::RecoveryPart part, std::uint16_t guard_hours,
                                        core::Names names) {
    RecoveryFile out;
    LATCHKEY_TRY(out.bytes, core::to_result(core::encode(part)));
    out.part = std::move(part);
    out.commitment = core::commitment_of(out.bytes, guard_hours);
    out.names = std::move(names);
    const core::Verdict verdict = core::judge_recovery(out.bytes, out.commitment);
    if (verdict != core::Verdict::kAccepted) {
        return tl::unexpected(core::to_error(verdict));
    }
    return out;
}

Result<core::RecoveryPart::Salt> fresh_salt() {
    core::RecoveryPart::Salt out;
    signers::SystemEntropy entropy;
    LATCHKEY_CHECK(entropy.fill(out.span()));
    return out;
}

Result<void> write_recovery_file(const std::string& path, const RecoveryFile& file) {
    const std::string text = format_json(encode(file)) + "\n";
    auto written = signers::create_secret_file(path, core::as_bytes(text));
    if (!written && written.error().code == ErrorCode::kKeyFileExists) {
        return fail(ErrorCode::kFileExists,
                    path +
                        " exists already; a recovery file is never replaced, because whoever "
                        "recovers needs it");
    }
    if (!written) {
        return fail(ErrorCode::kFileUnwritable, "cannot write " + path);
    }
    return {};
}

Result<RecoveryFile> parse_recovery_file(const json::object& value, const std::string& what) {
    LATCHKEY_TRY(const std::string format, text_member(value, "format", what));
    if (format != kFormat) {
        return fail(ErrorCode::kCommandInput, what + " is not a recovery file");
    }
    LATCHKEY_TRY(const core::Bytes bytes, hex_member(value, "recovery_part", what));
    LATCHKEY_TRY(const std::uint64_t guard, number_member(value, "guard_hours", what));
    LATCHKEY_TRY(const core::Bytes commitment, hex_member(value, "commitment", what));
    LATCHKEY_TRY(const json::array parties, array_member(value, "relying_parties", what));
    if (guard > core::kMaximumGuardHours) {
        return fail(ErrorCode::kCommandInput, what + ": \"guard_hours\" is at most " +
                                                  std::to_string(core::kMaximumGuardHours));
    }
    core::Names names;
    for (const json::value& one : parties) {
        if (!one.is_string()) {
            return fail(ErrorCode::kCommandInput, what + ": \"relying_parties\" must be texts");
        }
        names.relying_parties.emplace_back(one.as_string());
    }
    auto part = core::to_result(core::decode_recovery_part(bytes));
    if (!part) {
        return fail(what, part.error());
    }
    auto out =
        make_recovery_file(*std::move(part), static_cast<std::uint16_t>(guard), std::move(names));
    if (!out) {
        return fail(what, out.error());
    }
    if (!core::equal(out->commitment.bytes(), commitment)) {
        return fail(ErrorCode::kCommandInput,
                    what +
                        " was changed: its commitment is another one's; take your backup of the "
                        "file");
    }
    return out;
}

Result<RecoveryFile> read_recovery_file(const std::string& path) {
    LATCHKEY_TRY(const json::object value, read_json_file(path));
    return parse_recovery_file(value, path);
}

std::vector<std::string> description_lines(const RecoveryFile& file) {
    std::istringstream text(core::describe(file.part, file.names));
    std::vector<std::string> out;
    for (std::string line; std::getline(text, line);) {
        out.push_back(line);
    }
    const std::uint64_t guard = core::guard_seconds(file.commitment);
    out.push_back(guard == 0
                      ? std::string("one party alone may change the wallet at once (guard 0)")
                      : "one party alone changes the wallet after " +
                            core::describe_duration(guard) + " only (guard)");
    return out;
}

}  // namespace latchkey::cli
