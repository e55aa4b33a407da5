// SPDX-License-Identifier: Apache-2.0
#include "cli/context.hpp"

#include "chains/solana/client/decode.hpp"
#include "cli/files.hpp"
#include "cli/local_chain.hpp"
#include "cli/text.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;

namespace {

std::string quoted(const std::string& text) {
    constexpr std::size_t kShownText = 40;
    return solana::quote_text(text.substr(0, kShownText));
}

/// "base=https://…": the chain's name or number and the URL; a Solana node's URL has no name.
struct NamedUrl {
    std::string chain;
    std::string url;
};

NamedUrl split_url(const std::string& text) {
    // What is no name of a chain is taken for one nevertheless, so that it is refused.
    const std::size_t end = text.find_first_of("=:/?#");
    const bool is_named = end != std::string::npos && text[end] == '=';
    return is_named ? NamedUrl{text.substr(0, end), text.substr(end + 1)} : NamedUrl{kSolana, text};
}

/// A node of a chain that nobody knows is a typing error: another node would be asked instead.
Result<void> check_names(const Config& config, const evm::ChainRegistry& registry) {
    for (const std::string& text : config.rpc) {
        const std::string name = split_url(text).chain;
        if (name != kSolana && !registry.find(name)) {
            return fail(ErrorCode::kUnknownChain, "--rpc names a node of " + quoted(name) +
                                                      ", which is no chain; " +
                                                      registry.find("?").error().context);
        }
    }
    return {};
}

/// The URLs of a chain in the settings, by its name or its number.
std::vector<std::string> urls_of(const Config& config, const std::string& name,
                                 const std::string& number) {
    std::vector<std::string> out;
    for (const std::string& text : config.rpc) {
        NamedUrl one = split_url(text);
        if (one.chain == name || one.chain == number) {
            out.push_back(std::move(one.url));
        }
    }
    return out;
}

}  // namespace

std::vector<std::string> solana_urls(const Config& config) {
    return urls_of(config, kSolana, kSolana);
}

std::vector<std::string> Context::chains() const {
    return config_.chains.empty() ? std::vector<std::string>{kSolana} : config_.chains;
}

Result<std::string> Context::chain_name() const {
    const std::vector<std::string> all = chains();
    if (all.size() != 1) {
        return fail(ErrorCode::kCommandInput,
                    "this is about one chain; name exactly one with --chain. What can be done on "
                    "several at once is a change: rules set, signers, rotate, recover, cancel, "
                    "freeze");
    }
    return all.front();
}

Result<void> Context::require_solana(const std::string& what) const {
    return is_on_solana()
               ? Result<void>()
               : fail(ErrorCode::kCommandInput, what + " on Solana only; leave --chain out");
}

Result<evm::Chain> Context::evm_chain(const std::string& name) const {
    evm::ChainRegistry registry = evm::ChainRegistry::builtin();
    if (!config_.chains_file.empty()) {
        LATCHKEY_TRY(const core::Bytes text, read_file(config_.chains_file));
        LATCHKEY_CHECK(registry.read(core::as_text(text)));
    }
    LATCHKEY_CHECK(check_names(config_, registry));
    auto found = registry.find(name);
    if (!found) {
        return fail(
            ErrorCode::kUnknownChain,
            quoted(name) + ": " + found.error().context +
                ", and solana; others are written in a file that the setting chains_file names");
    }
    evm::Chain out = *std::move(found);
    const std::vector<std::string> urls = urls_of(config_, out.name, std::to_string(out.chain_id));
    if (!urls.empty()) {
        out.endpoints.clear();
    }
    for (const std::string& url : urls) {
        auto parsed = net::parse_url(url);
        if (!parsed || parsed->is_websocket()) {
            // Not shown: URLs of nodes often hold an API key.
            return fail(ErrorCode::kCommandInput, "the URL of a node of " + out.name +
                                                      " is written like --rpc " + out.name +
                                                      "=https://HOST/PATH");
        }
        out.endpoints.push_back(*std::move(parsed));
    }
    return out;
}

Result<on_evm::Node*> Context::node(const std::string& name) {
    LATCHKEY_TRY(evm::Chain chain, evm_chain(name));
    auto& found = nodes_[chain.name];
    if (!found) {
        LATCHKEY_TRY(auto node, on_evm::Node::connect(std::move(chain)));
        const auto checked = node->check_chain();
        if (!checked && checked.error().code == ErrorCode::kWrongChain) {
            return fail(ErrorCode::kWrongChain,
                        "the node of " + node->chain().name + " has " + checked.error().context +
                            "; name one of this chain with --rpc " + node->chain().name + "=URL");
        }
        LATCHKEY_CHECK(checked);
        found = std::move(node);
    }
    return found.get();
}

Result<Chain*> Context::chain(const solana::Address& wallet_program) {
    if (!chain_) {
        std::vector<std::string> urls = solana_urls(config_);
        if (urls.empty()) {
            urls = {kDefaultRpc};
        }
        LATCHKEY_TRY(chain_, Chain::connect(urls, wallet_program));
    }
    return chain_.get();
}

Result<Chain*> Context::chain_of(const solana::WalletHandle& wallet) {
    LATCHKEY_TRY(Chain* const out, chain(wallet.deployment().program));
    LATCHKEY_CHECK(out->check_cluster(wallet.deployment()));
    return out;
}

Result<WalletFile> Context::wallet(const std::string& path) const {
    const std::string& file = path.empty() ? config_.wallet : path;
    if (file.empty()) {
        return fail(ErrorCode::kCommandInput,
                    "no wallet is named; give --wallet FILE, or set LATCHKEY_WALLET");
    }
    return read_wallet_file(file);
}

Result<solana::Deployment> Context::deployment(const std::string& program,
                                               const std::string& cluster) const {
    solana::Deployment out{kLocalProgram, local_cluster()};
    const std::string& program_text = program.empty() ? config_.program : program;
    const std::string& cluster_text = cluster.empty() ? config_.cluster : cluster;
    if (!program_text.empty()) {
        LATCHKEY_TRY(out.program, parse_address_argument(program_text, "the wallet program"));
    }
    if (!cluster_text.empty() && cluster_text != "local") {
        const auto hash = solana::parse_address(cluster_text);
        if (!hash) {
            return fail(ErrorCode::kCommandInput,
                        "the cluster is local, or the genesis hash that its nodes give, in base58");
        }
        out.cluster = solana::to_hash(*hash);
    }
    return out;
}

}  // namespace latchkey::cli
