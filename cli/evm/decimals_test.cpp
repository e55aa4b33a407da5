// SPDX-License-Identifier: Apache-2.0
#include "cli/evm/amounts.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "core/base/result_testing.hpp"
#include "core/encoding/hex.hpp"
#include "net/scripted_server.hpp"

namespace latchkey::cli::on_evm {
namespace {

using core::ErrorCode;

/// A node whose contracts answer everything with one number.
class OneNumberNode {
  public:
    explicit OneNumberNode(std::uint64_t number)
        : server_([number](net::ServerConnection& connection) {
              for (;;) {
                  const std::string request = connection.read_request();
                  if (request.empty()) {
                      return;
                  }
                  const auto sent = json::parse(request.substr(request.find("\r\n\r\n") + 4));
                  const auto word = evm::Uint256(number).to_word();
                  connection.answer(
                      json::serialize(json::object{{"jsonrpc", "2.0"},
                                                   {"id", sent.at("id")},
                                                   {"result", core::encode_hex_prefixed(word)}}));
              }
          }) {}

    net::Url url() const { return net::parse_url(server_.url()).value(); }

  private:
    net::ScriptedServer server_;
};

TEST(Decimals, are_what_all_nodes_say) {
    const OneNumberNode honest(6);
    const OneNumberNode same(6);
    const OneNumberNode liar(18);
    evm::Chain chain;
    chain.name = "local";
    const Token token{{}, 6};
    chain.endpoints = {honest.url(), same.url()};
    EXPECT_OK(check_decimals(chain, token));
    chain.endpoints = {honest.url(), liar.url()};
    EXPECT_ERROR(ErrorCode::kNodeMalformed, check_decimals(chain, token));
    chain.endpoints = {liar.url(), honest.url()};
    EXPECT_ERROR(ErrorCode::kNodeMalformed, check_decimals(chain, Token{{}, 18}));
}

TEST(Decimals, do_not_matter_in_units) {
    EXPECT_TRUE(is_in_units("250000 units"));
    EXPECT_TRUE(is_in_units("1unit"));
    EXPECT_FALSE(is_in_units("1.5"));
    EXPECT_FALSE(is_in_units("units 1"));
}

}  // namespace
}  // namespace latchkey::cli::on_evm
