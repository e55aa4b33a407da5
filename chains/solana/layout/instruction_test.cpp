// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/layout/instruction.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "core/base/result_testing.hpp"
#include "core/encoding/hex.hpp"

// The expected bytes here are written by hand from docs/spec/solana.md, section 4.
namespace latchkey::solana {
namespace {

using core::concat;
using core::ErrorCode;
using core::Hash32;

Bytes filled(std::size_t size, std::uint8_t value) {
    return Bytes(size, value);
}

Hash32 hash_of(std::uint8_t value) {
    return *Hash32::from(ByteView(filled(32, value)));
}

/// One passkey, one rule (execute, grant, policy, message at threshold 1), a recovery hash and a
/// salt of one byte: 2 + 66 + 2 + 32 + 1 bytes.
Bytes passkey_genesis() {
    return concat(Bytes{0x11, 0x00, 0x25}, filled(65, 0xaa), Bytes{0x0f, 0x00}, filled(32, 0xbb),
                  Bytes{0x07});
}

/// Two signers (ed25519, p256), 2 rules, a 16-byte salt.
Bytes pair_genesis() {
    return concat(Bytes{0x12, 0x11, 0x01}, filled(32, 0x01), Bytes{0x04}, filled(33, 0x02),
                  Bytes{0x0f, 0x01, 0x03, 0x01, 0x00, 0x01}, filled(16, 0x33));
}

ApprovedAction sol_transfer() {
    ApprovedAction action;
    action.approvals = {{0, HostEvidence{"example.com"}}};
    action.genesis = *make_holed_genesis(passkey_genesis(), {0});
    action.signed_part.nonce = LaneNonce{.bit = 5, .odd_window = true, .sixteenth = 9};
    CompactCall call{.program_index = 5,
                     .metas = {{.account_index = 1, .is_writable = true, .is_signer = true},
                               {.account_index = 4, .is_writable = true}},
                     .data = {2, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}};
    action.signed_part.body = ExecuteBody{.caps = {}, .calls = {call}};
    return action;
}

ApprovedAction policy_change() {
    ApprovedAction action;
    action.approvals = {{1, SlotEvidence{}}};
    action.signed_part.nonce = TransactionNonce{Binding{}};
    action.signed_part.body = PolicyBody{0x01020304, {0x10, 0x00}};
    return action;
}

TEST(Instruction, a_passkey_transfer_in_genesis_mode_has_72_bytes) {
    const auto bytes = encode_instruction(sol_transfer());
    ASSERT_OK(bytes);
    const Bytes expected =
        concat(Bytes{0x31},                                     // execute | GENESIS | lane
               Bytes{0x50, 11}, core::as_bytes("example.com"),  // signer 0 | LAST | form 2
               Bytes{0x11, 0x00, 0x25, 0x0f, 0x00}, filled(32, 0xbb), Bytes{0x07},
               Bytes{0x00, 0x05, 0x98},  // rule 0, bit 5 | odd | sixteenth 9
               Bytes{5, 2, 0xc1, 0x44, 12, 2, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8});
    EXPECT_EQ(*bytes, expected);
    EXPECT_EQ(bytes->size(), 72U);
    const auto decoded = decode_instruction(*bytes);
    ASSERT_OK(decoded);
    EXPECT_EQ(*decoded, WalletInstruction(sol_transfer()));
}

TEST(Instruction, every_evidence_form) {
    ApprovedAction action;
    RecoverEvidence recover;
    recover.signature.fill(0x77);
    action.approvals = {
        {0, SlotEvidence{}},           {1, AccountEvidence{9}},         {2, HostEvidence{"a.b"}},
        {4, SameClientDataEvidence{}}, {5, ClientDataEvidence{"\",x"}}, {15, recover}};
    action.signed_part.rule = {.is_local = true, .index = 3};
    action.signed_part.nonce = StateNonce{.key = 2, .sequence = 0x0102};
    action.signed_part.deadline = 0x11223344;
    action.signed_part.body = RevokeBody{hash_of(0x55)};
    const auto bytes = encode_instruction(action);
    ASSERT_OK(bytes);
    const Bytes expected =
        concat(Bytes{0x43},  // revoke | state nonce
               Bytes{0x00}, Bytes{0x21, 9}, Bytes{0x42, 3, 'a', '.', 'b'}, Bytes{0x84},
               Bytes{0x65, 3, 0, '"', ',', 'x'}, Bytes{0xbf}, filled(65, 0x77),
               Bytes{0x33, 2, 0x02, 0x01, 0, 0, 0, 0, 0, 0},  // local 3 | DEADLINE
               Bytes{0x44, 0x33, 0x22, 0x11, 0, 0, 0, 0}, filled(32, 0x55));
    EXPECT_EQ(*bytes, expected);
    EXPECT_EQ(*decode_instruction(*bytes), WalletInstruction(action));
}

TEST(Instruction, tree_caps_binding_and_long_data) {
    ApprovedAction action;
    action.approvals = {{3, AccountEvidence{4}}};
    action.tree = TreeProof{.height = 2, .leaf_index = 2, .siblings = {hash_of(1), hash_of(2)}};
    action.signed_part.nonce = TransactionNonce{make_binding(hash_of(0x0f), hash_of(0xf0))};
    ExecuteBody body;
    body.caps = Caps{.no_new_authority = true, .caps = {{1, 1000, 0}}};
    body.calls = {{.program_index = 62, .metas = {}, .data = filled(127, 1)},
                  {.program_index = 2, .metas = {{.account_index = 62}}, .data = filled(128, 2)}};
    action.signed_part.body = body;
    const auto bytes = encode_instruction(action);
    ASSERT_OK(bytes);
    const Bytes expected =
        concat(Bytes{0x81, 0x33, 4}, Bytes{2, 2}, filled(32, 1), filled(32, 2), Bytes{0x40},
               filled(16, 0xff), Bytes{0x81, 1, 0xe8, 0x03, 0, 0, 0, 0, 0, 0},
               Bytes{0, 0, 0, 0, 0, 0, 0, 0}, Bytes{62, 0, 127}, filled(127, 1),
               Bytes{2, 1, 62, 0x80, 128}, filled(128, 2));
    EXPECT_EQ(*bytes, expected);
    EXPECT_EQ(*decode_instruction(*bytes), WalletInstruction(action));
}

TEST(Instruction, policy_grant_and_message) {
    const auto policy = encode_instruction(policy_change());
    ASSERT_OK(policy);
    EXPECT_EQ(*policy, concat(Bytes{0x04, 0x11, 0x00}, filled(16, 0),
                              Bytes{0x04, 0x03, 0x02, 0x01, 0x10, 0x00}));
    EXPECT_EQ(*decode_instruction(*policy), WalletInstruction(policy_change()));

    ApprovedAction grant = policy_change();
    grant.signed_part.body = GrantBody{{9, 9, 9}};
    const auto granted = encode_instruction(grant);
    ASSERT_OK(granted);
    EXPECT_EQ(*granted, concat(Bytes{0x02, 0x11, 0x00}, filled(16, 0), Bytes{9, 9, 9}));
    EXPECT_EQ(*decode_instruction(*granted), WalletInstruction(grant));

    ApprovedAction message = sol_transfer();
    message.signed_part.nonce = TransactionNonce{};
    message.signed_part.body = MessageBody{hash_of(0x66)};
    const auto said = encode_instruction(message);
    ASSERT_OK(said);
    EXPECT_EQ(said->front(), 0x15);
    EXPECT_EQ(*decode_instruction(*said), WalletInstruction(message));
}

ApprovedAction change(Body body, std::optional<Bytes> recovery_part = {}) {
    ApprovedAction action = policy_change();
    action.signed_part.rule = {
        .is_local = false, .index = 2, .recovery_part = std::move(recovery_part)};
    action.signed_part.body = std::move(body);
    return action;
}

TEST(Instruction, cancel_freeze_and_recover) {
    const auto expect = [](const ApprovedAction& action, const Bytes& expected) {
        const auto bytes = encode_instruction(action);
        ASSERT_OK(bytes);
        EXPECT_EQ(*bytes, expected);
        EXPECT_EQ(*decode_instruction(*bytes), WalletInstruction(action));
    };
    expect(change(CancelBody{0x0102, 0x83}),
           concat(Bytes{0x0b, 0x11, 0x02}, filled(16, 0), Bytes{0x02, 0x01, 0, 0, 0x83}));
    expect(change(FreezeBody{3, true}),
           concat(Bytes{0x0d, 0x11, 0x02}, filled(16, 0), Bytes{3, 0, 0, 0, 1}));
    expect(change(RecoverBody{4, {7, 8}}, Bytes{5, 6, 7}),
           concat(Bytes{0x0e, 0x11, 0x82, 3, 0, 5, 6, 7}, filled(16, 0), Bytes{4, 0, 0, 0, 7, 8}));
    expect(change(FreezeBody{0, false}, Bytes{}),
           concat(Bytes{0x0d, 0x11, 0x82, 0, 0}, filled(16, 0), Bytes{0, 0, 0, 0, 0}));
    EXPECT_EQ(record_name(change(FreezeBody{}, Bytes{}).signed_part.rule), 0x82);
    EXPECT_EQ(record_name(change(FreezeBody{}).signed_part.rule), 0x02);

    Bytes lift = *encode_instruction(change(FreezeBody{3, true}));
    lift.back() = 2;
    EXPECT_ERROR(ErrorCode::kNonCanonical, decode_instruction(lift));
    lift.back() = 1;
    lift.push_back(0);
    EXPECT_ERROR(ErrorCode::kTrailingBytes, decode_instruction(lift));
}

UpgradeBody upgrade_body() {
    return {.code_hash = hash_of(0x99),
            .call = {.program_index = 3, .metas = {{.account_index = 4}}, .data = {3, 0, 0, 0}}};
}

TEST(Instruction, upgrade) {
    ApprovedAction action = change(upgrade_body());
    action.signed_part.nonce = StateNonce{.key = 1, .sequence = 5};
    action.signed_part.deadline = 6;
    const auto bytes = encode_instruction(action);
    ASSERT_OK(bytes);
    EXPECT_EQ(*bytes, concat(Bytes{0x4f, 0x11, 0x22, 1, 5, 0, 0, 0, 0, 0, 0, 0},
                             Bytes{6, 0, 0, 0, 0, 0, 0, 0}, filled(32, 0x99),
                             Bytes{3, 1, 4, 4, 3, 0, 0, 0}));
    EXPECT_EQ(*decode_instruction(*bytes), WalletInstruction(action));
    EXPECT_ERROR(ErrorCode::kTrailingBytes, decode_instruction(concat(*bytes, Bytes{0})));
}

TEST(Instruction, apply_repeats_the_body) {
    const auto expect = [](const ApplyAction& apply, const Bytes& expected) {
        const auto bytes = encode_instruction(apply);
        ASSERT_OK(bytes);
        EXPECT_EQ(*bytes, expected);
        EXPECT_EQ(*decode_instruction(*bytes), WalletInstruction(apply));
        EXPECT_EQ(action_number(WalletInstruction(apply)), kApply);
        const Bytes body = *encode_body(apply.body);
        EXPECT_TRUE(core::equal(ByteView(expected).last(body.size()), body));
    };
    const Caps caps{.no_new_authority = true, .caps = {}};
    expect({.nonce_kind = 1, .rule = {.index = 3}, .body = ExecuteBody{caps, {}}},
           {0x2c, 1, 0x43, 0x80});
    expect({.nonce_kind = 2, .rule = {.index = 3}, .body = GrantBody{{9}}}, {0x4c, 2, 0x03, 9});
    expect({.nonce_kind = 0, .rule = {.index = 15}, .body = PolicyBody{1, {9}}},
           {0x0c, 4, 0x0f, 1, 0, 0, 0, 9});
    expect({.nonce_kind = 0,
            .rule = {.index = 1, .recovery_part = Bytes{5}},
            .body = RecoverBody{2, {9}}},
           {0x0c, 14, 0x81, 1, 0, 5, 2, 0, 0, 0, 9});
    expect({.nonce_kind = 0, .rule = {}, .body = upgrade_body()},
           concat(Bytes{0x0c, 15, 0}, filled(32, 0x99), Bytes{3, 1, 4, 4, 3, 0, 0, 0}));

    EXPECT_ERROR(ErrorCode::kUnexpectedEnd, decode_instruction(Bytes{0x0c}));
    EXPECT_ERROR(ErrorCode::kUnexpectedEnd, decode_instruction(Bytes{0x0c, 1}));
    EXPECT_ERROR(ErrorCode::kUnsupported, decode_instruction(Bytes{0x1c, 1, 0}));     // GENESIS
    EXPECT_ERROR(ErrorCode::kUnsupported, decode_instruction(Bytes{0x8c, 1, 0}));     // TREE
    EXPECT_ERROR(ErrorCode::kUnsupported, decode_instruction(Bytes{0x0c, 3, 0}));     // revoke
    EXPECT_ERROR(ErrorCode::kUnsupported, decode_instruction(Bytes{0x0c, 16, 0}));    // no action
    EXPECT_ERROR(ErrorCode::kUnsupported, decode_instruction(Bytes{0x0c, 1, 0x20}));  // DEADLINE
    EXPECT_ERROR(ErrorCode::kUnsupported, decode_instruction(Bytes{0x0c, 2, 0x40}));  // caps
    EXPECT_ERROR(ErrorCode::kInvalidArgument, decode_instruction(Bytes{0x0c, 1, 0x10}));
    EXPECT_ERROR(ErrorCode::kInvalidArgument, decode_instruction(Bytes{0x6c, 1, 0}));
    EXPECT_ERROR(ErrorCode::kInvalidArgument, decode_instruction(Bytes{0x2c, 4, 0, 1, 0, 0, 0}));
    EXPECT_ERROR(ErrorCode::kInvalidArgument, decode_instruction(Bytes{0x0c, 1, 0x80, 0, 0}));
    EXPECT_OK(decode_instruction(Bytes{0x0c, 1, 0}));
}

TEST(Instruction, only_some_actions_have_a_recovery_part) {
    for (const Body& body : {Body(CancelBody{}), Body(FreezeBody{}), Body(RecoverBody{})}) {
        EXPECT_OK(encode_instruction(change(body, Bytes{1})));
        ApprovedAction local = change(body, Bytes{1});
        local.signed_part.rule.is_local = true;
        EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_instruction(local));
        ApprovedAction late = change(body, Bytes{1});
        late.signed_part.deadline = 5;
        EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_instruction(late));
        ApprovedAction sequenced = change(body, Bytes{1});
        sequenced.signed_part.nonce = StateNonce{};
        EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_instruction(sequenced));
        EXPECT_ERROR(ErrorCode::kOutOfRange, encode_instruction(change(body, Bytes(0x10000))));
    }
    for (const Body& body : {Body(ExecuteBody{}), Body(GrantBody{}), Body(RevokeBody{}),
                             Body(PolicyBody{}), Body(MessageBody{}), Body(upgrade_body())}) {
        EXPECT_OK(encode_instruction(change(body)));
        EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_instruction(change(body, Bytes{1})));
    }
}

