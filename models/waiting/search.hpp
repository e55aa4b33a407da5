// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

/// Exhaustive search: every state that can be reached, each once, and the graph between them.
namespace latchkey::waiting_model {

/// How one state follows another.
enum class Step : uint8_t {
    // The adversary's, taken whenever it likes.
    kHostile = 0,
    // Somebody honest looks and acts, or anybody applies something honest.
    kHonest = 1,
    // A tick passes.
    kTick = 2,
};

/// A law that did not hold, and how that came about.
struct Violation {
    std::string law;
    std::vector<std::string> trace;
};

/// An answer of `Search::latest`: the adversary can put it off for ever.
inline constexpr int kForever = 1'000'000;
/// An answer of `Search::earliest`: it cannot happen.
inline constexpr int kNever = -1;

/// The states of a game. `Game` has
///   State initial() const;
///   void successors(const State&, emit) const;   calls emit(after, Move, Step, law), law being the
///                                                name of the law that the step breaks, or null
///   const char* broken_law(const State&) const;
///   std::string describe(const State& before, Move) const;
/// State is compared and hashed by its bytes.
template <class Game, class State, class Move>
class Search {
  public:
    using Predicate = std::function<bool(const State&)>;

    Search(const Game& game, size_t states_maximum) : game_(game), maximum_(states_maximum) {
        static_assert(std::has_unique_object_representations_v<State>);
    }

    /// Visits every state. Stops at the first broken law if told so, and at the maximum.
    void run(bool stops_at_violation) {
        slots_.assign(size_t{1} << 12, 0);
        add(game_.initial(), 0, Move{});
        for (size_t at = 0; at < states_.size() && !is_too_large(); ++at) {
            first_edge_.push_back(static_cast<uint32_t>(edges_.size()));
            const State before = states_[at];
            check(game_.broken_law(before), at);
            game_.successors(before,
                             [&](const State& after, Move move, Step step, const char* broken) {
                                 visit(at, before, after, move, step, broken);
                             });
            if (stops_at_violation && !violations_.empty()) {
                break;
            }
        }
        while (first_edge_.size() <= states_.size()) {
            first_edge_.push_back(static_cast<uint32_t>(edges_.size()));
        }
        slots_.clear();
        slots_.shrink_to_fit();
    }

    size_t state_count() const { return states_.size(); }
    size_t step_count() const { return edges_.size(); }
    bool is_too_large() const { return states_.size() > maximum_; }
    const std::vector<Violation>& violations() const { return violations_; }
    const State& state(size_t index) const { return states_[index]; }

    /// Ticks after which the predicate can hold at the earliest; kNever if in no reachable state.
    /// *where is such a state.
    int earliest(const Predicate& predicate, size_t* where = nullptr) const {
        const std::vector<int> ticks = distances();
        int best = kNever;
        for (size_t i = 0; i < states_.size(); ++i) {
            if ((best == kNever || ticks[i] < best) && predicate(states_[i])) {
                best = ticks[i];
                if (where != nullptr) {
                    *where = i;
                }
            }
        }
        return best;
    }

    /// Ticks after which the goal holds at the latest, whatever the adversary does and whenever the
    /// honest look within their gaps; kForever if the adversary can put it off for ever.
    int latest(const Predicate& goal) const;

    /// Whether from every reachable state the goal can still be reached without the adversary's
    /// help: nothing that it did locks the honest out. *where is a state from which it cannot.
    bool stays_possible(const Predicate& goal, size_t* where = nullptr) const;

    /// The steps that lead from the initial state to a state.
    std::vector<std::string> trace(size_t index) const {
        std::vector<size_t> path;
        for (size_t at = index; at != 0; at = parents_[at].first) {
            path.push_back(at);
        }
        std::vector<std::string> lines;
        for (auto at = path.rbegin(); at != path.rend(); ++at) {
            const auto& [from, move] = parents_[*at];
            lines.push_back(game_.describe(states_[from], move));
        }
        return lines;
    }

  private:
    class LongestWay;

    static constexpr uint32_t kStepShift = 30;
    static constexpr uint32_t kIndexMask = (uint32_t{1} << kStepShift) - 1;
    static constexpr size_t kViolationsKept = 8;

    static uint64_t hash(const State& state) {
        const auto* bytes = reinterpret_cast<const unsigned char*>(&state);
        uint64_t mixed = 0x9e3779b97f4a7c15;
        for (size_t at = 0; at < sizeof(State); at += 8) {
            uint64_t word = 0;
            std::memcpy(&word, bytes + at, std::min<size_t>(8, sizeof(State) - at));
            mixed = (mixed ^ word) * 0xff51afd7ed558ccd;
            mixed ^= mixed >> 32;
        }
        return mixed;
    }

