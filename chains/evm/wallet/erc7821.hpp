// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/evm/wallet/action.hpp"

/// ERC-7821: `execute(bytes32 mode, bytes executionData)`, by which programs that know nothing of
/// Latchkey run an approved batch of calls (docs/spec/evm.md, section 6). The approval is opData.
namespace latchkey::evm::wallet {

/// Not for rules that wait, which refuse this form. Errors: kInvalidArgument (another body than
/// Execute; a call of the zero address, by which this form means the wallet itself) and those of
/// encode_long_form.
Result<Bytes> encode_erc7821(const ApprovedAction& action);

/// Only what encode_erc7821 makes. Errors: kInvalidArgument (another function, a call of the zero
/// address), kUnsupported (another mode, no approval), kOutOfRange (more than 16 calls) and those
/// of abi::decode and decode_long_form.
Result<ApprovedAction> decode_erc7821(ByteView calldata);

}  // namespace latchkey::evm::wallet
