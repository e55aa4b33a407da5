// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/commands/rules.hpp"
#include "cli/evm/operation.hpp"

/// `latchkey rules`, `limits`, `signers` and `session` on an EVM chain. What changes the
/// configuration is in cli/change.hpp.
namespace latchkey::cli::on_evm {

/// Errors of the lists: those of open_wallet.
Result<Report> list_rules(Context& context, const std::string& path);
Result<Report> list_limits(Context& context, const std::string& path);
Result<Report> list_signers(Context& context, const std::string& path);
Result<Report> list_sessions(Context& context, const std::string& path);

/// `rule`: without times, which begin now and end after `seconds`. Errors: those of run_operation.
Result<Report> grant_session(Context& context, const OperationOptions& operation,
                             const core::LocalRule& rule, std::uint64_t seconds);
/// By number or id. Errors as above, kCommandInput.
Result<Report> revoke_session(Context& context, const OperationOptions& operation,
                              const std::string& session);

}  // namespace latchkey::cli::on_evm