TEST(Instruction, a_genesis_of_several_signers_keeps_the_other_keys) {
    ApprovedAction action = sol_transfer();
    action.approvals = {{1, SlotEvidence{}}};
    action.genesis = *make_holed_genesis(pair_genesis(), {1});
    const auto bytes = encode_instruction(action);
    ASSERT_OK(bytes);
    const Bytes whole = pair_genesis();
    const Bytes holed = concat(ByteView(whole).first(36), ByteView(whole).subspan(36 + 33));
    EXPECT_TRUE(core::equal(ByteView(*bytes).subspan(2, holed.size()), holed));
    const auto decoded = decode_instruction(*bytes);
    ASSERT_OK(decoded);
    const auto& genesis = *std::get<ApprovedAction>(*decoded).genesis;
    EXPECT_EQ(*genesis.fill({filled(33, 2)}), whole);
    EXPECT_ERROR(ErrorCode::kInvalidArgument, genesis.fill({}));
    EXPECT_ERROR(ErrorCode::kInvalidArgument, genesis.fill({filled(33, 2), filled(33, 2)}));
    EXPECT_ERROR(ErrorCode::kInvalidLength, genesis.fill({filled(32, 2)}));
    EXPECT_ERROR(ErrorCode::kOutOfRange, make_holed_genesis(whole, {2}));
}

