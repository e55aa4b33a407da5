// SPDX-License-Identifier: Apache-2.0
#include "cli/upload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <set>

#include "chains/solana/client/instructions.hpp"
#include "chains/solana/client/loader.hpp"
#include "core/base/result_testing.hpp"
#include "core/encoding/base64.hpp"
#include "core/encoding/byte_io.hpp"
#include "net/scripted_server.hpp"

namespace latchkey::cli {
namespace {

namespace json = boost::json;
namespace loader = solana::loader;
using core::Bytes;
using core::ErrorCode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Bytes in one transaction, as upload.cpp has it.
constexpr std::size_t kChunk = 960;

/// A node with an upgradeable loader that can be made to lose what it is sent.
class LoaderNode {
  public:
    LoaderNode()
        : server_([this](net::ServerConnection& connection) {
              for (;;) {
                  const std::string request = connection.read_request();
                  if (request.empty()) {
                      return;
                  }
                  connection.answer(answer(request.substr(request.find("\r\n\r\n") + 4)));
              }
          }) {}

    std::string url() const { return server_.url(); }

    /// Offsets of all writes, in order.
    std::vector<std::size_t> writes;
    /// How often writes to an offset are to be lost, though the node calls them confirmed.
    std::map<std::size_t, int> loses;
    /// How often they are to be refused.
    std::map<std::size_t, int> refuses;
    /// Transactions other than writes.
    std::vector<std::vector<solana::Instruction>> others;
    std::map<solana::Address, Bytes> buffers;
    bool has_accounts = true;
    solana::Address owner = solana::kUpgradeableLoader;

  private:
    std::string answer(const std::string& body) {
        const json::value sent = json::parse(body);
        const std::string method(sent.at("method").as_string());
        json::object reply{{"jsonrpc", "2.0"}, {"id", sent.at("id")}};
        const json::array& params = sent.at("params").as_array();
        if (method == "sendTransaction") {
            const auto id = take(std::string(params[0].as_string()));
            if (id) {
                reply["result"] = *id;
            } else {
                reply["error"] = {{"code", -32005}, {"message", "busy"}};
            }
        } else {
            reply["result"] = result_of(method, params);
        }
        return json::serialize(reply);
    }

    json::value result_of(const std::string& method, const json::array& params) const {
        const json::object context{{"slot", 1}};
        if (method == "getMinimumBalanceForRentExemption") {
            return 1000;
        }
        if (method == "getLatestBlockhash") {
            return {{"context", context},
                    {"value",
                     {{"blockhash", solana::to_base58(solana::Blockhash())},
                      {"lastValidBlockHeight", 100}}}};
        }
        if (method == "getSignatureStatuses") {
            const json::object known{{"slot", 1},
                                     {"confirmations", nullptr},
                                     {"err", nullptr},
                                     {"confirmationStatus", "confirmed"}};
            return {{"context", context},
                    {"value", json::array(params[0].as_array().size(), known)}};
        }
        if (method == "getTransaction") {
            const std::string& encoded = sent_.at(std::string(params[0].as_string()));
            const auto transaction = solana::Transaction::decode_base64(encoded).value();
            const json::array balances(transaction.message().addresses.size(), json::value(1));
            return {{"slot", 1},
                    {"blockTime", nullptr},
                    {"version", "legacy"},
                    {"transaction", {encoded, "base64"}},
                    {"meta",
                     {{"err", nullptr},
                      {"fee", 5000},
                      {"preBalances", balances},
                      {"postBalances", balances}}}};
        }
        const auto address = solana::parse_address(std::string_view(params[0].as_string())).value();
        const auto found = buffers.find(address);
        if (method != "getAccountInfo" || !has_accounts || found == buffers.end()) {
            return {{"context", context}, {"value", nullptr}};
        }
        Bytes data = core::concat(Bytes{1, 0, 0, 0, 1}, Bytes(32, 9), found->second);
        return {{"context", context},
                {"value",
                 {{"lamports", 1},
                  {"owner", solana::to_base58(owner)},
                  {"executable", false},
                  {"rentEpoch", 0},
                  {"data", {core::encode_base64(data), "base64"}}}}};
    }

    std::optional<std::string> take(const std::string& encoded) {
        const auto transaction = solana::Transaction::decode_base64(encoded).value();
        EXPECT_OK(transaction.verify_signatures());
        const auto all = solana::decompile_instructions(transaction.message()).value();
        const std::string id = solana::to_base58(*transaction.id());
        core::ByteReader data(all[0].data);
        const bool is_write = all[0].program == solana::kUpgradeableLoader &&
                              data.read_u32_le() == 1U && all.size() == 1;
        if (is_write) {
            const std::size_t offset = data.read_u32_le().value();
            writes.push_back(offset);
            if (refuses[offset]-- > 0) {
                return std::nullopt;
            }
            const std::size_t size = data.read_u64_le().value();
            const auto code = data.rest();
            EXPECT_EQ(code.size(), size);
            if (loses[offset]-- <= 0) {
                Bytes& buffer = buffers.at(all[0].accounts[0].address);
                EXPECT_LE(offset + size, buffer.size());
                std::copy(code.begin(), code.end(), buffer.begin() + static_cast<long>(offset));
            }
        } else {
            others.push_back(all);
            open_buffer(all[0]);
        }
        sent_[id] = encoded;
        return id;
    }

    /// create_account of the System program: u32 0, lamports, space, owner.
    void open_buffer(const solana::Instruction& create) {
        core::ByteReader data(create.data);
        if (create.program == solana::kSystemProgram && data.read_u32_le() == 0U) {
            EXPECT_OK(data.read_u64_le());
            const std::size_t size = data.read_u64_le().value();
            // A program's own account is smaller than a buffer's head.
            buffers[create.accounts[1].address] =
                Bytes(std::max(size, loader::kBufferHead) - loader::kBufferHead);
        }
    }

