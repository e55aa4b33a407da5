// SPDX-License-Identifier: Apache-2.0
// The contracts themselves, on anvil: every action in both forms has the model's verdict, and what
// is stored afterwards is the model's state.
#include <gtest/gtest.h>

#include "chains/evm/client/anvil_process.hpp"
#include "chains/evm/wallet/long_form.hpp"
#include "chains/evm/wallet/node_testing.hpp"
#include "chains/evm/wallet/scenario_testing.hpp"
#include "chains/evm/wallet/short_form.hpp"
#include "chains/evm/wallet/stored_state_testing.hpp"
#include "core/base/result_testing.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/byte_io.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::evm::wallet {
namespace {

using core::encode_hex_prefixed;
using core::Verdict;

using testing::init_code;
using testing::kChainId;
using testing::name_of;
using testing::Node;
using testing::verdict_of;

/// Asks the contracts what the model is asked.
class ChainStage : public testing::Stage {
  public:
    ChainStage(Node& node, const Deployment& deployment, const Address& sender,
               const Address& token)
        : Stage(deployment, kChainId, token), node_(node), sender_(sender) {
        author.chain.sender = sender;
        // Answers every call with the slot of the implementation, as proxiableUUID() must.
        const Bytes code = core::concat(Bytes{0x7f}, implementation_slot(),
                                        Bytes{0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3});
        other_code[0] = 0x66;
        other_code_hash = core::crypto::keccak256(code);
        node.ask("anvil_setCode", {to_string(other_code), encode_hex_prefixed(code)});
        ChainStage::clock_moved();
    }

    Address wallet() const { return author.world.address; }

  protected:
    void before_step(const Action& action, Verdict expected) override {
        forms_ = {encode_long_form(action).value()};
        EXPECT_EQ(name_of(node_.call(sender_, wallet(), forms_[0])), core::verdict_name(expected))
            << "in the long form";
        const auto* approved = std::get_if<ApprovedAction>(&action);
        if (approved != nullptr && fits_short_form(*approved)) {
            forms_.push_back(encode_short_form(*approved, sender_).value());
            const CallOutcome again = node_.call(sender_, wallet(), forms_[1]);
            EXPECT_EQ(!again.is_reverted, expected == Verdict::kAccepted)
                << "in the short form: " << name_of(again);
            if (verdict_of(again) != expected) {
                others_.push_back(name_of(again) + " for " +
                                  std::string(core::verdict_name(expected)));
            }
        }
    }
    void after_step(const Action& /*action*/, Verdict verdict) override {
        if (verdict != Verdict::kAccepted) {
            return;
        }
        node_.set_time(author.chain.now);
        // By turns, so that each form changes the state that the other one reads.
        EXPECT_TRUE(node_.send(sender_, wallet(), forms_[++turn_ % forms_.size()]));
        EXPECT_EQ(testing::StoredState(node_, author).difference(), "");
    }
    void clock_moved() override {
        node_.set_time(author.chain.now);
        node_.ask("evm_mine");
    }

  private:
    Node& node_;
    Address sender_;
    std::vector<Bytes> forms_{};
    std::size_t turn_ = 0;

  public:
    /// Verdicts of the short form that are others than the long form's, for the log.
    std::vector<std::string> others_{};
};

class OnChain : public ::testing::Test {
  protected:
    void SetUp() override {
        const auto program = find_anvil();
        if (!program) {
            GTEST_SKIP() << "anvil is not installed: run `npm ci` in chains/evm/contracts, or set "
                            "LATCHKEY_ANVIL";
        }
        const auto codes = testing::init_codes();
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
        Hash32 solana_program;
        solana_program[0] = 0x50;
        deployment = testing::deploy_contracts(*node, solana_program, *codes);
        node->deploy(*token_code);
        token = deterministic_address(*token_code);
        ASSERT_FALSE(node->code(deployment.wallet).empty());
    }

    /// Makes the wallet, with money.
    void open(const ChainStage& stage) {
        const Bytes id = core::to_bytes(stage.author.world.wallet.wallet_id);
        const CallOutcome made = node->call(sender, deployment.factory, id);
        EXPECT_EQ(Bytes(made.data.end() - 20, made.data.end()), core::to_bytes(stage.wallet()));
        ASSERT_TRUE(node->send(sender, deployment.factory, id));
        EXPECT_EQ(node->code(stage.wallet()), clone_code(deployment.wallet));
        node->ask("anvil_setBalance", {to_string(stage.wallet()), "0x8ac7230489e80000"});
        const Bytes mint = core::concat(core::decode_hex("40c10f19").value(), Bytes(12),
                                        stage.wallet(), Uint256(1'000'000).to_word());
        ASSERT_TRUE(node->send(sender, token, mint));
    }

