// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tests only: one wallet's life, action by action, with the verdict of each. The model lives it,
// and the contracts do.
#include <gtest/gtest.h>

#include "chains/evm/wallet/author_testing.hpp"

namespace latchkey::evm::wallet::testing {

/// Where actions are judged.
class Stage {
  public:
    Stage(const Deployment& deployment, std::uint64_t chain, const Address& token);
    virtual ~Stage() = default;
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;

    /// The model says `expected`, and whoever else is asked agrees.
    void step(const Action& action, core::Verdict expected, const char* what);
    void wait(std::uint64_t seconds);

    Author author;
    Address token;
    /// Code for an upgrade, with its hash.
    Address other_code{};
    Hash32 other_code_hash{};

  protected:
    /// Before the model has run it, and after.
    virtual void before_step(const Action& /*action*/, core::Verdict /*expected*/) {}
    virtual void after_step(const Action& /*action*/, core::Verdict /*verdict*/) {}
    virtual void clock_moved() {}
};

/// Calls under all kinds of rules from the genesis on, sessions, lanes, limits.
void play_calls(Stage& stage);
/// An account whose key is `account_key()` adopts the genesis and pays; the stage follows it.
void play_adoption(Stage& stage, const Deployment& deployment);
core::crypto::Secp256k1PrivateKey account_key();
/// Actions at random, good and bad, `count` of them: what the model says of each is expected.
void play_at_random(Stage& stage, std::uint32_t seed, std::size_t count);
/// Proposals, cancels, freezes, changes of the configuration, a recovery, an upgrade.
void play_changes(Stage& stage);

}  // namespace latchkey::evm::wallet::testing
