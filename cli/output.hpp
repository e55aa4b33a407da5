// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

/// What the commands print: results on standard output, everything else on standard error.
namespace latchkey::cli {

namespace json = boost::json;

/// How a piece of text is shown on a terminal.
enum class Style { kPlain, kHeading, kGood, kBad, kFaint, kKey };

/// A command's result for people and for programs. Only one of the two is printed.
struct Report {
    /// With the styles already applied by Output::paint.
    std::vector<std::string> lines;
    json::object fields;
};

/// Where text goes, and whether it may be coloured. Colours need a terminal and no NO_COLOR.
class Output {
  public:
    struct Options {
        bool is_json = false;
        bool is_quiet = false;
        /// Take colours even without a terminal.
        bool forces_color = false;
    };
    explicit Output(const Options& options);

    bool is_json() const { return options_.is_json; }
    std::string paint(Style style, std::string_view text) const;
    /// One line of progress on standard error; a terminal sees it replaced by the next one.
    void progress(std::string_view text) const;
    void end_progress() const;
    /// A line on standard error, in text mode only.
    void note(std::string_view text) const;
    /// A line on standard output at once, in text mode only; for commands that run long.
    void line(std::string_view text = "") const;
    void print(const Report& report) const;
    /// On standard error, and as {"error": ...} on standard output with JSON.
    void print(const core::Error& error) const;

  private:
    Options options_;
    bool colors_output_ = false;
    bool colors_errors_ = false;
    bool shows_progress_ = false;
    /// Of the terminal, not of what is to be printed.
    mutable bool has_progress_line_ = false;
};

/// Text from outside as a terminal may show it: control characters, marks that turn the direction
/// of writing, and bytes that are not UTF-8 become \xNN.
std::string printable(std::string_view text);

/// One sentence: what is wrong and, where that is known, what to do.
std::string sentence(const core::Error& error);

/// Columns as wide as their widest cell; the first row is the heading. Cells may hold UTF-8.
std::vector<std::string> format_table(const std::vector<std::vector<std::string>>& rows,
                                      const std::vector<bool>& aligned_right);

}  // namespace latchkey::cli
