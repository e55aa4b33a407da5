// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "chains/solana/testing/scenario.hpp"
#include "chains/solana/testing/script.hpp"

/// What the tests of the laws on the real VM share. Each attack is refused with exactly its
/// verdict, and the same transaction without the fault passes. That a refused transaction changed
/// nothing is checked by Scenario::send for every account that it names.
namespace latchkey::solana::testing {

inline constexpr std::uint64_t kSol = 1'000'000'000;
inline constexpr std::uint64_t kEverything =
    core::kActionExecute | core::kActionGrant | core::kActionPolicy | core::kActionMessage;

/// One VM for the whole process; each test begins where the scenario was made.
class Laws : public ::testing::Test {
  protected:
    void SetUp() override {
        chain().reset();
        chain().set_lamports(somebody(), kSol);
    }

    static Scenario& chain() {
        static Scenario scenario;
        return scenario;
    }
    static Address somebody() { return Scenario::address(1000); }
    static TestSigner key(std::uint32_t seed) {
        const TestSigner signer = TestSigner::ed25519(seed);
        chain().add_key(signer);
        return signer;
    }
    /// A funded wallet of one signer that may do everything.
    static WalletUnderTest owned_by(const TestSigner& signer) {
        WalletUnderTest wallet(chain(), {signer}, {plain_rule(kEverything, 1)});
        wallet.fund(100 * kSol);
        return wallet;
    }
    /// The same with a state account.
    static WalletUnderTest with_state(const TestSigner& signer) {
        WalletUnderTest wallet = owned_by(signer);
        EXPECT_ACCEPTED(wallet.create_state());
        return wallet;
    }
    /// The same with room for what a test adds.
    static WalletUnderTest with_room(const TestSigner& signer) {
        WalletUnderTest wallet = with_state(signer);
        wallet.fund_state(6000);
        return wallet;
    }
    static Attempt transfer(const WalletUnderTest& wallet, const NonceChoice& nonce,
                            const AttemptOptions& options = {}) {
        return wallet.attempt(wallet.transfer(somebody(), kSol, nonce), {{0}}, options);
    }
    /// An execute whose calls are made by the first signer's transaction signature.
    static Attempt calling(const WalletUnderTest& wallet, const std::vector<Instruction>& calls,
                           RuleReference rule = {}) {
        return wallet.attempt(wallet.execute(calls, UseTransaction{}, rule), {{0}});
    }
    static SendResult call(const WalletUnderTest& wallet, const std::vector<Instruction>& calls,
                           RuleReference rule = {}) {
        return chain().send(calling(wallet, calls, rule));
    }
    /// A policy change approved by the first signer under rule 0.
    static SendResult change(const WalletUnderTest& wallet, const core::Configuration& next) {
        return wallet.send({PolicyAction{{}, next}, UseTransaction{}, std::nullopt}, {{0}});
    }
    /// The id of a session that lives.
    static core::LocalRuleId session_id(const WalletUnderTest& wallet, std::size_t slot) {
        return core::LocalRuleId(
            wallet.now().state()->slots.at(slot).value().local_rule_id.array());
    }
    /// Nothing left the wallet.
    static void expect_untouched(const WalletUnderTest& wallet) {
        EXPECT_EQ(chain().lamports(wallet.vault()), 100 * kSol);
    }
    /// Puts a program of this build at `address`.
    static void load(const Address& address, const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        const Bytes elf((std::istreambuf_iterator<char>(file)), {});
        ASSERT_FALSE(elf.empty()) << path;
        chain().svm().load_program(address.array(), elf);
    }
};

/// The runtime, a precompile or a called program refused it, with this error by name.
inline std::string unless_error(const SendResult& result, const std::string& name) {
    return !result.ok && result.error_name == name ? "" : explain_result(result);
}
/// A called program refused it with this number of its own.
inline std::string unless_code(const SendResult& result, std::uint32_t code) {
    return !result.ok && result.custom_code == code ? "" : explain_result(result);
}

}  // namespace latchkey::solana::testing

#define EXPECT_RUNTIME_ERROR(name, result) \
    EXPECT_EQ(::latchkey::solana::testing::unless_error(result, name), "")
#define EXPECT_CALLEE_ERROR(code, result) \
    EXPECT_EQ(::latchkey::solana::testing::unless_code(result, code), "")
