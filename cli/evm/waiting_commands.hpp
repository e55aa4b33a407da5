// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/commands/waiting.hpp"
#include "cli/evm/operation.hpp"

/// `latchkey pending`, `apply` and `history` on an EVM chain. `cancel` and `freeze` are in
/// cli/change.hpp.
namespace latchkey::cli::on_evm {

/// Everything that waits, in words, from the wallet's events. Errors: those of open_wallet.
Result<Report> list_pending(Context& context, const std::string& path);
/// Does what waits; the gas payer sends it, and nobody approves. A recovery needs its file. Errors:
/// kProposalNotFound, kRefusedByModel (NothingWaits, TooEarly, ProposalExpired, Frozen,
/// RecoveryUnderWay), those of Node.
Result<Report> apply_proposal(Context& context, const ApplyOptions& options);
/// All configurations, each proved by the one before. Errors: those of open_wallet.
Result<Report> list_history(Context& context, const std::string& path);

}  // namespace latchkey::cli::on_evm
