// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/evm/wallet/deployment.hpp"

/// ERC-6492: the signature of a wallet that has not been made on the chain yet, with what makes it.
namespace latchkey::evm::wallet {

/// The factory makes the wallet, which then vouches by ERC-1271.
struct UndeployedSignature {
    Address factory{};
    core::WalletId wallet_id{};
    /// For isValidSignature.
    Bytes signature{};

    friend bool operator==(const UndeployedSignature&, const UndeployedSignature&) = default;
};

Bytes wrap_signature(const UndeployedSignature& signature);

/// Whether a signature ends as those of ERC-6492 do, by anybody's factory.
bool is_wrapped(ByteView signature);
/// Only what wrap_signature makes. Errors: kInvalidArgument (not wrapped), those of abi::decode,
/// kInvalidLength (not calldata of our factory).
Result<UndeployedSignature> unwrap_signature(ByteView signature);

}  // namespace latchkey::evm::wallet
