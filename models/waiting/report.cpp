// SPDX-License-Identifier: Apache-2.0
#include "models/waiting/report.hpp"

#include <fmt/format.h>

#include <chrono>

#include "models/waiting/chains.hpp"
#include "models/waiting/numbers.hpp"

namespace latchkey::waiting_model {

namespace {

class Report {
  public:
    explicit Report(const ReportOptions& options) : options_(options) {}

    int run() {
        print_stories(Variant{});
        print_chains();
        print_numbers();
        print_left_out();
        print_faults();
        fmt::print("\n{} states, {} steps, {:.0f} seconds; {} not as claimed\n", states_, steps_,
                   seconds(), wrong_);
        return wrong_;
    }

  private:
    double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    }

    static std::string days_of(int days) {
        return days == kNever     ? "never"
               : days >= kForever ? "can be put off for ever"
                                  : fmt::format("day {}", days);
    }

    static std::string finding(const Claim& claim, const ClaimResult& found) {
        switch (claim.kind) {
            case ClaimKind::kNever:
                return found.days == kNever ? "never" : days_of(found.days) + " (claimed: never)";
            case ClaimKind::kPossible:
                return found.holds
                           ? "from " + days_of(found.days) + " on"
                           : fmt::format("{} (claimed: day {})", days_of(found.days), claim.days);
            case ClaimKind::kCertain:
                return found.days >= kForever
                           ? days_of(found.days)
                           : fmt::format("by {} ({}: at most {})", days_of(found.days),
                                         found.holds ? "bound" : "claimed", claim.days);
            case ClaimKind::kEndless:
                return found.holds ? "for ever" : "until " + days_of(found.days);
            case ClaimKind::kStaysPossible:
                return found.holds ? "always" : "not always";
        }
        return {};
    }

    void count(const StoryResult& result) {
        states_ += result.states;
        steps_ += result.steps;
    }

    void print_violations(const StoryResult& result) {
        for (const Violation& violation : result.violations) {
            fmt::print("| | | | **broken: {}** | |\n", violation.law);
        }
        if (!result.is_complete) {
            fmt::print("| | | | **too many states** | |\n");
        }
    }

    void print_stories(const Variant& variant) {
        fmt::print(
            "\n### One wallet on one chain\n\nTicks of {} hours. No law was broken in any "
            "state unless a line says so.\n\n"
            "| story | states | steps | claim | found |\n|---|---:|---:|---|---|\n",
            24 / options_.scale.ticks_per_day);
        for (const Story& story : all_stories(variant, options_.scale)) {
            const StoryResult result = play(story, options_.states_maximum);
            count(result);
            wrong_ += !result.holds();
            for (size_t i = 0; i < result.claims.size(); ++i) {
                fmt::print("| {} | {} | {} | {}{} | {} |\n", i == 0 ? story.name : "",
                           i == 0 ? fmt::to_string(result.states) : "",
                           i == 0 ? fmt::to_string(result.steps) : "",
                           result.claims[i].holds ? "" : "**NOT AS CLAIMED** ",
                           story.claims[i].text, finding(story.claims[i], result.claims[i]));
            }
            print_violations(result);
            if (options_.has_traces) {
                keep_traces(story.name, result);
            }
            std::fflush(stdout);
        }
        print_traces();
    }

    void keep_traces(const std::string& name, const StoryResult& result) {
        for (const ClaimResult& claim : result.claims) {
            if (!claim.trace.empty()) {
                traces_ += fmt::format("\n{}:\n", name);
                for (const std::string& line : claim.trace) {
                    traces_ += "  " + line + "\n";
                }
            }
        }
    }

    void print_traces() {
        if (!traces_.empty()) {
            fmt::print("\n```{}```\n", traces_);
        }
    }

    void print_chains() {
        fmt::print(
            "\n### One wallet on several chains\n\n"
            "| story | states | steps | claim | found |\n|---|---:|---:|---|---|\n");
        std::vector<ChainsStory> stories = chains_stories(Variant{}, options_.scale);
        for (const ChainsStory& story : stories) {
            const StoryResult result = play(story, options_.states_maximum);
            count(result);
            wrong_ += !result.holds();
            fmt::print("| {} | {} | {} | every law | {} |\n", story.name, result.states,
                       result.steps, result.violations.empty() ? "always" : "**broken**");
            for (size_t i = 0; i < result.claims.size(); ++i) {
                fmt::print("| | | | {}{} | {} |\n",
                           result.claims[i].holds ? "" : "**NOT AS CLAIMED** ",
                           story.claims[i].text, result.claims[i].days == kNever ? "never" : "yes");
            }
            print_violations(result);
        }
        Variant ends;
        ends.epochs_outlive_commitment = false;
        const StoryResult result = play(returning_recovery(ends, false), options_.states_maximum);
        wrong_ += result.violations.empty();
        fmt::print(
            "| the same, if records ended with the commitment | {} | {} | an approval works "
            "once | {} |\n",
            result.states, result.steps, result.violations.empty() ? "always" : "**not always**");
    }