TEST(Instruction, a_program_signer_keeps_its_key_in_the_genesis) {
    const Bytes genesis =
        concat(Bytes{0x10, 0x00, 0x06}, filled(64, 0x0a), Bytes{0x0f, 0x00, 0x01});
    ApprovedAction action = sol_transfer();
    action.approvals = {{0, AccountEvidence{4}}};
    action.genesis = *make_holed_genesis(genesis, {0});
    const auto bytes = encode_instruction(action);
    ASSERT_OK(bytes);
    EXPECT_TRUE(core::equal(ByteView(*bytes).subspan(3, genesis.size()), genesis));
    EXPECT_EQ(*decode_instruction(*bytes), WalletInstruction(action));
    EXPECT_EQ(*action.genesis->fill({}), genesis);
}

TEST(Instruction, state_and_lane_actions) {
    const auto create = encode_instruction(CreateState{passkey_genesis()});
    ASSERT_OK(create);
    EXPECT_EQ(*create, concat(Bytes{0x16}, passkey_genesis()));
    EXPECT_EQ(*decode_instruction(*create), WalletInstruction(CreateState{passkey_genesis()}));
    EXPECT_EQ(*encode_instruction(OpenLane{3, 254}), (Bytes{7, 3, 254}));
    EXPECT_EQ(*encode_instruction(CloseLane{}), (Bytes{8}));
    EXPECT_EQ(*encode_instruction(SetLaneOperator{}), (Bytes{9}));
    EXPECT_EQ(*decode_instruction(Bytes{7, 3, 254}), WalletInstruction(OpenLane{3, 254}));
    EXPECT_EQ(action_number(WalletInstruction(CreateState{})), kCreateState);
    EXPECT_EQ(action_number(WalletInstruction(SetLaneOperator{})), kSetLaneOperator);
}

