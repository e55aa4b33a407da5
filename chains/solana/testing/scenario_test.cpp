// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/testing/scenario.hpp"

#include <gtest/gtest.h>

#include "chains/solana/client/instructions.hpp"
#include "core/crypto/hash.hpp"

namespace latchkey::solana::testing {
namespace {

using core::kActionExecute;
using core::kActionGrant;
using core::kActionMessage;
using core::kActionPolicy;

constexpr std::uint64_t kOwner = kActionExecute | kActionGrant | kActionPolicy | kActionMessage;
constexpr std::uint64_t kSol = 1'000'000'000;

/// One VM for all tests; each begins where the scenario was made.
class ScenarioTest : public ::testing::Test {
  protected:
    static void SetUpTestSuite() { shared() = std::make_unique<Scenario>(); }
    static void TearDownTestSuite() { shared().reset(); }
    void SetUp() override { scenario().reset(); }

    static Scenario& scenario() { return *shared(); }
    static Address somebody() { return Scenario::address(7); }

  private:
    static std::unique_ptr<Scenario>& shared() {
        static std::unique_ptr<Scenario> instance;
        return instance;
    }
};

TEST_F(ScenarioTest, every_kind_of_signer_transfers_in_genesis_mode) {
    const std::vector<TestSigner> signers = {
        TestSigner::ed25519(1), TestSigner::p256(2),   TestSigner::passkey(3),
        TestSigner::eip712(4),  TestSigner::eip191(5),
    };
    WalletUnderTest wallet(scenario(), signers, {plain_rule(kOwner, 0x1f)});
    wallet.fund(10 * kSol);
    std::uint64_t received = 0;
    const std::vector<Approver> ways = {
        {0, ApprovalMethod::kDefault}, {0, ApprovalMethod::kOffchainMessage},
        {1, ApprovalMethod::kDefault}, {2, ApprovalMethod::kDefault},
        {3, ApprovalMethod::kDefault}, {3, ApprovalMethod::kPrecompile},
        {4, ApprovalMethod::kDefault}, {4, ApprovalMethod::kPrecompile}};
    for (const Approver& way : ways) {
        const Action action = wallet.transfer(somebody(), kSol, scenario().use_lane());
        EXPECT_ACCEPTED(wallet.send(action, {way}));
        received += kSol;
        EXPECT_EQ(scenario().lamports(somebody()), received);
    }
}

}  // namespace
}  // namespace latchkey::solana::testing
