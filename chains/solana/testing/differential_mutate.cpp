// SPDX-License-Identifier: Apache-2.0
// What goes wrong on the way: bytes, accounts and instructions that somebody changed.
#include <algorithm>

#include "chains/solana/testing/differential_game.hpp"
#include "chains/solana/testing/differential_world.hpp"
#include "chains/solana/testing/native_addresses.hpp"
#include "chains/solana/testing/native_machine.hpp"

namespace latchkey::solana::testing {

namespace {

void flip_bit(Bytes& data, Choices& choices) {
    if (!data.empty()) {
        const std::uint64_t bit = choices.below(data.size() * 8);
        data[bit / 8] = static_cast<std::uint8_t>(data[bit / 8] ^ 1U << bit % 8);
    }
}

void change_bytes(Bytes& data, Choices& choices) {
    switch (choices.below(8)) {
        case 6:
            data.resize(data.size() + choices.below(600));
            break;
        case 7:
            if (!data.empty()) {
                data.back() = static_cast<std::uint8_t>(choices.below(4));
            }
            break;
        case 0:
        case 1:
            flip_bit(data, choices);
            break;
        case 2:
            data.resize(choices.below(data.size() + 1));
            break;
        case 3:
            data.push_back(static_cast<std::uint8_t>(choices.below(256)));
            break;
        case 4:
            if (!data.empty()) {
                data[choices.below(data.size())] = static_cast<std::uint8_t>(choices.below(256));
            }
            break;
        default:
            if (data.size() > 8) {
                // A piece moves.
                const auto from = static_cast<std::ptrdiff_t>(choices.below(data.size() - 4));
                const auto to = static_cast<std::ptrdiff_t>(choices.below(data.size() - 4));
                std::swap_ranges(
                    data.begin() + std::min(from, to),
                    data.begin() + std::min(from, to) +
                        std::min<std::ptrdiff_t>(4, std::max(from, to) - std::min(from, to)),
                    data.begin() + std::max(from, to));
            }
    }
}

/// Fields that no value of the instruction's type can have.
void change_fields(Instruction& wallet, Choices& choices) {
    Bytes& data = wallet.data;
    const auto decoded = decode_instruction(data);
    const auto* const approved =
        decoded.has_value() ? std::get_if<ApprovedAction>(&*decoded) : nullptr;
    if (approved == nullptr) {
        return;
    }
    if (approved->tree) {
        // The height and the leaf's index stand before the siblings.
        const auto sibling = approved->tree->siblings[0].view();
        const auto at = std::search(data.begin(), data.end(), sibling.begin(), sibling.end());
        *(at - static_cast<int>(1 + choices.below(2))) =
            static_cast<std::uint8_t>(choices.chance(50) ? 1U << approved->tree->height : 0U);
        return;
    }
    if (!std::holds_alternative<ExecuteBody>(approved->signed_part.body)) {
        constexpr std::uint8_t kNoActions[] = {0, 10, kApply};
        data[0] =
            static_cast<std::uint8_t>((data[0] & ~kHeadActionMask) | kNoActions[choices.below(3)]);
        return;
    }
    // More calls than an instruction can have, of nothing.
    const auto program = static_cast<std::uint8_t>(wallet.accounts.size());
    wallet.accounts.push_back(readonly(script_program_address()));
    for (std::size_t i = 0; i <= kMaximumCalls; ++i) {
        data.insert(data.end(), {program, 0, 0});
    }
}

void change_accounts(std::vector<AccountMeta>& accounts, const Address& payer, Choices& choices) {
    if (accounts.empty()) {
        return;
    }
    const std::uint64_t at = choices.below(accounts.size());
    const std::uint64_t other = choices.below(accounts.size());
    switch (choices.below(8)) {
        case 7:
            if (choices.chance(20)) {
                accounts.resize(64, accounts.back());
            }
            break;
        case 0:
            std::swap(accounts[at], accounts[other]);
            break;
        case 1:
            accounts[at].is_signer = !accounts[at].is_signer;
            break;
        case 2:
            accounts[at].is_writable = !accounts[at].is_writable;
            break;
        case 3:
            accounts[at].address = cast::recipient(choices.below(2));
            break;
        case 4:
            accounts.resize(at);
            break;
        case 5:
            accounts[at].address = accounts[other].address;
            break;
        default:
            accounts.push_back(choices.chance(50) ? writable_signer(payer)
                                                  : writable(cast::vault_tokens(0)));
    }
}

}  // namespace

void Game::mutate(Attempt& attempt) {
    attempt.is_mutated = true;
    attempt.description += ", changed";
    Instruction& wallet = attempt.instructions[attempt.wallet_index];
    const std::uint64_t way = choices_.below(100);
    if (way < 40) {
        change_bytes(wallet.data, choices_);
    } else if (way < 45 || (way < 65 && (wallet.data[0] & kHeadTree) != 0)) {
        change_fields(wallet, choices_);
    } else if (way < 70) {
        change_accounts(wallet.accounts, world_.payer().address(), choices_);
    } else if (way < 85 && attempt.wallet_index > 0) {
        Instruction& before = attempt.instructions[choices_.below(attempt.wallet_index)];
        if (is_precompile(before.program)) {
            change_bytes(before.data, choices_);
        }
    } else if (way < 90 && attempt.wallet_index > 0) {
        const std::uint64_t at = choices_.below(attempt.wallet_index);
        attempt.instructions.erase(attempt.instructions.begin() + static_cast<std::ptrdiff_t>(at));
        --attempt.wallet_index;
    } else if (way < 95) {
        // The same action twice in one transaction.
        const Instruction again = wallet;
        attempt.instructions.push_back(again);
    } else {
        // Something stands between the precompiles and the wallet's instruction.
        const Instruction between = {
            kSystemProgram,
            {writable_signer(world_.payer().address()), writable(cast::recipient(0))},
            {2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}};
        book_.add(between,
                  {CallEffect::Kind::kLamports, world_.payer().address(), cast::recipient(0), 1});
        attempt.instructions.insert(
            attempt.instructions.begin() + static_cast<std::ptrdiff_t>(attempt.wallet_index),
            between);
        ++attempt.wallet_index;
    }
}

}  // namespace latchkey::solana::testing
