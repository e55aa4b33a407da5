// SPDX-License-Identifier: Apache-2.0
#pragma once

// For tests only: WebAuthn Level 3, Editor's Draft, section 16.1 "ES256 Credential with No
// Attestation".
#include <string_view>

namespace latchkey::core::webauthn::testing {

inline constexpr std::string_view kSpecPrivateKey =
    "6e68e7a58484a3264f66b77f5d6dc5bc36a47085b615c9727ab334e8c369c2ee";
inline constexpr std::string_view kSpecAaguid = "8446ccb9ab1db374750b2367ff6f3a1f";
inline constexpr std::string_view kSpecCredentialId =
    "f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4";
inline constexpr std::string_view kSpecCoseKey =
    "a5010203262001215820afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61225820930a"
    "56"
    "b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220";
inline constexpr std::string_view kSpecCreateChallenge =
    "00c30fb78531c464d2b6771dab8d7b603c01162f2fa486bea70f283ae556e130";
inline constexpr std::string_view kSpecCreateClientData =
    R"({"type":"webauthn.create","challenge":"AMMPt4UxxGTStncdq417YDwBFi8vpIa-pw8oOuVW4TA",)"
    R"("origin":"https://example.org","crossOrigin":false,"extraData":"clientDataJSON may be )"
    R"(extended with additional fields in the future, such as this: BkQeDjdcTBrXBiAwJTLE5Q"})";
inline constexpr std::string_view kSpecAttestationObject =
    "a363666d74646e6f6e656761747453746d74a068617574684461746158a4bfabc37432958b063360d3ad6461c9c473"
    "5a"
    "e7f8edd46592a5e0f01452b2e4b559000000008446ccb9ab1db374750b2367ff6f3a1f0020f91f391db4c9b2fde0ea"
    "70"
    "189cba3fb63f579ba6122b33ad94ff3ec330084be4a5010203262001215820afefa16f97ca9b2d23eb86ccb64098d2"
    "0d"
    "b90856062eb249c33a9b672f26df61225820930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e266479"
    "6b"
    "9220";
inline constexpr std::string_view kSpecGetChallenge =
    "39c0e7521417ba54d43e8dc95174f423dee9bf3cd804ff6d65c857c9abf4d408";
inline constexpr std::string_view kSpecGetClientData =
    R"({"type":"webauthn.get","challenge":"OcDnUhQXulTUPo3JUXT0I97pvzzYBP9tZchXyav01Ag",)"
    R"("origin":"https://example.org","crossOrigin":false})";
inline constexpr std::string_view kSpecGetAuthenticatorData =
    "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b51900000000";
inline constexpr std::string_view kSpecGetSignature =
    "3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd380221008480ac0f0b9353"
    "81"
    "74f575bf11a1dd5d78c6e486013f937295ea13653e331e87";

}  // namespace latchkey::core::webauthn::testing
