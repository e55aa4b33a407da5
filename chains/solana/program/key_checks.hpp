// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/accounts.hpp"
#include "core/authorization/configuration.hpp"
#include "core/authorization/p256_curve.hpp"

/// How the program answers a configuration's questions about its keys.
namespace latchkey::solana::program {

/// y coordinates given with a policy change, one for each P-256 key that the current shared part
/// does not hold.
struct KeyHints {
    const uint8_t* next;
    uint64_t left;
    const uint8_t* current_shared;
};

namespace detail {

/// On the curve, and eight times the point is not the neutral element (y = 1).
inline bool is_ed25519_key(void*, const uint8_t* key) {
    static constexpr uint8_t kEight[32] = {8};
    static constexpr uint8_t kNeutral[32] = {1};
    uint8_t product[32];
    return sol_curve_group_op(0, 2, kEight, key, product) == 0 && !core::same32(product, kNeutral);
}

inline bool is_derived(void*, const uint8_t* address) {
    uint8_t unused[32];
    return sol_curve_validate_point(0, address, unused) != 0;
}

inline bool p256_with_hint(void* context, const uint8_t* key) {
    auto* const hints = static_cast<KeyHints*>(context);
    const uint8_t* signer = hints->current_shared + 2;
    for (uint64_t i = (hints->current_shared[1] & 0x0f) + 1U; i != 0; --i) {
        const uint64_t kind = *signer & core::kSignerKindMask;
        if (core::is_p256_family(kind) && core::same32(signer + 1, key) && signer[33] == key[32]) {
            return true;
        }
        signer += 1 + core::signer_key_size(kind);
    }
    if (hints->left == 0) {
        return false;
    }
    --hints->left;
    const uint8_t* const y = hints->next;
    hints->next += 32;
    return core::is_on_p256(key, y);
}

inline bool accept_key(void*, const uint8_t*) {
    return true;
}

}  // namespace detail

/// Format only.
LATCHKEY_INLINE core::KeyChecker any_key() {
    return {nullptr, detail::accept_key, detail::accept_key, detail::accept_key};
}

/// Local rules: a P-256 key off the curve makes a session useless and nothing else, so it costs no
/// hint.
LATCHKEY_INLINE core::KeyChecker session_keys() {
    return {nullptr, detail::is_ed25519_key, detail::accept_key, detail::is_derived};
}

LATCHKEY_INLINE core::KeyChecker hinted_keys(KeyHints* hints) {
    return {hints, detail::is_ed25519_key, detail::p256_with_hint, detail::is_derived};
}

}  // namespace latchkey::solana::program
