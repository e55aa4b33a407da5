// SPDX-License-Identifier: Apache-2.0
// Whether everybody agrees.
#include "chains/solana/testing/differential_game.hpp"
#include "chains/solana/testing/native_addresses.hpp"
#include "chains/solana/testing/native_machine.hpp"
#include "core/encoding/hex.hpp"
#include "core/wallet/verdict_text.hpp"

namespace latchkey::solana::testing {

namespace {

using core::Verdict;
using Kind = Expectation::Kind;

/// One of the approvals' own faults, or an instruction that ends too early.
bool is_of_approvals(Verdict verdict) {
    const auto number = static_cast<std::uint64_t>(verdict);
    return (number >= 400 && number < 500) || verdict == Verdict::kDataTooShort;
}

/// Where several checks fail, a short way looks at approvals earlier or later than the model. Both
/// refuse.
bool is_other_order(const Expectation& expected, const std::optional<Verdict>& verdict) {
    return expected.may_be_short && verdict && expected.verdict != Verdict::kAccepted &&
           *verdict != Verdict::kAccepted &&
           (is_of_approvals(expected.verdict) || is_of_approvals(*verdict));
}

/// Nothing but the fee is gone.
std::string compare_unchanged(const NativeChain& before, const NativeChain& after,
                              const Address& payer, std::uint64_t fee) {
    std::map<Address, NativeAccount> expected = before.accounts();
    expected[payer].lamports -= fee;
    return expected == after.accounts() ? "" : "a refused transaction left something behind; ";
}

}  // namespace

std::string name_of(const Expectation& expected) {
    switch (expected.kind) {
        case Kind::kVerdict:
            return std::string(core::verdict_name(expected.verdict));
        case Kind::kRefused:
            return "some refusal";
        case Kind::kRuntime:
            return "an error of the runtime or of a called program";
        default:
            return "anything";
    }
}

bool meets(const Expectation& expected, const NativeResult& result) {
    const std::optional<Verdict> verdict = verdict_of(result);
    switch (expected.kind) {
        case Kind::kVerdict:
            return verdict == expected.verdict || is_other_order(expected, verdict);
        case Kind::kRefused:
            return !result.ok;
        case Kind::kRuntime:
            return !result.ok && !verdict;
        default:
            return true;
    }
}

void GameTally::add(const GameTally& other) {
    steps += other.steps;
    accepted += other.accepted;
    runtime_errors += other.runtime_errors;
    mutated += other.mutated;
    mutated_accepted += other.mutated_accepted;
    unknown += other.unknown;
    vague += other.vague;
    for (const auto& [verdict, count] : other.verdicts) {
        verdicts[verdict] += count;
    }
    for (const auto& [action, count] : other.actions) {
        actions[action] += count;
    }
}

std::string GameTally::to_string() const {
    std::string out = std::to_string(steps) + " steps, " + std::to_string(accepted) +
                      " accepted, " + std::to_string(runtime_errors) + " runtime errors, " +
                      std::to_string(mutated) + " changed (" + std::to_string(mutated_accepted) +
                      " accepted), " + std::to_string(unknown) + " beyond the model, " +
                      std::to_string(vague) + " where it asks for any refusal; " +
                      std::to_string(verdicts.size()) + " verdicts:";
    for (const auto& [verdict, count] : verdicts) {
        out += " " + std::string(core::verdict_name(verdict)) + "=" + std::to_string(count);
    }
    out += "; accepted:";
    for (const auto& [action, count] : actions) {
        out += " " + action + "=" + std::to_string(count);
    }
    return out;
}

void Game::count(const Attempt& attempt, const Expectation& expected, const NativeResult& result) {
    ++tally_.steps;
    if (result.ok) {
        ++tally_.accepted;
        ++tally_.actions[attempt.action];
    }
    tally_.mutated += attempt.is_mutated ? 1 : 0;
    tally_.mutated_accepted += attempt.is_mutated && result.ok ? 1 : 0;
    tally_.unknown += expected.kind == Kind::kUnknown ? 1 : 0;
    tally_.vague += expected.kind == Kind::kRefused ? 1 : 0;
    if (const auto verdict = verdict_of(result)) {
        ++tally_.verdicts[*verdict];
    } else {
        ++tally_.runtime_errors;
    }
}

std::string Game::compare_accepted(const Expectation& expected, const NativeResult& result) {
    std::string out;
    for (const auto& [address, lamports] : expected.lamports) {
        const std::uint64_t fee = address == world_.payer().address() ? result.fee : 0;
        if (world_.chain().lamports(address) != lamports - fee) {
            out += "lamports of " + core::encode_hex(address.view()) + ": " +
                   std::to_string(world_.chain().lamports(address)) + " instead of " +
                   std::to_string(lamports - fee) + "; ";
        }
    }
    for (const auto& [address, amount] : expected.tokens) {
        if (token_amount(world_.chain().find_account(address)) != amount) {
            out += "tokens of " + core::encode_hex(address.view()) + "; ";
        }
    }
    const NativeAccount* const state = world_.chain().find_account(forge_->wallet().state());
    if ((state == nullptr ? 0 : state->data.size()) != expected.state_size) {
        out += "the size of the state account; ";
    }
    if (expected.return_data &&
        (!result.return_data || result.return_data->second != *expected.return_data)) {
        out += "the return data; ";
    }
    return out;
}

std::string Game::compare(const Attempt& attempt, const Expectation& expected,
                          const NativeResult& result, const NativeChain& before) {
    std::string out;
    if (!result.ok) {
        out += compare_unchanged(before, world_.chain(), world_.payer().address(), result.fee);
    } else if (before.total_lamports() != world_.chain().total_lamports() + result.fee) {
        out += "lamports were made or lost; ";
    }
    // Whether a signature is good the model is told.
    const bool is_unsigned =
        result.instruction_index >= 0 &&
        is_precompile(
            attempt.instructions[static_cast<std::size_t>(result.instruction_index)].program);
    bool agrees = meets(expected, result);
    if (is_unsigned || expected.kind == Kind::kUnknown) {
        model_->resync(world_.chain());
        agrees = true;
    } else if (expected.kind == Kind::kVerdict && result.ok) {
        out += compare_accepted(expected, result);
    }
    if (!agrees) {
        out += "the model says " + name_of(expected) + ", the program " + explain_result(result) +
               "; ";
    }
    return out + model_->difference(world_.chain());
}

std::string Game::step() {
    const Attempt attempt = next();
    const NativeChain before = world_.chain();
    const NativeResult result =
        world_.chain().execute(world_.payer().address(), attempt.instructions);
    const Expectation expected = model_->apply(before, world_.payer().address(), attempt, book_);
    log_.push_back(std::to_string(world_.now()) + " " + attempt.description + ": " +
                   explain_result(result));
    count(attempt, expected, result);
    if (result.ok && !attempt.is_mutated) {
        remember_application(attempt);
    }
    std::string out = compare(attempt, expected, result, before);
    if (twin_ != nullptr) {
        out += twin_->run(world_.payer().address(), attempt, result, world_.chain());
    }
    return out;
}

std::string Game::play(unsigned steps) {
    for (unsigned i = 0; i < steps && !(i > 0 && choices_.is_empty()); ++i) {
        std::string difference = step();
        if (!difference.empty()) {
            difference += "\nafter:";
            for (const std::string& line : log_) {
                difference += "\n  " + line;
            }
            return difference;
        }
    }
    return "";
}

}  // namespace latchkey::solana::testing
