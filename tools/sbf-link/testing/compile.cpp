// SPDX-License-Identifier: Apache-2.0
#include "tools/sbf-link/testing/compile.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fmt/format.h>

namespace latchkey::sbf_link::testing {

Bytes compile(std::string_view source, std::string_view more_flags) {
    const auto folder = std::filesystem::temp_directory_path() /
                        fmt::format("sbf-link-test-{}", static_cast<long>(::getpid()));
    std::filesystem::create_directories(folder);
    const auto input = folder / "source.cpp";
    const auto output = folder / "source.o";
    std::ofstream(input) << source;
    // The command is set by CMake: the same compiler and flags as for programs.
    const std::string command = fmt::format("{} {} -c '{}' -o '{}'", LATCHKEY_SBF_COMMAND,
                                            more_flags, input.string(), output.string());
    const int status = std::system(command.c_str());
    std::ifstream stream(output, std::ios::binary);
    Bytes bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    stream.close();
    std::filesystem::remove_all(folder);
    if (status != 0 || bytes.empty()) {
        throw std::runtime_error("does not compile: " + command);
    }
    return bytes;
}

}  // namespace latchkey::sbf_link::testing
