// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>

#include "cli/context.hpp"

/// `latchkey advise`: which wallet fits.
namespace latchkey::cli {

/// Answers by the names of their questions; what is missing is asked on a terminal.
struct AdviseOptions {
    std::string controls;
    std::string value;
    std::string devices;
    std::string recovery;
    std::string heir;
    std::string members;
    std::string threshold;
};
/// Errors: kCommandInput (an answer that is none, or one is missing and there is no terminal).
Result<Report> give_advice(Context& context, const AdviseOptions& options);

}  // namespace latchkey::cli
