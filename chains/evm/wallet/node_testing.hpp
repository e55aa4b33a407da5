// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tests only: a development node, the compiled contracts, and what they answer.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "chains/evm/client/abi.hpp"
#include "chains/evm/client/rpc.hpp"
#include "chains/evm/wallet/deployment.hpp"
#include "core/encoding/byte_io.hpp"
#include "core/encoding/hex.hpp"
#include "core/wallet/verdict_text.hpp"
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

/// What forge made of the wallet's contracts; nothing if it has not run.
inline std::optional<InitCodes> init_codes() {
    const auto actions = init_code("WalletActions");
    const auto standards = init_code("WalletStandards");
    const auto factory = init_code("Factory");
    if (!actions || !standards || !factory) {
        return std::nullopt;
    }
    return InitCodes{*actions, *standards, *factory};
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
    /// Many words at once.
    std::map<Hash32, Hash32> load_all(const Address& at, const std::vector<Hash32>& slots) {
        boost::json::array names;
        for (const Hash32& slot : slots) {
            names.emplace_back(core::encode_hex_prefixed(slot));
        }
        const boost::json::value proof = ask("eth_getProof", {to_string(at), names, "latest"});
        std::map<Hash32, Hash32> out;
        for (std::size_t i = 0; i < slots.size(); ++i) {
            const auto& value = proof.at("storageProof").at(i).at("value").as_string();
            out[slots[i]] = Uint256::parse_quantity({value.data(), value.size()}).value().to_word();
        }
        return out;
    }
    /// One that has ether, and whose transactions the node signs.
    Address rich_account() {
        const boost::json::value accounts = ask("eth_accounts");
        const auto& first = accounts.at(0).as_string();
        return parse_address({first.data(), first.size()}).value();
    }
    /// By the deterministic deployer. Throws std::runtime_error if there is no code afterwards.
    void deploy(const Bytes& code) {
        if (!send(rich_account(), kDeterministicDeployer, deployer_calldata(code)) ||
            this->code(deterministic_address(code)).empty()) {
            throw std::runtime_error("a contract cannot be deployed");
        }
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

/// All contracts of a release on the node's chain.
inline Deployment deploy_contracts(Node& node, const Hash32& solana_program,
                                   const InitCodes& codes) {
    const Deployment deployment = deployment_of(solana_program, codes);
    for (const Bytes& code :
         {codes.actions, codes.standards, factory_init_code(deployment, codes.factory)}) {
        node.deploy(code);
    }
    return deployment;
}

/// Refused(uint256).
inline std::optional<core::Verdict> verdict_of(const CallOutcome& outcome) {
    if (!outcome.is_reverted) {
        return core::Verdict::kAccepted;
    }
    const ByteView data = outcome.data;
    if (data.size() != 36 || core::encode_hex(data.first(4)) != "590a5151") {
        return std::nullopt;
    }
    return core::verdict_from_number(
        Uint256::from_big_endian(data.subspan(4))->to_u64().value_or(0));
}

inline std::string name_of(const CallOutcome& outcome) {
    const std::optional<core::Verdict> verdict = verdict_of(outcome);
    return verdict ? std::string(core::verdict_name(*verdict)) : abi::explain_revert(outcome.data);
}

}  // namespace latchkey::evm::wallet::testing
