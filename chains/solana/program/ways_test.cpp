// SPDX-License-Identifier: Apache-2.0
// The short ways through the program and the general way answer alike and leave the
// same accounts, for random and for changed transactions of every shape that the short ways take.
#include <gtest/gtest.h>

#include <iostream>
#include <map>

#include "chains/solana/program/actions/approved.hpp"
#include "chains/solana/testing/differential_game.hpp"
#include "core/wallet/verdict_text.hpp"

namespace latchkey::solana::testing {
namespace {

using core::Verdict;

/// How often a short way answered, by shape and whether it accepted.
std::map<std::string, std::uint64_t>& shapes() {
    static std::map<std::string, std::uint64_t> counts;
    return counts;
}

/// What the short way of this instruction is called.
std::string shape_of(const program::Input& input) {
    const std::uint64_t head = input.data[0];
    const bool has_lane = (head & kHeadNonceMask) != 0;
    const std::uint64_t form = input.data[1] >> kApprovalFormShift;
    std::string shape = (head & kHeadGenesis) != 0 ? "genesis " : "state ";
    shape += !has_lane ? "ed25519" : form == kFormNone ? "p256" : "webauthn";
    return shape;
}

/// The program as it is, watched.
std::uint64_t short_entrypoint(std::uint8_t* raw, const std::uint8_t* data) {
    program::Input input;
    if (program::read_input(raw, data, &input) != Verdict::kAccepted || data == input.end) {
        return entrypoint(raw, data);
    }
    const std::string shape = shape_of(input);
    const Verdict verdict = program::execute_short(input);
    // "Take the general way" is no verdict.
    if (!core::verdict_from_number(static_cast<std::uint64_t>(verdict))) {
        return entrypoint(raw, data);
    }
    ++shapes()[shape + (verdict == Verdict::kAccepted ? " accepted" : " refused")];
    return static_cast<std::uint64_t>(verdict);
}

/// The general way alone.
std::uint64_t general_entrypoint(std::uint8_t* raw, const std::uint8_t* data) {
    program::Input input;
    if (program::read_input(raw, data, &input) != Verdict::kAccepted || data == input.end ||
        (*data & kHeadActionMask) != kExecute) {
        return entrypoint(raw, data);
    }
    return static_cast<std::uint64_t>(program::approved(input));
}

/// The same chain with a program that goes the general way.
class GeneralTwin : public GameTwin {
  public:
    explicit GeneralTwin(NativeEntrypoint program) : program_(program) {}

    void begin(const NativeChain& chain) override {
        chain_ = chain;
        chain_.add_program(wallet_program_address(), program_);
    }
    std::string run(const Address& payer, const Attempt& attempt, const NativeResult& native,
                    const NativeChain& after) override {
        chain_.set_time(after.time());
        const NativeResult general = chain_.execute(payer, attempt.instructions);
        std::string out;
        const bool agrees = general.ok == native.ok && general.error == native.error &&
                            general.custom_code == native.custom_code &&
                            general.instruction_index == native.instruction_index;
        if (!agrees && !is_known_order(general, native)) {
            out = "the general way says " + explain_result(general) + ", the short one " +
                  explain_result(native) + "; ";
        }
        if (chain_.accounts() != after.accounts()) {
            out += "the general way leaves other accounts; ";
        }
        return out;
    }

  private:
    /// One of the approvals' own faults, or an instruction that ends too early.
    static bool is_of_approvals(Verdict verdict) {
        const auto number = static_cast<std::uint64_t>(verdict);
        return (number >= 400 && number < 500) || verdict == Verdict::kDataTooShort;
    }

    /// Where several checks fail the short ways look at approvals earlier or later than the general
    /// way. Both refuse.
    static bool is_known_order(const NativeResult& general, const NativeResult& native) {
        const auto verdict = verdict_of(native);
        const auto other = verdict_of(general);
        return !general.ok && !native.ok && verdict && other &&
               general.instruction_index == native.instruction_index &&
               (is_of_approvals(*verdict) || is_of_approvals(*other));
    }

    NativeChain chain_;
    NativeEntrypoint program_;
};

TEST(WaysTest, short_and_general_ways_answer_alike) {
    shapes().clear();
    GeneralTwin twin(general_entrypoint);
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        Game game(Choices(seed), {.program = short_entrypoint, .is_sole = seed % 2 == 0}, &twin);
        ASSERT_EQ(game.play(40), "") << "seed " << seed;
    }
    for (const auto& [shape, count] : shapes()) {
        std::cout << shape << ": " << count << "\n";
    }
    for (const char* const kind : {"genesis ed25519", "genesis p256", "genesis webauthn",
                                   "state ed25519", "state p256", "state webauthn"}) {
        EXPECT_GT(shapes()[std::string(kind) + " accepted"], 20U) << kind;
        EXPECT_GT(shapes()[std::string(kind) + " refused"], 20U) << kind;
    }
}

/// A general way that accepts what the short one refuses.
std::uint64_t lenient_entrypoint(std::uint8_t* raw, const std::uint8_t* data) {
    const std::uint64_t answer = general_entrypoint(raw, data);
    return answer == static_cast<std::uint64_t>(Verdict::kSignerPaysFees) ? 0 : answer;
}

TEST(WaysTest, a_difference_is_noticed) {
    GeneralTwin twin(lenient_entrypoint);
    bool was_noticed = false;
    for (std::uint64_t seed = 1; seed <= 600 && !was_noticed; ++seed) {
        Game game(Choices(seed), {}, &twin);
        was_noticed = game.play(40).find("the general way") != std::string::npos;
    }
    EXPECT_TRUE(was_noticed);
}

}  // namespace
}  // namespace latchkey::solana::testing
