// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tests only: anvil with the contracts on it, if both are there.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "chains/evm/client/anvil_process.hpp"
#include "chains/evm/client/rpc.hpp"
#include "chains/evm/wallet/scenario_testing.hpp"
#include "chains/evm/wallet/state.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/hex.hpp"
#include "net/blocking.hpp"
#include "net/http_client.hpp"

namespace latchkey::evm::wallet::testing {

namespace json = boost::json;

inline constexpr std::uint64_t kChainId = 31337;
inline constexpr std::uint64_t kGas = 8'000'000;

inline std::optional<json::value> json_file(const std::string& path) {
    std::ifstream file("chains/evm/contracts/" + path);
    if (!file) {
        return std::nullopt;
    }
    return json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
}

inline Bytes bytes_in(const json::value& hex) {
    const auto& digits = hex.as_string();
    return core::decode_hex_prefixed({digits.data(), digits.size()}).value();
}

/// What forge made of a contract; nothing if it has not run.
inline std::optional<Bytes> init_code(const std::string& name) {
    const auto all = json_file("out/" + name + ".sol/" + name + ".json");
    return all ? std::optional(bytes_in(all->at("bytecode").at("object"))) : std::nullopt;
}

/// An EntryPoint as its authors publish it on npm; nothing if it is not installed.
inline std::optional<Bytes> entry_point_code(const std::string& version) {
    const auto all =
        json_file("node_modules/entry-point-" + version + "/artifacts/EntryPoint.json");
    return all ? std::optional(bytes_in(all->at("bytecode"))) : std::nullopt;
}

/// Passes requests on to a node, but those for the logs of too many blocks it refuses, as nodes do
/// that serve the public.
class LogLimit final : public net::HttpTransport {
  public:
    explicit LogLimit(net::HttpTransport& inner) : inner_(inner) {}

    net::Task<Result<net::HttpResponse>> send(net::HttpRequest request,
                                              net::Deadline deadline) override {
        const json::value sent = json::parse(request.body);
        if (sent.is_object() && sent.at("method") == "eth_getLogs" && blocks_of(sent) > most) {
            ++refused;
            const json::object error{{"code", -32600}, {"message", "block range is too wide"}};
            const json::object reply{{"jsonrpc", "2.0"}, {"id", sent.at("id")}, {"error", error}};
            co_return net::HttpResponse{200, {}, json::serialize(reply)};
        }
        co_return co_await inner_.send(std::move(request), deadline);
    }

    std::uint64_t most = ~std::uint64_t{0};
    std::size_t refused = 0;

  private:
    /// Both ends are numbers.
    static std::uint64_t blocks_of(const json::value& call) {
        const auto number = [&](const char* name) {
            const auto& text = call.at("params").at(0).at(name).as_string();
            return Uint256::parse_quantity({text.data(), text.size()})->to_u64().value();
        };
        return number("toBlock") - number("fromBlock") + 1;
    }

    net::HttpTransport& inner_;
};

/// A node and its own methods.
class Node {
  public:
    explicit Node(const std::string& url) {
        http_ = net::HttpClient::create(executor_.executor(), {}).value();
        limit_ = std::make_unique<LogLimit>(*http_);
        net::JsonRpcEndpoint endpoint;
        endpoint.url = net::parse_url(url).value();
        json_rpc_ =
            net::JsonRpcClient::create(*limit_, clock_, jitter_, rpc_transport_options({endpoint}))
                .value();
        rpc_ = std::make_unique<RpcClient>(*json_rpc_, RpcOptions());
    }

    RpcClient& rpc() { return *rpc_; }
    LogLimit& logs() { return *limit_; }
    template <typename T>
    T run(Task<T> task) {
        return executor_.run(std::move(task));
    }
    json::value ask(std::string method, json::array params = {}) {
        return must(run(rpc_->request(std::move(method), std::move(params))));
    }
    void set_time(std::uint64_t now) { ask("evm_setNextBlockTimestamp", {now}); }
    CallOutcome call(const Address& from, const Address& to, const Bytes& data) {
        CallRequest request;
        request.from = from;
        request.to = to;
        request.data = data;
        return must(run(rpc_->call(request)));
    }
    /// Whether it went through.
    bool send(const Address& from, const Address& to, const Bytes& data, std::uint64_t gas = kGas) {
        const json::value hash =
            ask("eth_sendTransaction", {json::object{{"from", to_string(from)},
                                                     {"to", to_string(to)},
                                                     {"gas", Uint256(gas).to_quantity()},
                                                     {"data", core::encode_hex_prefixed(data)}}});
        json::value receipt;
        // anvil answers before it has made the block.
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (receipt.is_null() && std::chrono::steady_clock::now() < end) {
            receipt = ask("eth_getTransactionReceipt", {hash});
        }
        return receipt.is_object() && receipt.at("status") == "0x1";
    }
    Bytes code(const Address& at) { return must(run(rpc_->get_code(at))); }
    Hash32 load(const Address& at, const Hash32& slot) {
        return must(run(rpc_->get_storage_at(at, Uint256::from_word(slot))));
    }

