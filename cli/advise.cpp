// SPDX-License-Identifier: Apache-2.0
#include "cli/advise.hpp"

#include <algorithm>
#include <charconv>

#include "core/wallet/describe.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;

namespace {

constexpr unsigned kPeopleMax = 16;
/// Passkeys that a genesis of 480 bytes has room for beside the rules; keys of other kinds are
/// shorter.
constexpr unsigned kFirstMembersMax = 5;
constexpr unsigned kFirstDevicesMax = 6;

using Choices = std::vector<std::pair<std::string_view, std::string_view>>;

const Choices& controller_choices() {
    static const Choices out{{"person", "a person"},
                             {"company", "several people who decide together"},
                             {"agent", "a program that acts for somebody, within a budget"}};
    return out;
}
const Choices& value_choices() {
    static const Choices out{{"small", "pocket money: losing it would not hurt"},
                             {"savings", "what one would not like to lose"},
                             {"fortune", "amounts that are worth waiting a day for"}};
    return out;
}
const Choices& recovery_choices() {
    static const Choices out{
        {"nobody", "nobody; who loses all keys has lost the wallet"},
        {"guardian", "somebody trusted, or another key of yours in a safe place"}};
    return out;
}
const Choices& yes_no() {
    static const Choices out{{"yes", ""}, {"no", ""}};
    return out;
}

const Question& question(std::string_view name) {
    static const std::vector<Question> all{
        {"controls", "Who controls the wallet?", controller_choices()},
        {"value", "What will it hold?", value_choices()},
        {"devices",
         "How many devices or keys of yours can approve (a phone, a laptop, a paper key)?",
         {}},
        {"recovery", "Who helps when keys are lost?", recovery_choices()},
        {"heir", "Shall somebody inherit it, half a year after asking for it?", yes_no()},
        {"members", "How many members decide?", {}},
        {"threshold", "How many of them must agree?", {}}};
    return *std::find_if(all.begin(), all.end(),
                         [&](const Question& one) { return one.name == name; });
}

tl::unexpected<core::Error> refuse(const Question& asked, std::string_view text) {
    std::string known;
    for (const auto& [word, meaning] : asked.choices) {
        known += (known.empty()                        ? ""
                  : word == asked.choices.back().first ? " or "
                                                       : ", ") +
                 std::string(word);
    }
    if (known.empty()) {
        known = "a number from 1 to " + std::to_string(kPeopleMax);
    }
    std::string shown(text.substr(0, 40));
    std::replace_if(
        shown.begin(), shown.end(),
        [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '"'; }, '?');
    return fail(ErrorCode::kCommandInput,
                "--" + std::string(asked.name) + " is " + known + ", not \"" + shown + "\"");
}

std::optional<unsigned> to_number(std::string_view text) {
    unsigned out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    const bool is_whole = error == std::errc() && end == text.data() + text.size();
    return is_whole ? std::optional(out) : std::nullopt;
}

/// Its place among the choices.
Result<std::size_t> choose(const Question& asked, std::string_view text) {
    for (std::size_t i = 0; i < asked.choices.size(); ++i) {
        if (asked.choices[i].first == text || to_number(text) == i + 1) {
            return i;
        }
    }
    return refuse(asked, text);
}

Result<unsigned> count(const Question& asked, std::string_view text) {
    const auto number = to_number(text);
    if (!number || *number < 1 || *number > kPeopleMax) {
        return refuse(asked, text);
    }
    return *number;
}

std::string days(std::uint64_t seconds) {
    return core::describe_duration(seconds);
}

constexpr const char* kOperator =
    "The operator who pays your fees: can refuse to send what you approved. Cannot approve, change "
    "or take anything; any other node and payer does.";

void add_heir(Advice& advice, PresetKind preset) {
    const std::string delay = days(core::kPresetInheritanceDelay);
    advice.has_heir = true;
    advice.signers.emplace_back("heir: the key of whoever inherits");
    advice.rules.push_back("heir: new keys, after " + delay +
                           ", unless somebody who is still there cancels, as often as it takes");
    if (preset == PresetKind::kOneParty) {
        advice.dangers.back() = "You lose all keys: only the heir still gets the wallet, " + delay +
                                " after asking for it.";
    }
    advice.dangers.push_back("The heir: can ask for the wallet at any time and gets it " + delay +
                             " later, if nobody cancels. Watch it: see `latchkey watch`.");
    if (!has_recovery(preset)) {
        advice.warnings.emplace_back(
            "After the inheritance the heir's key alone may do everything at once.");
    }
}

Advice three_parties(bool is_guarded) {
    Advice out;
    const std::string recovery = days(core::kPresetRecoveryDelay);
    const std::string change = days(core::kPresetChangeDelay);
    out.preset = is_guarded ? PresetKind::kGuarded : PresetKind::kThreeParties;
    out.signers = {"first: your phone (a passkey)", "second: your laptop, or a paper key",
                   "guardian: somebody you trust, or a third key of yours in a safe place"};
    if (is_guarded) {
        const std::string pause = days(core::kPresetPaymentDelay);
        out.rules = {"one of your two, at once: pays up to the daily limit, cancels, freezes",
                     "one of your two: any payment, after " + pause + ", unless cancelled",
                     "both, at once: everything"};
        out.dangers = {
            "A thief with one of your two keys: spends up to the daily limit; more only "
            "after " +
            pause + ", and the other key or a freeze of 7 days stops it."};
    } else {
        out.rules = {"one of your two, at once: pays, grants sessions, signs, cancels, freezes",
                     "both, at once: change the configuration, lift a freeze"};
        out.dangers = {
            "A thief with one of your two keys: can pay at once. Freeze with the other "
            "key or the guardian's, then change the key with both or by recovery."};
    }
    out.rules.push_back("one of your two: changes the configuration, after " + change +
                        ", unless cancelled");
    out.rules.push_back("guardian: new keys for both, after " + recovery +
                        "; one of your two cancels that twice in 90 days, both always");
    out.rules.emplace_back("guardian, at once: freezes for 7 days, once in 30 days");
    out.dangers.push_back("The same thief cannot change who signs before " + change +
                          ", and a recovery, which takes " + recovery + ", is faster than that.");
    out.dangers.push_back(
        "The thief cannot block recovery: the guardian's third proposal stands, at "
        "the latest " +
        days(3 * core::kPresetRecoveryDelay) + " after the first.");
    out.dangers.push_back("The guardian alone: can freeze, and take the wallet over " + recovery +
                          " after asking, if you do not cancel. Two of your keys cancel always.");
    out.dangers.emplace_back(
        "You lose one key: the other goes on; both guardian and key replace it. You lose both: the "
        "guardian gives you new ones.");
    out.commands = {std::string("latchkey wallet create my.json --preset ") +
                    (is_guarded ? "guarded --limit SOL=0.5/1/1d" : "three-parties") +
                    " -s phone.json -s laptop.json --guardian guardian.json"};
    return out;
}

Advice two_parties() {
    Advice out;
    const std::string recovery = days(core::kPresetRecoveryDelay);
    out.preset = PresetKind::kTwoParties;
    out.signers = {"owner: your phone (a passkey)",
                   "guardian: somebody you trust, or another key of yours in a safe place"};
    out.rules = {"you, at once: pay, grant sessions, sign, cancel, freeze",
                 "you: change the configuration, after " + days(core::kPresetChangeDelay),
                 "guardian: a new key, after " + recovery + ", unless you cancel",
                 "guardian, at once: freezes for 7 days, once in 30 days"};
    out.dangers = {
        "A thief with your phone: can pay at once, cancel every recovery, and own the wallet " +
            days(core::kPresetChangeDelay) +
            " after asking, which only that phone can cancel. The guardian's freeze wins 7 days, "
            "not the wallet; a second key of yours would (three parties).",
        "The guardian alone: can freeze, and take the wallet over " + recovery +
            " after asking, if you do not cancel.",
        "You lose the phone: the guardian gives you a new key, after " + recovery + ".",
        "Nobody can lift a freeze, which takes two of the wallet's own parties: for its 7 days you "
        "cannot pay either."};
    out.commands = {
        "latchkey wallet create my.json --preset two-parties -s phone.json --guardian "
        "guardian.json"};
    return out;
}

/// Adds a signer to a wallet that is there; `file` names the new key.
std::string adding(const std::string& wallet, const std::string& file, const std::string& keys) {
    return "latchkey signers add " + file + " -w " + wallet + keys +
           " --fee-payer payer.json --create-state";
}

std::string device_file(unsigned number) {
    return number == 1   ? "phone.json"
           : number == 2 ? "+laptop.json"
                         : "+device" + std::to_string(number) + ".json";
}

Advice one_party(unsigned devices) {
    Advice out;
    out.preset = PresetKind::kOneParty;
    std::string command = "latchkey wallet create my.json --preset one-party";
    out.signers = {"you: your phone (a passkey)"};
    if (devices > 1) {
        out.signers.emplace_back("you: each of your other devices, any of which is enough");
    }
    for (unsigned i = 1; i <= std::min(devices, kFirstDevicesMax); ++i) {
        command += " -s " + device_file(i);
    }
    out.rules = {"you, at once: everything, the configuration too"};
    out.dangers = {"A thief with one of your keys: owns the wallet.",
                   "You lose all keys: the wallet is lost."};
    out.commands = {command};
    for (unsigned i = kFirstDevicesMax + 1; i <= devices; ++i) {
        out.commands.push_back(adding("my.json", device_file(i), " -k phone.json"));
    }
    if (devices > kFirstDevicesMax) {
        out.warnings.push_back("A new wallet has room for " + std::to_string(kFirstDevicesMax) +
                               " passkeys: the commands add the others. Fund payer.json first.");
    }
    return out;
}

/// A freeze is lifted by two parties, however few the threshold asks for.
std::string lift_text(unsigned members, unsigned threshold) {
    return threshold > 1 ? "freeze and lift too"
           : members > 1 ? "freeze too; two members end a freeze"
                         : "freeze too";
}

/// More members than a new wallet has room for come by changes of it.
void add_treasury_commands(Advice& advice, unsigned members, unsigned threshold) {
    const unsigned first = std::min(members, kFirstMembersMax);
    const unsigned agreeing = std::min(threshold, first);
    std::string command = "latchkey wallet create treasury.json --preset treasury --threshold " +
                          std::to_string(agreeing) + " --limit SOL=0.1/1/1d";
    std::string keys;
    for (unsigned i = 1; i <= first; ++i) {
        const std::string file = "member" + std::to_string(i) + ".json";
        command += " -s " + file;
        keys += i <= agreeing ? " -k " + file : "";
    }
    advice.commands = {command};
    for (unsigned i = first + 1; i <= members; ++i) {
        advice.commands.push_back(
            adding("treasury.json", "member" + std::to_string(i) + ".json", keys));
    }
    if (members > first) {
        advice.warnings.push_back("A new wallet has room for " + std::to_string(first) +
                                  " passkeys: the commands make it with that many members, who "
                                  "then add the others. Fund payer.json first.");
    }
    if (threshold > agreeing) {
        advice.warnings.push_back("Until all members are in, " + std::to_string(agreeing) +
                                  " of them decide. Afterwards write all signers and both rules "
                                  "into a file, with the threshold " +
                                  std::to_string(threshold) +
                                  ", and make it the wallet's with `latchkey rules set FILE`.");
    }
}

Advice treasury(unsigned members, unsigned threshold) {
    Advice out;
    out.preset = PresetKind::kTreasury;
    const std::string some = std::to_string(threshold) + " of " + std::to_string(members);
    out.signers = {"members: a passkey or key of each of the " + std::to_string(members)};
    out.rules = {some + " members, at once: everything, " + lift_text(members, threshold),
                 "one member, at once: pays small amounts, within a limit"};
    out.dangers = {
        "A thief with one member's key: spends the small limit, nothing else" +
            std::string(threshold == 1 ? "… but with 1 member being enough, everything" : "") + ".",
        "Members who lose their keys: up to " + std::to_string(members - threshold) +
            " of them are replaced by the others; with more gone, the wallet is lost."};
    if (threshold == 1) {
        out.warnings.emplace_back(
            "With a threshold of 1 every single key owns the treasury; 2 is safer.");
    }
    if (threshold == members) {
        out.warnings.emplace_back("If one member loses all keys, the wallet is lost for good.");
    }
    add_treasury_commands(out, members, threshold);
    return out;
}

Advice agent() {
    Advice out;
    out.preset = PresetKind::kAgent;
    out.signers = {"owner: whoever answers for the agent (a passkey)",
                   "agent: the program's own key"};
    out.rules = {"owner, at once: everything, the configuration too",
                 "agent, at once: pays within its limits, until it expires"};
    out.dangers = {
        "Who steals the agent's key: spends at most the limit in each period, and "
        "nothing after the end; the owner removes it at once.",
        "Who steals the owner's key: owns the wallet. Put in what the agent needs, not "
        "more."};
    out.commands = {
        "latchkey wallet create agent-wallet.json --preset agent -s owner.json -s agent.json "
        "--limit SOL=0.05/0.5/1d --expires 30d"};
    return out;
}

}  // namespace

