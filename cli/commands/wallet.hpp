// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/operation.hpp"

/// `latchkey wallet` and `latchkey export`.
namespace latchkey::cli {

/// A new wallet; nothing happens on chain.
struct WalletCreateOptions {
    std::string file;
    std::string name;
    /// As parse_signer reads them.
    std::vector<std::string> signers;
    /// 1: any of them.
    unsigned threshold = 1;
    /// As parse_preset_name reads it; empty: one rule for all signers, and one for --limit.
    std::string preset;
    /// Who recovers, in presets that have that; as parse_signer reads them.
    std::vector<std::string> guardians;
    /// Who takes over after half a year; as parse_signer reads it.
    std::string heir;
    /// Where the recovery part of a preset goes; empty: beside `file`.
    std::string recovery_file;
    /// Until when an agent may act, as parse_duration reads it; empty: for good.
    std::string expires_in;
    /// What a single party may spend, as parse_limit reads them.
    std::vector<std::string> limits;
    /// What the limited rule may call, as parse_target reads it; empty: transfers of SOL.
    std::vector<std::string> targets;
    /// A configuration file instead of all that.
    std::string config_file;
    std::string program;
    std::string cluster;
    /// ed25519 signers may pay the fees of their own transactions.
    bool is_self_paid = true;
    /// A salt that makes the wallet impossible to find from its signers.
    bool is_unlinkable = false;
    bool replaces_files = false;
};
/// Errors: kCommandInput, kFileExists, those of parse_signer and of the model.
Result<Report> wallet_create(Context& context, const WalletCreateOptions& options);

/// Errors: those of Context::wallet and of the node.
Result<Report> wallet_show(Context& context, const std::string& wallet, bool is_offline);
/// Coins from the faucet of a test chain.
struct FundOptions {
    std::string wallet;
    /// Instead of the wallet.
    std::string address;
    /// As parse_sol reads it, or on_evm::parse_coin.
    std::string amount;
};
/// Errors as above, kCommandInput.
Result<Report> wallet_fund(Context& context, const FundOptions& options);
/// Tokens that the vault holds; on an EVM chain, what it holds of `token`. Errors as above.
Result<Report> wallet_tokens(Context& context, const std::string& wallet, const std::string& token);

/// A chain's coin, or a token.
struct TransferOptions {
    std::string to;
    /// "0.5", "0.5 SOL", "21000 wei", "1000 units"; of a token in whole tokens.
    std::string amount;
    /// A mint, or its contract's address on an EVM chain. Empty: the chain's coin.
    std::string token;
    /// The fee payer's or a sponsor's share, paid inside the same approval: "ADDRESS=AMOUNT" in the
    /// same asset.
    std::string fee_share;
};
/// Errors: kCommandInput, those of run_operation.
Result<Report> wallet_send(Context& context, const OperationOptions& operation,
                           const TransferOptions& transfer);
/// Calls from a JSON file, {"calls": [...]}, each a transfer {"to", "amount", "token"} or an
/// instruction as decode_call reads it; all or none. Errors as above.
Result<Report> wallet_batch(Context& context, const OperationOptions& operation,
                            const std::string& file);

/// The genesis file with instructions for whoever has nothing else.
struct ExportOptions {
    std::string wallet;
    std::string file;
    bool replaces_files = false;
};
/// Writes what is needed to spend without any service.
Result<Report> export_wallet(Context& context, const ExportOptions& options);

}  // namespace latchkey::cli
