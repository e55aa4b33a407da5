// SPDX-License-Identifier: Apache-2.0
// A program whose upgrade authority is a wallet, on the real loader: what was approved, after its
// time, and nothing else (docs/spec/solana.md, section 8).
#include "chains/solana/client/instructions.hpp"
#include "chains/solana/client/loader.hpp"
#include "chains/solana/testing/waiting_laws_testing.hpp"

namespace latchkey::solana::testing {
namespace {

/// The smallest sBPF v3 program (SIMD-0189): one segment with `mov64 r0, result; exit`.
Bytes tiny_program(std::uint32_t result) {
    core::ByteWriter elf;
    elf.write(Bytes{0x7f, 'E', 'L', 'F', 2, 1, 1}).write(Bytes(9, 0));
    // ET_NONE as the loader does not ask, machine and version.
    elf.write_u16_le(0).write_u16_le(247).write_u32_le(1);
    // Entry, program headers, section headers, flags: sBPF v3.
    elf.write_u64_le(0x1'0000'0000).write_u64_le(64).write_u64_le(0).write_u32_le(3);
    elf.write_u16_le(64).write_u16_le(56).write_u16_le(1).write_u16_le(64);
    elf.write_u16_le(0).write_u16_le(0);
    // PT_LOAD, executable.
    elf.write_u32_le(1).write_u32_le(1).write_u64_le(120);
    elf.write_u64_le(0x1'0000'0000).write_u64_le(0x1'0000'0000);
    elf.write_u64_le(16).write_u64_le(16).write_u64_le(8);
    elf.write_u32_le(0xb7).write_u32_le(result).write_u64_le(0x95);
    return elf.take();
}

class Upgrades : public Waiting {
  protected:
    static constexpr std::uint32_t kOld = 41;
    static constexpr std::uint32_t kNew = 42;
    static constexpr std::size_t kAccounts = 2;

    void SetUp() override {
        Waiting::SetUp();
        chain().svm().deploy_program(program_.array(), tiny_program(kOld), vault().array());
        chain().add_key(buffer_key_);
        write_buffer(tiny_program(kNew));
        EXPECT_CALLEE_ERROR(kOld, call_program());
    }
    Address vault() const { return wallet().wallet().vault; }
    Address buffer() const { return buffer_key_.address(); }
    SendResult call_program() const {
        // Code is new from the next slot on.
        chain().svm().advance(1, 0);
        return chain().send({{program_, {}, {}}});
    }
    /// Somebody pays for a buffer, writes to it and gives it to the vault.
    void write_buffer(const Bytes& code) const {
        const Address payer = chain().payer().address();
        const std::size_t size = loader::kBufferHead + code.size();
        EXPECT_ACCEPTED(chain().send(
            {system::create_account(payer, buffer(), chain().rent().minimum_balance(size).value(),
                                    size, kUpgradeableLoader),
             loader::initialize_buffer(buffer(), payer), loader::write(buffer(), payer, 0, code),
             loader::set_authority(buffer(), payer, vault())}));
    }
    /// A call of the loader's instruction, its accounts behind the fixed ones.
    Draft calling(std::uint8_t rule, const Instruction& instruction,
                  const std::vector<std::uint8_t>& signers) const {
        Draft draft = under(rule, ExecuteBody{}, signers);
        CompactCall call;
        for (const AccountMeta& meta : instruction.accounts) {
            const bool is_vault = meta.address == vault();
            if (!is_vault) {
                draft.accounts.push_back({meta.address, false, meta.is_writable});
            }
            const auto index =
                static_cast<std::uint8_t>(is_vault ? 1 : kAccounts + draft.accounts.size() - 1);
            call.metas.push_back({index, meta.is_writable, meta.is_signer});
        }
        draft.accounts.push_back(readonly(instruction.program));
        call.program_index = static_cast<std::uint8_t>(kAccounts + draft.accounts.size() - 1);
        call.data = instruction.data;
        draft.body = ExecuteBody{std::nullopt, {call}};
        return draft;
    }
    Draft upgrade(const Bytes& code) const {
        Draft draft = calling(
            kSavings, loader::upgrade(program_, buffer(), somebody(), vault()).value(), {kPhone});
        draft.body =
            UpgradeBody{loader::code_hash(code), std::get<ExecuteBody>(draft.body).calls[0]};
        return draft;
    }

