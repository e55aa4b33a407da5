// SPDX-License-Identifier: Apache-2.0
#include "cli/recovery_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/json/parse.hpp>
#include <cstdlib>
#include <filesystem>

#include "cli/files.hpp"
#include "core/base/result_testing.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/hex.hpp"
#include "core/wallet/presets.hpp"
#include "core/wallet/testing.hpp"

namespace latchkey::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using core::ErrorCode;
using ::testing::HasSubstr;

/// A guardian with a passkey of example.com, and 264 hours of guard.
RecoveryFile example() {
    const core::Signer guardian = core::Signer::webauthn(
        core::testing::p256_key(), core::testing::example_rp_id_hash(), false);
    const core::Preset preset =
        core::two_parties({{core::Signer::ed25519(core::testing::ed25519_key())}}, {{guardian}},
                          core::testing::filled<core::RecoveryPart::Salt>(7))
            .value();
    return make_recovery_file(*preset.recovery, core::kPresetGuardHours, {{"example.com"}}).value();
}

class RecoveryFiles : public ::testing::Test {
  protected:
    RecoveryFiles() {
        std::string name = (fs::temp_directory_path() / "latchkey-recovery-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
        EXPECT_TRUE(write_recovery_file(path("r"), example()));
        value_ = read_json_file(path("r")).value();
    }
    ~RecoveryFiles() override { fs::remove_all(folder_); }
    std::string path(const std::string& name) const { return (folder_ / name).string(); }

    json::object with(const char* name, const json::value& value) const {
        json::object out = value_;
        out[name] = value;
        return out;
    }
    json::object without(const char* name) const {
        json::object out = value_;
        out.erase(name);
        return out;
    }
    /// One sentence that begins with what the value is called.
    static void refused(const json::object& value, const std::string& part,
                        ErrorCode code = ErrorCode::kCommandInput) {
        const auto parsed = parse_recovery_file(value, "it");
        EXPECT_ERROR(code, parsed) << part;
        if (!parsed) {
            EXPECT_TRUE(parsed.error().context.starts_with("it")) << parsed.error().context;
            EXPECT_THAT(parsed.error().to_string(), HasSubstr(part));
        }
    }

    fs::path folder_;
    json::object value_;
};

TEST_F(RecoveryFiles, come_back_as_they_were) {
    const RecoveryFile file = example();
    const auto read = read_recovery_file(path("r"));
    ASSERT_OK(read);
    EXPECT_EQ(read->part, file.part);
    EXPECT_EQ(read->bytes, file.bytes);
    EXPECT_EQ(read->commitment, file.commitment);
    EXPECT_EQ(read->commitment.guard_hours, core::kPresetGuardHours);
    EXPECT_EQ(read->names.relying_parties, file.names.relying_parties);
}

TEST_F(RecoveryFiles, are_private_and_never_replaced) {
    struct stat info{};
    ASSERT_EQ(::stat(path("r").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
    RecoveryFile other = example();
    other.names = {};
    const auto again = write_recovery_file(path("r"), other);
    EXPECT_ERROR(ErrorCode::kFileExists, again);
    EXPECT_THAT(again.error().context, HasSubstr("never replaced"));
    EXPECT_EQ(read_recovery_file(path("r"))->names.relying_parties.size(), 1U);
    EXPECT_ERROR(ErrorCode::kFileUnwritable, write_recovery_file(path("none/r"), other));
    EXPECT_ERROR(ErrorCode::kFileUnreadable, read_recovery_file(path("none")));
    ASSERT_TRUE(write_file(path("list"), "[]", false));
    EXPECT_ERROR(ErrorCode::kCommandInput, read_recovery_file(path("list")));
}

TEST_F(RecoveryFiles, need_every_member) {
    for (const char* name :
         {"format", "recovery_part", "guard_hours", "commitment", "relying_parties"}) {
        refused(without(name), std::string("\"") + name + "\" must be");
        refused(with(name, nullptr), std::string("\"") + name + "\" must be");
        refused(with(name, json::object()), std::string("\"") + name + "\" must be");
    }
    EXPECT_OK(parse_recovery_file(without("description"), "it")) << "for people only";
}

TEST_F(RecoveryFiles, refuse_wrong_members) {
    refused(with("format", "latchkey recovery 2"), "is not a recovery file");
    refused(with("guard_hours", 2161), "at most 2160");
    refused(with("guard_hours", 65536 + 264), "at most 2160");
    refused(with("guard_hours", -1), "whole number");
    refused(with("guard_hours", 264.0), "whole number");
    refused(with("guard_hours", "264"), "whole number");
    refused(with("recovery_part", "xyz"), "hexadecimal");
    refused(with("commitment", "0"), "hexadecimal");
    for (const json::value& one :
         {json::value(7), json::value(nullptr), json::value(json::array())}) {
        refused(with("relying_parties", json::array{"example.com", one}), "relying_parties");
    }
    EXPECT_OK(parse_recovery_file(with("relying_parties", json::array()), "it"));
}

TEST_F(RecoveryFiles, refuse_what_does_not_belong_together) {
    const std::string part(value_.at("recovery_part").as_string());
    const std::string commitment(value_.at("commitment").as_string());
    // Another guard, or another salt, makes another commitment.
    refused(with("guard_hours", 263), "its commitment is another one's");
    std::string other = part;
    other.back() = other.back() == '0' ? '1' : '0';
    refused(with("recovery_part", json::value(other)), "its commitment is another one's");
    other = commitment;
    other.back() = other.back() == '0' ? '1' : '0';
    refused(with("commitment", json::value(other)), "its commitment is another one's");
    refused(with("commitment", json::value(commitment + "00")), "its commitment is another one's");
    refused(with("commitment", json::value(commitment.substr(2))),
            "its commitment is another one's");
    refused(with("commitment", ""), "its commitment is another one's");
    // Too short a guard for the delay that the file says: an owner alone would outrun the recovery.
    const RecoveryFile file = example();
    const auto weak = core::commitment_of(file.bytes, 0);
    json::object value = with("guard_hours", 0);
    value["commitment"] = core::encode_hex(weak.bytes().view());
    EXPECT_OK(parse_recovery_file(value, "it")) << "the owner's choice";
}

TEST_F(RecoveryFiles, refuse_parts_of_another_size) {
    const std::string part(value_.at("recovery_part").as_string());
    for (std::size_t size = 0; size < part.size(); size += 2) {
        refused(with("recovery_part", json::value(part.substr(0, size))), "",
                ErrorCode::kRefusedByModel);
    }
    refused(with("recovery_part", json::value(part + "00")), "", ErrorCode::kRefusedByModel);
    refused(with("recovery_part", json::value(std::string(2 * 5000, '0'))), "",
            ErrorCode::kRefusedByModel);
}

TEST_F(RecoveryFiles, a_second_member_of_a_name_must_belong_to_the_others_too) {
    const std::string text(core::as_text(read_file(path("r")).value()));
    const std::string open = text.substr(0, text.rfind('}'));
    const auto read = [&](const std::string& member) {
        EXPECT_TRUE(write_file(path("twice"), open + ", " + member + "}", true));
        return read_recovery_file(path("twice"));
    };
    EXPECT_OK(read("\"guard_hours\": 264"));
    EXPECT_ERROR(ErrorCode::kCommandInput, read("\"guard_hours\": 263"));
    EXPECT_ERROR(ErrorCode::kCommandInput, read("\"commitment\": \"00\""));
    EXPECT_ERROR(ErrorCode::kRefusedByModel, read("\"recovery_part\": \"00\""));
}

TEST_F(RecoveryFiles, say_what_they_are_in_words) {
    RecoveryFile file = example();
    const auto lines = description_lines(file);
    ASSERT_GE(lines.size(), 3U);
    EXPECT_THAT(lines.front(), HasSubstr("passkey example.com"));
    EXPECT_EQ(lines.back(), "one party alone changes the wallet after 11 days only (guard)");
    json::array stored;
    for (const std::string& line : lines) {
        stored.emplace_back(line);
    }
    EXPECT_EQ(value_.at("description"), stored);
    file.commitment.guard_hours = 0;
    EXPECT_EQ(description_lines(file).back(),
              "one party alone may change the wallet at once (guard 0)");
}

TEST_F(RecoveryFiles, are_made_from_parts_that_lead_somewhere) {
    core::RecoveryPart part = example().part;
    part.signers.clear();
    EXPECT_ERROR(ErrorCode::kRefusedByModel, make_recovery_file(part, 264, {}));
    part = example().part;
    part.after.rules.pop_back();
    EXPECT_ERROR(ErrorCode::kRefusedByModel, make_recovery_file(part, 264, {}))
        << "nobody could change the wallet afterwards";
    EXPECT_NE(fresh_salt().value(), fresh_salt().value());
}

}  // namespace
}  // namespace latchkey::cli
