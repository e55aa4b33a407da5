// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/transaction.hpp"

#include <limits>

#include "chains/evm/client/transaction_codec.hpp"
#include "core/crypto/hash.hpp"

namespace latchkey::evm {

using core::ErrorCode;
using core::fail;
using core::crypto::keccak256;
using rlp::Item;

namespace {

constexpr std::uint8_t kAuthorizationMagic = 0x05;
/// So that 35 + 2 * chain id + 1 fits 64 bits (EIP-155).
constexpr std::uint64_t kLegacyChainIdMax = (~std::uint64_t{0} - 36) / 2;

tl::unexpected<core::Error> invalid(std::string_view why) {
    return fail(ErrorCode::kInvalidTransaction, std::string(why));
}

RecoverableSignature join(std::uint8_t parity, const Uint256& r, const Uint256& s) {
    RecoverableSignature out;
    const Bytes both = core::concat(r.to_word(), s.to_word());
    std::copy(both.begin(), both.end(), out.signature.begin());
    out.recovery_id = parity;
    return out;
}

Uint256 part(const RecoverableSignature& signature, std::size_t offset) {
    return Uint256::from_word(
        Hash32::from(ByteView(signature.signature).subspan(offset, 32)).value());
}

/// Ethereum writes a parity, so a point with x above the order (2^-127 of all) cannot be used.
Result<RecoverableSignature> sign_hash(const Hash32& hash, const Secp256k1PrivateKey& key) {
    LATCHKEY_TRY(const RecoverableSignature signature, key.sign(hash));
    if (signature.recovery_id > 1) {
        return fail(ErrorCode::kCryptoBackend, "the signature has no parity form");
    }
    return signature;
}

Result<Address> recover(const Hash32& hash, const RecoverableSignature& signature) {
    if (signature.recovery_id > 1) {
        return fail(ErrorCode::kMalformedSignature, "the parity is 0 or 1");
    }
    LATCHKEY_TRY(const auto key, core::crypto::recover_secp256k1(hash, signature));
    return core::crypto::ethereum_address(key);
}

Result<void> check_type(const Transaction& transaction) {
    const bool sets_code = transaction.type == TransactionType::kSetCode;
    switch (transaction.type) {
        case TransactionType::kLegacy:
            if (transaction.max_priority_fee_per_gas != transaction.max_fee_per_gas) {
                return invalid("both fees of a legacy transaction are its gas price");
            }
            if (!transaction.access_list.empty()) {
                return invalid("a legacy transaction has no access list");
            }
            if (transaction.chain_id > kLegacyChainIdMax) {
                return invalid("the chain id does not fit a legacy transaction");
            }
            break;
        case TransactionType::kDynamicFee:
        case TransactionType::kSetCode:
            break;
        default:
            return invalid("unknown type");
    }
    if (!sets_code && !transaction.authorizations.empty()) {
        return invalid("only transactions of type 4 have authorizations");
    }
    if (sets_code && (transaction.authorizations.empty() || !transaction.to)) {
        return invalid("a transaction of type 4 has a recipient and authorizations");
    }
    return {};
}

/// With the signature's fields.
Bytes encode(const Transaction& transaction, const RecoverableSignature& signature) {
    std::vector<Item> fields = transaction_codec::write_fields(transaction);
    std::uint64_t v = signature.recovery_id;
    if (transaction.type == TransactionType::kLegacy) {
        v += 35 + 2 * transaction.chain_id;
    }
    fields.push_back(Item::number(Uint256(v)));
    fields.push_back(Item::number(part(signature, 0)));
    fields.push_back(Item::number(part(signature, 32)));
    return transaction_codec::envelope(transaction.type, std::move(fields));
}

}  // namespace

Hash32 authorization_hash(const Authorization& authorization) {
    const Bytes encoded = rlp::encode(transaction_codec::write_authorization(authorization));
    return keccak256({std::array{kAuthorizationMagic}, encoded});
}

Result<SignedAuthorization> sign_authorization(const Authorization& authorization,
                                               const Secp256k1PrivateKey& key) {
    LATCHKEY_TRY(const RecoverableSignature signature,
                 sign_hash(authorization_hash(authorization), key));
    return SignedAuthorization{authorization, signature.recovery_id, part(signature, 0),
                               part(signature, 32)};
}

Result<Address> recover_authority(const SignedAuthorization& authorization) {
    return recover(authorization_hash(authorization.authorization),
                   join(authorization.y_parity, authorization.r, authorization.s));
}

Result<Uint256> cost_max(const Transaction& transaction) {
    LATCHKEY_TRY(const Uint256 gas,
                 multiply(transaction.max_fee_per_gas, Uint256(transaction.gas_limit)));
    return add(gas, transaction.value);
}

Result<void> check_transaction(const Transaction& transaction) {
    if (transaction.chain_id == 0) {
        return invalid("the chain id is missing");
    }
    if (transaction.nonce == std::numeric_limits<std::uint64_t>::max()) {
        return invalid("the nonce is the last one, which nobody may use");
    }
    if (transaction.max_priority_fee_per_gas > transaction.max_fee_per_gas) {
        return invalid("the priority fee is above the fee that includes it");
    }
    if (!cost_max(transaction)) {
        return invalid("value and gas cost more than there can be");
    }
    return check_type(transaction);
}

Result<Bytes> signing_bytes(const Transaction& transaction) {
    LATCHKEY_CHECK(check_transaction(transaction));
    std::vector<Item> fields = transaction_codec::write_fields(transaction);
    if (transaction.type == TransactionType::kLegacy) {
        fields.push_back(Item::number(Uint256(transaction.chain_id)));
        fields.push_back(Item::number(Uint256()));
        fields.push_back(Item::number(Uint256()));
    }
    return transaction_codec::envelope(transaction.type, std::move(fields));
}

Result<Hash32> signing_hash(const Transaction& transaction) {
    LATCHKEY_TRY(const Bytes bytes, signing_bytes(transaction));
    return keccak256(bytes);
}

Result<SignedTransaction> SignedTransaction::sign(Transaction transaction,
                                                  const Secp256k1PrivateKey& key) {
    LATCHKEY_TRY(const Hash32 hash, signing_hash(transaction));
    LATCHKEY_TRY(const RecoverableSignature signature, sign_hash(hash, key));
    return assemble(std::move(transaction), signature);
}

Result<SignedTransaction> SignedTransaction::assemble(Transaction transaction,
                                                      const RecoverableSignature& signature) {
    LATCHKEY_TRY(const Hash32 hash, signing_hash(transaction));
    SignedTransaction out;
    LATCHKEY_TRY(out.sender_, recover(hash, signature));
    out.raw_ = encode(transaction, signature);
    out.hash_ = keccak256(out.raw_);
    out.transaction_ = std::move(transaction);
    out.signature_ = signature;
    return out;
}

Result<SignedTransaction> SignedTransaction::decode(ByteView raw) {
    LATCHKEY_TRY(auto parts, transaction_codec::read(raw));
    return assemble(std::move(parts.transaction), join(parts.y_parity, parts.r, parts.s));
}

}  // namespace latchkey::evm