TEST(Instruction, refuses_what_the_format_does_not_have) {
    const Bytes transfer = *encode_instruction(sol_transfer());
    const auto changed = [&](std::size_t at, std::uint8_t value) {
        Bytes out = transfer;
        out[at] = value;
        return decode_instruction(out);
    };
    EXPECT_ERROR(ErrorCode::kUnexpectedEnd, decode_instruction({}));
    EXPECT_ERROR(ErrorCode::kUnsupported, changed(0, 0x30));       // action 0
    EXPECT_ERROR(ErrorCode::kUnsupported, changed(0, 0x3a));       // reserved action
    EXPECT_ERROR(ErrorCode::kInvalidArgument, changed(0, 0x3b));   // cancel in genesis mode
    EXPECT_ERROR(ErrorCode::kInvalidArgument, changed(0, 0x3f));   // upgrade in genesis mode
    EXPECT_ERROR(ErrorCode::kUnsupported, changed(0, 0x3c));       // apply in genesis mode
    EXPECT_ERROR(ErrorCode::kUnsupported, changed(0, 0x71));       // nonce kind 3
    EXPECT_ERROR(ErrorCode::kInvalidArgument, changed(0, 0x32));   // grant in genesis mode
    EXPECT_ERROR(ErrorCode::kUnsupported, changed(1, 0xd0));       // evidence form 6
    EXPECT_ERROR(ErrorCode::kUnsupported, changed(1, 0xf0));       // evidence form 7
    EXPECT_ERROR(ErrorCode::kOutOfRange, changed(1, 0x51));        // signer 1 of 1
    EXPECT_ERROR(ErrorCode::kUnsupported, changed(14, 0x21));      // configuration version 2
    EXPECT_ERROR(ErrorCode::kUnsupported, changed(14, 0x19));      // reserved flag
    EXPECT_ERROR(ErrorCode::kUnsupported, changed(16, 0x28));      // signer kind 8
    EXPECT_ERROR(ErrorCode::kUnexpectedEnd, changed(52, 0x80));    // no recovery part
    EXPECT_ERROR(ErrorCode::kInvalidArgument, changed(52, 0x20));  // DEADLINE with a lane
    EXPECT_ERROR(ErrorCode::kInvalidArgument, changed(52, 0x10));  // local rule in genesis mode
    EXPECT_ERROR(ErrorCode::kOutOfRange, changed(55, 64));         // program index
    Bytes twice = transfer;
    twice[0] = 0x37;
    EXPECT_ERROR(ErrorCode::kUnsupported, decode_instruction(twice));  // open lane with flags
    EXPECT_ERROR(ErrorCode::kTrailingBytes, decode_instruction(Bytes{8, 0}));
    EXPECT_ERROR(ErrorCode::kTrailingBytes,
                 decode_instruction(concat(Bytes{0x16}, passkey_genesis(), Bytes{0})));
    EXPECT_ERROR(ErrorCode::kUnsupported,
                 decode_instruction(concat(Bytes{0x06}, passkey_genesis())));
    EXPECT_ERROR(ErrorCode::kUnsupported, decode_instruction(Bytes{0x26}));
}

