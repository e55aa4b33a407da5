// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "core/wallet/configuration.hpp"

/// Small changes of a configuration; the model judges the result when it is encoded.
namespace latchkey::solana {

using core::Result;

/// With one more signer, last, who counts in `rules` (indexes; empty: in all).
/// Errors: kOutOfRange (no such rule, or 16 signers already), kDuplicate (the key is there).
Result<core::Configuration> with_signer(const core::Configuration& configuration,
                                        const core::Signer& signer,
                                        std::span<const std::size_t> rules = {});
/// Without the signer at `index`; thresholds stay. If it began a party, the next key of that party
/// begins it. Errors: kOutOfRange (no such signer), kInvalidArgument (a rule could not be met any
/// more).
Result<core::Configuration> without_signer(const core::Configuration& configuration,
                                           std::size_t index);

/// With another key in the place of the signer at `index`, in the same party and the same rules.
/// An ed25519 key in the place of one that may pay its fees may, too. Errors: kOutOfRange (no such
/// signer), kDuplicate (the key is there).
Result<core::Configuration> with_other_key(const core::Configuration& configuration,
                                           std::size_t index, const core::Signer& signer);

}  // namespace latchkey::solana