    void print_contest(const std::string& what, const Contest& contest_of,
                       const Variant& variant = {}) {
        const Outcome found = contest(variant, contest_of);
        states_ += found.states;
        fmt::print("| {} | {} | {} | {} |\n", what, found.states, days_of(found.lost),
                   found.lost == kNever ? days_of(found.out) : "-");
        std::fflush(stdout);
    }

    void print_numbers() {
        const int per_day = options_.scale.ticks_per_day;
        fmt::print(
            "\n### A thief with the phone against a guardian, TIE recovery\n\n"
            "| what | states | thief has the wallet | thief is out |\n|---|---:|---|---|\n");
        for (const int guard : {1, 2, 3, 5, 9}) {
            print_contest(fmt::format("guard of {} days, delay 7, looks every 2", guard),
                          {.options = {.ticks_per_day = per_day, .guard_days = guard}});
        }
        for (const int gap : {1, 2, 3, 5}) {
            print_contest(fmt::format("looks every {} days, delay 7, guard 9", gap),
                          {.options = {.ticks_per_day = per_day}, .gap_days = gap});
        }
        for (const int delay : {7, 10, 14, 21, 30, 40, 44, 45, 60}) {
            print_contest(
                fmt::format("delay of {} days", delay),
                {.options = {.delay_days = delay, .guard_days = delay + 2}, .only_cancels = true});
        }
        Variant from_last;
        from_last.window_begins_with_last_cancel = true;
        for (const int delay : {45, 60, 86, 88}) {
            print_contest(
                fmt::format("delay of {} days, window from the last cancel", delay),
                {.options = {.delay_days = delay, .guard_days = delay + 2}, .only_cancels = true},
                from_last);
        }
        for (const int age : {30, 72, 80, 85, 90}) {
            print_contest(fmt::format("one cancel {} days before, delay 7", age),
                          {.earlier_cancels = 1, .days_since_cancel = age});
        }
    }

    // Whether leaving the variant out loses a story: what it would change.
    void print_left_out() {
        fmt::print(
            "\n### What was left out, and what it would change\n\n"
            "| variant | story | claim | found |\n|---|---|---|---|\n");
        Variant doubles;
        doubles.name = "a delay doubles with each cancel";
        doubles.doubles_after_cancel = true;
        Variant mutes;
        mutes.name = "a cancelled rule is muted for a while";
        mutes.mutes_after_cancel = true;
        for (const Variant& variant : {doubles, mutes}) {
            bool changes = false;
            for (const Story& story : all_stories(variant, Scale{})) {
                const StoryResult result = play(story, options_.states_maximum);
                count(result);
                for (size_t i = 0; i < result.claims.size(); ++i) {
                    if (!result.claims[i].holds) {
                        changes = true;
                        fmt::print("| {} | {} | {} | {} |\n", variant.name, story.name,
                                   story.claims[i].text,
                                   finding(story.claims[i], result.claims[i]));
                    }
                }
                std::fflush(stdout);
            }
            if (!changes) {
                fmt::print("| {} | none | | |\n", variant.name);
            }
        }
    }

    void print_faults() {
        fmt::print("\n### Faults, and who notices\n\n| fault | noticed by |\n|---|---|\n");
        for (const Variant& variant : broken_variants()) {
            const std::string noticed = first_to_notice(variant);
            wrong_ += noticed.empty();
            fmt::print("| {} | {} |\n", variant.name, noticed.empty() ? "**NOBODY**" : noticed);
            std::fflush(stdout);
        }
    }

    ReportOptions options_;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    size_t states_ = 0;
    size_t steps_ = 0;
    int wrong_ = 0;
    std::string traces_;
};

}  // namespace

int print_report(const ReportOptions& options) {
    return Report(options).run();
}

}  // namespace latchkey::waiting_model
