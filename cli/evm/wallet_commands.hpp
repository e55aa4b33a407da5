// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/commands/wallet.hpp"
#include "cli/evm/operation.hpp"

/// `latchkey wallet` on an EVM chain: the same commands with --chain.
namespace latchkey::cli::on_evm {

/// Errors: those of open_wallet.
Result<Report> wallet_show(Context& context, const std::string& path);
/// From an account that a development node holds. Errors as above, kCommandInput.
Result<Report> wallet_fund(Context& context, const FundOptions& options);
/// What the wallet holds of the token with this address. Errors as above.
Result<Report> wallet_token(Context& context, const std::string& path, const std::string& token);
/// Errors: kCommandInput, those of run_operation.
Result<Report> wallet_send(Context& context, const OperationOptions& operation,
                           const TransferOptions& transfer);
/// {"calls": [...]}, each a transfer {"to", "amount", "token"} or {"to", "value", "data"}; all or
/// none. Errors as above.
Result<Report> wallet_batch(Context& context, const OperationOptions& operation,
                            const std::string& file);

}  // namespace latchkey::cli::on_evm
