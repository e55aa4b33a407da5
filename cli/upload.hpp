// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "cli/chain.hpp"
#include "cli/keys.hpp"
#include "cli/output.hpp"

/// Programs on their way to a cluster, through loader-v3.
namespace latchkey::cli {

using core::Result;

/// Makes an account of loader-v3 that holds code and is not a program yet. Errors:
/// kConfirmationUnknown (parts of the code are missing), kRpcMalformed, those of the node; each
/// names the buffer.
Result<solana::Address> write_buffer(Chain& chain, const Output& output, core::ByteView code,
                                     const Key& payer);

/// A new program with the payer as its upgrade authority. `room`: bytes that later code may have.
/// Errors: kCommandInput (the program's address is taken), and those of write_buffer.
Result<Receipt> deploy_program(Chain& chain, const Output& output, core::ByteView code,
                               const Key& payer, const Key& program, std::size_t room);

/// Hands a program or a buffer over; no `next` makes a program final. Errors: those of
/// send_instructions.
Result<Receipt> hand_over(Chain& chain, const Output& output, const solana::Address& account,
                          const Key& payer, const Key& authority,
                          const std::optional<solana::Address>& next);

}  // namespace latchkey::cli
