// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/output.hpp"

/// What shells offer when the tab key is pressed.
namespace latchkey::cli {

using core::Result;

/// A command or option and what it is for.
struct Word {
    std::string text;
    std::string description;
};
/// What may follow a command, whose path is like "wallet send"; empty for the program itself.
struct WordList {
    std::string path;
    std::vector<Word> words;
};

/// A script for `bash`, `zsh` or `fish`. Error: kCommandInput.
Result<Report> completion(const std::vector<WordList>& lists, const std::string& shell);

}  // namespace latchkey::cli