TEST(Instruction, refuses_approvals_out_of_order) {
    ApprovedAction action = policy_change();
    action.approvals = {{1, SlotEvidence{}}, {1, SlotEvidence{}}};
    EXPECT_ERROR(ErrorCode::kInvalidOrder, encode_instruction(action));
    action.approvals = {{2, SlotEvidence{}}, {1, SlotEvidence{}}};
    EXPECT_ERROR(ErrorCode::kInvalidOrder, encode_instruction(action));
    action.approvals.clear();
    EXPECT_ERROR(ErrorCode::kOutOfRange, encode_instruction(action));
    action.approvals = {{16, SlotEvidence{}}};
    EXPECT_ERROR(ErrorCode::kOutOfRange, encode_instruction(action));
    action.approvals = {{0, SameClientDataEvidence{}}};
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_instruction(action));
    action.approvals = {{0, ClientDataEvidence{"x"}}};
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_instruction(action));
    // The same on the way in: signer 2, then signer 1.
    Bytes bytes = *encode_instruction(policy_change());
    bytes.insert(bytes.begin() + 1, 0x02);
    EXPECT_ERROR(ErrorCode::kInvalidOrder, decode_instruction(bytes));
    // 17 approvals, none of them the last.
    EXPECT_ERROR(ErrorCode::kOutOfRange, decode_instruction(concat(Bytes{4}, filled(17, 1))));
}

