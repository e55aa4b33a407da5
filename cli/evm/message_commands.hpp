// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/commands/message.hpp"
#include "cli/evm/operation.hpp"

/// `latchkey message` on an EVM chain: signatures that applications verify by ERC-1271, and by
/// ERC-6492 while the wallet has no contract.
namespace latchkey::cli::on_evm {

/// What an application asks about a text or a file is its personal_sign hash. Errors:
/// kCommandInput, kNoUsableRule, those of the node and write_json_file.
Result<Report> sign_message(Context& context, const MessageOptions& options);
/// Whether a file was written by sign_message.
bool is_message(const json::object& value);
/// `value`: such a file. Asks the wallet's contract; of a wallet that has none, its genesis.
/// Errors: kCommandInput, kInvalidSignature, kRefusedByModel, those of the node.
Result<Report> verify_message(Context& context, const MessageOptions& options,
                              const json::object& value);

}  // namespace latchkey::cli::on_evm
