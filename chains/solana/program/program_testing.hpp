// SPDX-License-Identifier: Apache-2.0
#pragma once

// For the program's native tests only.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "chains/solana/testing/native_addresses.hpp"
#include "chains/solana/testing/native_world.hpp"
#include "chains/solana/testing/script.hpp"

namespace latchkey::solana::testing {

using core::Verdict;

/// What every test of the native program starts from.
class ProgramTest : public ::testing::Test {
  protected:
    ProgramTest() { world_.put(to_, world_.chain().minimum_balance(0)); }

    /// A configuration whose first rule may do everything with one signature of any signer.
    static core::Configuration open_configuration(std::vector<core::Signer> signers) {
        core::Configuration configuration;
        configuration.rules = {rule(
            core::kActionExecute | core::kActionGrant | core::kActionPolicy | core::kActionMessage,
            static_cast<std::uint16_t>((1U << signers.size()) - 1))};
        configuration.signers = std::move(signers);
        return configuration;
    }
    static core::Rule rule(std::uint64_t actions, std::uint16_t mask = 1,
                           std::uint8_t threshold = 1) {
        core::Rule out;
        out.actions = static_cast<std::uint8_t>(actions);
        out.mask = mask;
        out.threshold = threshold;
        return out;
    }
    /// A rule that may call one program and spend one asset.
    static core::Rule limited_rule(const Address& program, const Address& asset,
                                   std::uint64_t per_call, std::uint64_t per_period,
                                   std::uint32_t period = 0, std::uint16_t mask = 1) {
        core::Rule out = rule(core::kActionExecute, mask);
        out.scope = {{core::Hash32(program.array()), {}}};
        out.limits = {{core::Hash32(asset.array()), per_call, per_period, period}};
        return out;
    }

    /// A transfer from the vault to `to_`, in every nonce kind.
    Draft transfer(std::uint64_t lamports, const Nonce& nonce = TransactionNonce{}) const {
        Draft draft;
        draft.nonce = nonce;
        const std::uint8_t first = std::holds_alternative<LaneNonce>(nonce) ? 4 : 2;
        draft.accounts = {writable(to_), readonly(kSystemProgram)};
        draft.body = ExecuteBody{
            std::nullopt, {transfer_call(static_cast<std::uint8_t>(first + 1), first, lamports)}};
        return draft;
    }
    /// A change of the shared part by rule 0.
    static Draft policy(const core::Configuration& next) {
        Draft draft;
        draft.from_genesis = false;
        draft.body = PolicyBody{.epoch = 0, .shared = core::encode_unchecked(next)};
        return draft;
    }
    static Draft from_state(Draft draft) {
        draft.from_genesis = false;
        return draft;
    }
    static Draft approved_by(Draft draft, std::vector<ForgedApproval> approvals) {
        draft.approvals = std::move(approvals);
        return draft;
    }
    /// Nothing but the nonce.
    static Draft nothing(const Nonce& nonce = TransactionNonce{}) {
        Draft draft;
        draft.nonce = nonce;
        return draft;
    }

    /// `change` makes a good transaction bad: it is refused with this verdict, and leaves no trace;
    /// without the change it is accepted.
    void expect_only_change_refused(const Forge& forge, const Draft& draft, Verdict verdict,
                                    const std::function<void(Forged&)>& change) {
        Forged good = world_.forge(forge, draft);
        Forged bad = good;
        change(bad);
        const NativeAccount before = account_of(forge.wallet().vault);
        const NativeResult refused = world_.send(bad.instructions);
        EXPECT_EQ(verdict_of(refused), verdict) << explain_result(refused);
        EXPECT_EQ(account_of(forge.wallet().vault), before);
        const NativeResult accepted = world_.send(good.instructions);
        EXPECT_TRUE(accepted.ok) << explain_result(accepted);
    }
    NativeAccount account_of(const Address& address) {
        const NativeAccount* const account = world_.chain().find_account(address);
        return account == nullptr ? NativeAccount{} : *account;
    }

    NativeWorld world_;
    Address to_ = test_address(77);
    TestSigner ed25519_ = TestSigner::ed25519(1);
    TestSigner p256_ = TestSigner::p256(2);
    TestSigner passkey_ = TestSigner::passkey(3);
    TestSigner eip712_ = TestSigner::eip712(4);
    TestSigner eip191_ = TestSigner::eip191(5);
};

}  // namespace latchkey::solana::testing

/// The transaction succeeded.
#define EXPECT_ACCEPTED(...)                                                 \
    do {                                                                     \
        const auto& latchkey_result = (__VA_ARGS__);                         \
        EXPECT_TRUE(latchkey_result.ok)                                      \
            << ::latchkey::solana::testing::explain_result(latchkey_result); \
    } while (false)
#define ASSERT_ACCEPTED(...)                                                 \
    do {                                                                     \
        const auto& latchkey_result = (__VA_ARGS__);                         \
        ASSERT_TRUE(latchkey_result.ok)                                      \
            << ::latchkey::solana::testing::explain_result(latchkey_result); \
    } while (false)
/// The program refused it with exactly this verdict.
#define EXPECT_REFUSED(verdict, ...)                                         \
    do {                                                                     \
        const auto& latchkey_result = (__VA_ARGS__);                         \
        EXPECT_EQ(::latchkey::solana::testing::verdict_of(latchkey_result),  \
                  ::latchkey::core::Verdict::verdict)                        \
            << ::latchkey::solana::testing::explain_result(latchkey_result); \
    } while (false)
/// The runtime, or a called program, refused it.
#define EXPECT_RUNTIME_ERROR(name, ...)                                      \
    do {                                                                     \
        const auto& latchkey_result = (__VA_ARGS__);                         \
        EXPECT_EQ(latchkey_result.error, name)                               \
            << ::latchkey::solana::testing::explain_result(latchkey_result); \
    } while (false)
