// SPDX-License-Identifier: Apache-2.0
#pragma once

/// `latchkey`: what was typed, in types. The only place that knows the option parser.
namespace latchkey::cli {

/// The process's exit code: 0 done, 1 refused or failed, 2 the command line makes no sense.
int run_command_line(int argc, char** argv);

}  // namespace latchkey::cli
