// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/operation.hpp"

/// `latchkey recovery`, `recover` and `rotate`: who takes a wallet over, and other keys.
namespace latchkey::cli {

/// A new recovery part for a wallet.
struct RecoveryCreateOptions {
    std::string wallet;
    /// New file.
    std::string file;
    /// As parse_signer reads them; "+" in front: same party as before.
    std::vector<std::string> guardians;
    unsigned threshold = 1;
    /// How long a recovery waits.
    std::string delay = "9d";
    /// How long a change by one party alone waits; empty: two days more than the delay.
    std::string guard;
    /// "owner" or "recovery": who wins when one party cancels again and again.
    std::string tie = "owner";
    /// Guardians may freeze the wallet.
    bool may_freeze = false;
    /// Recovers alone, but much later; as parse_signer reads it.
    std::string heir;
    std::string heir_delay = "180d";
    /// Configuration file whose rules a recovery restores; empty: the wallet's present rules.
    std::string after_file;
    /// Ask no node: the rules of the genesis.
    bool is_offline = false;
};
/// Writes the recovery file; nothing happens on chain. Errors: kCommandInput, kFileExists,
/// kRefusedByModel.
Result<Report> recovery_create(Context& context, const RecoveryCreateOptions& options);
/// The file in words, and whether it is the wallet's present recovery. Errors: those of the node.
Result<Report> recovery_show(Context& context, const std::string& file, const std::string& wallet,
                             bool is_offline);
/// Makes it the wallet's recovery, by a policy change. Errors: those of run_operation.
Result<Report> recovery_set(Context& context, const OperationOptions& operation,
                            const std::string& file);
/// The wallet without any recovery, by a policy change. Errors as above.
Result<Report> recovery_remove(Context& context, const OperationOptions& operation);

/// New signers, approved by guardians; `operation.recovery_file` names the recovery file. Errors:
/// those of run_operation.
Result<Report> recover_propose(Context& context, const OperationOptions& operation,
                               const std::vector<std::string>& signers);

/// Another key in the place of signer `index`, by a policy change. Errors: those of run_operation.
Result<Report> rotate_key(Context& context, const OperationOptions& operation, unsigned index,
                          const std::string& signer);

/// Each with those behind it that say "+". Error: kCommandInput (the first says it).
Result<std::vector<core::Signer>> parse_parties(const std::vector<std::string>& texts,
                                                const std::string& what, core::Names& names);

}  // namespace latchkey::cli
