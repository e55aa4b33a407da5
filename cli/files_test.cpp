// SPDX-License-Identifier: Apache-2.0
#include "cli/files.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/json/parse.hpp>
#include <cstdlib>
#include <filesystem>

#include "cli/config.hpp"

namespace latchkey::cli {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;

class Files : public ::testing::Test {
  protected:
    Files() {
        std::string name = (fs::temp_directory_path() / "latchkey-cli-XXXXXX").string();
        folder = ::mkdtemp(name.data());
    }
    ~Files() override { fs::remove_all(folder); }
    std::string path(const std::string& name) const { return (folder / name).string(); }
    std::size_t count() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
    }

    fs::path folder;
};

TEST_F(Files, are_never_replaced_unasked) {
    ASSERT_TRUE(write_file(path("a"), "one", false));
    const auto again = write_file(path("a"), "two", false);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::kFileExists);
    EXPECT_EQ(core::as_text(*read_file(path("a"))), "one");
    ASSERT_TRUE(write_file(path("a"), "two", true));
    EXPECT_EQ(core::as_text(*read_file(path("a"))), "two");
    EXPECT_EQ(count(), 1U) << "a temporary file was left";
}

TEST_F(Files, json_replaces_only_its_own_format) {
    const boost::json::object mine{{"format", "mine 1"}, {"value", 1}};
    const boost::json::object other{{"format", "other 1"}};
    ASSERT_TRUE(write_json_file(path("a"), mine, true));
    EXPECT_TRUE(write_json_file(path("a"), mine, true));
    EXPECT_EQ(write_json_file(path("a"), other, true).error().code, ErrorCode::kFileExists);
    EXPECT_EQ(*read_json_file(path("a")), mine);
    // A key of another tool, an empty file, an object without a format.
    for (const char* text : {"[1, 2]", "", "{}"}) {
        ASSERT_TRUE(write_file(path("b"), text, true));
        EXPECT_EQ(write_json_file(path("b"), mine, true).error().code, ErrorCode::kFileExists);
        EXPECT_EQ(core::as_text(*read_file(path("b"))), text);
    }
    EXPECT_EQ(write_json_file(path("b"), {}, true).error().code, ErrorCode::kFileExists);
}

TEST_F(Files, failures_leave_nothing) {
    const auto written = write_file(path("missing/a"), "one", true);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ErrorCode::kFileUnwritable);
    fs::create_directory(path("folder"));
    EXPECT_FALSE(write_file(path("folder"), "one", true));
    EXPECT_FALSE(write_file(path("folder"), "one", false));
    EXPECT_EQ(count(), 1U);
}

TEST_F(Files, reading_has_bounds) {
    EXPECT_EQ(read_file(path("none")).error().code, ErrorCode::kFileUnreadable);
    EXPECT_EQ(read_file(folder.string()).error().code, ErrorCode::kFileUnreadable);
    EXPECT_EQ(read_file("/dev/zero").error().code, ErrorCode::kFileUnreadable);
    ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
    EXPECT_EQ(read_file(path("pipe")).error().code, ErrorCode::kFileUnreadable);
    ASSERT_TRUE(write_file(path("a"), "12345", false));
    EXPECT_TRUE(read_file(path("a"), 5));
    EXPECT_EQ(read_file(path("a"), 4).error().code, ErrorCode::kFileUnreadable);
}