  private:
    template <typename T>
    static T must(Result<T> result) {
        if (!result) {
            throw std::runtime_error(result.error().to_string());
        }
        return *std::move(result);
    }

    net::BlockingExecutor executor_;
    net::SystemClock clock_;
    net::SystemJitter jitter_;
    std::unique_ptr<net::HttpClient> http_;
    std::unique_ptr<LogLimit> limit_;
    std::unique_ptr<net::JsonRpcClient> json_rpc_;
    std::unique_ptr<RpcClient> rpc_;
};

/// One wallet on the node; who derives from it says what is sent and looked at.
class NodeStage : public Stage {
  public:
    NodeStage(Node& node, const Deployment& deployment, const Address& sender, const Address& token)
        : Stage(deployment, kChainId, token), node_(node), sender_(sender) {
        author.chain.sender = sender;
        // Answers every call with the slot of the implementation, as proxiableUUID() must.
        const Bytes code = core::concat(Bytes{0x7f}, implementation_slot(),
                                        Bytes{0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3});
        other_code[0] = 0x66;
        other_code_hash = core::crypto::keccak256(code);
        node.ask("anvil_setCode", {to_string(other_code), core::encode_hex_prefixed(code)});
        NodeStage::clock_moved();
    }

    Address wallet() const { return author.world.address; }

  protected:
    Node& node() { return node_; }
    const Address& sender() const { return sender_; }
    /// At the model's time; whether it went through.
    bool send(const Bytes& calldata) {
        node_.set_time(author.chain.now);
        return node_.send(sender_, wallet(), calldata);
    }
    void clock_moved() override {
        node_.set_time(author.chain.now);
        node_.ask("evm_mine");
    }

  private:
    Node& node_;
    Address sender_;
};

/// A program on Solana for which the stage's genesis is that of a wallet.
inline Hash32 fitting_program(const Address& token) {
    const Bytes genesis = Stage({}, kChainId, token).author.world.wallet.genesis;
    Hash32 out;
    while (!core::identity_of(genesis, out)) {
        ++out[0];
    }
    return out;
}

class OnChain : public ::testing::Test {
  protected:
    void SetUp() override {
        const auto program = find_anvil();
        if (!program) {
            GTEST_SKIP() << "anvil is not installed: run `npm ci` in chains/evm/contracts, or set "
                            "LATCHKEY_ANVIL";
        }
        const auto actions = init_code("WalletActions");
        const auto standards = init_code("WalletStandards");
        const auto factory = init_code("Factory");
        const auto token_code = init_code("TestToken");
        if (!actions || !standards || !factory || !token_code) {
            GTEST_SKIP()
                << "the contracts are not compiled: run chains/evm/contracts/scripts/forge "
                   "build";
        }
        anvil_ = std::make_unique<AnvilProcess>(
            *program, std::vector<std::string>{"--hardfork", "osaka", "--chain-id",
                                               std::to_string(kChainId)});
        node = std::make_unique<Node>(anvil_->url());
        const json::value accounts = node->ask("eth_accounts");
        const auto& first = accounts.at(0).as_string();
        sender = parse_address({first.data(), first.size()}).value();
        token = deterministic_address(*token_code);
        deployment = deployment_of(fitting_program(token), {*actions, *standards, *factory});
        for (const Bytes& code :
             {*actions, *standards, factory_init_code(deployment, *factory), *token_code}) {
            ASSERT_TRUE(node->send(sender, kDeterministicDeployer, deployer_calldata(code)));
        }
        for (const Address& at : {deployment.factory, deployment.wallet, deployment.actions,
                                  deployment.standards, token}) {
            ASSERT_FALSE(node->code(at).empty()) << to_string(at);
        }
    }

    /// Makes the wallet, with money.
    void open(const NodeStage& stage) {
        const Address wallet = stage.wallet();
        const Bytes id = core::to_bytes(stage.author.world.wallet.wallet_id);
        const CallOutcome made = node->call(sender, deployment.factory, id);
        EXPECT_EQ(Bytes(made.data.end() - 20, made.data.end()), core::to_bytes(wallet));
        // Else the node's own clock may have gone on.
        node->set_time(stage.author.chain.now);
        ASSERT_TRUE(node->send(sender, deployment.factory, id));
        EXPECT_EQ(node->code(wallet), clone_code(deployment.wallet));
        node->ask("anvil_setBalance", {to_string(wallet), "0x8ac7230489e80000"});
        const Bytes mint = core::concat(core::decode_hex("40c10f19").value(), Bytes(12), wallet,
                                        Uint256(1'000'000).to_word());
        node->set_time(stage.author.chain.now);
        ASSERT_TRUE(node->send(sender, token, mint));
    }

    std::unique_ptr<Node> node;
    Deployment deployment;
    Address sender;
    Address token;

  private:
    std::unique_ptr<AnvilProcess> anvil_;
};

}  // namespace latchkey::evm::wallet::testing