    std::unique_ptr<Node> node;
    Deployment deployment;
    Address sender;
    Address token;

  private:
    std::unique_ptr<AnvilProcess> anvil_;
};

void tell(const ChainStage& stage) {
    for (const std::string& other : stage.others_) {
        std::cout << "the short form says " << other << "\n";
    }
}

TEST_F(OnChain, Calls) {
    ChainStage stage(*node, deployment, sender, token);
    open(stage);
    testing::play_calls(stage);
    tell(stage);
}

/// EIP-7702: code that delegates to the wallet's.
TEST_F(OnChain, Adoption) {
    ChainStage stage(*node, deployment, sender, token);
    const Address account = testing::account_key().address();
    const Bytes delegation = core::concat(Bytes{0xef, 0x01, 0x00}, deployment.wallet);
    node->ask("anvil_setCode", {to_string(account), encode_hex_prefixed(delegation)});
    node->ask("anvil_setBalance", {to_string(account), "0x8ac7230489e80000"});
    testing::play_adoption(stage, deployment);
    tell(stage);
}

/// ERC-1271 against the model.
TEST_F(OnChain, Messages) {
    ChainStage stage(*node, deployment, sender, token);
    open(stage);
    const testing::Author& author = stage.author;
    const auto function = abi::parse_signature("isValidSignature(bytes32,bytes)").value();
    Hash32 hash;
    hash[0] = 1;
    const auto ask = [&](std::uint8_t rule, const std::vector<int>& who, const Hash32& about) {
        MessageSignature signature;
        signature.authority = author.shared(rule);
        const Binding binding{author.world.chain, author.world.address,
                              Hash32(author.world.wallet.wallet_id.array()), rule};
        author.sign(signature.approvals, signature.authority,
                    core::approval_hash_of(*leaf_of(MessageLeaf{binding, hash})), who);
        const Bytes encoded = encode_signature(signature).value();
        const abi::Values arguments{core::to_bytes(about), encoded};
        const CallOutcome said =
            node->call(sender, stage.wallet(), abi::encode_call(function, arguments).value());
        const Verdict expected = model::judge_message(author.world, signature, about, author.chain);
        EXPECT_EQ(name_of(said), core::verdict_name(expected));
        return expected;
    };
    for (const int who : {0, 1, 2, 3}) {
        EXPECT_EQ(ask(0, {who}, hash), Verdict::kAccepted);
        EXPECT_EQ(ask(0, {who}, Hash32()), Verdict::kKeyMismatch);
    }
    EXPECT_EQ(ask(0, {0, 1, 2, 3}, hash), Verdict::kAccepted);
    EXPECT_EQ(ask(0, {}, hash), Verdict::kThresholdNotMet);
    EXPECT_EQ(ask(1, {0}, hash), Verdict::kActionNotAllowed);
    EXPECT_EQ(ask(9, {0}, hash), Verdict::kUnknownRule);
}

/// ERC-4337: validateUserOp, called by the EntryPoint.
class Operations : public OnChain {
  protected:
    static constexpr std::uint64_t kVerificationGas = 300'000;
    static constexpr std::uint64_t kCallGas = 200'000;
    static constexpr std::uint64_t kPreVerificationGas = 50'000;
    static constexpr std::uint64_t kFeePerGas = 1'000'000'000;

    /// Refused(109): only the long form will do.
    const std::string kShortForm = "590a5151" + std::string(62, '0') + "6d";

    /// EntryPoint 0.8.
    const Address entry_point = parse_address("0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108").value();

    static model::UserOperation operation(const ChainStage& stage, std::uint8_t rule,
                                          const std::vector<int>& who, std::vector<Call> calls,
                                          std::optional<std::uint64_t> deadline = {}) {
        model::UserOperation out;
        out.hash[0] = 7;
        out.entry_point = parse_address("0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108").value();
        out.calls = std::move(calls);
        out.fee = multiply(Uint256(kVerificationGas + kCallGas + kPreVerificationGas),
                           Uint256(kFeePerGas))
                      .value();
        UserOperationSignature& signature = out.signature;
        signature.authority = stage.author.shared(rule);
        signature.time = stage.author.chain.now;
        signature.deadline = deadline;
        const Binding binding{kChainId, stage.wallet(),
                              Hash32(stage.author.world.wallet.wallet_id.array()), rule};
        const auto leaf = leaf_of(
            UserOperationLeaf{binding, deadline.value_or(kNoDeadline), out.entry_point, out.hash});
        stage.author.sign(signature.approvals, signature.authority, core::approval_hash_of(*leaf),
                          who);
        return out;
    }

