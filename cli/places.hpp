// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/context.hpp"

/// Where a wallet stands on each of several chains.
namespace latchkey::cli {

/// A configuration of a wallet's history. Chains with the same id agree on all before it.
struct WalletPlace {
    std::string chain;
    std::uint32_t number = 0;
    core::ConfigId id;
};
/// `wallet`: path of the genesis file. Errors: those of the node.
Result<WalletPlace> fetch_place(Context& context, const std::string& chain,
                                const std::string& wallet);
/// Of all chains that the command names. Errors: as above, kCommandInput (one of them twice).
Result<std::vector<WalletPlace>> fetch_places(Context& context, const std::string& wallet);
/// kChainsDiffer, which says where each is and which ones lag, unless all are at the same.
Result<void> check_same_place(const std::vector<WalletPlace>& places);

/// `latchkey wallet show` with several chains: a line for each, and which ones lag. Errors: those
/// of fetch_places.
Result<Report> show_places(Context& context, const std::string& wallet);

}  // namespace latchkey::cli
