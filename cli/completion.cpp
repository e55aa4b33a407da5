// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.hpp"

#include <algorithm>

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;

namespace {

/// A word that names no command leaves the path as it is, so options and their values do not hide
/// the command.
constexpr std::string_view kBashHead = R"(_latchkey() {
    local word named= choices= files=
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case " $named $word" in
)";
constexpr std::string_view kBashMiddle = R"(        esac
    done
    case "$named" in
)";
constexpr std::string_view kBashTail = R"(    esac
    local current=${COMP_WORDS[COMP_CWORD]}
    COMPREPLY=($(compgen -W "$choices" -- "$current"))
    [[ -z $files || $current == -* ]] || COMPREPLY+=($(compgen -f -- "$current"))
}
complete -o filenames -F _latchkey latchkey
)";

constexpr std::string_view kZshHead = R"(#compdef latchkey
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
_latchkey() {
    local named='' word files=''
    local -a commands options
    for word in "${(@)words[2,CURRENT-1]}"; do
        case " $named $word" in
)";
constexpr std::string_view kZshTail = R"(    esac
    (( $#commands )) && _describe -t commands 'command' commands
    (( $#options )) && _describe -o -t options 'option' options
    [[ -z $files ]] || _files
}
compdef _latchkey latchkey
)";

bool is_option(const Word& word) {
    return word.text.starts_with("--");
}

/// Where a command must come next, a file cannot.
bool is_group(const WordList& list) {
    return !std::all_of(list.words.begin(), list.words.end(), is_option);
}

/// The arms of a `case` that walks down the tree of commands.
std::string path_arms(const std::vector<WordList>& lists) {
    std::string out;
    for (const WordList& list : lists) {
        if (!list.path.empty()) {
            const bool is_nested = list.path.find(' ') != std::string::npos;
            out.append("            \" ").append(is_nested ? "" : " ").append(list.path);
            out.append("\") named=\"").append(list.path).append("\" ;;\n");
        }
    }
    return out;
}

std::string bash(const std::vector<WordList>& lists) {
    std::string out(kBashHead);
    out += path_arms(lists);
    out += kBashMiddle;
    for (const WordList& list : lists) {
        out.append("        \"").append(list.path).append("\") choices=\"");
        for (const Word& word : list.words) {
            out.append(word.text).append(" ");
        }
        out += is_group(list) ? "\" ;;\n" : "\" files=yes ;;\n";
    }
    return out + std::string(kBashTail);
}

/// In single quotes, where `quote` stands for one that is inside.
std::string quoted(std::string_view text, std::string_view quote, bool escapes_backslash) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') {
            out += quote;
        } else if (c == '\\' && escapes_backslash) {
            out += "\\\\";
        } else {
            out += c;
        }
    }
    return out + "'";
}

std::string fish_quoted(std::string_view text) {
    return quoted(text, "\\'", true);
}

std::string zsh(const std::vector<WordList>& lists) {
    std::string out(kZshHead);
    out += path_arms(lists);
    out += kBashMiddle;
    for (const WordList& list : lists) {
        std::string commands;
        std::string options;
        for (const Word& word : list.words) {
            std::string& to = is_option(word) ? options : commands;
            to.append(" ").append(quoted(word.text + ":" + word.description, "'\\''", false));
        }
        out.append("        \"").append(list.path).append("\") commands=(").append(commands);
        out.append(" ) options=(").append(options);
        out += is_group(list) ? " ) ;;\n" : " ) files=yes ;;\n";
    }
    return out + std::string(kZshTail);
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
            out += "complete -c latchkey -n " + fish_quoted(condition) +
                   (is_option(word) ? " -l " + word.text.substr(2) : " -f -a " + word.text) +
                   " -d " + fish_quoted(word.description) + "\n";
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
        script = zsh(lists);
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
