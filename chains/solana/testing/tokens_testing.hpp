// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/solana/client/instructions.hpp"
#include "chains/solana/client/wallet_instructions.hpp"
#include "chains/solana/testing/laws_testing.hpp"

/// A wallet with limits and tokens, for the tests of the laws on the real VM.
namespace latchkey::solana::testing {

inline constexpr Address kNativeMint = "So11111111111111111111111111111111111111112"_address;
inline constexpr RuleReference kLimited = {.is_local = false, .index = 1};

/// Instructions of the token programs that the client has no builder for.
inline Instruction raw(const Address& program, std::vector<AccountMeta> accounts, Bytes data) {
    return {program, std::move(accounts), std::move(data)};
}
inline Bytes with_amount(Bytes head, std::uint64_t amount) {
    core::ByteWriter writer;
    writer.write(head).write_u64_le(amount);
    return writer.take();
}
/// An extension record behind a token account (2) or mint (1).
inline Bytes extension(std::uint16_t type, const Bytes& value) {
    core::ByteWriter writer;
    writer.write_u16_le(type).write_u16_le(static_cast<std::uint16_t>(value.size()));
    writer.write(value);
    return writer.take();
}

class Tokens : public Laws {
  protected:
    void SetUp() override {
        Laws::SetUp();
        chain().put_mint(mint_, 6);
        wallet_.emplace(make_wallet());
        ours_ = chain().put_tokens(vault(), mint_, 1000);
        theirs_ = chain().put_tokens(somebody(), mint_, 0);
    }
    /// Rule 0 may do everything; rule 1 may call System and both token programs and spend 100 at
    /// once, 150 in all, of two mints, and 1,000 lamports.
    WalletUnderTest make_wallet() {
        core::Rule rule = plain_rule(core::kActionExecute, 1);
        rule.scope = {{to_hash(kSystemProgram), {}},
                      {to_hash(kTokenProgram), {}},
                      {to_hash(kToken2022Program), {}}};
        rule.limits = {{core::Hash32(), 1000, 1000, 0},
                       {to_hash(mint_), 100, 150, 0},
                       {to_hash(mint_2022_), 100, 150, 0}};
        core::normalize(rule);
        WalletUnderTest wallet(chain(), {key(600)}, {plain_rule(kEverything, 1), rule});
        wallet.fund(100 * kSol);
        EXPECT_ACCEPTED(wallet.create_state());
        return wallet;
    }
    Address vault() { return wallet_->vault(); }
    SendResult limited(const std::vector<Instruction>& calls) {
        return call(*wallet_, calls, kLimited);
    }
    SendResult unlimited(const std::vector<Instruction>& calls) { return call(*wallet_, calls); }
    SendResult capped(const std::vector<Instruction>& calls, const std::vector<AddressedCap>& caps,
                      bool no_new_authority) {
        ExecuteAction body;
        body.calls = calls;
        body.caps = caps;
        body.no_new_authority = no_new_authority;
        return wallet_->send({body, UseTransaction{}, std::nullopt}, {{0}});
    }
    Instruction pay(std::uint64_t amount) {
        return token::transfer_checked(kTokenProgram, ours_, mint_, theirs_, vault(), amount, 6);
    }

    /// A mint of Token-2022 whose extensions these instructions set up, for `size` bytes.
    void make_mint(std::size_t size, const std::vector<Instruction>& extensions,
                   const Address& authority) {
        Account account;
        account.lamports = kSol;
        account.owner = kToken2022Program.array();
        account.data.resize(size);
        chain().put_account(mint_2022_, account);
        std::vector<Instruction> all = extensions;
        all.push_back(
            token::initialize_mint2(kToken2022Program, mint_2022_, 6, authority, std::nullopt));
        EXPECT_ACCEPTED(chain().send(all));
    }
    /// A mint that keeps 1 % of each transfer back; `collector` is its fees' both authorities.
    void make_fee_mint(const Address& collector) {
        Bytes fee = {26, 0, 1};
        core::append(fee, collector.view());
        fee.push_back(1);
        core::append(fee, collector.view());
        core::append(fee, with_amount({100, 0}, 1'000'000));
        make_mint(166 + 4 + 108, {on_mint(fee)}, issuer_.address());
    }
    Instruction on_mint(Bytes data) {
        return raw(kToken2022Program, {writable(mint_2022_)}, std::move(data));
    }
    /// An associated account made by the programs, with tokens minted by `authority`.
    Address account_of(const Address& owner, const TestSigner& authority, std::uint64_t amount) {
        const Address payer = chain().payer().address();
        EXPECT_ACCEPTED(chain().send(
            {associated_token::create_idempotent(payer, owner, mint_2022_, kToken2022Program)}));
        const Address account = associated_token_address(owner, mint_2022_, kToken2022Program);
        if (amount != 0) {
            EXPECT_ACCEPTED(chain().send({token::mint_to_checked(
                kToken2022Program, mint_2022_, account, authority.address(), amount, 6)}));
        }
        return account;
    }
    /// Adds extension records to a plain account of Token-2022.
    void extend(const Address& account, const Bytes& records) {
        Account changed = *chain().account(account);
        changed.data.resize(165);
        changed.data.push_back(2);
        core::append(changed.data, records);
        changed.lamports = kSol;
        chain().put_account(account, changed);
    }
    Instruction pay_2022(const Address& from, const Address& to, std::uint64_t amount) {
        return token::transfer_checked(kToken2022Program, from, mint_2022_, to, vault(), amount, 6);
    }

    const Address mint_ = Scenario::address(601);
    const Address mint_2022_ = Scenario::address(602);
    const TestSigner issuer_ = key(603);
    std::optional<WalletUnderTest> wallet_;
    Address ours_;
    Address theirs_;
};

}  // namespace latchkey::solana::testing