TEST_F(Files, json) {
    boost::json::object value{{"a", 1}, {"b", {1, "x"}}, {"c", boost::json::object()}};
    ASSERT_TRUE(write_json_file(path("j"), value, false));
    EXPECT_EQ(core::as_text(*read_file(path("j"))),
              "{\n  \"a\": 1,\n  \"b\": [\n    1,\n    \"x\"\n  ],\n  \"c\": {}\n}\n");
    const auto read = read_json_file(path("j"));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, value);
    EXPECT_EQ(number_member(*read, "a", "it"), 1U);
    EXPECT_FALSE(text_member(*read, "a", "it"));
    EXPECT_FALSE(number_member(*read, "b", "it"));
    EXPECT_FALSE(array_member(*read, "c", "it"));
    EXPECT_FALSE(hex_member(*read, "d", "it"));
    for (const char* wrong : {"", "[]", "1", "{", "{\"a\":1} x"}) {
        ASSERT_TRUE(write_file(path("w"), wrong, true));
        EXPECT_EQ(read_json_file(path("w")).error().code, ErrorCode::kCommandInput) << wrong;
    }
    const std::string deep = "{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}";
    ASSERT_TRUE(write_file(path("w"), deep, true));
    EXPECT_FALSE(read_json_file(path("w")));
}

TEST_F(Files, settings) {
    const auto parsed = parse_config(
        "rpc = [\"http://a\", \"http://b\"]\nwallet = \"w.json\"\nkeys = \"k\"\n", "config.toml");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->rpc, (std::vector<std::string>{"http://a", "http://b"}));
    EXPECT_EQ(parsed->wallet, "w.json");
    EXPECT_EQ(parsed->keys, std::vector<std::string>{"k"});
    EXPECT_EQ(
        parse_config("colour = \"red\"", "c").error().context,
        "c: there is no setting \"colour\"; settings are rpc, chain, chains_file, wallet, keys, "
        "fee_payer, gas_payer, program and cluster");
    EXPECT_FALSE(parse_config("wallet = 1", "c"));
    const auto on_evm = parse_config(
        "chain = [\"local\", \"solana\"]\nchains_file = \"c.json\"\ngas_payer = \"g.json\"", "c");
    ASSERT_TRUE(on_evm);
    EXPECT_EQ(on_evm->chains, (std::vector<std::string>{"local", "solana"}));
    EXPECT_EQ(on_evm->chains_file, "c.json");
    EXPECT_EQ(on_evm->gas_payer, "g.json");
    EXPECT_EQ(parse_config("chain = \"base\"", "c")->chains, std::vector<std::string>{"base"});
    EXPECT_FALSE(parse_config("chain = 1", "c"));
    EXPECT_FALSE(parse_config("chains_file = [\"c\"]", "c"));
    EXPECT_FALSE(parse_config("gas_payer = 1", "c"));
    EXPECT_FALSE(parse_config("rpc = [1]", "c"));
    EXPECT_FALSE(parse_config("rpc = ", "c"));
    EXPECT_EQ(parse_config("wallet = \"w\"\n [{\"\":null}]", "c").error().context,
              "c, line 2: a setting is written as name = \"value\", and there are no tables");
    EXPECT_FALSE(parse_config("\xc9\x98u", "c"));
    EXPECT_TRUE(parse_config("# words\r\n\nrpc = [\n  \"http://a\",\n]\n", "c"));
    ::setenv("LATCHKEY_CONFIG", path("none.toml").c_str(), 1);
    EXPECT_EQ(load_config(std::nullopt).error().code, ErrorCode::kFileUnreadable);
    ASSERT_TRUE(write_file(path("c.toml"), "wallet = \"file.json\"\nfee_payer = \"p\"\n", false));
    ::setenv("LATCHKEY_CONFIG", path("c.toml").c_str(), 1);
    ::setenv("LATCHKEY_WALLET", "environment.json", 1);
    ::setenv("LATCHKEY_RPC", "http://a,http://b", 1);
    const auto loaded = load_config(std::nullopt);
    ::unsetenv("LATCHKEY_CONFIG");
    ::unsetenv("LATCHKEY_WALLET");
    ::unsetenv("LATCHKEY_RPC");
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->wallet, "environment.json");
    EXPECT_EQ(loaded->fee_payer, "p");
    EXPECT_EQ(loaded->rpc.size(), 2U);
}

}  // namespace
}  // namespace latchkey::cli
