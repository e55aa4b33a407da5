// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "chains/solana/client/transaction.hpp"
#include "chains/solana/client/wallet.hpp"
#include "core/wallet/describe.hpp"

/// The genesis file: all that is needed to find a wallet and to use it with a key.
namespace latchkey::cli {

using core::Result;

/// What the file says besides the genesis.
struct WalletFile {
    solana::WalletHandle wallet;
    std::string name;
    /// Relying parties of its passkeys.
    core::Names names;
};

/// Relying parties are not in the genesis, only their hashes; the file keeps their names. Errors:
/// those of write_json_file.
Result<void> write_wallet_file(const std::string& path, const WalletFile& file, bool replaces);
/// Refuses files whose addresses do not follow from their genesis. Errors: those of
/// read_json_file, kCommandInput.
Result<WalletFile> read_wallet_file(const std::string& path);

/// One line for each rule, and what else the configuration says.
std::vector<std::string> description_lines(const core::Configuration& configuration,
                                           const core::Names& names = {});

/// An address, or that of a wallet's genesis file or of an ed25519 key file. A wallet file must be
/// of the `sender`'s deployment, if there is one: elsewhere nobody might hold its vault's key.
/// Error: kCommandInput.
Result<solana::Address> find_recipient(const std::string& text,
                                       const solana::Deployment* sender = nullptr);

}  // namespace latchkey::cli
