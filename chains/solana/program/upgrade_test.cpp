// SPDX-License-Identifier: Apache-2.0
// Upgrading a program whose authority is the vault. The loader is one that does nothing: the real
// one is on the VM.
#include "chains/solana/program/waiting_testing.hpp"
#include "core/crypto/hash.hpp"

namespace latchkey::solana::testing {
namespace {

std::uint64_t do_nothing(std::uint8_t* /*input*/, const std::uint8_t* /*data*/) {
    return 0;
}

class UpgradeTest : public WaitingTest {
  protected:
    static constexpr std::size_t kHead = 37;

    UpgradeTest() {
        world_.chain().add_program(kUpgradeableLoader, do_nothing);
        put_buffer(code_);
    }

    void put_buffer(const Bytes& code, std::size_t head = kHead) {
        world_.put_data(buffer_, kUpgradeableLoader, core::concat(Bytes(head, 7), code));
    }
    /// The loader's Upgrade, with its seven accounts.
    static CompactCall loader_call() {
        return compact_call(8,
                            {{2, true, false},
                             {3, true, false},
                             {4, true, false},
                             {5, true, false},
                             {6, false, false},
                             {7, false, false},
                             {1, false, true}},
                            {3, 0, 0, 0});
    }
    /// Under a rule of the state, which waits or not.
    Draft upgrade(std::uint8_t rule = kBoth) {
        Draft draft =
            under(rule, UpgradeBody{core::crypto::keccak256(code_), loader_call()},
                  rule == kBoth ? std::vector<std::uint8_t>{0, 1} : std::vector<std::uint8_t>{0});
        if (rule == kBoth) {
            draft.nonce = sequence();
        }
        draft.accounts = {writable(test_address(200)), writable(test_address(201)),
                          writable(buffer_),           writable(to_),
                          readonly(test_address(202)), readonly(test_address(203)),
                          readonly(kUpgradeableLoader)};
        return draft;
    }
    Draft calling(CompactCall call) {
        Draft draft = upgrade();
        std::get<UpgradeBody>(draft.body).call = std::move(call);
        return draft;
    }
    /// The loader was called once, with the vault's signature.
    void expect_upgraded(const NativeResult& result) {
        ASSERT_ACCEPTED(result);
        const Instruction& call = result.calls.back().instruction;
        EXPECT_EQ(result.calls.back().stack_height, 2);
        EXPECT_EQ(call.program, kUpgradeableLoader);
        EXPECT_EQ(call.data, (Bytes{3, 0, 0, 0}));
        ASSERT_EQ(call.accounts.size(), 7U);
        EXPECT_EQ(call.accounts[2], writable(buffer_));
        EXPECT_EQ(call.accounts[6], readonly_signer(forge().wallet().vault));
    }