TEST(Instruction, refuses_fields_that_do_not_go_together) {
    ApprovedAction policy = policy_change();
    policy.signed_part.deadline = 5;
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_instruction(policy));
    policy = policy_change();
    policy.signed_part.rule.is_local = true;
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_instruction(policy));
    policy = policy_change();
    policy.signed_part.nonce = LaneNonce{};
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_instruction(policy));
    policy.signed_part.nonce = TransactionNonce{};
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_instruction(policy));

    ApprovedAction transfer = sol_transfer();
    transfer.signed_part.nonce = TransactionNonce{Binding{}};
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_instruction(transfer));
    transfer = sol_transfer();
    transfer.genesis = *make_holed_genesis(passkey_genesis(), {});
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_instruction(transfer));
    transfer = sol_transfer();
    transfer.signed_part.body = MessageBody{};
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_instruction(transfer));
    transfer = sol_transfer();
    transfer.tree = TreeProof{.height = 1, .leaf_index = 2, .siblings = {hash_of(1)}};
    EXPECT_ERROR(ErrorCode::kOutOfRange, encode_instruction(transfer));
    transfer.tree = TreeProof{.height = 2, .leaf_index = 0, .siblings = {hash_of(1)}};
    EXPECT_ERROR(ErrorCode::kOutOfRange, encode_instruction(transfer));
    transfer.tree = TreeProof{};
    EXPECT_ERROR(ErrorCode::kOutOfRange, encode_instruction(transfer));
    transfer = sol_transfer();
    auto& body = std::get<ExecuteBody>(transfer.signed_part.body);
    body.calls.resize(17);
    EXPECT_ERROR(ErrorCode::kOutOfRange, encode_instruction(transfer));
    body.calls = {{.program_index = 64, .metas = {}, .data = {}}};
    EXPECT_ERROR(ErrorCode::kOutOfRange, encode_instruction(transfer));
    body.calls = {{.program_index = 0, .metas = {{.account_index = 64}}, .data = {}}};
    EXPECT_ERROR(ErrorCode::kOutOfRange, encode_instruction(transfer));
    body.calls = {{.program_index = 0, .metas = {}, .data = filled(0x8000, 0)}};
    EXPECT_ERROR(ErrorCode::kOutOfRange, encode_instruction(transfer));
    body.calls.clear();
    body.caps = Caps{};
    EXPECT_ERROR(ErrorCode::kInvalidArgument, encode_instruction(transfer));
    body.caps = Caps{.no_new_authority = false, .caps = std::vector<Cap>(16)};
    EXPECT_ERROR(ErrorCode::kOutOfRange, encode_instruction(transfer));
}

TEST(Instruction, a_short_length_has_one_form) {
    ApprovedAction action = sol_transfer();
    action.signed_part.body =
        ExecuteBody{.caps = {}, .calls = {{.program_index = 0, .metas = {}, .data = {1}}}};
    Bytes bytes = *encode_instruction(action);
    // length(1) data(1) at the end becomes 0x80 0x01.
    bytes.pop_back();
    bytes.back() = 0x80;
    bytes.push_back(0x01);
    bytes.push_back(0x01);
    EXPECT_ERROR(ErrorCode::kNonCanonical, decode_instruction(bytes));
}

