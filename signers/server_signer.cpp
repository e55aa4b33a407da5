// SPDX-License-Identifier: Apache-2.0
#include "signers/server_signer.hpp"

#include <utility>

#include "core/crypto/hash.hpp"

namespace latchkey::signers {

using core::ApprovalHash;
using core::ByteView;
using core::Digest;
using core::ErrorCode;
using core::fail;
using core::Hash32;
using core::Result;

Ed25519ServerSigner::Ed25519ServerSigner(core::crypto::Ed25519PrivateKey key, bool may_pay_fees)
    : key_(std::move(key)), entry_(core::Signer::ed25519(key_.public_key(), may_pay_fees)) {}

Result<Evidence> Ed25519ServerSigner::approve(const ApprovalHash& hash) {
    return key_.sign(core::offchain_message(key_.public_key(), core::digest_of(hash)));
}

Result<core::crypto::Ed25519Signature> Ed25519ServerSigner::sign_transaction(ByteView message) {
    constexpr std::uint8_t kOffchainMark = 0xff;
    if (message.empty() || message[0] == kOffchainMark) {
        return fail(ErrorCode::kInvalidArgument, "these bytes are not a transaction's message");
    }
    return key_.sign(message);
}

P256ServerSigner::P256ServerSigner(core::crypto::P256PrivateKey key)
    : key_(std::move(key)), entry_(core::Signer::p256(key_.public_key())) {}

Result<Evidence> P256ServerSigner::approve(const ApprovalHash& hash) {
    return key_.sign(core::crypto::sha256(core::digest_of(hash).view()));
}

Secp256k1ServerSigner::Secp256k1ServerSigner(core::crypto::Secp256k1PrivateKey key,
                                             Envelope envelope)
    : key_(std::move(key)),
      address_(key_.address()),
      entry_(envelope == Envelope::kEip712 ? core::Signer::secp256k1_eip712(key_.address())
                                           : core::Signer::secp256k1_eip191(key_.address())) {}

Result<Evidence> Secp256k1ServerSigner::approve(const ApprovalHash& hash) {
    const Digest digest = core::digest_of(hash);
    // About one in 2^127 signatures has a recovery id above 1, which chains do not take.
    return key_.sign(entry_.kind == core::kSignerSecp256k1Eip712 ? Hash32(digest.array())
                                                                 : core::eip191_digest(digest));
}

Result<core::crypto::RecoverableSignature> Secp256k1ServerSigner::sign_account_transaction(
    ByteView unsigned_transaction) {
    // 0x19 begins messages; types end at 0x7f, and the first byte of a list is 0xc0 or more.
    constexpr std::uint8_t kMessageMark = 0x19;
    constexpr std::uint8_t kTypeMax = 0x7f;
    constexpr std::uint8_t kListMin = 0xc0;
    if (unsigned_transaction.empty() || unsigned_transaction[0] == kMessageMark ||
        (unsigned_transaction[0] > kTypeMax && unsigned_transaction[0] < kListMin)) {
        return fail(ErrorCode::kInvalidArgument, "these bytes are not a transaction");
    }
    return key_.sign(core::crypto::keccak256(unsigned_transaction));
}

}  // namespace latchkey::signers
