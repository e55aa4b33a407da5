// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/webauthn/nibble_challenge.hpp"

namespace latchkey::core::webauthn {

/// What a client passes to navigator.credentials.get() as the challenge for a digest.
using NibbleChallenge = FixedBytes<kNibbleChallengeSize, struct NibbleChallengeTag>;

NibbleChallenge challenge_of_digest(const Hash32& digest);
/// The 64 letters 'A' to 'P' that stand in clientDataJSON; also used in the ed25519 envelope.
std::string challenge_text_of_digest(const Hash32& digest);

/// Exactly 64 letters 'A' to 'P', else kChallengeMismatch.
Result<Hash32> digest_of_challenge_text(std::string_view text);
/// Only challenges that some digest has, else kChallengeMismatch.
Result<Hash32> digest_of_challenge(const NibbleChallenge& challenge);

}  // namespace latchkey::core::webauthn
