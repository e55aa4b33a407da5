// SPDX-License-Identifier: Apache-2.0
#include "core/authorization/lane.hpp"
#include "core/authorization/limits.hpp"
#include "core/encoding/byte_io.hpp"
#include "tools/vectors/examples.hpp"
#include "tools/vectors/subject.hpp"

namespace latchkey::vectors {

namespace {

using core::LocalRule;
using core::Rule;

constexpr std::uint64_t kNever = core::kNever;

/// The rule's bytes inside a local rule, which is the shortest whole that holds one.
Bytes bytes_with(const Rule& rule) {
    return core::encode(LocalRule{{core::Signer::ed25519(ed25519_key("session"))}, rule}).value();
}

Verdict scope_verdict(ByteView local_rule, const Hash32& program, ByteView data) {
    const core::RuleView rule = core::local_rule_view(local_rule);
    const bool allows = rule.scope == nullptr ||
                        core::scope_allows(rule.scope, program.data(), data.data(), data.size());
    return allows ? Verdict::kAccepted : Verdict::kTargetNotAllowed;
}

void add_times(json::array& out) {
    Rule rule = rule_of(core::kActionExecute);
    const auto add = [&](std::uint64_t now, Verdict expected) {
        const Bytes bytes = bytes_with(rule);
        const core::RuleView view = core::local_rule_view(bytes);
        const std::string name = (rule.times ? std::to_string(rule.times->not_before) + " to " +
                                                   std::to_string(rule.times->expires_at)
                                             : std::string("no times")) +
                                 " at " + std::to_string(now);
        require(core::check_times(view, now) == expected, name);
        out.push_back(json::object{{"name", name},
                                   {"type", "times"},
                                   {"localRule", hex(bytes)},
                                   {"now", decimal(now)},
                                   {"verdict", number_of(expected)}});
    };
    add(0, Verdict::kAccepted);
    add(kNever, Verdict::kAccepted);
    rule.times = core::Times{1000, 2000};
    add(0, Verdict::kRuleNotYetValid);
    add(999, Verdict::kRuleNotYetValid);
    add(1000, Verdict::kAccepted);
    add(1999, Verdict::kAccepted);
    add(2000, Verdict::kRuleExpired);
    add(kNever, Verdict::kRuleExpired);
    rule.times = core::Times{0, 1};
    add(0, Verdict::kAccepted);
    add(1, Verdict::kRuleExpired);
    rule.times = core::Times{kNever - 1, kNever};
    add(kNever - 2, Verdict::kRuleNotYetValid);
    add(kNever - 1, Verdict::kAccepted);
}

void add_scopes(json::array& out) {
    Rule rule = rule_of(core::kActionExecute);
    const auto add = [&](const std::string& name, std::uint8_t program, const Bytes& data,
                         Verdict expected) {
        const Bytes bytes = bytes_with(rule);
        require(scope_verdict(bytes, address(program), data) == expected, name);
        out.push_back(json::object{{"name", "scope: " + name},
                                   {"type", "scope"},
                                   {"localRule", hex(bytes)},
                                   {"program", hex(address(program))},
                                   {"data", hex(data)},
                                   {"verdict", number_of(expected)}});
    };
    add("none", 0x99, {1, 2, 3}, Verdict::kAccepted);
    rule.scope = {core::Target{address(0x22), {}}, core::Target{address(0x33), {0xaa, 0xbb}},
                  core::Target{address(0x33), {0xcc, 0xdd}},
                  core::Target{address(0x44), filled(0x01, 16)}};
    constexpr Verdict kNo = Verdict::kTargetNotAllowed;
    add("any data", 0x22, {}, Verdict::kAccepted);
    add("any data, some", 0x22, {1}, Verdict::kAccepted);
    add("the prefix alone", 0x33, {0xaa, 0xbb}, Verdict::kAccepted);
    add("the prefix and more", 0x33, {0xaa, 0xbb, 0xcc}, Verdict::kAccepted);
    add("the second prefix of a program", 0x33, {0xcc, 0xdd}, Verdict::kAccepted);
    add("shorter than the prefix", 0x33, {0xaa}, kNo);
    add("no data for a prefix", 0x33, {}, kNo);
    add("last byte of the prefix", 0x33, {0xaa, 0xbc}, kNo);
    add("halves of two prefixes", 0x33, {0xaa, 0xdd}, kNo);
    add("another program", 0x34, {0xaa, 0xbb}, kNo);
    add("the prefix of another program", 0x44, {0xaa, 0xbb}, kNo);
    add("16 bytes", 0x44, filled(0x01, 16), Verdict::kAccepted);
    add("15 of 16 bytes", 0x44, filled(0x01, 15), kNo);
}

struct LimitCase {
    std::string name;
    core::Limit limit;
    std::uint64_t start;
    std::uint64_t window;
    std::uint64_t spent;
    std::uint64_t now;
    std::uint64_t outflow;
    Verdict verdict;
    std::uint64_t window_after;
    std::uint64_t spent_after;
};

std::array<std::uint8_t, core::kLimitSize> limit_bytes(const core::Limit& limit) {
    std::array<std::uint8_t, core::kLimitSize> bytes;
    std::copy(limit.asset.begin(), limit.asset.end(), bytes.begin());
    core::store_be(bytes.data() + 32, limit.per_call);
    core::store_be(bytes.data() + 40, limit.per_period);
    core::store_be(bytes.data() + 48, limit.period_seconds);
    return bytes;
}

struct Booked {
    Verdict verdict;
    std::uint64_t window;
    std::uint64_t spent;
};

Booked book(const core::Limit& limit, std::uint64_t start, std::uint64_t window,
            std::uint64_t spent, std::uint64_t now, std::uint64_t outflow) {
    std::array<std::uint8_t, core::kCounterSize> counter;
    core::store_le(counter.data(), window);
    core::store_le(counter.data() + 8, spent);
    const Verdict verdict =
        core::book_outflow(limit_bytes(limit).data(), counter.data(), start, now, outflow);
    return {verdict, core::load_le<std::uint64_t>(counter.data()),
            core::load_le<std::uint64_t>(counter.data() + 8)};
}

std::vector<LimitCase> limit_cases() {
    const core::Limit daily{Hash32(), 10, 25, 100};
    const core::Limit forever{Hash32(), 10, 25, 0};
    const core::Limit none{Hash32(), 0, 0, 100};
    const core::Limit once{Hash32(), kNever, kNever, 1};
    constexpr Verdict kOk = Verdict::kAccepted;
    constexpr Verdict kCall = Verdict::kLimitPerCall;
    constexpr Verdict kPeriod = Verdict::kLimitPerPeriod;
    return {
        {"first", daily, 1000, 0, 0, 1000, 10, kOk, 0, 10},
        {"second", daily, 1000, 0, 10, 1099, 10, kOk, 0, 20},
        {"to the last unit", daily, 1000, 0, 20, 1099, 5, kOk, 0, 25},
        {"one too many at once", daily, 1000, 0, 0, 1000, 11, kCall, 0, 0},
        {"much too much at once", daily, 1000, 0, 0, 1000, kNever, kCall, 0, 0},
        {"one too many in the window", daily, 1000, 0, 20, 1099, 6, kPeriod, 0, 20},
        {"nothing left", daily, 1000, 0, 25, 1050, 1, kPeriod, 0, 25},
        {"next window", daily, 1000, 0, 25, 1100, 10, kOk, 1, 10},
        {"many windows later", daily, 1000, 1, 25, 1000 + 100 * 77 + 99, 10, kOk, 77, 10},
        {"clock steps back into an old window", daily, 1000, 3, 20, 1299, 5, kOk, 3, 25},
        {"clock steps back, nothing left", daily, 1000, 3, 25, 1299, 1, kPeriod, 3, 25},
        {"windows start with the rule", daily, 1050, 0, 25, 1149, 1, kPeriod, 0, 25},
        {"windows start with the rule, next", daily, 1050, 0, 25, 1150, 1, kOk, 1, 1},
        {"without times windows start at 0", daily, 0, 17, 25, 1800, 1, kOk, 18, 1},
        {"for ever, first", forever, 1000, 0, 0, 1000, 10, kOk, 0, 10},
        {"for ever, later", forever, 1000, 0, 20, kNever, 5, kOk, 0, 25},
        {"for ever, nothing left", forever, 1000, 0, 25, kNever, 1, kPeriod, 0, 25},
        {"a limit of 0 denies", none, 0, 0, 0, 5, 1, kCall, 0, 0},
        {"largest amount", once, 0, 0, 0, 0, kNever, kOk, 0, kNever},
        {"largest amount, once more", once, 0, 0, kNever, 0, 1, kPeriod, 0, kNever},
        {"largest amount, next window", once, 0, 0, kNever, 1, kNever, kOk, 1, kNever},
        {"last window of the clock", once, 0, 0, 0, kNever, 1, kOk, kNever, 1},
        {"more spent than a smaller budget", daily, 1000, 0, 26, 1000, 1, kPeriod, 0, 26},
    };
}

void add_limits(json::array& out) {
    for (const LimitCase& one : limit_cases()) {
        const Booked booked =
            book(one.limit, one.start, one.window, one.spent, one.now, one.outflow);
        require(booked.verdict == one.verdict && booked.window == one.window_after &&
                    booked.spent == one.spent_after,
                "limit: " + one.name);
        out.push_back(json::object{{"name", "limit: " + one.name},
                                   {"type", "limit"},
                                   {"perCall", decimal(one.limit.per_call)},
                                   {"perPeriod", decimal(one.limit.per_period)},
                                   {"period", one.limit.period_seconds},
                                   {"start", decimal(one.start)},
                                   {"window", decimal(one.window)},
                                   {"spent", decimal(one.spent)},
                                   {"now", decimal(one.now)},
                                   {"outflow", decimal(one.outflow)},
                                   {"verdict", number_of(one.verdict)},
                                   {"windowAfter", decimal(one.window_after)},
                                   {"spentAfter", decimal(one.spent_after)}});
    }
}

void run_limit(const json::object& vector, Findings& findings) {
    const core::Limit limit{Hash32(), u64_at(vector, "perCall"), u64_at(vector, "perPeriod"),
                            static_cast<std::uint32_t>(small_at(vector, "period"))};
    const Booked booked =
        book(limit, u64_at(vector, "start"), u64_at(vector, "window"), u64_at(vector, "spent"),
             u64_at(vector, "now"), u64_at(vector, "outflow"));
    findings.verdict(verdict_at(vector), booked.verdict);
    findings.equal("windowAfter", vector.at("windowAfter"), decimal(booked.window));
    findings.equal("spentAfter", vector.at("spentAfter"), decimal(booked.spent));
}

/// A lane as vectors write it: its base and which bits are used.
struct Lane {
    std::uint32_t base = 0;
    /// Window and bit, ascending.
    std::vector<std::pair<std::uint64_t, unsigned>> used{};
};

std::array<std::uint8_t, core::kLaneSize> account_of(const Lane& lane) {
    std::array<std::uint8_t, core::kLaneSize> data{};
    core::store_le(data.data() + core::kLaneBaseOffset, lane.base);
    for (const auto& [window, bit] : lane.used) {
        require(window == lane.base || window == lane.base + 1U, "a bit of another window");
        data[core::kLaneMapOffset + (window - lane.base) * core::kLaneMapBytes + bit / 8] |=
            static_cast<std::uint8_t>(1U << bit % 8);
    }
    return data;
}

Lane lane_of(const std::array<std::uint8_t, core::kLaneSize>& data) {
    Lane lane{.base = core::load_le<std::uint32_t>(data.data() + core::kLaneBaseOffset)};
    for (unsigned bit = 0; bit < 2 * core::kLaneBits; ++bit) {
        if ((data[core::kLaneMapOffset + bit / 8] >> bit % 8 & 1) != 0) {
            lane.used.emplace_back(lane.base + bit / core::kLaneBits, bit % core::kLaneBits);
        }
    }
    return lane;
}

json::object to_json(const Lane& lane) {
    json::array used;
    for (const auto& [window, bit] : lane.used) {
        used.push_back(json::object{{"window", window}, {"bit", bit}});
    }
    return {{"base", lane.base}, {"used", used}};
}

Lane lane_from(const json::object& object) {
    Lane lane{.base = static_cast<std::uint32_t>(small_at(object, "base"))};
    for (const json::value& value : array_at(object, "used")) {
        const json::object& use = value.as_object();
        lane.used.emplace_back(small_at(use, "window"),
                               static_cast<unsigned>(small_at(use, "bit")));
    }
    return lane;
}

struct LaneCase {
    std::string name;
    Lane lane;
    std::uint64_t now;
    std::uint64_t window;
    unsigned bit;
    unsigned sixteenth;
    Verdict verdict;
    Lane after;
};

// Window 1000 is 256,000 to 256,255.
constexpr std::uint64_t kStart = 256'000;

/// Bits and deadlines of a lane whose base is the current window.
std::vector<LaneCase> current_lane_cases() {
    constexpr Verdict kOk = Verdict::kAccepted;
    constexpr Verdict kUsed = Verdict::kNonceUsed;
    constexpr Verdict kLate = Verdict::kDeadlinePassed;
    const Lane fresh{1000, {}};
    return {
        {"current window", fresh, kStart, 1000, 7, 15, kOk, {1000, {{1000, 7}}}},
        {"next window", fresh, kStart, 1001, 7, 0, kOk, {1000, {{1001, 7}}}},
        {"first bit", fresh, kStart, 1000, 0, 0, kOk, {1000, {{1000, 0}}}},
        {"last bit of the next window", fresh, kStart, 1001, 2047, 3, kOk, {1000, {{1001, 2047}}}},
        {"used", {1000, {{1000, 7}}}, kStart, 1000, 7, 15, kUsed, {1000, {{1000, 7}}}},
        {"used, another deadline",
         {1000, {{1000, 7}}},
         kStart,
         1000,
         7,
         9,
         kUsed,
         {1000, {{1000, 7}}}},
        {"used in the next window",
         {1000, {{1001, 7}}},
         kStart,
         1001,
         7,
         15,
         kUsed,
         {1000, {{1001, 7}}}},
        {"the same bit of the next window",
         {1000, {{1000, 7}}},
         kStart,
         1001,
         7,
         15,
         kOk,
         {1000, {{1000, 7}, {1001, 7}}}},
        {"last second", fresh, kStart + 255, 1000, 7, 15, kOk, {1000, {{1000, 7}}}},
        {"last second of a sixteenth", fresh, kStart + 31, 1000, 7, 1, kOk, {1000, {{1000, 7}}}},
        {"a second after the sixteenth", fresh, kStart + 32, 1000, 7, 1, kLate, fresh},
        {"the first sixteenth is over", fresh, kStart + 16, 1000, 7, 0, kLate, fresh},
        {"the window's end but one", fresh, kStart + 240, 1000, 7, 14, kLate, fresh},
    };
}

/// Lanes whose base is behind the clock, or before it.
std::vector<LaneCase> moving_lane_cases() {
    constexpr Verdict kOk = Verdict::kAccepted;
    constexpr Verdict kUsed = Verdict::kNonceUsed;
    constexpr Verdict kWindow = Verdict::kLaneWindow;
    return {
        {"base moves by one",
         {999, {{999, 7}, {1000, 8}}},
         kStart,
         1000,
         7,
         15,
         kOk,
         {1000, {{1000, 7}, {1000, 8}}}},
        {"base moves by one, used",
         {999, {{999, 7}, {1000, 8}}},
         kStart,
         1000,
         8,
         15,
         kUsed,
         {999, {{999, 7}, {1000, 8}}}},
        {"base moves by one for the next window",
         {999, {{1000, 8}}},
         kStart,
         1001,
         8,
         15,
         kOk,
         {1000, {{1000, 8}, {1001, 8}}}},
        {"base moves by two",
         {998, {{998, 7}, {999, 8}}},
         kStart,
         1000,
         8,
         15,
         kOk,
         {1000, {{1000, 8}}}},
        {"base moves far", {0, {{0, 7}, {1, 7}}}, kStart, 1000, 7, 15, kOk, {1000, {{1000, 7}}}},
        {"opened too lately", {1002, {}}, kStart, 1001, 7, 15, kWindow, {1002, {}}},
        {"opened too lately, current window", {1002, {}}, kStart, 1000, 7, 15, kWindow, {1002, {}}},
        {"clock stepped back", {1001, {}}, kStart, 1000, 7, 15, kWindow, {1001, {}}},
        {"clock stepped back, next window",
         {1001, {}},
         kStart,
         1001,
         7,
         15,
         kOk,
         {1001, {{1001, 7}}}},
        {"an odd current window", {1001, {}}, kStart + 256, 1001, 5, 15, kOk, {1001, {{1001, 5}}}},
        {"an even next window", {1001, {}}, kStart + 256, 1002, 5, 15, kOk, {1001, {{1002, 5}}}},
    };
}

std::vector<LaneCase> lane_cases() {
    std::vector<LaneCase> cases = current_lane_cases();
    const std::vector<LaneCase> moving = moving_lane_cases();
    cases.insert(cases.end(), moving.begin(), moving.end());
    return cases;
}

json::object opening(std::uint64_t now) {
    return json::object{{"name", "opened at " + std::to_string(now)},
                        {"type", "open"},
                        {"now", decimal(now)},
                        {"base", core::opening_base(now)}};
}

}  // namespace

json::array generate_conditions() {
    json::array out;
    add_times(out);
    add_scopes(out);
    add_limits(out);
    return out;
}

void run_condition(const json::object& vector, Findings& findings) {
    const std::string type = text_at(vector, "type");
    if (type == "limit") {
        return run_limit(vector, findings);
    }
    const Bytes local_rule = bytes_at(vector, "localRule");
    findings.that("the rule is valid", core::judge_local_rule(local_rule) == Verdict::kAccepted);
    findings.verdict(
        verdict_at(vector),
        type == "times"
            ? core::check_times(core::local_rule_view(local_rule), u64_at(vector, "now"))
            : scope_verdict(local_rule, fixed_at<Hash32>(vector, "program"),
                            bytes_at(vector, "data")));
}

json::array generate_lanes() {
    json::array out;
    for (const std::uint64_t now :
         {std::uint64_t{0}, std::uint64_t{255}, std::uint64_t{256}, std::uint64_t{1'700'000'000}}) {
        out.push_back(opening(now));
    }
    for (const LaneCase& one : lane_cases()) {
        const std::uint64_t nonce = one.bit | (one.window & 1) << 11 | one.sixteenth << 12;
        json::object vector{{"name", one.name},
                            {"type", "use"},
                            {"lane", to_json(one.lane)},
                            {"now", decimal(one.now)},
                            {"nonce", nonce},
                            {"deadline", decimal(one.window * 256 + one.sixteenth * 16 + 15)},
                            {"verdict", number_of(one.verdict)},
                            {"laneAfter", to_json(one.after)}};
        Findings findings(one.name);
        run_lane(vector, findings);
        require(findings.messages().empty(),
                findings.messages().empty() ? "" : findings.messages().front());
        out.push_back(std::move(vector));
    }
    return out;
}

void run_lane(const json::object& vector, Findings& findings) {
    const std::uint64_t now = u64_at(vector, "now");
    if (text_at(vector, "type") == "open") {
        findings.equal("base", small_at(vector, "base"), core::opening_base(now));
        return;
    }
    const std::uint64_t nonce = small_at(vector, "nonce");
    const json::object& before = object_at(vector, "lane");
    auto data = account_of(lane_from(before));
    findings.equal("deadline", vector.at("deadline"), decimal(core::lane_deadline(nonce, now)));
    const Verdict verdict = core::use_lane(data.data(), nonce, now);
    findings.verdict(verdict_at(vector), verdict);
    // A refused use leaves the lane as it was: the transaction fails.
    findings.equal("laneAfter", vector.at("laneAfter"),
                   verdict == Verdict::kAccepted ? to_json(lane_of(data)) : before);
}

}  // namespace latchkey::vectors
