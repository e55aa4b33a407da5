// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/evm/wallet/action.hpp"

/// The short form of `execute`, `grant` and user operations (docs/spec/evm.md, section 4), which
/// costs less gas, and the choice between the forms.
namespace latchkey::evm::wallet {

/// Whether the action can be had in the short form. Its source need not be valid.
bool fits_short_form(const ApprovedAction& action);
/// The same of a user operation. What its author takes the time to be does not matter then.
bool fits_short_form(const UserOperationSignature& signature);

/// The cheapest calldata: hosts instead of tails where every passkey allows it and, if `sender` is
/// known, a last call that pays it as a fee. Who is given a sender must submit it from there.
/// Errors: kUnsupported (only the long form will do), kOutOfRange, kInputTooLong, kEvidenceKind,
/// kInvalidArgument, kMalformedSignature.
Result<Bytes> encode_short_form(const ApprovedAction& action,
                                const std::optional<Address>& sender = {});
/// `sender`: who submitted it. Errors: kUnexpectedEnd, kTrailingBytes, kNonCanonical, kOutOfRange,
/// kUnsupported.
Result<ApprovedAction> decode_short_form(ByteView calldata, const Address& sender);

/// Of a user operation; errors as above.
Result<Bytes> encode_short_signature(const UserOperationSignature& signature);
/// `time` is 0. Errors as above.
Result<UserOperationSignature> decode_short_signature(ByteView bytes);

/// In the short form if that is possible. Errors: those of both forms.
Result<Bytes> encode_calldata(const Action& action, const std::optional<Address>& sender = {});
/// Either form. Errors: those of both.
Result<Action> decode_calldata(ByteView calldata, const Address& sender);

}  // namespace latchkey::evm::wallet
