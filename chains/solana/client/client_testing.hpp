// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/client/wallet.hpp"
#include "core/crypto/hash.hpp"
#include "core/wallet/configuration.hpp"

/// Names that the client's tests share.
namespace latchkey::solana::testing {

inline constexpr std::uint8_t kOwner =
    core::kActionExecute | core::kActionGrant | core::kActionPolicy | core::kActionMessage;

/// An address of no meaning, another for each value.
inline Address address_of(std::uint8_t value) {
    Address out;
    out.span().back() = value;
    out.span().front() = 0xee;
    return out;
}

inline const Deployment kDeployment = {address_of(0xf0),
                                       core::crypto::sha256(core::as_bytes("cluster"))};

inline core::Rule rule_for(std::uint8_t actions, std::uint16_t mask, std::uint8_t threshold = 1) {
    core::Rule rule;
    rule.actions = actions;
    rule.mask = mask;
    rule.threshold = threshold;
    return rule;
}

}  // namespace latchkey::solana::testing