TEST(Instruction, no_prefix_of_an_instruction_is_one_with_the_same_signed_part) {
    const Bytes whole = *encode_instruction(sol_transfer());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto decoded = decode_instruction(ByteView(whole).first(size));
        // Zero calls are allowed, so the prefix that ends before the call is an action of its own.
        EXPECT_EQ(decoded.has_value(), size == whole.size() - 17) << size;
    }
}

TEST(Instruction, every_flipped_bit_is_refused_or_another_action) {
    const Bytes whole = *encode_instruction(sol_transfer());
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
        Bytes flipped = whole;
        flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ 1U << bit % 8);
        if (const auto decoded = decode_instruction(flipped)) {
            EXPECT_NE(*decoded, WalletInstruction(sol_transfer()));
            EXPECT_EQ(*encode_instruction(*decoded), flipped);
        }
    }
}

TEST(Instruction, lane_nonce_and_binding_arithmetic) {
    // 256 * 7 + 16 * 3 + 15
    EXPECT_EQ(lane_deadline(LaneNonce{.bit = 0, .odd_window = true, .sixteenth = 3}, 7), 1855U);
    EXPECT_EQ(make_binding(hash_of(0x21), std::nullopt)[15], 0x21);
    EXPECT_EQ(make_binding(hash_of(0x21), hash_of(0x20))[0], 0x01);
}

// Random actions, valid by construction.

rc::Gen<Hash32> any_hash() {
    return rc::gen::map(rc::gen::container<Bytes>(32, rc::gen::arbitrary<std::uint8_t>()),
                        [](const Bytes& bytes) { return *Hash32::from(ByteView(bytes)); });
}

rc::Gen<std::uint8_t> below(std::uint8_t end) {
    return rc::gen::inRange<std::uint8_t>(0, end);
}

Evidence any_evidence(bool can_repeat) {
    switch (*below(can_repeat ? 6 : 5)) {
        case 0:
            return SlotEvidence{};
        case 1:
            return AccountEvidence{*below(63)};
        case 2:
            return HostEvidence{*rc::gen::container<std::string>(rc::gen::arbitrary<char>())};
        case 3:
            return ClientDataEvidence{"\"" +
                                      *rc::gen::container<std::string>(rc::gen::arbitrary<char>())};
        case 4: {
            RecoverEvidence out;
            for (std::uint8_t& byte : out.signature) {
                byte = *rc::gen::arbitrary<std::uint8_t>();
            }
            return out;
        }
        default:
            return SameClientDataEvidence{};
    }
}

ExecuteBody any_execute() {
    ExecuteBody body;
    if (*rc::gen::arbitrary<bool>()) {
        const int caps = *below(4);
        body.caps = Caps{.no_new_authority = caps == 0 || *rc::gen::arbitrary<bool>(), .caps = {}};
        for (int i = caps; i > 0; --i) {
            body.caps->caps.push_back({*below(63), *rc::gen::arbitrary<std::uint64_t>(),
                                       *rc::gen::arbitrary<std::uint64_t>()});
        }
    }
    for (int i = *below(4); i > 0; --i) {
        CompactCall call{.program_index = *below(63),
                         .metas = {},
                         .data = filled(*rc::gen::inRange<std::size_t>(0, 300), *below(255))};
        for (int j = *below(5); j > 0; --j) {
            call.metas.push_back(
                {*below(63), *rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<bool>()});
        }
        body.calls.push_back(call);
    }
    return body;
}

