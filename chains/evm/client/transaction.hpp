// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "chains/evm/client/address.hpp"

namespace latchkey::evm {

using core::crypto::RecoverableSignature;
using core::crypto::Secp256k1PrivateKey;

/// The first byte of a typed transaction (EIP-2718); legacy ones have none.
enum class TransactionType : std::uint8_t {
    /// With the chain's number in the signature (EIP-155).
    kLegacy = 0,
    /// EIP-1559.
    kDynamicFee = 2,
    /// Sets the code of accounts that authorize it (EIP-7702).
    kSetCode = 4,
};

/// Storage that a transaction announces to touch (EIP-2930).
struct AccessListEntry {
    Address address;
    std::vector<Hash32> storage_keys;

    friend bool operator==(const AccessListEntry&, const AccessListEntry&) = default;
};

/// "My account runs this contract's code" (EIP-7702).
struct Authorization {
    /// 0: on every chain.
    Uint256 chain_id;
    /// The contract; all zero removes the code again.
    Address delegate;
    /// Of the authority at the time it is applied: one more than its transaction's nonce when the
    /// authority sends the transaction itself.
    std::uint64_t nonce = 0;

    friend bool operator==(const Authorization&, const Authorization&) = default;
};

/// As it stands in a transaction. The chain skips authorizations that do not hold instead of
/// refusing the transaction, so nothing is promised about the signature: see recover_authority.
struct SignedAuthorization {
    Authorization authorization;
    std::uint8_t y_parity = 0;
    Uint256 r;
    Uint256 s;

    friend bool operator==(const SignedAuthorization&, const SignedAuthorization&) = default;
};

/// keccak256(0x05, rlp([chain id, delegate, nonce])).
Hash32 authorization_hash(const Authorization& authorization);
/// Error: kCryptoBackend.
Result<SignedAuthorization> sign_authorization(const Authorization& authorization,
                                               const Secp256k1PrivateKey& key);
/// The account whose code is set. Errors: kMalformedSignature, kSignatureNotLowS,
/// kInvalidSignature.
Result<Address> recover_authority(const SignedAuthorization& authorization);

/// What an account asks the chain to do. Fees are in wei for each unit of gas.
struct Transaction {
    TransactionType type = TransactionType::kDynamicFee;
    std::uint64_t chain_id = 0;
    std::uint64_t nonce = 0;
    /// What the block's proposer gets. In a legacy transaction both fees are the gas price.
    Uint256 max_priority_fee_per_gas;
    /// The most that is paid, base fee included.
    Uint256 max_fee_per_gas;
    std::uint64_t gas_limit = 0;
    /// Absent: `data` is the code that makes a contract.
    std::optional<Address> to;
    /// Wei.
    Uint256 value;
    Bytes data;
    std::vector<AccessListEntry> access_list;
    std::vector<SignedAuthorization> authorizations;

    friend bool operator==(const Transaction&, const Transaction&) = default;
};

/// The rules that hold without knowing the chain's state. Error: kInvalidTransaction: no chain id;
/// nonce of 2^64 - 1 (EIP-2681); priority fee above the fee; cost above 2^256; fields that the type
/// does not have; EIP-7702 without authorizations or without a recipient.
Result<void> check_transaction(const Transaction& transaction);
/// The bytes that the sender's signature is for. Error: kInvalidTransaction.
Result<Bytes> signing_bytes(const Transaction& transaction);
/// Their keccak256, which the sender signs. Error: kInvalidTransaction.
Result<Hash32> signing_hash(const Transaction& transaction);
/// Value and the most that gas may cost, in wei; does not overflow for a checked transaction.
Result<Uint256> cost_max(const Transaction& transaction);

/// A transaction with its sender's signature, checked; immutable.
class SignedTransaction {
  public:
    /// Errors: kInvalidTransaction, kCryptoBackend.
    static Result<SignedTransaction> sign(Transaction transaction, const Secp256k1PrivateKey& key);
    /// With a signature made elsewhere over signing_hash; its s must be low (EIP-2).
    /// Errors: kInvalidTransaction, kMalformedSignature, kSignatureNotLowS, kInvalidSignature.
    static Result<SignedTransaction> assemble(Transaction transaction,
                                              const RecoverableSignature& signature);
    /// The bytes that sendRawTransaction takes. Also the errors of rlp::decode, kInvalidLength,
    /// kOutOfRange, and kUnsupported: other types, and legacy transactions without EIP-155.
    static Result<SignedTransaction> decode(ByteView raw);

    [[nodiscard]] const Transaction& transaction() const { return transaction_; }
    [[nodiscard]] const RecoverableSignature& signature() const { return signature_; }
    [[nodiscard]] const Address& sender() const { return sender_; }
    /// keccak256 of raw().
    [[nodiscard]] const Hash32& hash() const { return hash_; }
    [[nodiscard]] const Bytes& raw() const { return raw_; }

    friend bool operator==(const SignedTransaction&, const SignedTransaction&) = default;

  private:
    SignedTransaction() = default;

    Transaction transaction_;
    RecoverableSignature signature_;
    Address sender_;
    Hash32 hash_;
    Bytes raw_;
};

}  // namespace latchkey::evm
