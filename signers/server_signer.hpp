// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "signers/signer.hpp"

namespace latchkey::signers {

/// An ed25519 key held by this process; thread-safe, as all server signers are.
class Ed25519ServerSigner final : public Signer, public TransactionSigner {
  public:
    /// `may_pay_fees`: the configuration's option of that name.
    explicit Ed25519ServerSigner(core::crypto::Ed25519PrivateKey key, bool may_pay_fees = false);

    const core::Signer& entry() const override { return entry_; }
    core::Result<Evidence> approve(const core::ApprovalHash& hash) override;

    const core::crypto::Ed25519PublicKey& public_key() const override { return key_.public_key(); }
    core::Result<core::crypto::Ed25519Signature> sign_transaction(core::ByteView message) override;

  private:
    core::crypto::Ed25519PrivateKey key_;
    core::Signer entry_;
};

/// A P-256 key held by this process.
class P256ServerSigner final : public Signer {
  public:
    explicit P256ServerSigner(core::crypto::P256PrivateKey key);

    const core::Signer& entry() const override { return entry_; }
    core::Result<Evidence> approve(const core::ApprovalHash& hash) override;

  private:
    core::crypto::P256PrivateKey key_;
    core::Signer entry_;
};

/// Which message a secp256k1 signer signs, fixed when it is enrolled.
enum class Envelope {
    /// The digest itself, which is that of EIP-712 typed data.
    kEip712,
    /// The digest as a personal message (EIP-191).
    kEip191,
};

/// A secp256k1 key held by this process.
class Secp256k1ServerSigner final : public Signer, public AccountSigner {
  public:
    Secp256k1ServerSigner(core::crypto::Secp256k1PrivateKey key, Envelope envelope);

    const core::Signer& entry() const override { return entry_; }
    core::Result<Evidence> approve(const core::ApprovalHash& hash) override;

    const core::crypto::EthereumAddress& address() const override { return address_; }
    core::Result<core::crypto::RecoverableSignature> sign_account_transaction(
        core::ByteView unsigned_transaction) override;

  private:
    core::crypto::Secp256k1PrivateKey key_;
    core::crypto::EthereumAddress address_;
    core::Signer entry_;
};

}  // namespace latchkey::signers
