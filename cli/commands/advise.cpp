// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/advise.hpp"

#include <unistd.h>

#include <iostream>

#include "cli/advise.hpp"
#include "cli/text.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;

namespace {

constexpr unsigned kTriesMax = 5;

Result<void> ask(const Output& output, const Question& question, Answers& answers) {
    output.line(output.paint(Style::kHeading, question.text));
    for (std::size_t i = 0; i < question.choices.size(); ++i) {
        const auto& [word, meaning] = question.choices[i];
        output.line("  " + std::to_string(i + 1) + "  " + std::string(word) +
                    (meaning.empty() ? "" : ": " + std::string(meaning)));
    }
    core::Error last{ErrorCode::kCommandInput, "no answer"};
    for (unsigned i = 0; i < kTriesMax; ++i) {
        std::cerr << "> " << std::flush;
        std::string text;
        if (!std::getline(std::cin, text)) {
            return fail(ErrorCode::kCommandInput, "no answer was given");
        }
        const auto taken = take_answer(answers, question.name, text);
        if (taken) {
            return {};
        }
        last = taken.error();
        output.note(sentence(last));
    }
    return tl::unexpected(last);
}

void add_lines(Report& report, const Output& output, const std::string& title,
               const std::vector<std::string>& lines, std::string_view name) {
    report.fields[name] = json::array(lines.begin(), lines.end());
    if (lines.empty()) {
        return;
    }
    report.lines.push_back(output.paint(Style::kHeading, title));
    for (const std::string& line : lines) {
        report.lines.push_back("  " + line);
    }
}

}  // namespace

Result<Report> give_advice(Context& context, const AdviseOptions& options) {
    const Output& output = context.output();
    Answers answers;
    const std::map<std::string_view, const std::string*> given{
        {"controls", &options.controls},  {"value", &options.value}, {"devices", &options.devices},
        {"recovery", &options.recovery},  {"heir", &options.heir},   {"members", &options.members},
        {"threshold", &options.threshold}};
    for (const auto& [name, text] : given) {
        if (!text->empty()) {
            LATCHKEY_CHECK(take_answer(answers, name, *text));
        }
    }
    const bool may_ask = ::isatty(STDIN_FILENO) == 1 && !output.is_json();
    while (const auto question = next_question(answers)) {
        if (!may_ask) {
            return fail(ErrorCode::kCommandInput,
                        "--" + std::string(question->name) + " is missing (" +
                            std::string(question->text) + "); give it, or answer on a terminal");
        }
        LATCHKEY_CHECK(ask(output, *question, answers));
    }
    const Advice advice = advise(answers);
    Report report;
    report.fields["preset"] = preset_name(advice.preset);
    report.fields["heir"] = advice.has_heir;
    report.lines.push_back("recommended: " + output.paint(Style::kKey, preset_name(advice.preset)) +
                           (advice.has_heir ? " with an heir" : ""));
    add_lines(report, output, "Signers", advice.signers, "signers");
    add_lines(report, output, "Rules", advice.rules, "rules");
    add_lines(report, output, "What can happen", advice.dangers, "dangers");
    add_lines(report, output, "Think again", advice.warnings, "warnings");
    add_lines(report, output, "Commands", advice.commands, "commands");
    return report;
}

}  // namespace latchkey::cli