std::optional<Question> next_question(const Answers& answers) {
    if (!answers.controller) {
        return question("controls");
    }
    if (*answers.controller == Controller::kCompany) {
        return !answers.members     ? std::optional(question("members"))
               : !answers.threshold ? std::optional(question("threshold"))
                                    : std::nullopt;
    }
    if (*answers.controller == Controller::kAgent) {
        return std::nullopt;
    }
    if (!answers.value) {
        return question("value");
    }
    if (!answers.devices) {
        return question("devices");
    }
    if (!answers.recovery) {
        return question("recovery");
    }
    return answers.has_heir ? std::nullopt : std::optional(question("heir"));
}

Result<void> take_answer(Answers& answers, std::string_view name, std::string_view text) {
    Answers next = answers;
    if (name == "controls") {
        LATCHKEY_TRY(const std::size_t at, choose(question(name), text));
        next.controller = static_cast<Controller>(at);
    } else if (name == "value") {
        LATCHKEY_TRY(const std::size_t at, choose(question(name), text));
        next.value = static_cast<Value>(at);
    } else if (name == "devices") {
        LATCHKEY_TRY(next.devices, count(question(name), text));
    } else if (name == "recovery") {
        LATCHKEY_TRY(const std::size_t at, choose(question(name), text));
        next.recovery = static_cast<Recovery>(at);
    } else if (name == "heir") {
        LATCHKEY_TRY(const std::size_t at, choose(question(name), text));
        next.has_heir = at == 0;
    } else if (name == "members") {
        LATCHKEY_TRY(next.members, count(question(name), text));
    } else if (name == "threshold") {
        LATCHKEY_TRY(next.threshold, count(question(name), text));
    } else {
        return fail(ErrorCode::kCommandInput, "there is no question of that name");
    }
    LATCHKEY_CHECK(check_answers(next));
    answers = next;
    return {};
}

