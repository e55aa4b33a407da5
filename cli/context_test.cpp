// SPDX-License-Identifier: Apache-2.0
#include "cli/context.hpp"

#include <gtest/gtest.h>

namespace latchkey::cli {
namespace {

Result<evm::Chain> find(const std::vector<std::string>& rpc, const std::string& name) {
    const Output output(Output::Options{});
    Config config;
    config.rpc = rpc;
    return Context(output, config).evm_chain(name);
}

std::string host_of(const std::vector<std::string>& rpc, const std::string& name) {
    const auto chain = find(rpc, name);
    return chain && !chain->endpoints.empty() ? chain->endpoints.front().host : "";
}

TEST(Context, a_node_belongs_to_the_chain_that_it_is_named_for) {
    const std::vector<std::string> rpc{"https://sol.example/?a=b", "base=https://one.example/KEY=1",
                                       "137=https://two.example"};
    EXPECT_EQ(host_of(rpc, "base"), "one.example");
    EXPECT_EQ(host_of(rpc, "8453"), "one.example");
    EXPECT_EQ(host_of(rpc, "polygon"), "two.example");
    EXPECT_EQ(find(rpc, "base")->endpoints.size(), 1U);
    EXPECT_GT(find(rpc, "ethereum")->endpoints.size(), 0U);
    Config config;
    config.rpc = rpc;
    EXPECT_EQ(solana_urls(config), std::vector<std::string>{"https://sol.example/?a=b"});
    config.rpc = {"solana=http://a", "http://b"};
    EXPECT_EQ(solana_urls(config), (std::vector<std::string>{"http://a", "http://b"}));
}

TEST(Context, a_node_of_no_chain_is_refused) {
    for (const char* wrong : {"bse=https://a", "Base=https://a", "=https://a", "base =https://a"}) {
        const auto chain = find({wrong}, "base");
        ASSERT_FALSE(chain) << wrong;
        EXPECT_EQ(chain.error().code, core::ErrorCode::kUnknownChain) << wrong;
        EXPECT_EQ(chain.error().context.find("https://a"), std::string::npos) << wrong;
    }
    for (const char* wrong : {"base=", "base=ws://a", "base=KEY", "base=base=https://a"}) {
        const auto chain = find({wrong}, "base");
        ASSERT_FALSE(chain) << wrong;
        EXPECT_EQ(chain.error().code, core::ErrorCode::kCommandInput) << wrong;
        EXPECT_EQ(chain.error().context.find("KEY"), std::string::npos) << wrong;
    }
}

TEST(Context, one_chain_or_several) {
    const Output output(Output::Options{});
    Config config;
    EXPECT_EQ(Context(output, config).chain_name(), std::string(kSolana));
    config.chains = {"local"};
    EXPECT_EQ(Context(output, config).chain_name(), std::string("local"));
    EXPECT_FALSE(Context(output, config).require_solana("this is"));
    config.chains = {"local", "solana"};
    EXPECT_FALSE(Context(output, config).chain_name());
    EXPECT_FALSE(Context(output, config).require_solana("this is"));
}

}  // namespace
}  // namespace latchkey::cli
