// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/evm/wallet/action.hpp"

/// The long form of calldata and the signatures made like it (docs/spec/evm.md, sections 5 and 6).
/// Decoders take only what the encoder writes, which is stricter than the contracts: a webauthn
/// tail that could have been a host, say, is kNonCanonical here. They do not judge configurations.
namespace latchkey::evm::wallet {

/// Errors: kOutOfRange, kInputTooLong (what does not fit its field), kInvalidArgument (a deadline,
/// lane, executor or gas floor where there can be none; approvals that are not those of
/// `approvers`), kEvidenceKind, kMalformedSignature and those of signers_of and typed_data_suffix.
Result<Bytes> encode_long_form(const Action& action);
Result<Bytes> encode_signature(const UserOperationSignature& signature);
Result<Bytes> encode_signature(const MessageSignature& signature);

/// Errors: kUnexpectedEnd, kTrailingBytes, kNonCanonical, kOutOfRange, kUnsupported (no such head,
/// flag, action or kind).
Result<Action> decode_long_form(ByteView calldata);
Result<UserOperationSignature> decode_user_operation_signature(ByteView bytes);
Result<MessageSignature> decode_message_signature(ByteView bytes);

/// The long form of an execute without its body, whose calls travel elsewhere; the same errors, and
/// kInvalidArgument for any other action.
Result<Bytes> encode_without_body(const ApprovedAction& action);
Result<ApprovedAction> decode_without_body(ByteView bytes, std::vector<Call> calls);

}  // namespace latchkey::evm::wallet
