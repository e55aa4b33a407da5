// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "signers/evidence.hpp"

namespace latchkey::signers {

/// Something that can approve: a key in this process, an authenticator, or somebody outside who is
/// asked. Implementations may be used by several threads at once if they say so.
class Signer {
  public:
    virtual ~Signer() = default;
    Signer(const Signer&) = delete;
    Signer& operator=(const Signer&) = delete;

    /// How a configuration names this signer: kind, key, options.
    virtual const core::Signer& entry() const = 0;

    /// Evidence for one approval. The caller has shown to whom it concerns what the hash stands
    /// for.
    virtual core::Result<Evidence> approve(const core::ApprovalHash& hash) = 0;

  protected:
    Signer() = default;
};

/// An ed25519 key that signs whole Solana transactions: fee payers, lane operators and the wallet's
/// own transaction signers.
class TransactionSigner {
  public:
    virtual ~TransactionSigner() = default;
    TransactionSigner(const TransactionSigner&) = delete;
    TransactionSigner& operator=(const TransactionSigner&) = delete;

    virtual const core::crypto::Ed25519PublicKey& public_key() const = 0;

    /// Signs the serialised message of a transaction. Refuses bytes that begin like an off-chain
    /// message (0xff, which no transaction does), so that no approval can be had this way:
    /// kInvalidArgument.
    virtual core::Result<core::crypto::Ed25519Signature> sign_transaction(
        core::ByteView message) = 0;

  protected:
    TransactionSigner() = default;
};

/// A secp256k1 key that pays for transactions of EVM chains from the account of its address.
class AccountSigner {
  public:
    virtual ~AccountSigner() = default;
    AccountSigner(const AccountSigner&) = delete;
    AccountSigner& operator=(const AccountSigner&) = delete;

    virtual const core::crypto::EthereumAddress& address() const = 0;

    /// Signs an unsigned transaction: keccak256 of its bytes, which begin with a type (EIP-2718) or
    /// a list. Refuses bytes that begin like a message (EIP-191, EIP-712), so that no approval can
    /// be had this way: kInvalidArgument.
    virtual core::Result<core::crypto::RecoverableSignature> sign_account_transaction(
        core::ByteView unsigned_transaction) = 0;

  protected:
    AccountSigner() = default;
};

}  // namespace latchkey::signers
