// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/waiting/stories.hpp"

namespace latchkey::waiting_model {

/// A thief with the phone of the two-party preset against a guardian, who looks at least once every
/// `gap_days`.
struct Contest {
    Options options{};
    int gap_days = 2;
    // Before the theft: cancels by one party against the guardian, and days since the first.
    int earlier_cancels = 0;
    int days_since_cancel = 0;
    // Leave out what the thief might change, where only cancelling matters.
    bool only_cancels = false;
};

/// What the search found. `lost`: days until the thief has a second party or the recovery at the
/// earliest, or kNever; `out`: days until he is out at the latest, or kForever.
struct Outcome {
    size_t states = 0;
    int lost = kNever;
    int out = kForever;
};

Outcome contest(const Variant& variant, const Contest& what);

}  // namespace latchkey::waiting_model
