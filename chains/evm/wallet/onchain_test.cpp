// SPDX-License-Identifier: Apache-2.0
// The contracts themselves, on anvil: every action in both forms has the model's verdict, and what
// is stored afterwards is the model's state.
#include <gtest/gtest.h>

#include "chains/evm/client/abi.hpp"
#include "chains/evm/wallet/erc7821.hpp"
#include "chains/evm/wallet/long_form.hpp"
#include "chains/evm/wallet/messages.hpp"
#include "chains/evm/wallet/onchain_testing.hpp"
#include "chains/evm/wallet/short_form.hpp"
#include "chains/evm/wallet/state.hpp"
#include "chains/evm/wallet/stored_state_testing.hpp"
#include "chains/evm/wallet/undeployed.hpp"
#include "chains/evm/wallet/user_operation.hpp"
#include "core/base/result_testing.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/byte_io.hpp"
#include "core/encoding/hex.hpp"
#include "core/wallet/model_steps.hpp"

namespace latchkey::evm::wallet {
namespace {

namespace json = boost::json;
using core::encode_hex_prefixed;
using core::Verdict;
using testing::entry_point_code;
using testing::kChainId;
using testing::name_of;
using testing::OnChain;
using testing::verdict_of;

/// Asks the contracts what the model is asked.
class ChainStage : public testing::NodeStage {
  public:
    using NodeStage::NodeStage;