    CallOutcome ask(const ChainStage& stage, const model::UserOperation& one,
                    const Bytes& signature) {
        const auto function = abi::parse_signature(
                                  "validateUserOp((address,uint256,bytes,bytes,bytes32,uint256,"
                                  "bytes32,bytes,bytes),bytes32,uint256)")
                                  .value();
        const auto pair = [](std::uint64_t high, std::uint64_t low) {
            Bytes out(32);
            core::store_be(out.data() + 8, high);
            core::store_be(out.data() + 24, low);
            return out;
        };
        const Bytes calldata =
            one.calls.empty() ? Bytes() : encode_long_form(RunAction{one.calls}).value();
        const abi::Values packed{stage.wallet(),
                                 Uint256(),
                                 Bytes(),
                                 calldata,
                                 pair(kVerificationGas, kCallGas),
                                 Uint256(kPreVerificationGas),
                                 pair(1, kFeePerGas),
                                 Bytes(),
                                 signature};
        const abi::Values arguments{packed, core::to_bytes(one.hash), Uint256()};
        return node->call(entry_point, stage.wallet(),
                          abi::encode_call(function, arguments).value());
    }

    /// validUntil 0: no end.
    static Hash32 packed(const model::Validation& validation) {
        Hash32 out;
        const std::uint64_t until = validation.valid_until >> 48 == 0 ? validation.valid_until : 0;
        for (std::size_t i = 0; i < 6; ++i) {
            out[i] = static_cast<std::uint8_t>(validation.valid_after >> (40 - 8 * i));
            out[6 + i] = static_cast<std::uint8_t>(until >> (40 - 8 * i));
        }
        out[31] = validation.is_foreign ? 1 : 0;
        return out;
    }

