// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/context.hpp"

/// `latchkey watch`: tells what happens to wallets, as long as it runs.
namespace latchkey::cli {

/// What to follow, and what to do about it.
struct WatchOptions {
    /// Genesis files; empty: the setting.
    std::vector<std::string> wallets;
    /// WebSocket URL; empty: beside the node's.
    std::string websocket_url;
    /// Ask again and again instead of listening.
    bool only_polls = false;
    /// How often the node is asked when nothing was heard, as parse_duration reads it.
    std::string interval = "10s";
    /// How long the node may stay silent before that is an alarm itself.
    std::string blind_after = "5m";
    /// Payments, sessions and messages too.
    bool reads_all = false;
    /// A shell command that gets every alarm as JSON on its standard input.
    std::string command;
    /// Remembers what was told, so that a later run tells what happened meanwhile.
    std::string resume_file;
    /// End after the first alarm.
    bool is_once = false;
    /// End after so long, as parse_duration reads it; empty: never.
    std::string timeout;
};
/// Prints alarms as they come; SIGINT and SIGTERM end it in order. Errors: kCommandInput,
/// kNoAlarm (with is_once, when the time is up).
Result<Report> watch_wallets(Context& context, const WatchOptions& options);

}  // namespace latchkey::cli
