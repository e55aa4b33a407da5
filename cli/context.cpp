// SPDX-License-Identifier: Apache-2.0
#include "cli/context.hpp"

#include "cli/files.hpp"
#include "cli/local_chain.hpp"
#include "cli/text.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;

namespace {

/// "base=https://…": the chain's name and the URL; a Solana node's URL has no name.
struct NamedUrl {
    std::string chain;
    std::string url;
};

NamedUrl split_url(const std::string& text) {
    const std::size_t end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-");
    const bool is_named = end != std::string::npos && end > 0 && text[end] == '=';
    return is_named ? NamedUrl{text.substr(0, end), text.substr(end + 1)} : NamedUrl{kSolana, text};
}

/// The URLs of a chain in the settings.
std::vector<std::string> urls_of(const Config& config, const std::string& chain) {
    std::vector<std::string> out;
    for (const std::string& text : config.rpc) {
        if (NamedUrl named = split_url(text); named.chain == chain) {
            out.push_back(std::move(named.url));
        }
    }
    return out;
}

}  // namespace

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
    LATCHKEY_TRY(evm::Chain out, registry.find(name));
    const std::vector<std::string> urls = urls_of(config_, out.name);
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
        LATCHKEY_TRY(found, on_evm::Node::connect(std::move(chain)));
        LATCHKEY_CHECK(found->check_chain());
    }
    return found.get();
}

Result<Chain*> Context::chain(const solana::Address& wallet_program) {
    if (!chain_) {
        const std::vector<std::string> named = urls_of(config_, kSolana);
        const std::vector<std::string> urls =
            named.empty() ? std::vector<std::string>{kDefaultRpc} : named;
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