    std::map<std::string, std::string> sent_;
    net::ScriptedServer server_;
};

Bytes code_of(std::size_t size) {
    Bytes out(size);
    for (std::size_t i = 0; i < size; ++i) {
        // Never zero, which the buffer is full of before.
        out[i] = static_cast<std::uint8_t>(i % 251 + 1);
    }
    return out;
}

class Upload : public ::testing::Test {
  protected:
    Result<solana::Address> write(const Bytes& code) {
        return write_buffer(*chain_, output_, code, payer_);
    }

    LoaderNode node_;
    const Output output_{{.is_json = false, .is_quiet = true, .forces_color = false}};
    const Key payer_ = make_transaction_key("payer").value();
    std::unique_ptr<Chain> chain_ = Chain::connect({node_.url()}, solana::Address()).value();
};

TEST_F(Upload, every_byte_is_written_once) {
    for (const std::size_t size :
         {std::size_t{1}, kChunk - 1, kChunk, kChunk + 1, 2 * kChunk, 17 * kChunk + 5}) {
        node_.writes.clear();
        node_.others.clear();
        const Bytes code = code_of(size);
        const auto buffer = write(code);
        ASSERT_OK(buffer) << size;
        EXPECT_EQ(node_.buffers.at(*buffer), code) << size;
        std::vector<std::size_t> expected;
        for (std::size_t at = 0; at < size; at += kChunk) {
            expected.push_back(at);
        }
        EXPECT_EQ(node_.writes, expected) << size;
        // Before it: an account of the loader with the payer as its authority.
        ASSERT_EQ(node_.others.size(), 1U);
        EXPECT_THAT(node_.others[0],
                    ElementsAre(solana::system::create_account(payer_.address(), *buffer, 1000,
                                                               loader::kBufferHead + size,
                                                               solana::kUpgradeableLoader),
                                ::testing::Field(&solana::Instruction::data,
                                                 loader::initialize_buffer(*buffer, {}).data)));
    }
}

TEST_F(Upload, what_was_lost_or_refused_is_sent_again_and_nothing_else) {
    node_.loses = {{kChunk, 1}, {3 * kChunk, 2}};
    node_.refuses = {{2 * kChunk, 1}};
    const Bytes code = code_of(4 * kChunk);
    const auto buffer = write(code);
    ASSERT_OK(buffer);
    EXPECT_EQ(node_.buffers.at(*buffer), code);
    std::map<std::size_t, int> times;
    for (const std::size_t offset : node_.writes) {
        ++times[offset];
    }
    EXPECT_EQ(times[0], 1);
    EXPECT_EQ(times[kChunk], 2);
    EXPECT_EQ(times[3 * kChunk], 3);
    // The transport may repeat what was refused by itself.
    EXPECT_GE(times[2 * kChunk], 2);
}

TEST_F(Upload, gives_up_and_says_what_is_missing_where) {
    node_.loses = {{kChunk, 1000}};
    const auto buffer = write(code_of(3 * kChunk));
    EXPECT_ERROR(ErrorCode::kConfirmationUnknown, buffer);
    ASSERT_EQ(node_.buffers.size(), 1U);
    EXPECT_THAT(buffer.error().context,
                HasSubstr("the buffer " + solana::to_base58(node_.buffers.begin()->first) +
                          " still lacks 1 parts of the code"));
    EXPECT_EQ(node_.writes.size(), 2U + 12);
}

TEST_F(Upload, does_not_believe_in_a_buffer_that_is_not_the_loaders) {
    node_.owner = solana::kSystemProgram;
    EXPECT_ERROR(ErrorCode::kRpcMalformed, write(code_of(1)));
    node_.owner = solana::kUpgradeableLoader;
    node_.has_accounts = false;
    EXPECT_ERROR(ErrorCode::kRpcMalformed, write(code_of(1)));
}

TEST_F(Upload, deploys_and_hands_over) {
    const Key program = make_transaction_key("program").value();
    const solana::Address me = payer_.address();
    const auto deployed =
        deploy_program(*chain_, output_, code_of(10), payer_, program, /*room=*/20);
    ASSERT_OK(deployed);
    ASSERT_EQ(node_.others.size(), 2U);
    const solana::Address buffer = node_.others[0][0].accounts[1].address;
    // Privileges of one address are joined in a transaction, so only the rest is compared.
    const auto same = [](const solana::Instruction& a, const solana::Instruction& b) {
        bool is_same =
            a.program == b.program && a.data == b.data && a.accounts.size() == b.accounts.size();
        for (std::size_t i = 0; is_same && i < a.accounts.size(); ++i) {
            is_same = a.accounts[i].address == b.accounts[i].address;
        }
        return is_same;
    };
    ASSERT_EQ(node_.others[1].size(), 2U);
    EXPECT_TRUE(same(node_.others[1][0], solana::system::create_account(
                                             me, program.address(), 1000, loader::kProgramBytes,
                                             solana::kUpgradeableLoader)));
    EXPECT_TRUE(
        same(node_.others[1][1], loader::deploy(me, program.address(), buffer, me, 20).value()));
    const Key other = make_transaction_key("other").value();
    const auto account = loader::program_data_address(program.address()).value();
    EXPECT_OK(hand_over(*chain_, output_, account, payer_, other, std::nullopt));
    EXPECT_EQ(node_.others.back(),
              std::vector{loader::set_authority(account, other.address(), std::nullopt)});
    EXPECT_OK(hand_over(*chain_, output_, account, payer_, other, me));
    EXPECT_TRUE(same(node_.others.back()[0], loader::set_authority(account, other.address(), me)));
}

}  // namespace
}  // namespace latchkey::cli
