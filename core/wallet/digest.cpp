// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/digest.hpp"

#include "core/authorization/leaf.hpp"
#include "core/crypto/hash.hpp"

namespace latchkey::core {

namespace {

Hash32 as_hash(const Digest& digest) {
    return Hash32(digest.array());
}

}  // namespace

ApprovalHash approval_hash_of(const Leaf& leaf) {
    return ApprovalHash(leaf.array());
}

Digest digest_of(const ApprovalHash& hash) {
    Digest out;
    digest_of(hash.data(), out.data());
    return out;
}

Bytes eip712_message(const ApprovalHash& hash) {
    return concat(ByteView(kDigestPrefix), hash);
}

Bytes eip191_message(const Digest& digest) {
    return concat(ByteView(kPersonalSignPrefix), digest);
}

Hash32 eip191_digest(const Digest& digest) {
    return crypto::keccak256({kPersonalSignPrefix, digest.view()});
}

Bytes offchain_message(const crypto::Ed25519PublicKey& signer, const Digest& digest) {
    const std::string letters = webauthn::challenge_text_of_digest(as_hash(digest));
    return concat(ByteView(kOffchainPrefix), signer, ByteView(kOffchainText), as_bytes(letters));
}

std::string offchain_text(const Digest& digest) {
    // Behind the text's u16 length.
    return std::string(as_text(ByteView(kOffchainText).subspan(2))) +
           webauthn::challenge_text_of_digest(as_hash(digest));
}

webauthn::NibbleChallenge webauthn_challenge(const Digest& digest) {
    return webauthn::challenge_of_digest(as_hash(digest));
}

Result<Bytes> message_to_sign(const Signer& signer, const ApprovalHash& hash) {
    switch (signer.kind) {
        case kSignerEd25519: {
            LATCHKEY_TRY(const auto key, crypto::Ed25519PublicKey::from(ByteView(signer.key)));
            return offchain_message(key, digest_of(hash));
        }
        case kSignerSecp256k1Eip712:
            return eip712_message(hash);
        case kSignerSecp256k1Eip191:
            return eip191_message(digest_of(hash));
        case kSignerP256:
            return to_bytes(digest_of(hash));
        case kSignerWebauthn:
        case kSignerProgram:
        case kSignerContract:
            break;
    }
    return fail(ErrorCode::kUnsupported, "a signer of this kind does not sign a message of ours");
}

}  // namespace latchkey::core
