// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/wallet_reader.hpp"

namespace latchkey::solana {

using core::ErrorCode;
using core::fail;

Task<Result<WalletSnapshot>> fetch_wallet(RpcClient& rpc, WalletHandle wallet, ReadAt at) {
    auto account = co_await rpc.get_account(wallet.state(), at);
    if (!account) {
        co_return tl::unexpected(std::move(account).error());
    }
    // Lamports alone are not a state: anybody may send some to the address.
    const bool is_state = account->has_value() &&
                          (*account)->owner == wallet.deployment().program &&
                          is_initialised_state((*account)->data);
    if (!is_state) {
        co_return WalletSnapshot::in_genesis(std::move(wallet));
    }
    co_return WalletSnapshot::from_state(std::move(wallet), (*account)->data);
}

Task<Result<std::optional<LaneAccount>>> fetch_lane(RpcClient& rpc, Deployment deployment,
                                                    Address lane) {
    auto account = co_await rpc.get_account(lane);
    if (!account) {
        co_return tl::unexpected(std::move(account).error());
    }
    if (!account->has_value() || (*account)->owner != deployment.program) {
        co_return std::optional<LaneAccount>();
    }
    auto decoded = decode_lane((*account)->data);
    if (!decoded) {
        co_return fail(ErrorCode::kRpcMalformed, to_base58(lane) + " is not a lane");
    }
    co_return std::optional<LaneAccount>(*std::move(decoded));
}

Task<Result<Rent>> fetch_rent(RpcClient& rpc) {
    auto account = co_await rpc.get_account(kRentSysvar);
    if (!account) {
        co_return tl::unexpected(std::move(account).error());
    }
    if (!account->has_value()) {
        co_return fail(ErrorCode::kRpcMalformed, "the node has no Rent sysvar");
    }
    LATCHKEY_CO_TRY(const Rent rent, decode_rent((*account)->data));
    if (rent.lamports_per_byte > kRentPerByteMax) {
        co_return fail(ErrorCode::kRpcMalformed,
                       "the node asks " + std::to_string(rent.lamports_per_byte) +
                           " lamports of rent for a byte, which no cluster does; ask another node");
    }
    co_return rent;
}

Task<Result<std::uint64_t>> fetch_time(RpcClient& rpc) {
    auto clock = co_await rpc.get_clock();
    if (!clock) {
        co_return tl::unexpected(std::move(clock).error());
    }
    if (clock->unix_timestamp < 0) {
        co_return fail(ErrorCode::kRpcMalformed, "the chain's clock is before 1970");
    }
    co_return static_cast<std::uint64_t>(clock->unix_timestamp);
}

Task<Result<FetchedMint>> fetch_mint(RpcClient& rpc, Address mint) {
    auto account = co_await rpc.get_account(mint);
    if (!account) {
        co_return tl::unexpected(std::move(account).error());
    }
    const bool is_token = account->has_value() && ((*account)->owner == kTokenProgram ||
                                                   (*account)->owner == kToken2022Program);
    if (!is_token) {
        co_return fail(ErrorCode::kUnsupported, to_base58(mint) + " is not a mint");
    }
    auto decoded = decode_mint((*account)->data);
    if (!decoded || !decoded->is_initialized) {
        co_return fail(ErrorCode::kUnsupported, to_base58(mint) + " is not an initialised mint");
    }
    co_return FetchedMint{mint, (*account)->owner, decoded->decimals};
}

Result<WalletSnapshot> snapshot_after_creation(const WalletHandle& wallet) {
    StateAccount state;
    state.config_id = core::Hash32(wallet.id().array());
    state.shared = core::to_bytes(wallet.genesis_shared());
    for (const core::Rule& rule : wallet.genesis_configuration().rules) {
        state.counters.resize(state.counters.size() + rule.limits.size());
    }
    LATCHKEY_TRY(const Bytes data, encode_state(state));
    return WalletSnapshot::from_state(wallet, data);
}

}  // namespace latchkey::solana