    Verdict compare(const ChainStage& stage, const model::UserOperation& one) {
        std::vector<Bytes> forms = {encode_signature(one.signature).value()};
        if (fits_short_form(one.signature)) {
            forms.push_back(encode_short_signature(one.signature).value());
        }
        model::World world = stage.author.world;
        const auto expected = model::validate(world, one, stage.author.chain);
        for (const Bytes& form : forms) {
            const CallOutcome said = ask(stage, one, form);
            if (core::encode_hex(said.data) == kShortForm) {
                EXPECT_NE(form, forms[0]);
                continue;
            }
            // The short form leaves the calls to their execution.
            if (form != forms[0] && !expected && expected.error() == Verdict::kTargetReserved) {
                EXPECT_FALSE(said.is_reverted);
                EXPECT_EQ(name_of(node->call(entry_point, stage.wallet(),
                                             encode_long_form(RunAction{one.calls}).value())),
                          "TargetReserved");
                continue;
            }
            EXPECT_EQ(name_of(said),
                      core::verdict_name(expected ? Verdict::kAccepted : expected.error()))
                << "form " << int{form[0]};
            if (expected && !said.is_reverted) {
                EXPECT_EQ(core::encode_hex(said.data), core::encode_hex(packed(*expected)))
                    << "form " << int{form[0]};
            }
        }
        return expected ? Verdict::kAccepted : expected.error();
    }
};

TEST_F(Operations, AreValidatedAsTheModelDoes) {
    ChainStage stage(*node, deployment, sender, token);
    open(stage);
    Address somebody;
    std::fill(somebody.begin(), somebody.end(), std::uint8_t{0x77});
    const std::vector<Call> payment = {{somebody, Uint256(1), {}}};
    for (const int who : {0, 1, 2, 3}) {
        EXPECT_EQ(compare(stage, operation(stage, 0, {who}, payment)), Verdict::kAccepted);
    }
    EXPECT_EQ(compare(stage, operation(stage, 0, {0, 1, 2, 3}, {}, 2'000'000'100)),
              Verdict::kAccepted);
    model::UserOperation foreign = operation(stage, 0, {2}, payment);
    foreign.hash[1] = 1;
    EXPECT_EQ(compare(stage, foreign), Verdict::kAccepted);
    EXPECT_EQ(compare(stage, operation(stage, 0, {}, payment)), Verdict::kThresholdNotMet);
    EXPECT_EQ(compare(stage, operation(stage, 0, {0}, payment, 0)), Verdict::kDeadlinePassed);
    EXPECT_EQ(compare(stage, operation(stage, 2, {0}, payment)), Verdict::kActionNotAllowed);
    EXPECT_EQ(compare(stage, operation(stage, 3, {0, 1}, payment)), Verdict::kActionNotAllowed);
    EXPECT_EQ(compare(stage, operation(stage, 9, {0}, payment)), Verdict::kUnknownRule);
    EXPECT_EQ(compare(stage, operation(stage, 0, {0}, {{stage.wallet(), {}, {}}})),
              Verdict::kTargetReserved);
    // Under limits, gas is spent too: 0.00055 and a payment, in units of 0.001, within an hour.
    EXPECT_EQ(compare(stage, operation(stage, 1, {0}, payment)), Verdict::kAccepted);
    const Uint256 much = *Uint256::parse_decimal("5000000000000000");
    EXPECT_EQ(compare(stage, operation(stage, 1, {0}, {{somebody, much, {}}})),
              Verdict::kLimitPerCall);
    const Uint256 less = *Uint256::parse_decimal("4000000000000000");
    EXPECT_EQ(compare(stage, operation(stage, 1, {0}, {{somebody, less, {}}})), Verdict::kAccepted);
    // Frozen by the rule for it; later it may be included.
    stage.step(stage.author.approve(stage.author.shared(5), Freeze{0, 0}, {2}), Verdict::kAccepted,
               "freeze");
    EXPECT_EQ(compare(stage, operation(stage, 0, {0}, payment)), Verdict::kAccepted);
}

/// LATCHKEY_SEED chooses other walks.
TEST_F(OnChain, AtRandom) {
    const char* const chosen = std::getenv("LATCHKEY_SEED");
    const auto seed = static_cast<std::uint32_t>(chosen == nullptr ? 1 : std::atoi(chosen));
    ChainStage stage(*node, deployment, sender, token);
    open(stage);
    testing::play_at_random(stage, seed, 200);
    tell(stage);
}

/// Every bit of calldata matters: what the wallet accepts besides is the same action, written in a
/// way that the decoders refuse; no other action is accepted.
TEST_F(OnChain, Mutants) {
    ChainStage stage(*node, deployment, sender, token);
    open(stage);
    testing::Author& author = stage.author;
    Address somebody;
    std::fill(somebody.begin(), somebody.end(), std::uint8_t{0x77});
    const Execute body{{{somebody, Uint256(300), {}}, {somebody, {}, {1, 2, 3}}}, {}};
    std::vector<Bytes> written;
    for (const std::vector<int>& who : {std::vector<int>{2}, {0, 1, 3}}) {
        const ApprovedAction action =
            author.approve(author.shared(0), body, who, {2'000'000'100, false, {}});
        written.push_back(encode_long_form(action).value());
        written.push_back(encode_short_form(action, sender).value());
    }
    std::map<std::string, std::size_t> lenient;
    for (const Bytes& good : written) {
        ASSERT_EQ(verdict_of(node->call(sender, stage.wallet(), good)), Verdict::kAccepted);
        for (std::size_t i = 0; i < good.size(); ++i) {
            Bytes other = good;
            other[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
            const CallOutcome said = node->call(sender, stage.wallet(), other);
            const auto action = decode_calldata(other, sender);
            if (action) {
                model::World world = author.world;
                const Verdict expected = model::apply(world, *action, author.chain);
                EXPECT_EQ(!said.is_reverted, expected == Verdict::kAccepted)
                    << "byte " << i << " of form " << int{good[0]} << ": " << name_of(said)
                    << ", the model: " << core::verdict_name(expected);
            } else if (!said.is_reverted) {
                ++lenient["form " + std::to_string(good[0]) + ", byte " + std::to_string(i) + ": " +
                          action.error().to_string()];
            }
        }
    }
    // A leading zero in the value of the first call.
    for (const Bytes& good : written) {
        const Bytes found = core::concat(somebody, Bytes{2, 1, 44});
        const Bytes with_zero = core::concat(somebody, Bytes{3, 0, 1, 44});
        const auto at = std::search(good.begin(), good.end(), found.begin(), found.end());
        ASSERT_NE(at, good.end());
        const Bytes other =
            core::concat(Bytes(good.begin(), at), with_zero,
                         Bytes(at + static_cast<std::ptrdiff_t>(found.size()), good.end()));
        EXPECT_FALSE(decode_calldata(other, sender).has_value());
        // The short form does not look: nothing of the spelling is signed or stored.
        EXPECT_EQ(node->call(sender, stage.wallet(), other).is_reverted, good[0] == 0x71);
    }
    for (const auto& [what, count] : lenient) {
        ADD_FAILURE() << "the wallet accepts calldata that no encoder writes: " << what;
    }
}

TEST_F(OnChain, Changes) {
    ChainStage stage(*node, deployment, sender, token);
    open(stage);
    testing::play_changes(stage);
    tell(stage);
}

}  // namespace
}  // namespace latchkey::evm::wallet
