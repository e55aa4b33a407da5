// SPDX-License-Identifier: Apache-2.0
#include "cli/advise.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "chains/solana/client/client_testing.hpp"
#include "chains/solana/testing/test_signer.hpp"
#include "cli/rule_text.hpp"
#include "core/base/result_testing.hpp"
#include "core/wallet/testing.hpp"

namespace latchkey::cli {
namespace {

using core::ErrorCode;
using solana::testing::TestSigner;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

/// Words of a shell line; there are no quotes in it.
std::vector<std::string> split(const std::string& line) {
    std::istringstream text(line);
    std::vector<std::string> out;
    for (std::string word; text >> word;) {
        out.push_back(word);
    }
    return out;
}

/// A recommended command as `latchkey wallet create` reads it, with another passkey for each file.
struct Command {
    explicit Command(const std::string& line) {
        const auto words = split(line);
        EXPECT_EQ(words.at(0) + " " + words.at(1) + " " + words.at(2), "latchkey wallet create");
        EXPECT_TRUE(words.at(3).ends_with(".json"));
        for (std::size_t i = 4; i + 1 < words.size(); i += 2) {
            take(words[i], words[i + 1]);
        }
        EXPECT_EQ(words.size() % 2, 0U) << line;
    }

    PresetParts parts;