Result<void> check_answers(const Answers& answers) {
    if (answers.controller) {
        const bool is_person = *answers.controller == Controller::kPerson;
        const bool is_company = *answers.controller == Controller::kCompany;
        if (!is_company && (answers.members || answers.threshold)) {
            return fail(ErrorCode::kCommandInput,
                        "--members and --threshold are for --controls company");
        }
        if (!is_person &&
            (answers.value || answers.devices || answers.recovery || answers.has_heir)) {
            return fail(ErrorCode::kCommandInput,
                        "--value, --devices, --recovery and --heir are for --controls person");
        }
    }
    if (answers.members && answers.threshold && *answers.threshold > *answers.members) {
        return fail(ErrorCode::kCommandInput, "--threshold is at most the number of members, " +
                                                  std::to_string(*answers.members));
    }
    return {};
}

Advice advise(const Answers& answers) {
    Advice out;
    const Controller controller = answers.controller.value_or(Controller::kPerson);
    if (controller == Controller::kAgent) {
        out = agent();
    } else if (controller == Controller::kCompany) {
        out = treasury(answers.members.value_or(2), answers.threshold.value_or(2));
    } else {
        const Value value = answers.value.value_or(Value::kSavings);
        const unsigned devices = answers.devices.value_or(1);
        if (answers.recovery.value_or(Recovery::kNobody) == Recovery::kNobody) {
            out = one_party(devices);
            if (value != Value::kSmall) {
                out.warnings.emplace_back(
                    "That is too little for what you want to keep: with a guardian (--recovery "
                    "guardian) neither a thief nor a lost key costs you the wallet.");
            }
        } else if (devices < 2) {
            out = two_parties();
            if (value != Value::kSmall) {
                out.warnings.emplace_back(
                    "One device is one thief away from loss: with a second key of yours "
                    "(--devices 2) the wallet survives that.");
            }
        } else {
            out = three_parties(value == Value::kFortune);
        }
    }
    if (answers.has_heir.value_or(false)) {
        add_heir(out, out.preset);
        out.commands.front() += " --heir heir.json";
    }
    out.dangers.emplace_back(kOperator);
    if (has_recovery(out.preset) || out.has_heir) {
        out.commands.emplace_back(
            "latchkey watch -w my.json          # on a machine that is always on");
    }
    return out;
}

}  // namespace latchkey::cli
