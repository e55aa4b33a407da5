// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/client/rpc.hpp"
#include "chains/solana/client/wallet.hpp"
#include "chains/solana/client/wallet_lane.hpp"
#include "chains/solana/client/wallet_rent.hpp"

/// Wallets and lanes as the chain has them.
namespace latchkey::solana {

/// The wallet as it stands: in genesis mode until its state account is initialised. Errors: those
/// of RpcClient::get_account and WalletSnapshot::from_state.
Task<Result<WalletSnapshot>> fetch_wallet(RpcClient& rpc, WalletHandle wallet, ReadAt at = {});
/// Absent when there is no lane at the address. Errors: those of RpcClient::get_account,
/// kRpcMalformed (an account of the program that is no lane).
Task<Result<std::optional<LaneAccount>>> fetch_lane(RpcClient& rpc, Deployment deployment,
                                                    Address lane);
/// Errors: those of RpcClient::get_account, kRpcMalformed.
Task<Result<Rent>> fetch_rent(RpcClient& rpc);
/// Unix seconds on chain. Errors: those of RpcClient::get_clock, kRpcMalformed (before 1970).
Task<Result<std::uint64_t>> fetch_time(RpcClient& rpc);
/// A mint with its program. Errors: those of RpcClient::get_account and decode_mint, kUnsupported
/// (no account of a token program, or not initialised).
struct FetchedMint {
    Address mint;
    Address program;
    std::uint8_t decimals = 0;
};
Task<Result<FetchedMint>> fetch_mint(RpcClient& rpc, Address mint);

/// The wallet right after create_state: what to plan with when the state is created by the same
/// transaction. Errors: those of encode_state.
Result<WalletSnapshot> snapshot_after_creation(const WalletHandle& wallet);

}  // namespace latchkey::solana
