// SPDX-License-Identifier: Apache-2.0
#include "cli/config.hpp"

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "cli/files.hpp"

namespace latchkey::cli {

using core::ErrorCode;
using core::fail;

namespace {

std::string environment(const char* name) {
    const char* const value = std::getenv(name);
    return value != nullptr ? value : "";
}

Result<std::vector<std::string>> read_texts(const toml::node& node, const std::string& where) {
    if (const auto* const text = node.as_string()) {
        return std::vector<std::string>{text->get()};
    }
    std::vector<std::string> out;
    if (const toml::array* const list = node.as_array()) {
        for (const toml::node& one : *list) {
            if (!one.is_string()) {
                return fail(ErrorCode::kCommandInput, where + " must hold texts only");
            }
            out.push_back(one.as_string()->get());
        }
        return out;
    }
    return fail(ErrorCode::kCommandInput, where + " must be a text or a list of texts");
}

tl::unexpected<core::Error> unknown_setting(const std::string& path, const std::string& name) {
    return fail(
        ErrorCode::kCommandInput,
        path + ": there is no setting \"" + name +
            "\"; settings are rpc, chain, chains_file, wallet, keys, fee_payer, gas_payer, program "
            "and cluster");
}

Result<std::string> read_text(const toml::node& node, const std::string& where) {
    if (!node.is_string()) {
        return fail(ErrorCode::kCommandInput, where + " must be a text");
    }
    return node.as_string()->get();
}

/// Every line is a setting, a comment, or goes on with a list of texts. Debian's toml++ 3.3 asserts
/// on headers such as "[{" and on names outside ASCII, so neither reaches it.
Result<void> check_lines(const std::string& text, const std::string& path) {
    constexpr std::string_view kNames =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    std::istringstream lines(text);
    unsigned number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        const bool is_ascii = std::all_of(
            line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
        if (!is_ascii) {
            return fail(ErrorCode::kCommandInput,
                        path + ", line " + std::to_string(number) +
                            ": settings are ASCII; write other characters as \\u00e9");
        }
        const std::size_t first = line.find_first_not_of(" \t\r");
        const bool is_setting =
            first != std::string::npos && kNames.find(line[first]) != std::string_view::npos;
        const std::size_t end = is_setting ? line.find_first_not_of(kNames, first) : first;
        const std::size_t next = line.find_first_not_of(" \t", end);
        const std::string_view allowed = is_setting ? "=" : "#\"'],";
        const auto is_one_of = [&](std::size_t at, std::string_view characters) {
            return at != std::string::npos && characters.find(line[at]) != std::string_view::npos;
        };
        const bool has_value = !is_setting || next == std::string::npos ||
                               is_one_of(line.find_first_not_of(" \t", next + 1), "\"'[");
        if (first != std::string::npos && !(is_one_of(next, allowed) && has_value)) {
            return fail(ErrorCode::kCommandInput,
                        path + ", line " + std::to_string(number) +
                            ": a setting is written as name = \"value\", and there are no tables");
        }
    }
    return {};
}

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> out;
    for (std::size_t from = 0; from <= text.size();) {
        const std::size_t comma = std::min(text.find(',', from), text.size());
        if (comma > from) {
            out.push_back(text.substr(from, comma - from));
        }
        from = comma + 1;
    }
    return out;
}

void take_environment(Config& config) {
    const auto take = [](const char* name, std::string& to) {
        const std::string value = environment(name);
        if (!value.empty()) {
            to = value;
        }
    };
    if (const std::string rpc = environment("LATCHKEY_RPC"); !rpc.empty()) {
        config.rpc = split(rpc);
    }
    if (const std::string keys = environment("LATCHKEY_KEYS"); !keys.empty()) {
        config.keys = split(keys);
    }
    if (const std::string chains = environment("LATCHKEY_CHAIN"); !chains.empty()) {
        config.chains = split(chains);
    }
    take("LATCHKEY_CHAINS_FILE", config.chains_file);
    take("LATCHKEY_GAS_PAYER", config.gas_payer);
    take("LATCHKEY_WALLET", config.wallet);
    take("LATCHKEY_FEE_PAYER", config.fee_payer);
    take("LATCHKEY_PROGRAM", config.program);
    take("LATCHKEY_CLUSTER", config.cluster);
}

}  // namespace

std::string default_config_path() {
    std::string named = environment("LATCHKEY_CONFIG");
    if (!named.empty()) {
        return named;
    }
    std::string base = environment("XDG_CONFIG_HOME");
    if (base.empty()) {
        base = environment("HOME") + "/.config";
    }
    return base + "/latchkey/config.toml";
}

Result<Config> parse_config(const std::string& text, const std::string& path) {
    LATCHKEY_CHECK(check_lines(text, path));
    const toml::parse_result parsed = toml::parse(text);
    if (!parsed) {
        const auto& error = parsed.error();
        return fail(ErrorCode::kCommandInput, path + ", line " +
                                                  std::to_string(error.source().begin.line) + ": " +
                                                  std::string(error.description()));
    }
    Config out;
    for (const auto& [key, node] : parsed.table()) {
        const std::string name(key.str());
        const std::string where = std::string(path).append(": ").append(name);
        if (name == "rpc") {
            LATCHKEY_TRY(out.rpc, read_texts(node, where));
        } else if (name == "keys") {
            LATCHKEY_TRY(out.keys, read_texts(node, where));
        } else if (name == "chain") {
            LATCHKEY_TRY(out.chains, read_texts(node, where));
        } else if (name == "chains_file") {
            LATCHKEY_TRY(out.chains_file, read_text(node, where));
        } else if (name == "gas_payer") {
            LATCHKEY_TRY(out.gas_payer, read_text(node, where));
        } else if (name == "wallet") {
            LATCHKEY_TRY(out.wallet, read_text(node, where));
        } else if (name == "fee_payer") {
            LATCHKEY_TRY(out.fee_payer, read_text(node, where));
        } else if (name == "program") {
            LATCHKEY_TRY(out.program, read_text(node, where));
        } else if (name == "cluster") {
            LATCHKEY_TRY(out.cluster, read_text(node, where));
        } else {
            return unknown_setting(path, name);
        }
    }
    return out;
}

Result<Config> load_config(const std::optional<std::string>& path) {
    const std::string file = path.value_or(default_config_path());
    std::error_code error;
    Config config;
    const bool is_wanted = path || !environment("LATCHKEY_CONFIG").empty();
    if (is_wanted || std::filesystem::exists(file, error)) {
        LATCHKEY_TRY(const Bytes bytes, read_file(file));
        LATCHKEY_TRY(config, parse_config(std::string(core::as_text(bytes)), file));
    }
    take_environment(config);
    return config;
}

}  // namespace latchkey::cli