    // Index of the state, which is added if it is new.
    std::pair<size_t, bool> add(const State& state, size_t parent, Move move) {
        if (states_.size() * 2 >= slots_.size()) {
            grow();
        }
        size_t slot = hash(state) & (slots_.size() - 1);
        while (slots_[slot] != 0) {
            if (std::memcmp(&states_[slots_[slot] - 1], &state, sizeof(State)) == 0) {
                return {slots_[slot] - 1, false};
            }
            slot = (slot + 1) & (slots_.size() - 1);
        }
        states_.push_back(state);
        parents_.emplace_back(static_cast<uint32_t>(parent), move);
        slots_[slot] = static_cast<uint32_t>(states_.size());
        return {states_.size() - 1, true};
    }

    void grow() {
        std::vector<uint32_t> wider(slots_.size() * 2, 0);
        for (size_t i = 0; i < states_.size(); ++i) {
            size_t slot = hash(states_[i]) & (wider.size() - 1);
            while (wider[slot] != 0) {
                slot = (slot + 1) & (wider.size() - 1);
            }
            wider[slot] = static_cast<uint32_t>(i + 1);
        }
        slots_ = std::move(wider);
    }

    void visit(size_t from, const State& before, const State& after, Move move, Step step,
               const char* broken) {
        const auto [to, is_new] = add(after, from, move);
        if (check(broken, from)) {
            violations_.back().trace.push_back(game_.describe(before, move));
        }
        if (to != from || step == Step::kTick) {
            edges_.push_back(static_cast<uint32_t>(to) | uint32_t(step) << kStepShift);
        }
    }

    // Keeps the first violation of each law; says whether this is it.
    bool check(const char* broken, size_t at) {
        const auto is_known = [&](const Violation& known) { return known.law == broken; };
        if (broken == nullptr || violations_.size() == kViolationsKept ||
            std::any_of(violations_.begin(), violations_.end(), is_known)) {
            return false;
        }
        violations_.push_back({broken, trace(at)});
        return true;
    }

    static Step step_of(uint32_t edge) { return static_cast<Step>(edge >> kStepShift); }
    static size_t target_of(uint32_t edge) { return edge & kIndexMask; }

    // Ticks from the initial state to each state: breadth first, ticks last.
    std::vector<int> distances() const {
        std::vector<int> ticks(states_.size(), kForever);
        std::vector<uint32_t> now{0};
        std::vector<uint32_t> later;
        ticks[0] = 0;
        for (int passed = 0; !now.empty(); ++passed) {
            for (size_t i = 0; i < now.size(); ++i) {
                const size_t from = now[i];
                for (uint32_t e = first_edge_[from]; e < first_edge_[from + 1]; ++e) {
                    const size_t to = target_of(edges_[e]);
                    const bool is_tick = step_of(edges_[e]) == Step::kTick;
                    if (passed + is_tick < ticks[to]) {
                        ticks[to] = passed + is_tick;
                        (is_tick ? later : now).push_back(static_cast<uint32_t>(to));
                    }
                }
            }
            now.clear();
            for (const uint32_t index : later) {
                if (ticks[index] == passed + 1) {
                    now.push_back(index);
                }
            }
            later.clear();
        }
        return ticks;
    }

    const Game& game_;
    size_t maximum_;
    std::vector<State> states_;
    std::vector<std::pair<uint32_t, Move>> parents_;
    std::vector<uint32_t> slots_;
    std::vector<uint32_t> first_edge_;
    std::vector<uint32_t> edges_;
    std::vector<Violation> violations_;
};

// Tarjan's strongly connected components among the states before the goal. They come in reverse
// order of time, so the longest way out of each is known when it is found. A component in which a
// tick passes is a way to wait for ever; one without is left at once.
template <class Game, class State, class Move>
class Search<Game, State, Move>::LongestWay {
  public:
    LongestWay(const Search& search, const Predicate& goal)
        : search_(search),
          is_goal_(search.states_.size()),
          order_(is_goal_.size(), kUnseen),
          low_(is_goal_.size(), 0),
          longest_(is_goal_.size(), 0),
          is_open_(is_goal_.size(), 0) {
        for (size_t i = 0; i < is_goal_.size(); ++i) {
            is_goal_[i] = goal(search.states_[i]);
        }
    }

