// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/accounts.hpp"
#include "core/authorization/configuration.hpp"

/// How the program answers a configuration's questions about its keys.
namespace latchkey::solana::program {

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

inline bool accept_key(void*, const uint8_t*) {
    return true;
}

}  // namespace detail

/// Format only.
LATCHKEY_INLINE core::KeyChecker any_key() {
    return {nullptr, detail::accept_key, detail::accept_key, detail::accept_key};
}

/// What the VM can tell. It knows nothing of P-256: a key off that curve cannot sign, as half of
/// all x cannot, and whoever builds a configuration looks for that (docs/decisions/0011).
LATCHKEY_INLINE core::KeyChecker checked_keys() {
    return {nullptr, detail::is_ed25519_key, detail::accept_key, detail::is_derived};
}

}  // namespace latchkey::solana::program