    Address buffer_ = test_address(210);
    Bytes code_ = Bytes(100, 0x95);
};

TEST_F(UpgradeTest, AtOnceAndAfterADelay) {
    expect_upgraded(send(upgrade()));
    const Forged forged = world_.forge(forge(), upgrade(kSlow));
    const NativeResult proposed = send(forged);
    ASSERT_ACCEPTED(proposed);
    EXPECT_EQ(proposed.calls.size(), 1U);
    EXPECT_EQ(record(kSlow).action, kUpgrade);
    EXPECT_EQ(record(kSlow).digest, waiting_digest(forge().wallet(), forged));
    EXPECT_REFUSED(kTooEarly, apply(forged));
    world_.advance(kDay);
    EXPECT_REFUSED(kNothingWaits, [&] {
        Instruction bad = apply_of(forged);
        bad.data[1] = kExecute;
        return world_.send({bad});
    }());
    expect_upgraded(apply(forged));
    EXPECT_REFUSED(kNothingWaits, apply(forged));
    EXPECT_REFUSED(kActionNotAllowed, send(upgrade(kOpen)));
    EXPECT_REFUSED(kActionNotAllowed, send(upgrade(kTie)));
}

TEST_F(UpgradeTest, AnotherBuffer) {
    const Forged forged = propose(upgrade(kSlow));
    world_.advance(kDay);
    const auto refused = [&](const Bytes& code) {
        put_buffer(code);
        EXPECT_REFUSED(kUpgradeCode, apply(forged));
        EXPECT_REFUSED(kUpgradeCode, send(upgrade()));
    };
    for (const std::size_t at : {0U, 50U, 99U}) {
        Bytes code = code_;
        code[at] ^= 1;
        refused(code);
    }
    Bytes code = code_;
    code.push_back(0);
    refused(code);
    code.resize(99);
    refused(code);
    refused({});
    // As long as the head, or shorter; or no account at all.
    for (const std::size_t size : {36U, 1U, 0U}) {
        put_buffer({}, size);
        EXPECT_REFUSED(kUpgradeCode, apply(forged));
    }
    // The head is the loader's business.
    put_buffer(code_, kHead + 1);
    EXPECT_REFUSED(kUpgradeCode, apply(forged));
    put_buffer(code_);
    expect_upgraded(apply(forged));
}

TEST_F(UpgradeTest, NoCodeHasNoHash) {
    // The hash of nothing is one as well, but a buffer without code is none.
    put_buffer({});
    Draft draft = upgrade();
    std::get<UpgradeBody>(draft.body).code_hash = core::crypto::keccak256(Bytes{});
    EXPECT_REFUSED(kUpgradeCode, send(draft));
    put_buffer({1});
    draft = upgrade();
    std::get<UpgradeBody>(draft.body).code_hash = core::crypto::keccak256(Bytes{1});
    expect_upgraded(send(draft));
}

TEST_F(UpgradeTest, TheCallIsAnUpgrade) {
    CompactCall call = loader_call();
    call.metas.pop_back();
    EXPECT_REFUSED(kUpgradeCode, send(calling(call)));
    call = loader_call();
    call.metas.push_back({1, false, false});
    EXPECT_REFUSED(kUpgradeCode, send(calling(call)));
    // As long, but other numbers of metas and data.
    call = loader_call();
    call.metas.pop_back();
    call.data.push_back(0);
    EXPECT_REFUSED(kUpgradeCode, send(calling(call)));
    call = loader_call();
    call.metas.push_back({1, false, false});
    call.data.pop_back();
    EXPECT_REFUSED(kUpgradeCode, send(calling(call)));
    call = loader_call();
    call.data.push_back(0);
    EXPECT_REFUSED(kUpgradeCode, send(calling(call)));
    call = loader_call();
    call.data.pop_back();
    EXPECT_REFUSED(kUpgradeCode, send(calling(call)));
    // The byte that is the length behind seven metas is right all the same.
    call = loader_call();
    call.metas.pop_back();
    call.data = {4, 0, 0, 0, 0};
    EXPECT_REFUSED(kUpgradeCode, send(calling(call)));
    // Other instructions of the loader, and other programs.
    for (const std::uint8_t number : Bytes{0, 1, 2, 4, 5, 6, 7}) {
        call = loader_call();
        call.data[0] = number;
        EXPECT_REFUSED(kTargetNotAllowed, send(calling(call)));
    }
    call = loader_call();
    call.data[3] = 1;
    EXPECT_REFUSED(kTargetNotAllowed, send(calling(call)));
    for (const Address& target :
         {world_.script(), kSystemProgram, "BPFLoader2111111111111111111111111111111111"_address}) {
        Draft draft = upgrade();
        draft.accounts.back() = readonly(target);
        EXPECT_REFUSED(kTargetNotAllowed, send(draft));
    }
    Draft draft = upgrade();
    draft.accounts.back() = readonly(world_.program());
    EXPECT_REFUSED(kTargetReserved, send(draft));
    // A second call.
    Forged forged = world_.forge(forge(), upgrade(kSlow));
    const Bytes& data = forged.data();
    const Bytes second(data.end() - 14, data.end());
    forged.data().insert(forged.data().end(), second.begin(), second.end());
    ASSERT_ACCEPTED(send(forged));
    world_.advance(kDay);
    Instruction twice = apply_of(world_.forge(forge(), upgrade(kSlow)));
    EXPECT_REFUSED(kOtherProposal, world_.send({twice}));
    twice.data.insert(twice.data.end(), second.begin(), second.end());
    EXPECT_REFUSED(kUpgradeCode, world_.send({twice}));
    expect_upgraded(send(upgrade()));
}

TEST_F(UpgradeTest, TheBodyHasOneLength) {
    for (const std::size_t size : {1U, 13U, 14U, 15U, 46U}) {
        Forged bad = world_.forge(forge(), upgrade(kSlow));
        bad.data().resize(bad.data().size() - size);
        ASSERT_ACCEPTED(send(bad));
        world_.advance(kDay);
        Instruction instruction = apply_of(world_.forge(forge(), upgrade(kSlow)));
        instruction.data.resize(instruction.data.size() - size);
        EXPECT_REFUSED(kUpgradeCode, world_.send({instruction}));
        ASSERT_ACCEPTED(send(cancel(kSlow)));
    }
}

TEST_F(UpgradeTest, AccountsThatAreNotThere) {
    constexpr std::uint8_t kAccounts = 10;
    EXPECT_EQ(world_.forge(forge(), upgrade()).instructions.back().accounts.size(), kAccounts);
    CompactCall call = loader_call();
    for (const std::uint8_t index : {kAccounts, std::uint8_t{62}}) {
        call.metas[2].account_index = index;
        EXPECT_REFUSED(kAccountIndex, send(calling(call)));
    }
    call = loader_call();
    call.metas[0].account_index = 62;
    EXPECT_REFUSED(kAccountIndex, send(calling(call)));
    call = loader_call();
    call.program_index = 62;
    EXPECT_REFUSED(kAccountIndex, send(calling(call)));
    // The third account is the buffer, whatever the others are.
    call = loader_call();
    std::swap(call.metas[2], call.metas[3]);
    EXPECT_REFUSED(kUpgradeCode, send(calling(call)));
    expect_upgraded(send(upgrade()));
}

TEST_F(UpgradeTest, ItNeedsTheState) {
    Forged bad = world_.forge(forge(), upgrade(kSlow));
    bad.data()[0] |= kHeadGenesis;
    EXPECT_REFUSED(kStateNeeded, world_.send(bad.instructions));
    bad = world_.forge(forge(), upgrade(kSlow));
    bad.data()[1 + 2] |= kRuleCaps;
    EXPECT_REFUSED(kReservedBits, world_.send(bad.instructions));
    Draft lane = upgrade(kSlow);
    lane.nonce = world_.lane_nonce();
    EXPECT_ACCEPTED(send(lane));
}

TEST_F(UpgradeTest, ExecuteDoesNotReachTheLoader) {
    Draft draft = upgrade();
    draft.body = ExecuteBody{std::nullopt, {loader_call()}};
    EXPECT_REFUSED(kTargetReserved, send(draft));
    const Forged forged = propose([&] {
        Draft waits = upgrade(kSlow);
        waits.body = ExecuteBody{std::nullopt, {loader_call()}};
        return waits;
    }());
    world_.advance(kDay);
    EXPECT_REFUSED(kTargetReserved, apply(forged));
}

}  // namespace
}  // namespace latchkey::solana::testing
