// SPDX-License-Identifier: Apache-2.0
#include "cli/local_evm_chain.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "chains/evm/wallet/release.hpp"
#include "cli/local_chain.hpp"
#include "cli/source_tree.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::milliseconds kStartPoll{50};
constexpr unsigned kStartPolls = 400;

Result<std::string> find_anvil() {
    const char* const named = std::getenv("LATCHKEY_ANVIL");
    if (named != nullptr && *named != '\0') {
        return std::string(named);
    }
    const auto found =
        find_upwards("chains/evm/contracts/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil");
    if (!found) {
        return fail(
            ErrorCode::kLocalChain,
            "anvil is not installed; run ./dev setup, name it with LATCHKEY_ANVIL, or leave "
            "the EVM chains out with --solana-only");
    }
    return found->string();
}

/// One that nobody listens on; somebody else may take it before it is used.
std::uint16_t free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    std::uint16_t port = 0;
    if (::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
        ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
        port = ntohs(address.sin_port);
    }
    ::close(socket);
    return port;
}

/// Whoever listens there could be another development chain, which would answer in this one's
/// place.
bool is_taken(std::uint16_t port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    const bool out = ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    ::close(socket);
    return out;
}

std::vector<std::string> arguments(const std::string& anvil, const LocalEvmOptions& options,
                                   std::uint64_t chain_id, std::uint16_t port) {
    std::vector<std::string> out{anvil,
                                 "--silent",
                                 "--host",
                                 "127.0.0.1",
                                 "--port",
                                 std::to_string(port),
                                 "--chain-id",
                                 std::to_string(chain_id),
                                 "--hardfork",
                                 "osaka",
                                 "--base-fee",
                                 "1000000000",
                                 "--mixed-mining",
                                 "--block-time",
                                 "1"};
    if (!options.state_file.empty()) {
        out.insert(out.end(), {"--state", options.state_file});
    }
    return out;
}

Result<void> await_node(ChildProcess& process, on_evm::Node& node) {
    for (unsigned i = 0; i < kStartPolls; ++i) {
        if (!process.is_running()) {
            const std::string words = process.log_tail();
            return fail(ErrorCode::kLocalChain,
                        "anvil did not start" +
                            (words.empty() ? std::string("; is its port taken?") : ": " + words));
        }
        const auto checked = node.check_chain();
        if (checked) {
            return {};
        }
        if (checked.error().code == ErrorCode::kWrongChain) {
            return fail(ErrorCode::kLocalChain,
                        "another chain listens on the port: " + checked.error().context);
        }
        std::this_thread::sleep_for(kStartPoll);
    }
    return fail(ErrorCode::kLocalChain, "anvil does not answer");
}

}  // namespace

Result<void> deploy_contracts(on_evm::Node& node, const core::Hash32& program) {
    const evm::Address deployer = evm::wallet::kDeterministicDeployer;
    LATCHKEY_TRY(const core::Bytes present, node.run(node.rpc().get_code(deployer)));
    if (present.empty()) {
        return fail(ErrorCode::kLocalChain,
                    node.chain().name + " has no deterministic deployer; see docs/deploying.md");
    }
    auto contracts = evm::wallet::released_contracts(program);
    contracts.push_back(evm::wallet::test_token());
    for (const auto& contract : contracts) {
        LATCHKEY_TRY(const core::Bytes code, node.run(node.rpc().get_code(contract.address)));
        if (code.empty()) {
            LATCHKEY_CHECK(node.send_from_node(
                {deployer, {}, evm::wallet::deployer_calldata(contract.init_code)}));
        }
    }
    return {};
}

Result<LocalEvmChain> LocalEvmChain::start(const LocalEvmOptions& options) {
    LATCHKEY_TRY(const std::string anvil, find_anvil());
    LATCHKEY_TRY(evm::Chain chain, evm::ChainRegistry::builtin().find(options.name));
    const std::uint16_t port = options.port == 0 ? free_port() : options.port;
    if (is_taken(port)) {
        return fail(ErrorCode::kLocalChain,
                    "the port " + std::to_string(port) + " for the EVM chain " + chain.name +
                        " is taken; name another one with --evm-port, or 0 for free ones");
    }
    LocalEvmChain out;
    out.name_ = chain.name;
    out.url_ = "http://127.0.0.1:" + std::to_string(port);
    LATCHKEY_TRY(auto url, net::parse_url(out.url_));
    chain.endpoints = {std::move(url)};
    if (!options.state_file.empty()) {
        std::error_code error;
        fs::create_directories(fs::path(options.state_file).parent_path(), error);
    }
    const std::uint64_t chain_id = chain.chain_id;
    LATCHKEY_TRY(out.process_,
                 ChildProcess::start(arguments(anvil, options, chain_id, port), options.shows_log));
    LATCHKEY_TRY(const auto node, on_evm::Node::connect(std::move(chain)));
    LATCHKEY_CHECK(await_node(out.process_, *node));
    LATCHKEY_CHECK(deploy_contracts(*node, solana::to_hash(kLocalProgram)));
    return out;
}

}  // namespace latchkey::cli
