// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/model.hpp"

#include "chains/evm/wallet/long_form.hpp"
#include "chains/evm/wallet/scenario_testing.hpp"
#include "chains/evm/wallet/short_form.hpp"
#include "core/base/result_testing.hpp"

namespace latchkey::evm::wallet {
namespace {

using core::Verdict;
using testing::Stage;

Address some_token() {
    Address out;
    out[0] = 0x44;
    return out;
}

/// The model alone; every action comes back from its calldata.
class ModelStage : public Stage {
  public:
    ModelStage() : Stage({}, 31337, some_token()) {
        other_code[0] = 1;
        other_code_hash[0] = 2;
    }

  protected:
    void before_step(const Action& action, Verdict /*expected*/) override {
        const auto written = encode_long_form(action);
        ASSERT_OK(written);
        EXPECT_EQ(*decode_long_form(*written), action);
        const auto shortest = encode_calldata(action, author.chain.sender);
        ASSERT_OK(shortest);
        EXPECT_EQ(*decode_calldata(*shortest, author.chain.sender), action);
        before_ = author.world;
    }
    void after_step(const Action& /*action*/, Verdict verdict) override {
        EXPECT_EQ(author.world == before_, verdict != Verdict::kAccepted);
    }

  private:
    model::World before_{};
};

TEST(Model, Calls) {
    ModelStage stage;
    testing::play_calls(stage);
}

TEST(Model, Changes) {
    ModelStage stage;
    testing::play_changes(stage);
    EXPECT_EQ(stage.author.world.implementation, stage.other_code);
}

TEST(Model, RefusalsChangeNothingWhateverHappens) {
    for (const std::uint32_t seed : {1U, 2U, 3U}) {
        ModelStage stage;
        testing::play_at_random(stage, seed, 150);
    }
}

TEST(Model, Messages) {
    ModelStage stage;
    const testing::Author& author = stage.author;
    const auto signature_of = [&](std::uint8_t rule, const Hash32& hash) {
        MessageSignature out;
        out.authority = author.shared(rule);
        const Binding binding{author.world.chain, author.world.address,
                              Hash32(author.world.wallet.wallet_id.array()), rule};
        author.sign(out.approvals, out.authority,
                    core::approval_hash_of(*leaf_of(MessageLeaf{binding, hash})), {0});
        return out;
    };
    Hash32 hash;
    hash[0] = 1;
    const auto judge = [&](const MessageSignature& signature, const Hash32& about) {
        return model::judge_message(author.world, signature, about, author.chain);
    };
    EXPECT_EQ(judge(signature_of(0, hash), hash), Verdict::kAccepted);
    EXPECT_EQ(judge(signature_of(0, hash), Hash32()), Verdict::kKeyMismatch);
    EXPECT_EQ(judge(signature_of(1, hash), hash), Verdict::kActionNotAllowed);
    EXPECT_EQ(judge(signature_of(9, hash), hash), Verdict::kUnknownRule);
    MessageSignature nobody = signature_of(0, hash);
    nobody.approvals = {};
    EXPECT_EQ(judge(nobody, hash), Verdict::kThresholdNotMet);
    MessageSignature nested = signature_of(0, hash);
    nested.form = PersonalSign();
    EXPECT_EQ(judge(nested, hash), Verdict::kUnknownAction);
}

TEST(Model, NeedsAGenesisThatCanBeRead) {
    EXPECT_ERROR(core::ErrorCode::kUnexpectedEnd, model::make_world({}, 1, {}));
    EXPECT_ERROR(core::ErrorCode::kUnexpectedEnd, model::make_world({}, 1, Bytes{0x10, 0x00}));
}

TEST(Model, Adoption) {
    ModelStage stage;
    testing::play_adoption(stage, {});
}

TEST(Model, RunningIsNotItsBusiness) {
    ModelStage stage;
    EXPECT_EQ(stage.author.run(RunAction()), Verdict::kUnknownAction);
}

}  // namespace
}  // namespace latchkey::evm::wallet