  private:
    core::Signer signer(std::string file) {
        const bool is_further = file.starts_with("+");
        file.erase(0, is_further ? 1 : 0);
        EXPECT_TRUE(files_.insert(file).second) << "one key twice: " << file;
        core::Signer out = TestSigner::passkey(static_cast<std::uint32_t>(files_.size())).entry();
        out.same_party = is_further;
        return out;
    }
    void take(const std::string& option, const std::string& value) {
        if (option == "--preset") {
            parts.kind = parse_preset_name(value).value();
        } else if (option == "-s") {
            parts.signers.push_back(signer(value));
        } else if (option == "--guardian") {
            parts.guardians.push_back(signer(value));
        } else if (option == "--heir") {
            parts.heir = signer(value);
        } else if (option == "--threshold") {
            parts.threshold = std::stoul(value);
        } else if (option == "--limit") {
            parts.spending.limits.push_back(parse_limit(value).value());
            parts.spending.targets = {parse_target("SOL").value()};
        } else if (option == "--expires") {
            EXPECT_EQ(value, "30d");
            parts.expires_at = 1'800'000'000;
        } else {
            ADD_FAILURE() << option;
        }
    }
    std::set<std::string> files_;
};

/// Every way to answer all that is asked.
void answer_all(const Answers& answers, std::vector<Answers>& out) {
    const auto question = next_question(answers);
    if (!question) {
        out.push_back(answers);
        return;
    }
    std::vector<std::string> words;
    for (const auto& [word, meaning] : question->choices) {
        words.emplace_back(word);
    }
    for (unsigned i = 1; question->choices.empty() && i <= 16; ++i) {
        words.push_back(std::to_string(i));
    }
    for (const std::string& word : words) {
        Answers next = answers;
        if (take_answer(next, question->name, word)) {
            answer_all(next, out);
        }
    }
}

std::vector<Answers> all_answers() {
    std::vector<Answers> out;
    answer_all({}, out);
    return out;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string out;
    for (const std::string& line : lines) {
        out += line + "\n";
    }
    return out;
}

std::size_t count_adding(const Advice& advice) {
    return static_cast<std::size_t>(std::count_if(
        advice.commands.begin(), advice.commands.end(),
        [](const std::string& one) { return one.starts_with("latchkey signers add "); }));
}

TEST(Advise, whatever_is_recommended_can_be_made) {
    const auto all = all_answers();
    // A person: 3 values, 16 numbers of devices, 2 ways to recover, an heir or none. A company: m
    // of n.
    EXPECT_EQ(all.size(), 3U * 16 * 2 * 2 + 16 * 17 / 2 + 1);
    std::map<PresetKind, int> found;
    for (const Answers& answers : all) {
        const Advice advice = advise(answers);
        ++found[advice.preset];
        ASSERT_FALSE(advice.commands.empty());
        const std::string& line = advice.commands.front();
        const Command command(line);
        EXPECT_EQ(command.parts.kind, advice.preset);
        EXPECT_EQ(command.parts.heir.has_value(), advice.has_heir);
        EXPECT_EQ(advice.has_heir, answers.has_heir.value_or(false));
        const auto made =
            make_preset(command.parts, core::testing::filled<core::RecoveryPart::Salt>(7));
        ASSERT_OK(made) << line;
        // A genesis has 480 bytes: passkeys that do not fit are added by the commands after it.
        ASSERT_OK(solana::WalletHandle::create(made->configuration, solana::testing::kDeployment))
            << line;
        const std::size_t added = count_adding(advice);
        if (advice.preset == PresetKind::kTreasury) {
            EXPECT_EQ(command.parts.signers.size() + added, *answers.members) << line;
        } else if (advice.preset == PresetKind::kOneParty) {
            EXPECT_EQ(command.parts.signers.size() + added, *answers.devices) << line;
        } else {
            EXPECT_EQ(added, 0U) << line;
        }
        EXPECT_FALSE(advice.signers.empty());
        EXPECT_FALSE(advice.rules.empty());
        EXPECT_THAT(advice.dangers, Contains(HasSubstr("The operator who pays your fees")));
        // Whoever can be recovered has to look.
        const bool watches = joined(advice.commands).find("latchkey watch") != std::string::npos;
        EXPECT_EQ(watches, made->recovery.has_value()) << line;
        EXPECT_EQ(advice.commands.size(), (watches ? 2U : 1U) + added);
    }
    EXPECT_EQ(found.size(), 6U) << "some preset is never recommended";
}

Answers person(Value value, unsigned devices, Recovery recovery, bool has_heir = false) {
    return {Controller::kPerson, value, devices, recovery, has_heir, {}, {}};
}
Answers company(unsigned members, unsigned threshold) {
    Answers out;
    out.controller = Controller::kCompany;
    out.members = members;
    out.threshold = threshold;
    return out;
}

TEST(Advise, which_preset_for_whom) {
    const auto preset = [](Value value, unsigned devices, Recovery recovery) {
        return advise(person(value, devices, recovery)).preset;
    };
    EXPECT_EQ(preset(Value::kSmall, 1, Recovery::kNobody), PresetKind::kOneParty);
    EXPECT_EQ(preset(Value::kFortune, 3, Recovery::kNobody), PresetKind::kOneParty);
    EXPECT_EQ(preset(Value::kFortune, 1, Recovery::kGuardian), PresetKind::kTwoParties);
    EXPECT_EQ(preset(Value::kSmall, 2, Recovery::kGuardian), PresetKind::kThreeParties);
    EXPECT_EQ(preset(Value::kSavings, 2, Recovery::kGuardian), PresetKind::kThreeParties);
    EXPECT_EQ(preset(Value::kFortune, 2, Recovery::kGuardian), PresetKind::kGuarded);
    EXPECT_EQ(advise({Controller::kAgent, {}, {}, {}, {}, {}, {}}).preset, PresetKind::kAgent);
    EXPECT_EQ(advise(company(3, 2)).preset, PresetKind::kTreasury);
}

TEST(Advise, warns_of_what_the_answers_ask_for_and_do_not_get) {
    const auto warnings = [](const Answers& answers) { return advise(answers).warnings; };
    EXPECT_TRUE(warnings(person(Value::kSmall, 1, Recovery::kNobody)).empty());
    EXPECT_THAT(warnings(person(Value::kSavings, 1, Recovery::kNobody)),
                Contains(HasSubstr("too little")));
    EXPECT_TRUE(warnings(person(Value::kSmall, 1, Recovery::kGuardian)).empty());
    EXPECT_THAT(warnings(person(Value::kSavings, 1, Recovery::kGuardian)),
                Contains(HasSubstr("--devices 2")));
    EXPECT_TRUE(warnings(person(Value::kFortune, 2, Recovery::kGuardian, true)).empty());
    EXPECT_THAT(warnings(person(Value::kSmall, 1, Recovery::kNobody, true)),
                Contains(HasSubstr("the heir's key alone")));
    EXPECT_TRUE(warnings(company(3, 2)).empty());
    EXPECT_THAT(warnings(company(3, 1)), Contains(HasSubstr("every single key owns")));
    EXPECT_THAT(warnings(company(3, 3)), Contains(HasSubstr("lost for good")));
    EXPECT_TRUE(warnings(company(5, 2)).empty());
    EXPECT_THAT(warnings(company(6, 2)), Contains(HasSubstr("has room for 5 passkeys")));
    EXPECT_THAT(warnings(company(9, 5)), Not(Contains(HasSubstr("latchkey rules set"))));
    EXPECT_THAT(warnings(company(9, 6)), Contains(HasSubstr("latchkey rules set")));
    EXPECT_TRUE(warnings(person(Value::kSmall, 6, Recovery::kNobody)).empty());
    EXPECT_THAT(warnings(person(Value::kSmall, 7, Recovery::kNobody)),
                Contains(HasSubstr("has room for 6 passkeys")));
}

TEST(Advise, begins_with_as_many_members_as_fit) {
    PresetParts parts = Command(advise(company(16, 8)).commands.front()).parts;
    EXPECT_EQ(parts.signers.size(), 5U);
    EXPECT_EQ(parts.threshold, 5U);
    const auto fits = [&] {
        const auto made = make_preset(parts, {}).value();
        return solana::WalletHandle::create(made.configuration, solana::testing::kDeployment)
            .has_value();
    };
    EXPECT_TRUE(fits());
    parts.signers.push_back(TestSigner::passkey(100).entry());
    EXPECT_FALSE(fits());
}

TEST(Advise, only_two_members_end_a_freeze) {
    // What `freeze --lift` asks for, whatever the threshold is.
    EXPECT_THAT(advise(company(3, 2)).rules, Contains(HasSubstr("freeze and lift too")));
    EXPECT_THAT(advise(company(3, 1)).rules, Contains(HasSubstr("two members end a freeze")));
    EXPECT_THAT(joined(advise(company(1, 1)).rules), Not(HasSubstr("lift")));
}

TEST(Advise, asks_what_is_not_known_yet) {
    const auto name = [](const Answers& answers) {
        const auto question = next_question(answers);
        return question ? std::string(question->name) : "nothing";
    };
    Answers answers;
    EXPECT_EQ(name(answers), "controls");
    const std::vector<std::pair<std::string, std::string>> person_asked{{"controls", "person"},
                                                                        {"value", "2"},
                                                                        {"devices", "3"},
                                                                        {"recovery", "2"},
                                                                        {"heir", "no"}};
    for (const auto& [question, text] : person_asked) {
        EXPECT_EQ(name(answers), question);
        EXPECT_OK(take_answer(answers, question, text));
    }
    EXPECT_EQ(name(answers), "nothing");
    EXPECT_EQ(answers, person(Value::kSavings, 3, Recovery::kGuardian));
    Answers company_answers;
    const std::vector<std::pair<std::string, std::string>> company_asked{
        {"controls", "2"}, {"members", "16"}, {"threshold", "16"}};
    for (const auto& [question, text] : company_asked) {
        EXPECT_EQ(name(company_answers), question);
        EXPECT_OK(take_answer(company_answers, question, text));
    }
    EXPECT_EQ(name(company_answers), "nothing");
    EXPECT_EQ(company_answers, company(16, 16));
    EXPECT_OK(take_answer(answers = {}, "controls", "3"));
    EXPECT_EQ(name(answers), "nothing");
}

TEST(Advise, refuses_answers_that_are_none) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"controls", "--controls is person, company or agent, not \"\""},
        {"value", "--value is small, savings or fortune, not \"\""},
        {"devices", "--devices is a number from 1 to 16, not \"\""},
        {"recovery", "--recovery is nobody or guardian, not \"\""},
        {"heir", "--heir is yes or no, not \"\""},
        {"members", "--members is a number from 1 to 16, not \"\""},
        {"threshold", "--threshold is a number from 1 to 16, not \"\""}};
    for (const auto& [name, sentence] : table) {
        Answers answers;
        const auto taken = take_answer(answers, name, "");
        EXPECT_ERROR(ErrorCode::kCommandInput, taken);
        EXPECT_EQ(taken.error().context, sentence);
        for (const char* text : {"0", "17", "-1", "1x", " 1", "x", "PERSON", "4294967297", "1.5",
                                 "\x1b[2J", "\"", "99999999999999999999"}) {
            EXPECT_ERROR(ErrorCode::kCommandInput, take_answer(answers, name, text))
                << name << text;
        }
        EXPECT_EQ(answers, Answers{}) << name;
    }
    Answers answers;
    EXPECT_ERROR(ErrorCode::kCommandInput, take_answer(answers, "colour", "red"));
    EXPECT_ERROR(ErrorCode::kCommandInput, take_answer(answers, "", ""));
    const auto long_one = take_answer(answers, "value", "\n" + std::string(100, 'x'));
    EXPECT_THAT(long_one.error().context, ::testing::EndsWith("\"?" + std::string(39, 'x') + "\""));
}

TEST(Advise, refuses_answers_that_do_not_go_together) {
    const auto refused = [](Answers answers, const char* name, const char* text, const char* part) {
        const Answers before = answers;
        const auto taken = take_answer(answers, name, text);
        EXPECT_ERROR(ErrorCode::kCommandInput, taken) << name;
        EXPECT_THAT(taken ? "" : taken.error().context, HasSubstr(part));
        EXPECT_EQ(answers, before) << "what is refused is not kept";
    };
    refused(company(3, 2), "threshold", "4", "at most the number of members, 3");
    refused(company(3, 2), "members", "1", "at most the number of members, 1");
    refused(company(3, 2), "controls", "person", "for --controls company");
    for (const char* name : {"value", "devices", "recovery", "heir"}) {
        refused(company(3, 2), name, "1", "for --controls person");
    }
    refused(person(Value::kSmall, 1, Recovery::kNobody), "members", "2", "for --controls company");
    refused(person(Value::kSmall, 1, Recovery::kNobody), "controls", "agent", "--controls person");
    EXPECT_OK(check_answers(company(3, 3)));
    EXPECT_ERROR(ErrorCode::kCommandInput, check_answers(company(3, 4)));
}

}  // namespace
}  // namespace latchkey::cli
