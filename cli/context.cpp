// SPDX-License-Identifier: Apache-2.0
#include "cli/context.hpp"

#include "cli/local_chain.hpp"
#include "cli/text.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;

Result<Chain*> Context::chain(const solana::Address& wallet_program) {
    if (!chain_) {
        const std::vector<std::string> urls =
            config_.rpc.empty() ? std::vector<std::string>{kDefaultRpc} : config_.rpc;
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
