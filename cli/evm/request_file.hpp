// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/evm/operation.hpp"

/// An action on an EVM chain for signers elsewhere, as a file.
namespace latchkey::cli::on_evm {

/// All that a signer must know: nothing in it is believed that the digest does not say.
struct ApprovalRequest {
    /// By its name in the settings of whoever asked; for people.
    std::string chain;
    wallet::WalletHandle handle;
    wallet::ActionPlan plan;
    /// Relying parties, for those who read it.
    core::Names names;

    core::Digest digest() const { return core::digest_of(plan.leaf); }
    std::vector<std::string> description() const;
};

/// Whether a file is one of these.
bool is_request(const json::object& value);
/// Errors: those of encode_long_form.
Result<json::object> encode_request(const ApprovalRequest& request);
/// Errors: as above, those of write_json_file.
Result<Report> write_request(const std::string& file, bool replaces_files,
                             const ReadyAction& ready);
/// Plans the action anew; wallet and digest must be the file's. Errors: kCommandInput, those of
/// decode_long_form and plan_action.
Result<ApprovalRequest> decode_request(const json::object& value, const std::string& what);
/// Sends it with its approvals. Errors: those of assemble and Node.
Result<Report> send_request(Context& context, const ApprovalRequest& request, const Key& payer,
                            const std::vector<core::CollectedApproval>& approvals,
                            const std::optional<core::TreeProof>& tree, bool is_dry_run);

}  // namespace latchkey::cli::on_evm
