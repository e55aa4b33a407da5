// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "chains/solana/client/history.hpp"
#include "chains/solana/client/plan.hpp"
#include "chains/solana/client/wallet_message.hpp"
#include "core/wallet/describe.hpp"

#include <boost/json/object.hpp>

/// Files that travel between those who ask, those who sign and those who send.
namespace latchkey::cli {

using core::Result;

/// An action to be approved somewhere else, with all that its digest is computed from.
struct ApprovalRequest {
    solana::WalletSnapshot wallet;
    solana::Action action;
    /// As planned with no approver named.
    solana::ActionPlan plan;
    /// Relying parties, for those who read it.
    core::Names names;
    /// Of a change of a configuration that is not the first: proves what the configuration is that
    /// the approval names.
    std::optional<solana::ConfigurationOrigin> origin{};

    core::Digest digest() const { return core::digest_of(plan.leaf); }
};

/// Plans it. Errors: those of plan_action; kCommandInput (a change without its origin, or with
/// another).
Result<ApprovalRequest> make_request(
    const solana::WalletSnapshot& wallet, const solana::Action& action, core::Names names = {},
    std::optional<solana::ConfigurationOrigin> origin = std::nullopt);
boost::json::object encode_request(const ApprovalRequest& request,
                                   const std::vector<std::string>& description);
/// Plans the action anew; the file's own digest must be the result. Errors: kCommandInput and those
/// of plan_action.
Result<ApprovalRequest> decode_request(const boost::json::object& value, const std::string& what);

/// Answers to a request.
struct ApprovalAnswers {
    /// Of the request.
    core::Digest digest;
    /// When the approvals are for a tree of several requests.
    std::optional<core::TreeProof> tree;
    std::vector<core::CollectedApproval> approvals;
};
/// To one request, or to each of a tree's.
boost::json::object encode_answers(const std::vector<ApprovalAnswers>& answers);
/// At least one. Errors: kCommandInput, those of the decoders.
Result<std::vector<ApprovalAnswers>> decode_answers(const boost::json::object& value,
                                                    const std::string& what);

/// A message that a wallet vouches for.
boost::json::object encode_message_approval(const solana::WalletHandle& wallet,
                                            const core::Hash32& hash,
                                            const solana::MessageApproval& approval);
struct SignedMessage {
    solana::WalletHandle wallet;
    core::Hash32 hash;
    solana::MessageApproval approval;
};
/// Errors: kCommandInput, those of the decoders.
Result<SignedMessage> decode_message_approval(const boost::json::object& value,
                                              const std::string& what);

/// Instructions as JSON: {"program", "accounts": [{"address", "writable", "signer"}], "data": hex}.
boost::json::object encode_call(const solana::Instruction& call);
/// Error: kCommandInput.
Result<solana::Instruction> decode_call(const boost::json::object& value, const std::string& what);

}  // namespace latchkey::cli
