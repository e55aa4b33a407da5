// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tests only: anvil with the contracts on it, if both are there.
#include <gtest/gtest.h>

#include "chains/evm/client/anvil_process.hpp"
#include "chains/evm/wallet/node_testing.hpp"
#include "chains/evm/wallet/scenario_testing.hpp"
#include "chains/evm/wallet/state.hpp"
#include "core/crypto/hash.hpp"

namespace latchkey::evm::wallet::testing {

/// One wallet on the node; who derives from it says what is sent and looked at.
class NodeStage : public Stage {
  public:
    NodeStage(Node& node, const Deployment& deployment, const Address& sender, const Address& token)
        : Stage(deployment, kChainId, token), node_(node), sender_(sender) {
        author.chain.sender = sender;
        // Answers every call with the slot of the implementation, as proxiableUUID() must.
        const Bytes code = core::concat(Bytes{0x7f}, implementation_slot(),
                                        Bytes{0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3});
        other_code[0] = 0x66;
        other_code_hash = core::crypto::keccak256(code);
        node.ask("anvil_setCode", {to_string(other_code), core::encode_hex_prefixed(code)});
        NodeStage::clock_moved();
    }

    Address wallet() const { return author.world.address; }

  protected:
    Node& node() { return node_; }
    const Address& sender() const { return sender_; }
    /// At the model's time; whether it went through.
    bool send(const Bytes& calldata) {
        node_.set_time(author.chain.now);
        return node_.send(sender_, wallet(), calldata);
    }
    void clock_moved() override {
        node_.set_time(author.chain.now);
        node_.ask("evm_mine");
    }

  private:
    Node& node_;
    Address sender_;
};

/// A program on Solana for which the stage's genesis is that of a wallet.
inline Hash32 fitting_program(const Address& token) {
    const Bytes genesis = Stage({}, kChainId, token).author.world.wallet.genesis;
    Hash32 out;
    while (!core::identity_of(genesis, out)) {
        ++out[0];
    }
    return out;
}

class OnChain : public ::testing::Test {
  protected:
    void SetUp() override {
        const auto program = find_anvil();
        if (!program) {
            GTEST_SKIP() << "anvil is not installed: run `npm ci` in chains/evm/contracts, or set "
                            "LATCHKEY_ANVIL";
        }
        const auto codes = init_codes();
        const auto token_code = init_code("TestToken");
        if (!codes || !token_code) {
            GTEST_SKIP()
                << "the contracts are not compiled: run chains/evm/contracts/scripts/forge "
                   "build";
        }
        anvil_ = std::make_unique<AnvilProcess>(
            *program, std::vector<std::string>{"--hardfork", "osaka", "--chain-id",
                                               std::to_string(kChainId)});
        node = std::make_unique<Node>(anvil_->url());
        sender = node->rich_account();
        token = deterministic_address(*token_code);
        deployment = deploy_contracts(*node, fitting_program(token), *codes);
        node->deploy(*token_code);
        ASSERT_FALSE(node->code(deployment.wallet).empty());
    }

    /// Makes the wallet, with money.
    void open(const NodeStage& stage) {
        const Address wallet = stage.wallet();
        const Bytes id = core::to_bytes(stage.author.world.wallet.wallet_id);
        const CallOutcome made = node->call(sender, deployment.factory, id);
        EXPECT_EQ(Bytes(made.data.end() - 20, made.data.end()), core::to_bytes(wallet));
        // Else the node's own clock may have gone on.
        node->set_time(stage.author.chain.now);
        ASSERT_TRUE(node->send(sender, deployment.factory, id));
        EXPECT_EQ(node->code(wallet), clone_code(deployment.wallet));
        node->ask("anvil_setBalance", {to_string(wallet), "0x8ac7230489e80000"});
        const Bytes mint = core::concat(core::decode_hex("40c10f19").value(), Bytes(12), wallet,
                                        Uint256(1'000'000).to_word());
        node->set_time(stage.author.chain.now);
        ASSERT_TRUE(node->send(sender, token, mint));
    }

    std::unique_ptr<Node> node;
    Deployment deployment;
    Address sender;
    Address token;

  private:
    std::unique_ptr<AnvilProcess> anvil_;
};

}  // namespace latchkey::evm::wallet::testing
