// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/action_file.hpp"
#include "cli/context.hpp"

/// Approvals of signers elsewhere: a request goes out as a file, its answers come back as files.
namespace latchkey::cli {

/// Writes what signers elsewhere need. Errors: those of write_json_file.
Result<Report> write_request(const std::string& file, bool replaces_files,
                             const ApprovalRequest& request);

/// `latchkey sign`: approves a request with the keys at hand, without a network.
struct SignOptions {
    /// Several: one approval for all of them, of the tree of their leaves.
    std::vector<std::string> request_files;
    std::vector<std::string> keys;
    std::string output_file;
    bool replaces_files = false;
};
/// Signs what request files ask for, of any chain, after showing each.
Result<Report> sign_request(Context& context, const SignOptions& options);

/// `latchkey send`: sends a request with the approvals that came back.
struct SendOptions {
    std::string request_file;
    std::vector<std::string> approval_files;
    std::string fee_payer;
    /// On EVM chains.
    std::string gas_payer;
    bool is_dry_run = false;
};
/// Sends a request with its approvals.
Result<Report> send_request(Context& context, const SendOptions& options);

}  // namespace latchkey::cli
