// SPDX-License-Identifier: Apache-2.0
#include "chains/testing/one_wallet_game.hpp"

#include <stdexcept>

namespace latchkey::chains::testing {

namespace {

/// 2027-01-15, when Solana's world of the tests begins.
constexpr std::uint64_t kStart = 1'800'000'000;

template <typename T>
void push(std::deque<T>& queue, T value, std::size_t size_max) {
    queue.push_back(std::move(value));
    if (queue.size() > size_max) {
        queue.pop_front();
    }
}

}  // namespace

std::uint64_t GameTally::count(const std::string& action, core::Verdict verdict) const {
    const auto found = verdicts.find(action);
    if (found == verdicts.end()) {
        return 0;
    }
    const auto at = found->second.find(verdict);
    return at == found->second.end() ? 0 : at->second;
}

std::uint64_t GameTally::count(core::Verdict verdict) const {
    std::uint64_t out = 0;
    for (const auto& [action, counts] : verdicts) {
        out += count(action, verdict);
    }
    return out;
}

void GameTally::add(const GameTally& other) {
    games += other.games;
    steps += other.steps;
    together += other.together;
    for (const auto& [action, counts] : other.verdicts) {
        for (const auto& [verdict, count] : counts) {
            verdicts[action][verdict] += count;
        }
    }
    for (const auto& [reasons, count] : other.other_reasons) {
        other_reasons[reasons] += count;
    }
}

std::string GameTally::to_string() const {
    std::string out = std::to_string(games) + " games, " + std::to_string(steps) + " actions, " +
                      std::to_string(count(core::Verdict::kAccepted)) + " accepted, " +
                      std::to_string(together) + " of them approved together with another\n";
    for (const auto& [action, counts] : verdicts) {
        out += "- " + action + ":";
        for (const auto& [verdict, count] : counts) {
            out += " " + std::string(core::verdict_name(verdict)) + "=" + std::to_string(count);
        }
        out += "\n";
    }
    out += "- both refuse, with another reason on the EVM than on Solana:";
    for (const auto& [reasons, count] : other_reasons) {
        out += " " + reasons + "=" + std::to_string(count);
    }
    return out + "\n";
}

OneWalletGame::OneWalletGame(EvmChain& chain, svm::VmTwin& vm, std::uint64_t seed,
                             std::uint64_t skew)
    : seed_(seed),
      dice_(seed),
      wallet_(chain, vm, dice_.configuration(kStart), Dice::people(), skew) {
    tally_.games = 1;
}

std::optional<Shown> OneWalletGame::application() {
    svm::Choices& choices = dice_.choices();
    std::vector<const Shown*> waiting;
    std::vector<const Shown*> ripe;
    for (const Shown& shown : proposed_) {
        if (const auto* const record = wallet_.record_of(shown)) {
            waiting.push_back(&shown);
            if (wallet_.now() >= record->earliest) {
                ripe.push_back(&shown);
            }
        }
    }
    const unsigned urge = !ripe.empty() ? 50 : !waiting.empty() ? 8 : 2;
    if (proposed_.empty() || !choices.chance(urge)) {
        return std::nullopt;
    }
    const Shown* chosen = &proposed_[choices.below(proposed_.size())];
    if (!waiting.empty() && !choices.chance(8)) {
        const auto& among = ripe.empty() || choices.chance(10) ? waiting : ripe;
        chosen = among[choices.below(among.size())];
    }
    Shown other = *chosen;
    if (choices.chance(3)) {
        other.move->rule.index ^= 1U;
    }
    return wallet_.show_application(other);
}

std::vector<Shown> OneWalletGame::next() {
    svm::Choices& choices = dice_.choices();
    if (!shown_.empty() && choices.chance(7)) {
        return {wallet_.show_again(shown_[choices.below(shown_.size())])};
    }
    if (const auto applied = application()) {
        return {*applied};
    }
    std::vector<Move> moves = {dice_.move(wallet_.state(), wallet_.now())};
    // One approval of a change and of what each chain alone does.
    while (moves.size() < 4 && choices.chance(15)) {
        const Move more = dice_.move(wallet_.state(), wallet_.now());
        // At most one action of sessions, for the reason that step() gives.
        if (more.rule.kind != RuleName::Kind::kSession) {
            moves.push_back(more);
        }
    }
    std::vector<Shown> out = wallet_.show(moves, choices.chance(20));
    for (Shown& shown : out) {
        shown.is_together = out.size() > 1;
    }
    return out;
}

std::string OneWalletGame::step() {
    if (ready_.empty()) {
        wallet_.set_time(dice_.next_time(wallet_.state(), wallet_.now()));
        for (Shown& shown : next()) {
            // What follows in the same approval may find the wallet changed.
            shown.aspect.is_again |= !ready_.empty();
            ready_.push_back(std::move(shown));
        }
    }
    const Shown shown =
        ready_.front().aspect.is_again ? wallet_.show_again(ready_.front()) : ready_.front();
    ready_.pop_front();
    log_.push_back(std::to_string(wallet_.now()) + " " + shown.words);
    const Answer answer = wallet_.play(shown);
    const std::string evm(core::verdict_name(answer.evm));
    log_.back() += ": " + evm;
    ++tally_.steps;
    ++tally_.verdicts[shown.action][answer.evm];
    if (answer.solana != answer.evm) {
        ++tally_.other_reasons[evm + "/" +
                               (answer.solana ? std::string(core::verdict_name(*answer.solana))
                                              : "precompile")];
    }
    tally_.together += answer.is_accepted() && shown.is_together ? 1 : 0;
    if (!shown.aspect.is_apply) {
        // On the EVM what a session was approved for is void once it did something else; on Solana
        // it is good until its lane's window is over. So it is shown again only if it was used.
        if (!shown.aspect.is_session || answer.is_accepted()) {
            push(shown_, shown, 12);
        }
        if (answer.is_accepted() && !shown.aspect.is_session && shown.can_wait()) {
            push(proposed_, shown, 16);
        }
    }
    return answer.difference;
}

std::string OneWalletGame::play(unsigned steps) {
    for (unsigned i = 0; i < steps; ++i) {
        std::string difference;
        try {
            difference = step();
        } catch (const std::exception& error) {
            difference = std::string("the game itself fails: ") + error.what();
        }
        if (!difference.empty()) {
            std::string out = "seed " + std::to_string(seed_) + ", step " + std::to_string(i) +
                              ": " + difference + "\nafter:";
            for (const std::string& line : log_) {
                out += "\n  " + line;
            }
            return out;
        }
    }
    return "";
}

}  // namespace latchkey::chains::testing
