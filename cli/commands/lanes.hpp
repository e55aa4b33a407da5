// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/context.hpp"

/// `latchkey lanes`: nonces for approvals by passkeys and other keys that do not sign transactions.
namespace latchkey::cli {

/// A lane of a fee payer.
struct LaneOptions {
    /// Owner and payer, as load_key reads it; empty: the setting.
    std::string owner;
    unsigned index = 0;
    /// Address that signs every use; empty: the owner.
    std::string operator_address;
    std::string program;
    std::string cluster;
};
/// Errors: kCommandInput, those of the node.
Result<Report> open_lane(Context& context, const LaneOptions& options);
/// The lamports go back to the owner. Errors as above.
Result<Report> close_lane(Context& context, const LaneOptions& options);
/// Errors as above.
Result<Report> set_lane_operator(Context& context, const LaneOptions& options);
/// Indexes 0 to 15 of the owner, who may be named by address. Errors as above.
Result<Report> list_lanes(Context& context, const LaneOptions& options);

}  // namespace latchkey::cli