    Address program_ = Scenario::address(2100);
    TestSigner buffer_key_ = TestSigner::ed25519(640, /*may_pay_fees=*/true);
};

TEST_F(Upgrades, ApprovedCodeRunsAfterItsDelay) {
    const Forged forged = propose(upgrade(tiny_program(kNew)));
    EXPECT_REFUSED(kTooEarly, apply(forged));
    EXPECT_CALLEE_ERROR(kOld, call_program());
    chain().advance(kSavingsDelay - 1);
    EXPECT_REFUSED(kTooEarly, apply(forged));
    chain().advance(1);
    const std::uint64_t rent = chain().lamports(buffer());
    EXPECT_ACCEPTED(apply(forged));
    EXPECT_EQ(received(), rent);
    EXPECT_CALLEE_ERROR(kNew, call_program());
    EXPECT_REFUSED(kNothingWaits, apply(forged));
}

TEST_F(Upgrades, AnotherBufferIsRefused) {
    const Forged forged = propose(upgrade(tiny_program(kNew)));
    chain().advance(kSavingsDelay);
    // Other code in the same buffer, as if its authority were not the vault.
    const Account good = chain().account(buffer()).value();
    for (const std::size_t at : {loader::kBufferHead, good.data.size() - 1}) {
        Account bad = good;
        bad.data[at] ^= 1;
        chain().put_account(buffer(), bad);
        EXPECT_REFUSED(kUpgradeCode, apply(forged));
    }
    Account longer = good;
    longer.data.push_back(0);
    longer.lamports *= 2;
    chain().put_account(buffer(), longer);
    EXPECT_REFUSED(kUpgradeCode, apply(forged));
    Account empty = good;
    empty.data.resize(loader::kBufferHead);
    chain().put_account(buffer(), empty);
    EXPECT_REFUSED(kUpgradeCode, apply(forged));
    chain().put_account(buffer(), good);
    // Another account in its place, with the same code.
    Instruction bad = apply_of(forged);
    chain().put_account(Scenario::address(2101), good);
    bad.accounts[kAccounts + 2].address = Scenario::address(2101);
    EXPECT_REFUSED(kOtherProposal, chain().send({bad}));
    EXPECT_ACCEPTED(apply(forged));
    EXPECT_CALLEE_ERROR(kNew, call_program());
}

TEST_F(Upgrades, TheApprovedHashIsOfTheCode) {
    const Forged forged = propose(upgrade(tiny_program(kOld)));
    chain().advance(kSavingsDelay);
    EXPECT_REFUSED(kUpgradeCode, apply(forged));
    EXPECT_ACCEPTED(send(cancel(kSavings, {kComputer})));
    const Forged good = propose(upgrade(tiny_program(kNew)));
    chain().advance(kSavingsDelay);
    EXPECT_ACCEPTED(apply(good));
}

TEST_F(Upgrades, NobodyTouchesTheBuffer) {
    // Not whoever paid for it.
    const Address payer = chain().payer().address();
    EXPECT_RUNTIME_ERROR("IncorrectAuthority",
                         chain().send({loader::write(buffer(), payer, 0, Bytes{1})}));
    EXPECT_RUNTIME_ERROR("IncorrectAuthority",
                         chain().send({loader::set_authority(buffer(), payer, payer)}));
    // Nor the vault itself, at once or after a delay.
    const Address program_data = loader::program_data_address(program_).value();
    const std::vector<Instruction> attempts = {
        loader::write(buffer(), vault(), 0, Bytes{1}),
        loader::set_authority(buffer(), vault(), payer),
        loader::close_buffer(buffer(), payer, vault()),
        loader::set_authority(program_data, vault(), payer),
        loader::upgrade(program_, buffer(), payer, vault()).value(),
    };
    for (const Instruction& instruction : attempts) {
        EXPECT_REFUSED(kTargetReserved, send(calling(kOne, instruction, {kPhone})));
        const Forged forged = propose(calling(kSavings, instruction, {kPhone}));
        chain().advance(kSavingsDelay);
        EXPECT_REFUSED(kTargetReserved, apply(forged));
        EXPECT_ACCEPTED(send(cancel(kSavings, {kComputer})));
        // An upgrade is the loader's Upgrade with its accounts, and nothing else.
        Draft dressed = calling(kSavings, instruction, {kPhone});
        const CompactCall call = std::get<ExecuteBody>(dressed.body).calls[0];
        if (call.metas.size() != 7) {
            dressed.body = UpgradeBody{loader::code_hash(tiny_program(kNew)), call};
            const Forged waits = propose(dressed);
            chain().advance(kSavingsDelay);
            EXPECT_REFUSED(kUpgradeCode, apply(waits));
            EXPECT_ACCEPTED(send(cancel(kSavings, {kComputer})));
        }
    }
    // Seven accounts and four bytes, but another instruction.
    Draft other = upgrade(tiny_program(kNew));
    std::get<UpgradeBody>(other.body).call.data[0] = 4;
    const Forged waits = propose(other);
    chain().advance(kSavingsDelay);
    EXPECT_REFUSED(kTargetNotAllowed, apply(waits));
    EXPECT_ACCEPTED(send(cancel(kSavings, {kComputer})));
    const Forged good = propose(upgrade(tiny_program(kNew)));
    chain().advance(kSavingsDelay);
    EXPECT_ACCEPTED(apply(good));
    EXPECT_CALLEE_ERROR(kNew, call_program());
}

TEST_F(Upgrades, AFreezeStopsThem) {
    const Forged forged = propose(upgrade(tiny_program(kNew)));
    chain().advance(kSavingsDelay);
    EXPECT_ACCEPTED(send(freeze()));
    EXPECT_REFUSED(kFrozen, apply(forged));
    EXPECT_CALLEE_ERROR(kOld, call_program());
    chain().advance(7 * kDay);
    EXPECT_ACCEPTED(apply(forged));
    EXPECT_CALLEE_ERROR(kNew, call_program());
}

}  // namespace
}  // namespace latchkey::solana::testing
