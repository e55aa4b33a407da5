// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"

#include <gtest/gtest.h>

#include "cli/completion.hpp"

namespace latchkey::cli {
namespace {

TEST(Output, colours_need_a_terminal_and_permission) {
    // Tests run without a terminal.
    EXPECT_EQ(Output(Output::Options{}).paint(Style::kGood, "x"), "x");
    Output::Options forced;
    forced.forces_color = true;
    ::unsetenv("NO_COLOR");
    EXPECT_EQ(Output(forced).paint(Style::kGood, "x"), "\033[32mx\033[0m");
    EXPECT_EQ(Output(forced).paint(Style::kPlain, "x"), "x");
    ::setenv("NO_COLOR", "1", 1);
    EXPECT_EQ(Output(forced).paint(Style::kGood, "x"), "x");
    ::unsetenv("NO_COLOR");
    forced.is_json = true;
    EXPECT_EQ(Output(forced).paint(Style::kGood, "x"), "x");
}

TEST(Output, errors_are_one_sentence) {
    EXPECT_EQ(sentence({core::ErrorCode::kCommandInput, "give --key\nFILE"}),
              "give --key FILE [LK-5001]");
    EXPECT_EQ(sentence({core::ErrorCode::kOutOfRange, "there is no signer 9"}),
              "there is no signer 9 [LK-1006]");
    EXPECT_EQ(sentence({core::ErrorCode::kConnectFailed, "http://127.0.0.1:1"}),
              "no connection to the host could be made: http://127.0.0.1:1; name another node with "
              "--rpc, or start `latchkey dev` [LK-3102]");
    EXPECT_EQ(sentence({core::ErrorCode::kInvalidLength, "walletId"}),
              "the input has the wrong length: walletId [LK-1001]");
    EXPECT_EQ(sentence({core::ErrorCode::kFileExists, ""}),
              "the file exists already; --force replaces it [LK-5004]");
}

TEST(Output, nothing_from_outside_moves_the_terminal) {
    EXPECT_EQ(printable("ü… “x”\\ ~"), "ü… “x”\\ ~");
    EXPECT_EQ(printable("a\x1b[2J\r\x7f"
                        "b"),
              "a\\x1b[2J\\x0d\\x7fb");
    EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
    EXPECT_EQ(printable("\xff\xc3"), "\\xff\\xc3");
    EXPECT_EQ(printable("\xc2\x9b"
                        "1m"),
              "\\xc2\\x9b1m");
    EXPECT_EQ(printable("\xe2\x80\xae"
                        "abc"),
              "\\xe2\\x80\\xaeabc");
    EXPECT_EQ(sentence({core::ErrorCode::kCommandInput, "\x1b[31mred"}), "\\x1b[31mred [LK-5001]");
}

TEST(Output, tables_count_characters) {
    const auto lines = format_table({{"a", "n"}, {"ü…", "10"}, {"long", "7"}}, {false, true});
    EXPECT_EQ(lines, (std::vector<std::string>{"a      n", "ü…    10", "long   7"}));
}

TEST(Completion, knows_shells) {
    const std::vector<WordList> lists{{"key", {{"new", "make 'it'"}}}, {"", {{"key", "keys"}}}};
    for (const char* shell : {"bash", "zsh", "fish"}) {
        const auto made = completion(lists, shell);
        ASSERT_TRUE(made) << shell;
        EXPECT_NE(made->lines.front().find("latchkey"), std::string::npos);
    }
    EXPECT_NE(completion(lists, "fish")->lines.front().find(R"('make \'it\'')"), std::string::npos);
    EXPECT_FALSE(completion(lists, "tcsh"));
}

}  // namespace
}  // namespace latchkey::cli
