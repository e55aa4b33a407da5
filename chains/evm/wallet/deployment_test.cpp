// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/deployment.hpp"

#include <gtest/gtest.h>

#include "chains/evm/wallet/cases_testing.hpp"

namespace latchkey::evm::wallet {
namespace {

using namespace testing;

TEST(Deployment, IsWhereViemSaysItIs) {
    for (const json::value& one : cases().at("deployments").as_array()) {
        const InitCodes codes{bytes(one.at("actionsCode")), bytes(one.at("standardsCode")),
                              bytes(one.at("factoryCode"))};
        const Deployment found = deployment_of(fixed<Hash32>(one.at("program")), codes);
        EXPECT_EQ(to_string(found.actions), text(one.at("actions")));
        EXPECT_EQ(to_string(found.standards), text(one.at("standards")));
        EXPECT_EQ(to_string(found.factory), text(one.at("factory")));
        EXPECT_EQ(to_string(found.wallet), text(one.at("wallet")));
        EXPECT_EQ(to_string(wallet_address(found, fixed<core::WalletId>(one.at("walletId")))),
                  text(one.at("address")));
        EXPECT_EQ(account_wallet_id(fixed<Address>(one.at("account")), bytes(one.at("genesis"))),
                  fixed<core::WalletId>(one.at("accountId")));
    }
}

TEST(Deployment, IsAnotherForAnotherProgramOrCode) {
    const InitCodes codes{{1}, {2}, {3}};
    const Deployment one = deployment_of(Hash32(), codes);
    Hash32 other;
    other[31] = 1;
    // The program is an argument of the factory alone.
    EXPECT_NE(deployment_of(other, codes).factory, one.factory);
    EXPECT_EQ(deployment_of(other, codes).actions, one.actions);
    EXPECT_NE(deployment_of(Hash32(), {{4}, {2}, {3}}).factory, one.factory);
    EXPECT_NE(deployment_of(Hash32(), {{1}, {4}, {3}}).factory, one.factory);
    EXPECT_NE(deployment_of(Hash32(), {{1}, {2}, {4}}).factory, one.factory);
}

TEST(Deployment, CloneIsThatOfTheSpecification) {
    const Bytes code = clone_code(kDeterministicDeployer);
    EXPECT_EQ(core::encode_hex(code),
              "5f5f3615602f57365f5f37365f73"
              "4e59b44847b379578588920ca78fbf26c0b4956c"
              "5af43d5f5f3e5f3d91602f57fd5bf3");
    EXPECT_EQ(code.size(), 49U);
    const Bytes init = clone_init_code(kDeterministicDeployer);
    EXPECT_EQ(core::encode_hex(ByteView(init).first(9)), "60318060095f395ff3");
    EXPECT_TRUE(core::equal(ByteView(init).subspan(9), code));
}

TEST(Deployment, DeployerIsSentSaltAndCode) {
    EXPECT_EQ(deployer_calldata(Bytes{7, 8}), core::concat(Bytes(32), Bytes{7, 8}));
}

}  // namespace
}  // namespace latchkey::evm::wallet
