// SPDX-License-Identifier: Apache-2.0
// Opening, using, closing and handing over nonce lanes.
#include "chains/solana/program/program_testing.hpp"

namespace latchkey::solana::testing {
namespace {

class LanesTest : public ProgramTest {
  protected:
    LanesTest() : forge_(world_.make_wallet(open_configuration({world_.add(p256_)}))) {
        world_.put(owner_, 1'000'000'000);
    }

    ForgedLane lane_of(const Address& owner, std::uint8_t index = 0) const {
        return find_lane(world_.program(), owner, index);
    }
    NativeResult open(const ForgedLane& lane) {
        return world_.send({open_lane(world_.program(), lane, owner_, operator_)});
    }
    void fund(const ForgedLane& lane) {
        world_.put(lane.address, world_.chain().minimum_balance(core::kLaneSize));
    }
    LaneAccount lane_account(const Address& address) {
        return decode_lane(account_of(address).data).value();
    }
    std::uint64_t window() const { return world_.now() / core::kLaneWindowSeconds; }
    Draft use(std::uint64_t in_window, std::uint16_t bit, std::uint8_t sixteenth = 15) const {
        return nothing(LaneNonce{bit, (in_window & 1) != 0, sixteenth});
    }
    NativeResult send(const Draft& draft) { return world_.send(forge_, draft); }

    Address owner_ = test_address(40);
    Address operator_ = test_address(41);
    Forge forge_;
};

TEST_F(LanesTest, Open) {
    const ForgedLane lane = lane_of(owner_, 3);
    fund(lane);
    ASSERT_ACCEPTED(open(lane));
    const LaneAccount opened = lane_account(lane.address);
    EXPECT_EQ(opened.index, 3);
    EXPECT_EQ(opened.bump, lane.bump);
    EXPECT_EQ(opened.owner, owner_);
    EXPECT_EQ(opened.operator_address, operator_);
    EXPECT_EQ(opened.base_window, window() + 2);
    EXPECT_EQ(opened.maps, (std::array<LaneMap, 2>{}));
    EXPECT_REFUSED(kStateExists, open(lane));
}

TEST_F(LanesTest, OpenNeedsItsRentItsOwnerAndItsAddress) {
    const ForgedLane lane = lane_of(owner_);
    world_.put(lane.address, 1);
    EXPECT_RUNTIME_ERROR("InsufficientFundsForRent", open(lane));
    fund(lane);
    const Instruction good = open_lane(world_.program(), lane, owner_, operator_);
    Instruction bad = good;
    bad.accounts[1].is_signer = false;
    EXPECT_REFUSED(kLaneOwner, world_.send({bad}));
    bad = good;
    bad.accounts.pop_back();
    EXPECT_REFUSED(kAccountIndex, world_.send({bad}));
    bad = good;
    bad.data.push_back(0);
    EXPECT_REFUSED(kTrailingBytes, world_.send({bad}));
    bad.data.resize(2);
    EXPECT_REFUSED(kDataTooShort, world_.send({bad}));
    bad = good;
    bad.data[0] |= kHeadGenesis;
    EXPECT_REFUSED(kReservedBits, world_.send({bad}));
    // Another index is another address: the runtime does not sign.
    bad = good;
    bad.data[1] ^= 1;
    EXPECT_FALSE(world_.send({bad}).ok);
    bad = good;
    bad.data[2] ^= 1;
    EXPECT_FALSE(world_.send({bad}).ok);
    bad = good;
    bad.accounts[1].address = world_.payer().address();
    EXPECT_FALSE(world_.send({bad}).ok);
    EXPECT_ACCEPTED(world_.send({good}));
}

TEST_F(LanesTest, CloseAndReopen) {
    const ForgedLane lane = lane_of(owner_);
    fund(lane);
    ASSERT_ACCEPTED(open(lane));
    const std::uint64_t rent = world_.chain().lamports(lane.address);
    const Instruction good = close_lane(world_.program(), lane.address, owner_, to_);
    Instruction bad = good;
    bad.accounts[1].is_signer = false;
    EXPECT_REFUSED(kLaneOwner, world_.send({bad}));
    bad = close_lane(world_.program(), lane.address, operator_, to_);
    EXPECT_REFUSED(kLaneOwner, world_.send({bad}));
    bad = close_lane(world_.program(), lane.address, owner_, lane.address);
    EXPECT_REFUSED(kAccountType, world_.send({bad}));
    bad = close_lane(world_.program(), owner_, owner_, to_);
    EXPECT_REFUSED(kAccountType, world_.send({bad}));
    bad = good;
    bad.data.push_back(0);
    EXPECT_REFUSED(kTrailingBytes, world_.send({bad}));
    bad.data = {static_cast<std::uint8_t>(kCloseLane | kHeadTree)};
    EXPECT_REFUSED(kReservedBits, world_.send({bad}));
    bad = good;
    bad.accounts.pop_back();
    EXPECT_REFUSED(kAccountIndex, world_.send({bad}));
    const std::uint64_t before = world_.chain().lamports(to_);
    EXPECT_ACCEPTED(world_.send({good}));
    EXPECT_EQ(world_.chain().lamports(to_), before + rent);
    EXPECT_EQ(world_.chain().find_account(lane.address), nullptr);
    fund(lane);
    EXPECT_ACCEPTED(open(lane));
    // To the owner itself.
    EXPECT_ACCEPTED(world_.send({close_lane(world_.program(), lane.address, owner_, owner_)}));
}

TEST_F(LanesTest, NothingFromAnEarlierLifeCountsAgain) {
    const Address payer = world_.payer().address();
    const Draft draft = use(window() + 1, 5);
    const Forged forged = world_.forge(forge_, draft);
    ASSERT_ACCEPTED(world_.send(forged.instructions));
    // Closed and opened in one transaction, the same approval again.
    const ForgedLane& lane = world_.lane();
    Instruction fund_again{kSystemProgram, {writable_signer(payer), writable(lane.address)}, {}};
    core::ByteWriter data;
    data.write_u32_le(2).write_u64_le(world_.chain().minimum_balance(core::kLaneSize));
    fund_again.data = data.take();
    std::vector<Instruction> all = {close_lane(world_.program(), lane.address, payer, payer),
                                    fund_again, open_lane(world_.program(), lane, payer, payer)};
    ASSERT_ACCEPTED(world_.send(all));
    EXPECT_REFUSED(kLaneWindow, world_.send(forged.instructions));
    world_.advance(256);
    EXPECT_REFUSED(kLaneWindow, world_.send(forged.instructions));
    world_.advance(256);
    // The parity means another window by now, so it is another digest.
    EXPECT_FALSE(world_.send(forged.instructions).ok);
}

TEST_F(LanesTest, SetOperator) {
    const Address lane = world_.lane().address;
    const Address payer = world_.payer().address();
    const Instruction good = set_lane_operator(world_.program(), lane, payer, operator_);
    Instruction bad = set_lane_operator(world_.program(), lane, owner_, operator_);
    EXPECT_REFUSED(kLaneOwner, world_.send({bad}));
    bad = good;
    bad.data.push_back(1);
    EXPECT_REFUSED(kTrailingBytes, world_.send({bad}));
    EXPECT_ACCEPTED(world_.send({good}));
    EXPECT_EQ(lane_account(lane).operator_address, operator_);
    EXPECT_REFUSED(kLaneOperator, send(use(window(), 1)));
    Draft draft = use(window(), 1);
    draft.lane_operator = operator_;
    draft.operator_signs = false;
    EXPECT_REFUSED(kLaneOperator, send(draft));
    draft.operator_signs = true;
    EXPECT_ACCEPTED(send(draft));
    // The owner is still the owner.
    EXPECT_ACCEPTED(world_.send({set_lane_operator(world_.program(), lane, payer, payer)}));
}

TEST_F(LanesTest, BitsOfTwoWindows) {
    for (const std::uint16_t bit : std::vector<std::uint16_t>{0, 1, 7, 8, 1000, 2047}) {
        EXPECT_ACCEPTED(send(use(window(), bit)));
        EXPECT_ACCEPTED(send(use(window() + 1, bit)));
    }
    for (const std::uint16_t bit : std::vector<std::uint16_t>{0, 1, 7, 8, 1000, 2047}) {
        EXPECT_REFUSED(kNonceUsed, send(use(window(), bit)));
        EXPECT_REFUSED(kNonceUsed, send(use(window() + 1, bit)));
    }
    // What was the next window is the current one now; the one after it is fresh.
    world_.advance(256);
    EXPECT_REFUSED(kNonceUsed, send(use(window(), 1000)));
    EXPECT_ACCEPTED(send(use(window() + 1, 1000)));
    EXPECT_ACCEPTED(send(use(window(), 999)));
    // Two windows later nothing is left.
    world_.advance(2 * 256);
    EXPECT_ACCEPTED(send(use(window(), 1000)));
    EXPECT_ACCEPTED(send(use(window() + 1, 1000)));
    EXPECT_EQ(lane_account(world_.lane().address).base_window, window());
}

TEST_F(LanesTest, Deadlines) {
    for (std::uint8_t sixteenth = 0; sixteenth < 15; ++sixteenth) {
        EXPECT_ACCEPTED(send(use(window(), sixteenth, sixteenth)));
        world_.advance(16);
        EXPECT_REFUSED(kDeadlinePassed, send(use(window(), 100, sixteenth)));
    }
    world_.advance(15);
    EXPECT_ACCEPTED(send(use(window(), 200, 15)));
    EXPECT_ACCEPTED(send(use(window() + 1, 200, 0)));
}

TEST_F(LanesTest, ClockThatStepsBack) {
    world_.advance(256);
    EXPECT_ACCEPTED(send(use(window(), 1)));
    world_.chain().set_time(world_.chain().time() - 256);
    EXPECT_REFUSED(kLaneWindow, send(use(window(), 2)));
    EXPECT_REFUSED(kNonceUsed, send(use(window() + 1, 1)));
    EXPECT_ACCEPTED(send(use(window() + 1, 2)));
}

TEST_F(LanesTest, OtherAccountsAreNoLane) {
    const NativeAccount good = account_of(world_.lane().address);
    NativeAccount bad = good;
    bad.owner = world_.script();
    world_.chain().set_account(world_.lane().address, bad);
    EXPECT_REFUSED(kAccountType, send(use(window(), 1)));
    bad = good;
    bad.data[0] = 2;
    world_.chain().set_account(world_.lane().address, bad);
    EXPECT_REFUSED(kAccountType, send(use(window(), 1)));
    world_.chain().set_account(world_.lane().address, good);
    EXPECT_ACCEPTED(send(use(window(), 1)));
    // Too few accounts for a lane.
    Forged forged = world_.forge(forge_, use(window(), 2));
    forged.wallet().accounts.pop_back();
    EXPECT_REFUSED(kAccountIndex, world_.send(forged.instructions));
    // The lane must be writable: the runtime takes the bit back otherwise.
    forged = world_.forge(forge_, use(window(), 2));
    forged.wallet().accounts[2].is_writable = false;
    EXPECT_RUNTIME_ERROR("ReadonlyDataModified", world_.send(forged.instructions));
}

TEST_F(LanesTest, DeadlineBesideALane) {
    expect_only_change_refused(forge_, use(window(), 3), Verdict::kNonCanonical, [](Forged& bad) {
        bad.data()[bad.data().size() - 3] |= kRuleDeadline;
        bad.data().resize(bad.data().size() + 8, 0xff);
    });
}

}  // namespace
}  // namespace latchkey::solana::testing