    int from_initial() {
        if (is_goal_[0] != 0) {
            return 0;
        }
        enter(0);
        while (!path_.empty()) {
            auto& [at, edge] = path_.back();
            if (edge < search_.first_edge_[at + 1]) {
                follow(at, target_of(search_.edges_[edge++]));
                continue;
            }
            const uint32_t done = at;
            path_.pop_back();
            if (!path_.empty()) {
                const uint32_t from = path_.back().first;
                low_[from] = std::min(low_[from], low_[done]);
            }
            if (low_[done] == order_[done]) {
                close(done);
            }
        }
        return longest_[0];
    }

  private:
    static constexpr uint32_t kUnseen = 0;

    void enter(size_t at) {
        order_[at] = low_[at] = ++clock_;
        is_open_[at] = 1;
        open_.push_back(static_cast<uint32_t>(at));
        path_.emplace_back(static_cast<uint32_t>(at), search_.first_edge_[at]);
    }

    void follow(size_t from, size_t to) {
        if (is_goal_[to] != 0) {
            return;
        }
        if (order_[to] == kUnseen) {
            enter(to);
        } else if (is_open_[to] != 0) {
            low_[from] = std::min(low_[from], order_[to]);
        }
    }

    // The component of `root` is complete: everything opened since.
    void close(size_t root) {
        const auto begin = std::find(open_.rbegin(), open_.rend(), root).base() - 1;
        int longest = 0;
        for (auto at = begin; at != open_.end() && longest != kForever; ++at) {
            const uint32_t end = search_.first_edge_[*at + 1];
            for (uint32_t edge = search_.first_edge_[*at]; edge < end; ++edge) {
                longest = std::max(longest, way_along(search_.edges_[edge]));
            }
        }
        for (auto at = begin; at != open_.end(); ++at) {
            longest_[*at] = longest;
            is_open_[*at] = 0;
        }
        open_.erase(begin, open_.end());
    }

    int way_along(uint32_t edge) const {
        const size_t to = target_of(edge);
        const int tick = step_of(edge) == Step::kTick;
        if (is_goal_[to] != 0) {
            return tick;
        }
        if (is_open_[to] != 0) {
            return tick != 0 ? kForever : 0;
        }
        return std::min(kForever, longest_[to] + tick);
    }

    const Search& search_;
    std::vector<uint8_t> is_goal_;
    std::vector<uint32_t> order_;
    std::vector<uint32_t> low_;
    std::vector<int> longest_;
    std::vector<uint8_t> is_open_;
    std::vector<uint32_t> open_;
    std::vector<std::pair<uint32_t, uint32_t>> path_;
    uint32_t clock_ = 0;
};

template <class Game, class State, class Move>
int Search<Game, State, Move>::latest(const Predicate& goal) const {
    return LongestWay(*this, goal).from_initial();
}

template <class Game, class State, class Move>
bool Search<Game, State, Move>::stays_possible(const Predicate& goal, size_t* where) const {
    const size_t count = states_.size();
    std::vector<uint32_t> first(count + 1, 0);
    for (const uint32_t edge : edges_) {
        if (step_of(edge) != Step::kHostile) {
            ++first[target_of(edge) + 1];
        }
    }
    for (size_t i = 0; i < count; ++i) {
        first[i + 1] += first[i];
    }
    std::vector<uint32_t> sources(first[count]);
    std::vector<uint32_t> fill(first.begin(), first.end() - 1);
    for (size_t from = 0; from < count; ++from) {
        for (uint32_t e = first_edge_[from]; e < first_edge_[from + 1]; ++e) {
            if (step_of(edges_[e]) != Step::kHostile) {
                sources[fill[target_of(edges_[e])]++] = static_cast<uint32_t>(from);
            }
        }
    }
    std::vector<uint8_t> is_good(count, 0);
    std::vector<uint32_t> todo;
    for (size_t i = 0; i < count; ++i) {
        if (goal(states_[i])) {
            is_good[i] = 1;
            todo.push_back(static_cast<uint32_t>(i));
        }
    }
    while (!todo.empty()) {
        const uint32_t at = todo.back();
        todo.pop_back();
        for (uint32_t e = first[at]; e < first[at + 1]; ++e) {
            if (is_good[sources[e]] == 0) {
                is_good[sources[e]] = 1;
                todo.push_back(sources[e]);
            }
        }
    }
    const auto bad = std::find(is_good.begin(), is_good.end(), 0);
    if (bad != is_good.end() && where != nullptr) {
        *where = static_cast<size_t>(bad - is_good.begin());
    }
    return bad == is_good.end();
}

}  // namespace latchkey::waiting_model
