// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/waiting/stories.hpp"

namespace latchkey::waiting_model {

/// What to print.
struct ReportOptions {
    Scale scale;
    // How each attack goes, step by step.
    bool has_traces = false;
    size_t states_maximum = 60'000'000;
};

/// Plays everything and prints it as Markdown tables. Returns how many things were not as claimed.
int print_report(const ReportOptions& options);

}  // namespace latchkey::waiting_model
