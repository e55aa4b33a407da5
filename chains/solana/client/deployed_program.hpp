// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/client/rpc.hpp"

/// Programs as they are on chain.
namespace latchkey::solana {

/// A program of the upgradeable loader (loader-v3).
struct DeployedProgram {
    /// Everything after the header: the ELF, and zeros up to the room that was paid for.
    Bytes data;
    /// Who may replace it; absent when nobody can.
    std::optional<Address> upgrade_authority;
    /// Of the last deployment.
    std::uint64_t slot = 0;
};

/// From the program's account: where its data are. Errors: kUnexpectedEnd, kTrailingBytes,
/// kUnsupported.
Result<Address> decode_program_account(ByteView data);
/// From the account that it names. Errors as above, kNonCanonical.
Result<DeployedProgram> decode_program_data(ByteView data);

/// Errors: those of RpcClient::get_account, kUnsupported (no program of that loader), and those of
/// the decoders.
Task<Result<DeployedProgram>> fetch_program(RpcClient& rpc, Address program);

}  // namespace latchkey::solana
