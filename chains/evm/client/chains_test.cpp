// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/chains.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/result_testing.hpp"

namespace latchkey::evm {
namespace {

using core::ErrorCode;
using net::Milliseconds;
using ::testing::HasSubstr;

const std::string kCustom = R"([{
  "name": "my-chain",
  "chain_id": 424242,
  "endpoints": ["https://rpc.my-chain.example/key"]
}])";

TEST(Chains, the_builtin_ones) {
    const ChainRegistry registry = ChainRegistry::builtin();
    std::vector<std::pair<std::uint64_t, std::string>> found;
    for (const Chain& one : registry.all()) {
        found.emplace_back(one.chain_id, one.name);
        const bool is_local = one.name.starts_with("local");
        EXPECT_EQ(one.explorer.has_value(), !is_local) << one.name;
        for (const net::Url& url : one.endpoints) {
            EXPECT_EQ(url.is_tls(), !is_local) << one.name;
        }
        EXPECT_EQ(registry.find(one.name).value(), one);
    }
    // EIP-155 numbers as chainlist.org has them.
    EXPECT_EQ(found, (std::vector<std::pair<std::uint64_t, std::string>>{
                         {1, "ethereum"},
                         {10, "optimism"},
                         {137, "polygon"},
                         {8453, "base"},
                         {31337, "local"},
                         {31338, "local-2"},
                         {42161, "arbitrum"},
                         {80002, "polygon-amoy"},
                         {84532, "base-sepolia"},
                         {421614, "arbitrum-sepolia"},
                         {11155111, "sepolia"},
                         {11155420, "optimism-sepolia"},
                     }));
}

TEST(Chains, are_found_by_name_or_number) {
    const ChainRegistry registry = ChainRegistry::builtin();
    EXPECT_EQ(registry.find("base")->chain_id, 8453U);
    EXPECT_EQ(registry.find("8453")->name, "base");
    for (const char* unknown : {"", "Base", "0x1", "2", "01", "basel"}) {
        EXPECT_ERROR(ErrorCode::kUnknownChain, registry.find(unknown)) << unknown;
    }
    EXPECT_THAT(registry.find("bas").error().context, HasSubstr("ethereum, optimism, polygon"));
}

TEST(Chains, a_chain_of_ones_own_is_a_few_lines) {
    ChainRegistry registry = ChainRegistry::builtin();
    ASSERT_OK(registry.read(kCustom));
    const Chain chain = registry.find("my-chain").value();
    EXPECT_EQ(chain.chain_id, 424242U);
    EXPECT_EQ(chain.native_symbol, "ETH");
    EXPECT_FALSE(chain.is_testnet);
    EXPECT_EQ(chain.endpoints.at(0).to_string(), "https://rpc.my-chain.example/key");
    EXPECT_FALSE(transaction_link(chain, Hash32()));
    // One object needs no list, and later texts change what is there.
    ASSERT_OK(registry.read(R"({"name": "my-chain", "chain_id": 424242, "native_symbol": "KEY",
        "is_testnet": true, "confirmations": 2, "block_milliseconds": 500,
        "explorer": "https://scan.example"})"));
    const Chain changed = registry.find("424242").value();
    EXPECT_EQ(changed.native_symbol, "KEY");
    EXPECT_TRUE(changed.is_testnet);
    EXPECT_EQ(changed.endpoints, chain.endpoints);
    EXPECT_EQ(transaction_link(changed, Hash32()),
              "https://scan.example/tx/0x" + std::string(64, '0'));
    EXPECT_EQ(registry.all().size(), ChainRegistry::builtin().all().size() + 1);
}

TEST(Chains, a_known_chain_keeps_what_is_not_said) {
    ChainRegistry registry = ChainRegistry::builtin();
    ASSERT_OK(registry.read(
        R"({"name": "base", "chain_id": 8453,
            "endpoints": ["https://a.example", "http://b.example"]})"));
    Chain expected = ChainRegistry::builtin().find("base").value();
    expected.endpoints = {net::parse_url("https://a.example").value(),
                          net::parse_url("http://b.example").value()};
    EXPECT_EQ(registry.find("base").value(), expected);
}

TEST(Chains, settings_suit_the_chain) {
    Chain chain = ChainRegistry::builtin().find("ethereum").value();
    EXPECT_EQ(rpc_transport_options(chain).endpoints.size(), chain.endpoints.size());
    SubmitOptions options = submit_options(chain);
    EXPECT_EQ(options.confirmations, chain.confirmations);
    EXPECT_EQ(options.poll_interval, Milliseconds(4000));
    EXPECT_EQ(options.resend_interval, Milliseconds(36000));
    EXPECT_GT(options.timeout, 12 * Milliseconds(12000));
    EXPECT_EQ(options.replace_after, Milliseconds(0));
    options = submit_options(ChainRegistry::builtin().find("arbitrum").value());
    EXPECT_EQ(options.poll_interval, Milliseconds(200));
    EXPECT_EQ(options.resend_interval, Milliseconds(10000));
}