  protected:
    void before_step(const Action& action, Verdict expected) override {
        forms_ = {encode_long_form(action).value()};
        EXPECT_EQ(name_of(node().call(sender(), wallet(), forms_[0])), core::verdict_name(expected))
            << "in the long form";
        const auto* approved = std::get_if<ApprovedAction>(&action);
        if (approved != nullptr && fits_short_form(*approved)) {
            forms_.push_back(encode_short_form(*approved, sender()).value());
            const CallOutcome again = node().call(sender(), wallet(), forms_[1]);
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
        // By turns, so that each form changes the state that the other one reads.
        EXPECT_TRUE(send(forms_[++turn_ % forms_.size()]));
        EXPECT_EQ(testing::StoredState(node(), author).difference(), "");
    }

  private:
    std::vector<Bytes> forms_{};
    std::size_t turn_ = 0;

  public:
    /// Verdicts of the short form that are others than the long form's, for the log.
    std::vector<std::string> others_{};
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

/// All three forms of ERC-1271, signed over the digests that the library says.
class Vouching : public OnChain {
  protected:
    const abi::Function kFunction = abi::parse_signature("isValidSignature(bytes32,bytes)").value();

    /// `who` have the wallet vouch for `hash`.
    static Bytes vouch(const ChainStage& stage, const Hash32& hash,
                       const decltype(MessageSignature::form)& form, const std::vector<int>& who) {
        const testing::Author& author = stage.author;
        MessageSignature signature;
        signature.authority = author.shared(0);
        signature.form = form;
        Scene scene;
        scene.chain = author.world.chain;
        scene.wallet = author.world.address;
        scene.wallet_id = author.world.wallet.wallet_id;
        const core::Digest digest = message_digest(signature, hash, scene).value();
        author.sign(signature.approvals, signature.authority, digest, who);
        return encode_signature(signature).value();
    }

    bool accepts(const ChainStage& stage, const Hash32& hash, const Bytes& signature) {
        const abi::Values arguments{core::to_bytes(hash), signature};
        const CallOutcome said =
            node->call(sender, stage.wallet(), abi::encode_call(kFunction, arguments).value());
        return !said.is_reverted && said.data.size() == 32 &&
               core::encode_hex(ByteView(said.data).first(4)) == "1626ba7e";
    }

    /// Every byte matters; one bit of each is enough to show it.
    void expect_no_flip(const ChainStage& stage, const Hash32& hash, const Bytes& signature) {
        for (std::size_t i = 0; i < signature.size(); ++i) {
            Bytes other = signature;
            other[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
            EXPECT_FALSE(accepts(stage, hash, other)) << "byte " << i;
        }
        for (std::size_t i = 0; i < Hash32::kSize; ++i) {
            Hash32 other = hash;
            other[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
            EXPECT_FALSE(accepts(stage, other, signature)) << "byte " << i << " of the hash";
        }
    }
};

TEST_F(Vouching, ForHashesTextsAndTypedData) {
    ChainStage stage(*node, deployment, sender, token);
    open(stage);
    const Hash32 hash = personal_message_hash(core::as_bytes("hello"));
    TypedDataSign typed;
    typed.domain[0] = 1;
    typed.contents[0] = 2;
    for (const std::string description :
         {"Permit(address owner,uint256 value)", "Leg(uint256 amount)Order(Leg leg)Order"}) {
        typed.description = description;
        const Hash32 of_typed = typed_data_hash(typed.domain, typed.contents);
        for (const std::vector<int>& who : {std::vector<int>{0}, {1}, {2}, {3}, {0, 1, 2, 3}}) {
            EXPECT_TRUE(accepts(stage, hash, vouch(stage, hash, {}, who)));
            EXPECT_TRUE(accepts(stage, hash, vouch(stage, hash, PersonalSign(), who)));
            EXPECT_TRUE(accepts(stage, of_typed, vouch(stage, of_typed, typed, who)));
        }
        expect_no_flip(stage, of_typed, vouch(stage, of_typed, typed, {2}));
    }
    expect_no_flip(stage, hash, vouch(stage, hash, {}, {0, 3}));
    expect_no_flip(stage, hash, vouch(stage, hash, PersonalSign(), {1, 2}));
}

/// ERC-6492: before the wallet is there, its signature says how to make it.
TEST_F(Vouching, BeforeThereIsAWallet) {
    ChainStage stage(*node, deployment, sender, token);
    const Hash32 hash = personal_message_hash(core::as_bytes("hello"));
    const core::WalletId wallet_id = stage.author.world.wallet.wallet_id;
    const Bytes wrapped =
        wrap_signature({deployment.factory, wallet_id, vouch(stage, hash, PersonalSign(), {2})});
    // What a verifier does with it.
    const auto unwrapped = unwrap_signature(wrapped);
    ASSERT_OK(unwrapped);
    EXPECT_TRUE(node->code(stage.wallet()).empty());
    EXPECT_FALSE(accepts(stage, hash, unwrapped->signature));
    ASSERT_TRUE(node->send(sender, unwrapped->factory, core::to_bytes(unwrapped->wallet_id)));
    EXPECT_TRUE(accepts(stage, hash, unwrapped->signature));
    EXPECT_FALSE(accepts(stage, hash, wrapped));
}

/// ERC-7821: the same approval by way of execute(mode, data), as the model has it.
TEST_F(OnChain, Batches) {
    ChainStage stage(*node, deployment, sender, token);
    open(stage);
    testing::Author& author = stage.author;
    Address somebody;
    std::fill(somebody.begin(), somebody.end(), std::uint8_t{0x77});
    const Execute body{{{somebody, Uint256(300), {}}, {somebody, {}, {1, 2, 3}}}, {}};
    const auto balance = [&] {
        const json::value said = node->ask("eth_getBalance", {to_string(somebody), "latest"});
        return std::string(said.as_string());
    };
    std::uint64_t paid = 0;
    for (const std::vector<int>& who : {std::vector<int>{2}, {0, 1, 3}}) {
        for (const Terms& terms :
             {Terms{}, Terms{2'000'000'100, true, {}}, Terms{std::nullopt, false, 5}}) {
            const ApprovedAction action = author.approve(author.shared(0), body, who, terms);
            const Bytes calldata = encode_erc7821(action).value();
            EXPECT_EQ(decode_erc7821(calldata).value(), action);
            EXPECT_EQ(name_of(node->call(sender, stage.wallet(), calldata)), "Accepted");
            ASSERT_TRUE(node->send(sender, stage.wallet(), calldata));
            paid += 300;
            EXPECT_EQ(balance(), Uint256(paid).to_quantity());
            EXPECT_EQ(author.run(action), Verdict::kAccepted);
            // Its nonce is used up.
            EXPECT_EQ(name_of(node->call(sender, stage.wallet(), calldata)),
                      core::verdict_name(model::apply(author.world, action, author.chain)));
        }
    }
    // Nobody but those who approved says what is called, and how.
    const ApprovedAction action = author.approve(author.shared(0), body, {2});
    const Bytes good = encode_erc7821(action).value();
    EXPECT_EQ(name_of(node->call(sender, stage.wallet(), good)), "Accepted");
    const Bytes approval = encode_without_body(action).value();
    const auto found = std::search(good.begin(), good.end(), approval.begin(), approval.end());
    ASSERT_NE(found, good.end());
    const auto start = static_cast<std::size_t>(found - good.begin());
    for (std::size_t i = 0; i < good.size(); ++i) {
        Bytes other = good;
        other[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
        // Solidity's decoder takes the same calls in other spellings: padding, offsets, bytes of
        // the mode that mean nothing. Of what ours takes, or of the approval, nothing else is good.
        const bool is_approval = i >= start && i - start < approval.size();
        if (is_approval || decode_erc7821(other).has_value()) {
            EXPECT_TRUE(node->call(sender, stage.wallet(), other).is_reverted) << "byte " << i;
        }
    }
}

/// The hashes of user operations are those of the EntryPoints.
TEST_F(OnChain, OperationHashes) {
    const std::pair<const char*, EntryPointVersion> releases[] = {{"0.7", EntryPointVersion::k07},
                                                                  {"0.8", EntryPointVersion::k08},
                                                                  {"0.9", EntryPointVersion::k09}};
    const auto function = abi::parse_signature(
                              "getUserOpHash((address,uint256,bytes,bytes,bytes32,uint256,bytes32,"
                              "bytes,bytes))")
                              .value();
    UserOperation operation;
    operation.sender = Address::from(Bytes(20, 3)).value();
    operation.nonce = Uint256(7);
    operation.origin = AccountFactory{deployment.factory, Bytes(32, 4)};
    operation.call_data = {1, 2, 3};
    operation.verification_gas = Uint256(5);
    operation.fee_per_gas_max = Uint256(6);
    operation.paymaster = Paymaster{sender, Uint256(8), Uint256(9), {10}, {}};
    operation.signature = {11};
    const Bytes delegation = core::concat(Bytes{0xef, 0x01, 0x00}, deployment.wallet);
    node->ask("anvil_setCode", {to_string(operation.sender), encode_hex_prefixed(delegation)});
    for (const auto& [name, version] : releases) {
        const auto code = entry_point_code(name);
        if (!code) {
            GTEST_SKIP() << "the EntryPoints are not installed: run `npm ci` in "
                            "chains/evm/contracts";
        }
        ASSERT_TRUE(
            node->send(sender, kDeterministicDeployer, deployer_calldata(*code), 16'000'000));
        const Address at = deterministic_address(*code);
        std::vector<UserOperation> all = {operation, operation};
        all[1].origin = {};
        all[1].paymaster = {};
        if (version != EntryPointVersion::k07) {
            all.push_back(operation);
            all.back().origin = Delegation{deployment.wallet, {1, 2}};
        }
        if (version == EntryPointVersion::k09) {
            all.push_back(operation);
            all.back().paymaster->signature = {1, 2, 3};
        }
        for (const UserOperation& one : all) {
            const abi::Values arguments(1, abi_values(pack(one, version).value()));
            const CallOutcome said =
                node->call(sender, at, abi::encode_call(function, arguments).value());
            EXPECT_EQ(core::encode_hex(said.data),
                      core::encode_hex(user_operation_hash(one, version, at, kChainId).value()))
                << name;
        }
    }
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
