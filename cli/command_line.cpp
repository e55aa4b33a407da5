// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.hpp"

#include <CLI/CLI.hpp>

#include "cli/demo/demo.hpp"

namespace latchkey::cli {

int run_command_line(int argc, char** argv) {
    CLI::App app{"latchkey"};
    bool is_json = false;
    demo::DemoOptions demo_options;
    auto* command = app.add_subcommand("demo");
    command->add_flag("--json", is_json);
    command->add_option("--rpc", demo_options.rpc_urls);
    CLI11_PARSE(app, argc, argv);
    const Output output(Output::Options{is_json});
    const auto report = demo::run_demo(output, demo_options);
    if (!report) {
        output.print(report.error());
        return 1;
    }
    output.print(*report);
    return 0;
}

}  // namespace latchkey::cli
