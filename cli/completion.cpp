// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.hpp"

#include <algorithm>

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;

namespace {

/// Bash functions; zsh runs them through its own compatibility layer. A word that starts with "-"
/// ends the path, so options and their values do not hide the command.
constexpr std::string_view kBashHead = R"(_latchkey() {
    local word path= words= files=
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case " $path $word" in
)";
constexpr std::string_view kBashMiddle = R"(        esac
    done
    case "$path" in
)";
constexpr std::string_view kBashTail = R"(    esac
    local current=${COMP_WORDS[COMP_CWORD]}
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    [[ -z $files || $current == -* ]] || COMPREPLY+=($(compgen -f -- "$current"))
}
complete -o filenames -F _latchkey latchkey
)";

std::string bash(const std::vector<WordList>& lists) {
    std::string out(kBashHead);
    for (const WordList& list : lists) {
        if (!list.path.empty()) {
            const bool is_nested = list.path.find(' ') != std::string::npos;
            out += "            \" " + std::string(is_nested ? "" : " ") + list.path +
                   "\") path=\"" + list.path + "\" ;;\n";
        }
    }
    out += kBashMiddle;
    for (const WordList& list : lists) {
        out += "        \"" + list.path + "\") words=\"";
        for (const Word& word : list.words) {
            out += word.text + " ";
        }
        // Where a command must come next, a file cannot.
        const bool is_group = std::any_of(list.words.begin(), list.words.end(),
                                          [](const Word& w) { return !w.text.starts_with("--"); });
        out += is_group ? "\" ;;\n" : "\" files=yes ;;\n";
    }
    return out + std::string(kBashTail);
}

std::string quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text) {
        out += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    }
    return out + "'";
}

std::string fish(const std::vector<WordList>& lists) {
    std::string out = "complete -c latchkey -n __fish_use_subcommand -f\n";
    for (const WordList& list : lists) {
        std::string condition = "__fish_use_subcommand";
        if (!list.path.empty()) {
            condition.clear();
            for (std::size_t from = 0; from < list.path.size();) {
                const std::size_t space = std::min(list.path.find(' ', from), list.path.size());
                condition += (condition.empty() ? "__fish_seen_subcommand_from "
                                                : "; and __fish_seen_subcommand_from ") +
                             list.path.substr(from, space - from);
                from = space + 1;
            }
        }
        for (const Word& word : list.words) {
            const bool is_option = word.text.starts_with("--");
            out += "complete -c latchkey -n " + quoted(condition) +
                   (is_option ? " -l " + word.text.substr(2) : " -f -a " + word.text) + " -d " +
                   quoted(word.description) + "\n";
        }
    }
    return out;
}

}  // namespace

Result<Report> completion(const std::vector<WordList>& lists, const std::string& shell) {
    std::string script;
    if (shell == "bash") {
        script = bash(lists);
    } else if (shell == "zsh") {
        script =
            "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n" +
            bash(lists);
    } else if (shell == "fish") {
        script = fish(lists);
    } else {
        return fail(ErrorCode::kCommandInput, "the shell is bash, zsh or fish");
    }
    script.pop_back();
    Report report;
    report.fields = {{"shell", shell}, {"script", script}};
    report.lines = {std::move(script)};
    return report;
}

}  // namespace latchkey::cli