ApprovedAction any_action() {
    ApprovedAction action;
    bool can_repeat = false;
    for (std::uint8_t signer = 0; signer < 2; ++signer) {
        if (signer == 1 && !action.approvals.empty() && *rc::gen::arbitrary<bool>()) {
            break;
        }
        if (signer == 0 && *rc::gen::arbitrary<bool>()) {
            continue;
        }
        action.approvals.push_back({signer, any_evidence(can_repeat)});
        can_repeat = can_repeat || action.approvals.back().evidence.index() == kFormHost ||
                     action.approvals.back().evidence.index() == kFormRest;
    }
    if (*rc::gen::arbitrary<bool>()) {
        const std::uint8_t height = *rc::gen::inRange<std::uint8_t>(1, 9);
        action.tree =
            TreeProof{.height = height,
                      .leaf_index = static_cast<std::uint8_t>(*rc::gen::inRange(0, 1 << height)),
                      .siblings = *rc::gen::container<std::vector<Hash32>>(height, any_hash())};
    }
    const int number = *rc::gen::element<int>(kExecute, kGrant, kRevoke, kPolicy, kMessage, kCancel,
                                              kFreeze, kRecover, kUpgrade);
    const bool is_change =
        number == kPolicy || number == kCancel || number == kFreeze || number == kRecover;
    const bool in_genesis =
        (number == kExecute || number == kMessage) && *rc::gen::arbitrary<bool>();
    if (in_genesis) {
        std::vector<std::uint8_t> approving;
        for (const Approval& approval : action.approvals) {
            approving.push_back(approval.signer);
        }
        action.genesis = *make_holed_genesis(pair_genesis(), approving);
    }
    SignedPart& part = action.signed_part;
    part.rule.is_local = !in_genesis && !is_change && *rc::gen::arbitrary<bool>();
    part.rule.index = *below(16);
    if (is_change && number != kPolicy && *rc::gen::arbitrary<bool>()) {
        part.rule.recovery_part = *rc::gen::arbitrary<Bytes>();
    }
    const int kind = is_change || number == kMessage ? 0 : *below(3);
    if (kind == 0) {
        part.nonce = in_genesis ? TransactionNonce{}
                                : TransactionNonce{make_binding(*any_hash(), std::nullopt)};
    } else if (kind == 1) {
        part.nonce = LaneNonce{*rc::gen::inRange<std::uint16_t>(0, 2048),
                               *rc::gen::arbitrary<bool>(), *below(16)};
    } else {
        part.nonce = StateNonce{*below(4), *rc::gen::arbitrary<std::uint64_t>()};
    }
    if (kind != 1 && !is_change && *rc::gen::arbitrary<bool>()) {
        part.deadline = *rc::gen::arbitrary<std::uint64_t>();
    }
    switch (number) {
        case kExecute:
            part.body = any_execute();
            break;
        case kGrant:
            part.body = GrantBody{*rc::gen::arbitrary<Bytes>()};
            break;
        case kRevoke:
            part.body = RevokeBody{*any_hash()};
            break;
        case kPolicy:
            part.body =
                PolicyBody{*rc::gen::arbitrary<std::uint32_t>(), *rc::gen::arbitrary<Bytes>()};
            break;
        case kCancel:
            part.body = CancelBody{*rc::gen::arbitrary<std::uint32_t>(), *below(255)};
            break;
        case kFreeze:
            part.body =
                FreezeBody{*rc::gen::arbitrary<std::uint32_t>(), *rc::gen::arbitrary<bool>()};
            break;
        case kRecover:
            part.body =
                RecoverBody{*rc::gen::arbitrary<std::uint32_t>(), *rc::gen::arbitrary<Bytes>()};
            break;
        case kUpgrade:
            part.body = UpgradeBody{
                *any_hash(), {.program_index = *below(63), .metas = {}, .data = filled(4, 3)}};
            break;
        default:
            part.body = MessageBody{*any_hash()};
    }
    return action;
}

RC_GTEST_PROP(Instruction, round_trips, ()) {
    const WalletInstruction action = any_action();
    const auto bytes = encode_instruction(action);
    RC_ASSERT(bytes.has_value());
    const auto decoded = decode_instruction(*bytes);
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(*decoded == action);
    const Bytes signed_bytes = *encode_signed(std::get<ApprovedAction>(action).signed_part);
    RC_ASSERT(core::equal(ByteView(*bytes).last(signed_bytes.size()), signed_bytes));
    const SignedPart& part = std::get<ApprovedAction>(action).signed_part;
    const Bytes body = *encode_body(part.body);
    RC_ASSERT(core::equal(ByteView(*bytes).last(body.size()), body));
    // Whatever can wait is applied with the same body.
    const ApplyAction apply{.nonce_kind = static_cast<std::uint8_t>(part.nonce.index()),
                            .rule = part.rule,
                            .body = part.body};
    const auto applied = encode_instruction(apply);
    const ActionNumber number = action_number(part.body);
    RC_ASSERT(
        applied.has_value() ==
        (!part.rule.is_local && (number == kExecute || number == kGrant || number == kPolicy ||
                                 number == kRecover || number == kUpgrade)));
    if (applied) {
        RC_ASSERT(*decode_instruction(*applied) == WalletInstruction(apply));
    }
}

}  // namespace
}  // namespace latchkey::solana
