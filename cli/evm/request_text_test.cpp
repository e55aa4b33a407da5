// SPDX-License-Identifier: Apache-2.0
#include "cli/evm/request_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chains/evm/wallet/release.hpp"
#include "core/base/result_testing.hpp"
#include "core/wallet/testing.hpp"

namespace latchkey::cli::on_evm {
namespace {

using core::testing::filled;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

ApprovalRequest request(const wallet::Terms& terms, wallet::Body body) {
    core::Configuration configuration;
    configuration.signers = {core::Signer::secp256k1_eip712(filled<evm::Address>(1))};
    configuration.rules.emplace_back().actions = core::kActionExecute | core::kActionPolicy;
    configuration.rules[0].mask = 1;
    const auto program = filled<core::Hash32>(0x50);
    const auto made = core::find_salt(configuration, program).value();
    auto handle =
        wallet::WalletHandle::from_genesis(made.genesis, wallet::released_deployment(program), 137)
            .value();
    const wallet::Scene scene{137, handle.address(), handle.id(), 41, filled<evm::Address>(9)};
    const wallet::Authority authority{wallet::GenesisSource{made.genesis}, 0, {}};
    auto plan = wallet::plan_action(authority, terms, std::move(body), scene).value();
    return {"polygon", std::move(handle), std::move(plan), {}};
}

TEST(RequestText, says_what_makes_two_payments_different) {
    const wallet::Body pays = wallet::Execute{{{filled<evm::Address>(2), evm::Uint256(5), {}}}, {}};
    EXPECT_THAT(request({}, pays).description(), Contains("good once, as number 41"));
    wallet::Terms terms;
    terms.lane = 7;
    terms.has_executor = true;
    const auto text = request(terms, pays).description();
    EXPECT_THAT(text, Contains("good once, as number 41 of lane 7"));
    EXPECT_THAT(text, Contains("the executor is " + evm::to_string(filled<evm::Address>(9))));
    // A change has no number.
    EXPECT_THAT(request({}, wallet::Freeze{0, 0}).description(),
                Not(Contains(HasSubstr("good once"))));
}

}  // namespace
}  // namespace latchkey::cli::on_evm
