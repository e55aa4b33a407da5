// SPDX-License-Identifier: Apache-2.0
// Covers: chains/solana/client/waiting.cpp chains/solana/client/history.cpp
// Covers: chains/solana/client/decode_wallet.cpp
// A wallet's transactions, as a node may invent them: words, proposals, applications, history.
#include "chains/solana/client/decode.hpp"
#include "chains/solana/client/history.hpp"
#include "chains/solana/client/waiting_testing.hpp"
#include "core/base/fuzz_testing.hpp"
#include "core/encoding/byte_io.hpp"

namespace latchkey::solana {
namespace {

using core::testing::require;
using testing::GuardedWallet;

constexpr std::size_t kInstructionsMax = 8;

const GuardedWallet& wallet() {
    static const GuardedWallet out;
    return out;
}

/// Each with a u16 for its length in front.
std::vector<Instruction> read_instructions(core::ByteReader& reader, std::size_t accounts) {
    std::vector<Instruction> out;
    while (out.size() < kInstructionsMax) {
        const auto size = reader.read_u16_le();
        if (!size) {
            break;
        }
        const auto data = reader.read(*size);
        if (!data) {
            break;
        }
        Instruction one{wallet().handle.deployment().program, {}, core::to_bytes(*data)};
        for (std::size_t i = 0; i < accounts; ++i) {
            one.accounts.push_back(
                writable(i == 0   ? wallet().handle.state()
                         : i == 1 ? wallet().handle.vault()
                                  : testing::address_of(static_cast<std::uint8_t>(i))));
        }
        out.push_back(std::move(one));
    }
    return out;
}

/// There are words for everything, and none moves a terminal.
void check_words(const Instruction& instruction) {
    static const WalletSnapshot snapshot = wallet().snapshot();
    ExplainContext context;
    context.wallet_program = wallet().handle.deployment().program;
    for (const WalletSnapshot* known : {static_cast<const WalletSnapshot*>(nullptr), &snapshot}) {
        context.wallet = known;
        const auto lines = explain(instruction, context);
        require(!lines.empty());
        for (const std::string& line : lines) {
            require(!line.empty());
            for (const char c : line) {
                require(c >= ' ' && c <= '~');
            }
        }
    }
}

/// What proposes can be applied, as the same action with the same digest.
void check_proposal(const Instruction& instruction) {
    const auto proposal = read_proposal(instruction);
    if (!proposal) {
        return;
    }
    const WalletHandle& handle = wallet().handle;
    require(waiting_digest(handle, *proposal).has_value());
    const auto apply = apply_instruction(handle, *proposal);
    // A recovery part may be longer than an application has room for.
    if (!apply) {
        return;
    }
    require(apply->accounts.size() == instruction.accounts.size());
    const auto decoded = decode_instruction(apply->data);
    require(decoded.has_value());
    const auto& action = std::get<ApplyAction>(*decoded);
    require(action.body == proposal->body && action.rule == proposal->rule);
    check_words(*apply);
}

/// Numbered configurations that encode again; what was replayed does not depend on what comes
/// later.
void check_history(const std::vector<Instruction>& instructions) {
    std::vector<WalletTransaction> transactions;
    for (const Instruction& one : instructions) {
        WalletTransaction next;
        next.instructions = {one};
        transactions.push_back(std::move(next));
    }
    const auto all = replay_configurations(wallet().handle, transactions);
    if (!all || transactions.empty()) {
        return;
    }
    for (std::size_t i = 0; i < all->size(); ++i) {
        require(all->at(i).sequence == i);
        require(core::encode(all->at(i).configuration).has_value());
    }
    transactions.pop_back();
    const auto before = replay_configurations(wallet().handle, transactions);
    require(before && before->size() <= all->size());
    require(before->back().id == all->at(before->size() - 1).id);
}

}  // namespace
}  // namespace latchkey::solana

/// The first byte is the number of accounts.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace latchkey;
    core::ByteReader reader(core::testing::fuzz_input(data, size));
    const auto accounts = reader.read_u8();
    if (!accounts) {
        return 0;
    }
    const auto instructions = solana::read_instructions(reader, *accounts % 16);
    for (const solana::Instruction& one : instructions) {
        solana::check_words(one);
        solana::check_proposal(one);
    }
    solana::check_history(instructions);
    return 0;
}
