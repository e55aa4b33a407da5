// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/presets.hpp"
#include "core/base/result.hpp"

/// Which wallet fits whom: a few questions, a preset, and what it means in words. No input or
/// output; `latchkey advise` asks and prints.
namespace latchkey::cli {

using core::Result;

enum class Controller { kPerson, kCompany, kAgent };
/// What would be lost.
enum class Value { kSmall, kSavings, kFortune };
/// Who helps when keys are lost.
enum class Recovery { kNobody, kGuardian };

/// What has been answered so far.
struct Answers {
    std::optional<Controller> controller;
    std::optional<Value> value;
    /// Of a person: places that can approve, such as a phone and a laptop.
    std::optional<unsigned> devices;
    std::optional<Recovery> recovery;
    std::optional<bool> has_heir;
    /// Of a company.
    std::optional<unsigned> members;
    std::optional<unsigned> threshold;

    friend bool operator==(const Answers&, const Answers&) = default;
};

/// Something that is still to be asked.
struct Question {
    /// As the option is called: "value".
    std::string_view name;
    std::string_view text;
    /// What may be answered, each with its meaning; empty: a number.
    std::vector<std::pair<std::string_view, std::string_view>> choices;
};

/// The next question that these answers lead to; absent when all is known.
std::optional<Question> next_question(const Answers& answers);
/// Takes a word of the choices, its place in the list from 1 on, or a number. What is refused
/// changes nothing. Error: kCommandInput.
Result<void> take_answer(Answers& answers, std::string_view name, std::string_view text);
/// Answers that do not go together. Error: kCommandInput.
Result<void> check_answers(const Answers& answers);

/// What is recommended.
struct Advice {
    PresetKind preset = PresetKind::kOneParty;
    bool has_heir = false;
    /// Who holds which key, in the order of the command.
    std::vector<std::string> signers;
    /// Who may do what, when.
    std::vector<std::string> rules;
    /// What others can do to the wallet, and what they cannot.
    std::vector<std::string> dangers;
    /// What the answers ask for and this cannot give.
    std::vector<std::string> warnings;
    /// Commands to type, in order.
    std::vector<std::string> commands;
};
/// `answers`: complete.
Advice advise(const Answers& answers);

}  // namespace latchkey::cli
