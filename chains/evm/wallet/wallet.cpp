// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/wallet.hpp"

namespace latchkey::evm::wallet {

using core::to_result;

Result<WalletHandle> WalletHandle::from_genesis(ByteView genesis, const Deployment& deployment,
                                                std::uint64_t chain) {
    LATCHKEY_TRY(core::Genesis decoded, to_result(core::decode_genesis(genesis)));
    LATCHKEY_TRY(const core::Identity identity, core::identity_of(genesis, deployment.program));
    WalletHandle out;
    out.deployment_ = deployment;
    out.chain_ = chain;
    out.id_ = identity.wallet_id;
    out.address_ = wallet_address(deployment, out.id_);
    out.genesis_ = core::to_bytes(genesis);
    LATCHKEY_TRY(out.shared_, to_result(core::encode(decoded.configuration)));
    out.configuration_ = std::move(decoded.configuration);
    return out;
}

WalletSnapshot in_genesis(const WalletHandle& wallet) {
    WalletSnapshot out{wallet};
    const GenesisSource source{wallet.genesis()};
    out.config_id = core::first_config_id(wallet.id());
    out.source = source;
    out.shared = core::to_bytes(wallet.genesis_shared());
    out.configuration = wallet.genesis_configuration();
    for (const core::Rule& rule : out.configuration.rules) {
        out.counters.emplace_back(rule.limits.size());
    }
    out.past = {{0, out.config_id, source, out.configuration, std::nullopt}};
    return out;
}

}  // namespace latchkey::evm::wallet
