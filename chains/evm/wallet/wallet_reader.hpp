// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>

#include "chains/evm/client/rpc.hpp"
#include "chains/evm/wallet/wallet.hpp"

/// Wallets as a chain has them. Which chain a node belongs to is not asked here: see
/// RpcClient::check_chain.
namespace latchkey::evm::wallet {

/// How the wallet's past is looked for; only a wallet that has changed, has sessions or waits for
/// something has one.
struct ReaderOptions {
    /// Which moment; any but BlockTag::kPending.
    BlockId at = BlockTag::kLatest;
    /// Nothing happened to the wallet before this block.
    std::uint64_t first_block = 0;
    /// Blocks whose logs are asked for at once: halved when the node refuses, as most do at some
    /// length, but not below the smallest range.
    std::uint64_t largest_range = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t smallest_range = 100;
};

/// The wallet as it stands, all of it at one block. What its events say is believed only as far as
/// hashes prove it; that the words are what the wallet stores is the node's word. Errors: those of
/// RpcClient, kNodeMalformed (also when the node's logs do not lead to what is stored: it keeps
/// too few, or the first block is too late), kNonCanonical (a word that no wallet stores),
/// kUnsupported (upgraded: other code decides), kRefusedByModel.
Task<Result<WalletSnapshot>> fetch_wallet(RpcClient& rpc, WalletHandle wallet,
                                          ReaderOptions options = {});

/// The next number of a nonce lane. 0: the wallet's own. Errors: those of RpcClient,
/// kNodeMalformed.
Task<Result<std::uint64_t>> fetch_sequence(RpcClient& rpc, WalletHandle wallet, std::uint64_t lane,
                                           BlockId at = BlockTag::kLatest);

}  // namespace latchkey::evm::wallet
