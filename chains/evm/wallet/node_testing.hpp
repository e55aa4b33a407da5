// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tests only: anvil with our contracts on it, and what they answer.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
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

inline constexpr std::uint64_t kChainId = 31337;

/// What forge made of a contract; nothing if it has not run.
inline std::optional<Bytes> init_code(const std::string& name) {
    std::ifstream file("chains/evm/contracts/out/" + name + ".sol/" + name + ".json");
    if (!file) {
        return std::nullopt;
    }
    const boost::json::value all =
        boost::json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
    const auto& code = all.at("bytecode").at("object").as_string();
    return core::decode_hex_prefixed({code.data(), code.size()}).value();
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

/// A node and its own methods.
class Node {
  public:
    explicit Node(const std::string& url) {
        http_ = net::HttpClient::create(executor_.executor(), {}).value();
        net::JsonRpcEndpoint endpoint;
        endpoint.url = net::parse_url(url).value();
        json_rpc_ =
            net::JsonRpcClient::create(*http_, clock_, jitter_, rpc_transport_options({endpoint}))
                .value();
        rpc_ = std::make_unique<RpcClient>(*json_rpc_, RpcOptions());
    }

    boost::json::value ask(std::string method, boost::json::array params = {}) {
        return run(rpc_->request(std::move(method), std::move(params)));
    }
    void set_time(std::uint64_t now) { ask("evm_setNextBlockTimestamp", {now}); }
    CallOutcome call(const Address& from, const Address& to, const Bytes& data) {
        CallRequest request;
        request.from = from;
        request.to = to;
        request.data = data;
        return run(rpc_->call(request));
    }
    /// Whether it went through.
    bool send(const Address& from, const Address& to, const Bytes& data) {
        constexpr std::uint64_t kGas = 8'000'000;
        const boost::json::value hash =
            ask("eth_sendTransaction",
                {boost::json::object{{"from", to_string(from)},
                                     {"to", to_string(to)},
                                     {"gas", Uint256(kGas).to_quantity()},
                                     {"data", core::encode_hex_prefixed(data)}}});
        boost::json::value receipt;
        // anvil answers before it has made the block.
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (receipt.is_null() && std::chrono::steady_clock::now() < end) {
            receipt = ask("eth_getTransactionReceipt", {hash});
        }
        return receipt.is_object() && receipt.at("status") == "0x1";
    }
    Bytes code(const Address& at) { return run(rpc_->get_code(at)); }
    Hash32 load(const Address& at, const Hash32& slot) {
        return run(rpc_->get_storage_at(at, Uint256::from_word(slot)));
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
    /// Throws std::runtime_error if the node does not answer.
    template <typename T>
    T run(Task<Result<T>> task) {
        Result<T> result = executor_.run(std::move(task));
        if (!result) {
            throw std::runtime_error(result.error().to_string());
        }
        return *std::move(result);
    }

    net::BlockingExecutor executor_;
    net::SystemClock clock_;
    net::SystemJitter jitter_;
    std::unique_ptr<net::HttpClient> http_;
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
