// SPDX-License-Identifier: Apache-2.0
// sbf-link: links clang BPF objects into a Solana sBPF v3 program.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "tools/sbf-link/error.hpp"
#include "tools/sbf-link/linker.hpp"

namespace latchkey::sbf_link {
namespace {

struct Arguments {
    std::vector<std::string> inputs;
    std::string output;
    std::string map;
    std::vector<std::string> patches;
    std::uint64_t size_max = 0;
    LinkOptions options;
};

Result<std::vector<std::uint8_t>> read_file(const std::string& path) {
    std::ifstream stream(path, std::ios::binary | std::ios::ate);
    if (!stream) {
        return fail(ErrorCode::kUsage, fmt::format("{}: cannot be opened", path));
    }
    const auto size = static_cast<std::streamoff>(stream.tellg());
    if (size < 0 || static_cast<std::uint64_t>(size) > kFileSizeMax) {
        return fail(ErrorCode::kUsage,
                    fmt::format("{}: is no file of at most {} bytes", path, kFileSizeMax));
    }
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
    stream.seekg(0);
    stream.read(reinterpret_cast<char*>(bytes.data()), size);
    if (!stream) {
        return fail(ErrorCode::kUsage, fmt::format("{}: cannot be read", path));
    }
    return bytes;
}

// Writes to a file beside `path` first: a failed link leaves no half-written program.
Result<void> write_file(const std::string& path, const void* data, std::size_t size) {
    const std::string temporary = path + ".tmp";
    std::ofstream stream(temporary, std::ios::binary | std::ios::trunc);
    stream.write(static_cast<const char*>(data), static_cast<std::streamsize>(size));
    stream.close();
    std::error_code failure;
    if (stream) {
        std::filesystem::rename(temporary, path, failure);
    }
    if (!stream || failure) {
        std::filesystem::remove(temporary, failure);
        return fail(ErrorCode::kUsage, fmt::format("{}: cannot be written", path));
    }
    return {};
}

std::optional<std::uint8_t> hex_digit(char character) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const char lower =
        character >= 'A' && character <= 'F' ? static_cast<char>(character + 32) : character;
    const auto value = kDigits.find(lower);
    if (value == std::string_view::npos) {
        return std::nullopt;
    }
    return static_cast<std::uint8_t>(value);
}

Result<SlotPatch> parse_patch(const std::string& argument) {
    const auto separator = argument.find('=');
    if (separator == 0 || separator == std::string::npos) {
        return fail(ErrorCode::kPatchSlot,
                    fmt::format("--patch-slot {}: write NAME=HEX", printable(argument)));
    }
    SlotPatch patch{.name = argument.substr(0, separator), .bytes = {}};
    const std::string digits = argument.substr(separator + 1);
    for (std::size_t at = 0; at < digits.size(); at += 2) {
        const auto high = hex_digit(digits[at]);
        const auto low = at + 1 < digits.size() ? hex_digit(digits[at + 1]) : std::nullopt;
        if (!high || !low) {
            return fail(ErrorCode::kPatchSlot,
                        fmt::format("--patch-slot {}: the value must be {} bytes in hexadecimal",
                                    printable(patch.name), kSlotSize));
        }
        patch.bytes.push_back(static_cast<std::uint8_t>(*high << 4 | *low));
    }
    return patch;
}

Result<void> run(Arguments arguments) {
    for (const std::string& text : arguments.patches) {
        auto patch = parse_patch(text);
        if (!patch) {
            return tl::unexpected(patch.error());
        }
        arguments.options.patches.push_back(std::move(*patch));
    }
    if (arguments.size_max != 0) {
        arguments.options.size_max = arguments.size_max;
    }
    std::vector<std::vector<std::uint8_t>> contents;
    for (const std::string& path : arguments.inputs) {
        auto bytes = read_file(path);
        if (!bytes) {
            return tl::unexpected(bytes.error());
        }
        contents.push_back(std::move(*bytes));
    }
    std::vector<InputFile> files;
    for (std::size_t index = 0; index < contents.size(); ++index) {
        files.push_back({.name = arguments.inputs[index], .bytes = contents[index]});
    }
    const auto program = link(files, arguments.options);
    if (!program) {
        return tl::unexpected(program.error());
    }
    if (!arguments.map.empty()) {
        const std::string map = format_map(program->symbols);
        if (auto done = write_file(arguments.map, map.data(), map.size()); !done) {
            return done;
        }
    }
    return write_file(arguments.output, program->elf.data(), program->elf.size());
}

int main_function(int argc, char** argv) {
    CLI::App app("Links objects of clang-19 (-target bpf -mcpu=v2) into a Solana sBPF v3 program.",
                 "sbf-link");
    Arguments arguments;
    app.add_option("objects", arguments.inputs, "Relocatable BPF objects")->required();
    app.add_option("-o,--output", arguments.output, "The program to write")->required();
    app.add_option("--entry", arguments.options.entry, "The function the VM calls")
        ->capture_default_str();
    app.add_flag("--symbols", arguments.options.with_symbols,
                 "Write a symbol table: needed for tracing, not for running");
    app.add_flag("--no-gc-sections", arguments.options.keep_unreferenced,
                 "Keep functions and constants that the entry function does not reach");
    app.add_flag("--allow-gated-syscalls", arguments.options.rules.allow_gated_syscalls,
                 "Accept syscalls that mainnet-beta does not have yet");
    app.add_option("--patch-slot", arguments.patches,
                   "NAME=HEX: fill the 32-byte constant NAME with these bytes")
        ->allow_extra_args(false);
    app.add_option("--map", arguments.map, "Write the address and size of every symbol here");
    app.add_option("--max-size", arguments.size_max,
                   "Refuse a program whose stripped ELF is larger (bytes)")
        ->check(CLI::PositiveNumber);
    app.set_version_flag("--version", "sbf-link " LATCHKEY_VERSION);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(ErrorCode::kUsage);
    }
    if (auto done = run(std::move(arguments)); !done) {
        fmt::print(stderr, "sbf-link: {}\n", done.error().message);
        return static_cast<int>(done.error().code);
    }
    return 0;
}

}  // namespace
}  // namespace latchkey::sbf_link

int main(int argc, char** argv) {
    try {
        return latchkey::sbf_link::main_function(argc, argv);
    } catch (const std::exception& exception) {
        std::fprintf(stderr, "sbf-link: %s\n", exception.what());
        return static_cast<int>(latchkey::sbf_link::ErrorCode::kUsage);
    }
}
