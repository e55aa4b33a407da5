// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/operation.hpp"

/// `latchkey rules`, `limits`, `signers` and `session`.
namespace latchkey::cli {

/// The wallet's rules and sessions as they are on chain. Errors: those of the node.
Result<Report> list_rules(Context& context, const std::string& wallet);
/// What is left of every budget. Errors as above.
Result<Report> list_limits(Context& context, const std::string& wallet);
/// Errors as above.
Result<Report> list_signers(Context& context, const std::string& wallet);

/// Another configuration, whole, from a file. Errors: those of run_operation.
Result<Report> set_rules(Context& context, const OperationOptions& operation,
                         const std::string& config_file);
/// One more signer, who counts in `rules` (empty: in all). Errors as above, kOutOfRange,
/// kDuplicate.
Result<Report> add_signer(Context& context, const OperationOptions& operation,
                          const std::string& signer, const std::vector<unsigned>& rules);
/// One signer less, by number. Errors as above, kInvalidArgument.
Result<Report> remove_signer(Context& context, const OperationOptions& operation, unsigned signer);

/// A key with a budget and an end.
struct SessionGrantOptions {
    /// As parse_signer reads it.
    std::string signer;
    /// As parse_limit reads them.
    std::vector<std::string> limits;
    /// As parse_target reads them; empty: transfers of SOL.
    std::vector<std::string> targets;
    std::string expires_in = "1d";
};
/// Grants a session to a key.
Result<Report> grant_session(Context& context, const OperationOptions& operation,
                             const SessionGrantOptions& session);
/// Errors: those of the node.
Result<Report> list_sessions(Context& context, const std::string& wallet);
/// By number or id. Errors: those of run_operation, kCommandInput.
Result<Report> revoke_session(Context& context, const OperationOptions& operation,
                              const std::string& session);

}  // namespace latchkey::cli