TEST(Chains, no_node_makes_a_transaction_offer_more_than_the_chain_allows) {
    FeeHistory history;
    history.base_fees = {Uint256(1), Uint256(1)};
    history.gas_used_ratios = {0.5};
    history.priority_fees = {{Uint256(999'999'999'999)}};
    ChainRegistry registry = ChainRegistry::builtin();
    const Chain chain = registry.find("ethereum").value();
    EXPECT_OK(estimate_fees(history, fee_options(chain)));
    // A thousand gwei and one wei.
    history.priority_fees = {{Uint256(1'000'000'000'000)}};
    EXPECT_ERROR(ErrorCode::kFeeCapExceeded, estimate_fees(history, fee_options(chain)));
    ASSERT_OK(registry.read(R"({"name": "ethereum", "chain_id": 1, "gas_price_gwei_max": 1001})"));
    EXPECT_OK(estimate_fees(history, fee_options(registry.find("ethereum").value())));
}

/// The custom chain with a member's value replaced, or one more member.
std::string with(std::string_view name, std::string_view value) {
    std::string out = kCustom;
    const std::size_t at = out.find('"' + std::string(name) + '"');
    const std::string member = '"' + std::string(name) + "\": " + std::string(value);
    if (at == std::string::npos) {
        return out.insert(out.find('}'), "," + member);
    }
    const std::size_t end = out.find('\n', at);
    const bool is_last = out[end - 1] != ',';
    return out.replace(at, end - at - (is_last ? 0 : 1), member);
}

TEST(Chains, mistakes_are_named) {
    struct Case {
        std::string text;
        const char* words;
    };
    const std::string too_many = "[" + [] {
        std::string out = R"("http://a")";
        for (int i = 0; i < 16; ++i) {
            out += R"(,"http://a")";
        }
        return out;
    }() + "]";
    for (const Case& one : {
             Case{"7", "chain 1 must be an object"},
             Case{"[7]", "chain 1 must be an object"},
             Case{"[" + std::string(R"({"name":"a","chain_id":1})") + "]",
                  "name must be \"ethereum\""},
             Case{R"({"chain_id": 5, "endpoints": ["http://a"]})",
                  "name and chain_id must be given"},
             Case{R"({"name": "five", "endpoints": ["http://a"]})",
                  "name and chain_id must be given"},
             Case{R"({"name": "five", "chain_id": 5})", "chain 1 (five): endpoints must be given"},
             Case{with("name", "\"My Chain\""), "chain 1: name must be at most 32 of a-z"},
             Case{with("name", "\"424242\""), "not a number"},
             Case{with("name", "5"), "name must be"},
             Case{with("name", "\"" + std::string(33, 'a') + "\""), "name must be"},
             Case{with("name", "\"ethereum\""), "chain_id must be 1, which is ethereum's"},
             Case{with("chain_id", "0"), "a whole number from 1 to 9007199254740991"},
             Case{with("chain_id", "-1"), "chain_id must be"},
             Case{with("chain_id", "1.5"), "chain_id must be"},
             Case{with("chain_id", "\"0x1\""), "chain_id must be"},
             Case{with("chain_id", "9007199254740992"), "chain_id must be"},
             Case{with("chain_id", "1"), "name must be \"ethereum\", whose chain_id this is"},
             Case{with("native_symbol", "\"\""), "native_symbol must be 1 to 12"},
             Case{with("native_symbol", "\"a b\""), "native_symbol must be"},
             Case{with("is_testnet", "1"), "is_testnet must be true or false"},
             Case{with("confirmations", "0"),
                  "confirmations must be a whole number from 1 to 10000"},
             Case{with("confirmations", "10001"), "confirmations must be"},
             Case{with("block_milliseconds", "3600001"), "block_milliseconds must be"},
             Case{with("endpoints", "[]"), "endpoints must be a list of 1 to 16 URLs"},
             Case{with("endpoints", "\"http://a\""), "endpoints must be a list"},
             Case{with("endpoints", too_many), "endpoints must be a list"},
             Case{with("endpoints", "[\"http://a\",\"ws://a\"]"), "entry 2 is not one"},
             Case{with("endpoints", "[5]"), "entry 1 is not one"},
             Case{with("endpoints", "[\"rpc.example.org\"]"), "http or https URLs"},
             Case{with("explorer", "\"scan\""), "explorer must be an http or https URL"},
             Case{with("explorer", "\"https://scan.example/\""), "without a slash"},
             Case{with("rpc", "\"http://a\""),
                  "there is no member \"rpc\"; members are name, chain_id"},
             Case{"[" + kCustom.substr(1, kCustom.size() - 2) + "," +
                      kCustom.substr(1, kCustom.size() - 2) + "]",
                  "chain 2 (my-chain): chain_id must be there once only"},
         }) {
        ChainRegistry registry = ChainRegistry::builtin();
        const auto read = registry.read(one.text);
        EXPECT_ERROR(ErrorCode::kInvalidChainFile, read) << one.text;
        EXPECT_THAT(read ? "" : read.error().context, HasSubstr(one.words)) << one.text;
        EXPECT_EQ(registry.all(), ChainRegistry::builtin().all());
    }
    ChainRegistry registry;
    EXPECT_ERROR(ErrorCode::kInvalidJson, registry.read("{"));
    EXPECT_ERROR(ErrorCode::kInvalidJson, registry.read(""));
    EXPECT_ERROR(ErrorCode::kInvalidChainFile, registry.read(std::string((1 << 20) + 1, ' ')));
    EXPECT_OK(registry.read(with("confirmations", "10000")));
}

}  // namespace
}  // namespace latchkey::evm
