// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <vector>

#include "models/waiting/search.hpp"
#include "models/waiting/stories.hpp"
#include "models/waiting/wallet.hpp"

/// One wallet on several chains. Approvals are signed once and can be submitted by anybody, to any
/// chain, at any time, in any order, as often as one likes.
namespace latchkey::waiting_model {

inline constexpr size_t kChainsMaximum = 3;
inline constexpr size_t kIdsMaximum = 6;

/// A signed approval of an action that is the same on every chain.
struct Approval {
    std::string name;
    // kApprove with a change, kCancel with a target, kFreeze.
    MoveKind kind = MoveKind::kApprove;
    RuleName rule = 0;
    Parties parties = 0;
    uint8_t change = 0;
    RuleName target = 0;
    // configId for a shared rule, commitment for a rule of the recovery part.
    uint32_t parent = 0;
    uint8_t epoch = 0;
};

/// The wallet on one chain, and what the laws remember of it.
struct Chain {
    Wallet wallet;
    uint32_t config_id = 0;
    // By index of the approval: accepted here; cancelled here.
    uint16_t accepted = 0;
    uint16_t cancelled = 0;
    // The change applied last, plus one, and the recovery before it if it was another one.
    uint8_t last_change = 0;
    uint8_t last_recovery = 0;
    uint8_t changes = 0;
    // The epoch that the approval of the proposed recovery named.
    uint8_t recovery_epoch = 0;
    // configIds so far.
    std::array<uint32_t, kIdsMaximum> past_ids{};
};

/// The wallet on every chain of a game; the others stay as they began.
struct ChainsState {
    std::array<Chain, kChainsMaximum> chains;
};

/// One submission, one apply, or a tick.
struct ChainsMove {
    MoveKind kind = MoveKind::kNone;
    uint8_t chain = 0;
    uint8_t approval = 0;
};

/// A wallet on some chains and the approvals that exist.
class ChainsGame {
  public:
    Setup setup;
    uint8_t chain_count = 2;
    std::vector<Approval> approvals;

    ChainsState initial() const;
    const char* broken_law(const ChainsState& state) const;
    std::string describe(const ChainsState& before, ChainsMove move) const;

    template <class Emit>
    void successors(const ChainsState& before, Emit&& emit) const {
        const auto try_move = [&](ChainsMove move) {
            ChainsState after = before;
            const char* broken = nullptr;
            if (attempt(after.chains[move.chain], move, &broken)) {
                emit(after, move, Step::kHonest, broken);
            }
        };
        const auto approval_count = static_cast<uint8_t>(approvals.size());
        for (uint8_t chain = 0; chain < chain_count; ++chain) {
            for (uint8_t i = 0; i < approval_count; ++i) {
                try_move({MoveKind::kApprove, chain, i});
            }
            for (const RuleName named : setup.of(before.chains[chain].wallet).names()) {
                try_move({MoveKind::kApply, chain, named});
            }
        }
        ChainsState after = before;
        for (size_t chain = 0; chain < chain_count; ++chain) {
            tick(setup, after.chains[chain].wallet);
        }
        emit(after, ChainsMove{MoveKind::kTick, 0, 0}, Step::kTick, nullptr);
    }

    /// configId after these changes, one after the other, from the beginning.
    uint32_t config_id(const std::vector<uint8_t>& changes) const;

  private:
    bool attempt(Chain& chain, const ChainsMove& move, const char** broken) const;
    bool submit(Chain& chain, const Approval& approval, bool* is_done) const;
    void note_approval(const Chain& before, Chain& after, uint8_t index, bool is_done,
                       const char** broken) const;
    void note_change(const Chain& before, Chain& after, uint8_t change, const char** broken) const;
    uint32_t next_id(const Chain& chain, uint8_t change) const;
};

/// What a story on several chains claims about its states.
struct ChainsClaim {
    std::string text;
    bool is_possible = false;
    std::function<bool(const ChainsGame&, const ChainsState&)> predicate;
};

/// A game on several chains and what is claimed about it.
struct ChainsStory {
    std::string name;
    ChainsGame game;
    std::vector<ChainsClaim> claims;
};

/// Every story on several chains.
std::vector<ChainsStory> chains_stories(const Variant& variant, const Scale& scale);

/// A recovery part is replaced and comes back, as the same bytes or with a fresh salt.
ChainsStory returning_recovery(const Variant& variant, bool has_fresh_salt);

StoryResult play(const ChainsStory& story, size_t states_maximum, bool stops_at_violation = false);

/// The first law or claim of the small stories that a variant breaks; empty if none.
std::string first_to_notice(const Variant& variant);

}  // namespace latchkey::waiting_model
