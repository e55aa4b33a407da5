// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/evidence.hpp"

#include <gtest/gtest.h>

#include "core/base/result_testing.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/byte_io.hpp"
#include "core/wallet/testing.hpp"
#include "core/webauthn/challenge.hpp"

namespace latchkey::evm::wallet {
namespace {

using core::ErrorCode;
using core::testing::filled;

core::Secret<32> secret(std::uint8_t byte) {
    return *core::Secret<32>::copy_of(Bytes(32, byte));
}
const core::ApprovalHash& hash() {
    static const auto kHash = filled<core::ApprovalHash>(0x42);
    return kHash;
}
Hash32 digest() {
    return Hash32(core::digest_of(hash()).array());
}

const core::crypto::P256PrivateKey& p256() {
    static const auto kKey = *core::crypto::P256PrivateKey::from_scalar(secret(5));
    return kKey;
}

core::webauthn::Assertion assertion(std::uint8_t flags) {
    core::webauthn::Assertion out;
    core::ByteWriter data;
    data.write(core::testing::example_rp_id_hash()).write_u8(flags).write_u32_be(3);
    out.authenticator_data = data.take();
    out.client_data_json = R"({"type":"webauthn.get","challenge":")" +
                           core::webauthn::challenge_text_of_digest(digest()) +
                           R"(","origin":"https://example.com","crossOrigin":false})";
    out.signature = *p256().sign(
        core::webauthn::assertion_digest(out.authenticator_data, out.client_data_json));
    return out;
}

TEST(Evidence, Secp256k1InBothEnvelopes) {
    const auto key = *core::crypto::Secp256k1PrivateKey::from_scalar(secret(1), core::Secret<32>());
    for (const bool is_personal : {false, true}) {
        const auto signer = is_personal ? core::Signer::secp256k1_eip191(key.address())
                                        : core::Signer::secp256k1_eip712(key.address());
        const auto made =
            *key.sign(is_personal ? core::eip191_digest(core::digest_of(hash())) : digest());
        const auto approval = approval_of(signer, made);
        ASSERT_OK(approval);
        EXPECT_OK(verify(signer, hash(), *approval));
        EXPECT_FALSE(verify(signer, filled<core::ApprovalHash>(1), *approval).has_value());
        // The same signature with a high s.
        const core::crypto::RecoverableSignature high{
            core::crypto::mirrored(made.signature),
            static_cast<std::uint8_t>(made.recovery_id ^ 1)};
        EXPECT_EQ(approval_of(signer, high), approval);
        EXPECT_ERROR(ErrorCode::kMalformedSignature,
                     approval_of(signer, core::crypto::RecoverableSignature{made.signature, 2}));
    }
}

TEST(Evidence, P256BringsTheOtherCoordinate) {
    const auto signer = core::Signer::p256(p256().public_key());
    const auto made = *p256().sign(core::crypto::sha256(digest()));
    const auto approval = approval_of(signer, made);
    ASSERT_OK(approval);
    EXPECT_OK(verify(signer, hash(), *approval));
    EXPECT_EQ(approval_of(signer, core::crypto::mirrored(made)), approval);
    auto other = std::get<P256Approval>(*approval);
    const auto point = *core::crypto::decompress_p256(p256().public_key());
    EXPECT_TRUE(core::equal(other.y, point.view().last<32>()));
    other.y[0] ^= 1;
    EXPECT_ERROR(ErrorCode::kWrongSigner, verify(signer, hash(), other));
    EXPECT_ERROR(ErrorCode::kInvalidSignature,
                 verify(signer, filled<core::ApprovalHash>(1), *approval));
}

TEST(Evidence, PasskeyIsRebuiltFromWhatTravels) {
    const auto signer =
        core::Signer::webauthn(p256().public_key(), core::testing::example_rp_id_hash(), true);
    const auto approval = approval_of(signer, assertion(0x05));
    ASSERT_OK(approval);
    EXPECT_EQ(std::get<PasskeyApproval>(*approval).rest,
              R"(","origin":"https://example.com","crossOrigin":false})");
    EXPECT_EQ(std::get<PasskeyApproval>(*approval).counter, 3U);
    EXPECT_OK(verify(signer, hash(), *approval));
    EXPECT_ERROR(ErrorCode::kUserNotVerified,
                 verify(signer, hash(), *approval_of(signer, assertion(0x01))));
    EXPECT_ERROR(ErrorCode::kUserNotPresent,
                 verify(signer, hash(), *approval_of(signer, assertion(0x04))));
    auto longer = assertion(0x05);
    longer.authenticator_data.push_back(0);
    EXPECT_ERROR(ErrorCode::kMalformedAuthenticatorData, approval_of(signer, longer));
    auto other = assertion(0x05);
    other.client_data_json = "{}";
    EXPECT_ERROR(ErrorCode::kMalformedClientData, approval_of(signer, other));
}

TEST(Evidence, EachKindHasItsOwn) {
    const auto key = core::Signer::p256(p256().public_key());
    const auto passkey = core::Signer::webauthn(p256().public_key(), Hash32(), false);
    const auto address = core::Signer::secp256k1_eip712(filled<Address>(1));
    const auto contract = core::Signer::contract(1, filled<Address>(1));
    EXPECT_ERROR(ErrorCode::kEvidenceKind, approval_of(key, assertion(5)));
    EXPECT_ERROR(ErrorCode::kEvidenceKind, approval_of(address, assertion(5)));
    EXPECT_ERROR(ErrorCode::kEvidenceKind, approval_of(passkey, core::crypto::P256Signature()));
    EXPECT_ERROR(ErrorCode::kNotASigningKind, approval_of(contract, assertion(5)));
    EXPECT_ERROR(ErrorCode::kEvidenceKind, verify(key, hash(), ContractApproval()));
    EXPECT_ERROR(ErrorCode::kUnsupported, verify(contract, hash(), ContractApproval()));
}

}  // namespace
}  // namespace latchkey::evm::wallet
