// SPDX-License-Identifier: Apache-2.0
#include "cli/evm/amounts.hpp"

#include <gtest/gtest.h>

namespace latchkey::cli::on_evm {
namespace {

std::string units(const std::string& text, unsigned decimals) {
    const auto parsed = parse_units(text, decimals);
    return parsed ? parsed->to_decimal() : parsed.error().context;
}

evm::Chain polygon() {
    evm::Chain out;
    out.native_symbol = "POL";
    return out;
}

std::string coin(const std::string& text) {
    const auto parsed = parse_coin(text, polygon());
    return parsed ? parsed->to_decimal() : parsed.error().context;
}

TEST(EvmAmounts, units_of_any_number_of_decimals) {
    EXPECT_EQ(units("1.5", 6), "1500000");
    EXPECT_EQ(units("0001.50", 2), "150");
    EXPECT_EQ(units("3", 0), "3");
    EXPECT_EQ(units("0", 18), "0");
    EXPECT_EQ(units("250000 units", 6), "250000");
    EXPECT_EQ(units("1 unit", 77), "1");
    EXPECT_EQ(units("1", 77), "1" + std::string(77, '0'));
    const std::string most =
        "115792089237316195423570985008687907853269984665640564039457584007913129639935";
    EXPECT_EQ(units(most, 0), most);
    EXPECT_EQ(units(most + " units", 18), most);
    for (const std::string& wrong :
         {std::string(),        std::string("-1"),       std::string("+1"),
          std::string(".5"),    std::string("1."),       std::string("1,5"),
          std::string("1e18"),  std::string("0x10"),     std::string(" 1"),
          std::string("1 "),    std::string("1.5.5"),    std::string("1.5 units"),
          std::string("units"), std::string("."),        std::string("1 000"),
          std::string("1.-5"),  std::string("\xd9\xa1"), most.substr(0, 77) + "6",
          most + "0",           std::string(500, '9')}) {
        EXPECT_FALSE(parse_units(wrong, 6)) << wrong;
    }
    EXPECT_EQ(units("1.0000000", 6), "\"1.0000000\" has more than 6 decimal places");
    EXPECT_EQ(units("1.0", 0), "\"1.0\" has more than 0 decimal places");
}

TEST(EvmAmounts, coin_by_the_chains_own_symbol) {
    EXPECT_EQ(coin("0.5"), "500000000000000000");
    EXPECT_EQ(coin("0.5 POL"), "500000000000000000");
    EXPECT_EQ(coin("0.5POL"), "500000000000000000");
    EXPECT_EQ(coin("21000 wei"), "21000");
    EXPECT_EQ(coin("0.000000000000000001"), "1");
    for (const char* wrong : {"0.5 ETH", "0.5 pol", "0.5 wei", "wei", "POL", "1 gwei", "1 wei wei",
                              "0.0000000000000000001"}) {
        EXPECT_FALSE(parse_coin(wrong, polygon())) << wrong;
    }
}

TEST(EvmAmounts, recipients) {
    const std::string address = "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045";
    EXPECT_EQ(evm::to_string(find_recipient(address).value()), address);
    for (const char* wrong : {"", "0x", "0xd8dA", "no-such-file.json", "/dev/null",
                              "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96046",
                              "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA9604500",
                              "d8dA6BF26964aF9D7eEd9e03E53415D37aA96045"}) {
        EXPECT_FALSE(find_recipient(wrong)) << wrong;
    }
}

}  // namespace
}  // namespace latchkey::cli::on_evm
