// SPDX-License-Identifier: Apache-2.0
#include "core/webauthn/challenge.hpp"

#include "core/encoding/base64.hpp"

namespace latchkey::core::webauthn {

std::string challenge_text_of_digest(const Hash32& digest) {
    std::array<std::uint8_t, kNibbleTextSize> text;
    write_nibble_challenge(digest.data(), text.data());
    return std::string(as_text(text));
}

NibbleChallenge challenge_of_digest(const Hash32& digest) {
    std::array<std::uint8_t, kNibbleTextSize> text;
    write_nibble_challenge(digest.data(), text.data());
    NibbleChallenge challenge;
    // Base64url by hand: letters are the values 0 to 15, so four of them pack into three bytes
    // without a table.
    for (std::size_t group = 0; group < kNibbleTextSize / 4; ++group) {
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            bits = bits << 6 | static_cast<std::uint32_t>(text[4 * group + i] - 'A');
        }
        challenge[3 * group] = static_cast<std::uint8_t>(bits >> 16);
        challenge[3 * group + 1] = static_cast<std::uint8_t>(bits >> 8);
        challenge[3 * group + 2] = static_cast<std::uint8_t>(bits);
    }
    return challenge;
}

Result<Hash32> digest_of_challenge_text(std::string_view text) {
    if (text.size() != kNibbleTextSize) {
        return fail(ErrorCode::kChallengeMismatch, "the challenge of a digest has 64 letters");
    }
    for (const char letter : text) {
        if (letter < 'A' || letter > 'P') {
            return fail(ErrorCode::kChallengeMismatch,
                        "the challenge of a digest has only letters A to P");
        }
    }
    Hash32 digest;
    for (std::size_t i = 0; i < digest.size(); ++i) {
        digest[i] = static_cast<std::uint8_t>((text[i] - 'A') << 4 | (text[32 + i] - 'A'));
    }
    return digest;
}

Result<Hash32> digest_of_challenge(const NibbleChallenge& challenge) {
    return digest_of_challenge_text(encode_base64url(challenge.view()));
}

}  // namespace latchkey::core::webauthn
