// SPDX-License-Identifier: Apache-2.0
// waiting-model: plays every story of the model of waiting and prints what it found.
#include <cstdio>
#include <cstring>

#include "models/waiting/report.hpp"

namespace {

constexpr const char* kUsage =
    "usage: waiting-model [--large] [--traces]\n"
    "\n"
    "Plays every story of the model of waiting, cancelling and recovering to the end and prints\n"
    "Markdown tables. Exit status 1 if something is not as claimed.\n"
    "\n"
    "  --large   ticks of 12 hours instead of 24, and everything that a thief might change\n"
    "  --traces  step by step how what is possible comes about\n";

}  // namespace

int main(int argc, char** argv) {
    latchkey::waiting_model::ReportOptions options;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--large") == 0) {
            options.scale = {.ticks_per_day = 2, .is_thorough = true};
        } else if (std::strcmp(argv[i], "--traces") == 0) {
            options.has_traces = true;
        } else {
            const bool is_help = std::strcmp(argv[i], "--help") == 0;
            std::fputs(kUsage, is_help ? stdout : stderr);
            return is_help ? 0 : 2;
        }
    }
    return latchkey::waiting_model::print_report(options) == 0 ? 0 : 1;
}
