// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/evm/client/rpc.hpp"

namespace latchkey::evm {

/// What a transaction offers for each unit of gas, in wei (EIP-1559).
struct Fees {
    Uint256 max_priority_fee_per_gas;
    Uint256 max_fee_per_gas;

    friend bool operator==(const Fees&, const Fees&) = default;
};

/// How much to offer, and how much at most.
struct FeeOptions {
    /// Blocks to look at, 1 to 1,024.
    std::uint64_t blocks = 10;
    /// Of the priority fees in a block, 0 to 100.
    double percentile = 50;
    /// Offered at least.
    Uint256 priority_fee_min;
    /// The next base fee is multiplied by this, so that the transaction stays valid while it rises:
    /// by at most an eighth with each block. At least 100.
    std::uint32_t base_fee_percent = 200;
    /// A replacement raises both fees by this much; nodes ask for a tenth, 100.
    std::uint32_t bump_permille = 125;
    /// max_fee_per_gas never exceeds it; absent is no limit.
    std::optional<Uint256> max_fee_cap;
};

/// The median over the blocks of the priority fee at the percentile (blocks without any are left
/// out), and room for a rising base fee on top. The room shrinks to fit the cap; when even the next
/// block would not fit, kFeeCapExceeded. Errors: kInvalidArgument (the history was made without a
/// percentile, or has no base fee), kOverflow.
Result<Fees> estimate_fees(const FeeHistory& history, const FeeOptions& options);

/// What replaces a transaction that offered `previous`: both fees higher by bump_permille, at least
/// one wei, and at least those of `current`. Errors: kFeeCapExceeded, kInvalidArgument (a bump
/// below a tenth, which nodes refuse), kOverflow.
Result<Fees> bump_fees(const Fees& previous, const Fees& current, const FeeOptions& options);

/// From the node's history of fees. Also fails as RpcClient does.
Task<Result<Fees>> fetch_fees(RpcClient& rpc, FeeOptions options);

/// The same for `previous` when a replacement is needed.
Task<Result<Fees>> fetch_bumped_fees(RpcClient& rpc, Fees previous, FeeOptions options);

}  // namespace latchkey::evm
