// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/program/accounts.hpp"
#include "core/authorization/configuration.hpp"

/// How the program answers a configuration's questions about its keys.
namespace latchkey::solana::program {

namespace detail {

/// On the curve, and eight times the point is not the neutral element (y = 1).
/// What the VM can tell. It knows nothing of P-256: a key off that curve cannot sign, as half of
/// all x cannot, and whoever builds a configuration looks for that (docs/decisions/0011).
inline core::Truth is_possible_key(uint64_t kind, const uint8_t* key) {
    static constexpr uint8_t kEight[32] = {8};
    static constexpr uint8_t kNeutral[32] = {1};
    uint8_t product[32];
    if (kind == core::kSignerEd25519) {
        return sol_curve_group_op(0, 2, kEight, key, product) == 0 &&
               !core::same32(product, kNeutral);
    }
    return kind != core::kSignerProgram || sol_curve_validate_point(0, key + 32, product) != 0;
}

}  // namespace detail

/// Format only.
inline constexpr core::KeyChecker kAnyKey = nullptr;
inline constexpr core::KeyChecker kCheckedKeys = detail::is_possible_key;

}  // namespace latchkey::solana::program
