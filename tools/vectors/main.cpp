// SPDX-License-Identifier: Apache-2.0
// Writes the test vectors of the specification, or checks those that are there.
#include <fmt/core.h>

#include <fstream>
#include <sstream>

#include "tools/vectors/subject.hpp"

namespace latchkey::vectors {
namespace {

std::string path_of(const std::string& directory, const Subject& subject) {
    return directory + "/" + std::string(subject.name) + ".json";
}

int write(const std::string& directory) {
    for (const Subject& subject : subjects()) {
        std::ofstream file(path_of(directory, subject), std::ios::binary);
        file << file_text(subject);
        if (!file.flush()) {
            fmt::print(stderr, "cannot write {}\n", path_of(directory, subject));
            return 1;
        }
    }
    return 0;
}

int check(const std::string& directory) {
    int failures = 0;
    for (const Subject& subject : subjects()) {
        std::ifstream file(path_of(directory, subject), std::ios::binary);
        std::stringstream text;
        text << file.rdbuf();
        for (const std::string& message : run_file(subject, text.str())) {
            fmt::print(stderr, "{}\n", message);
            ++failures;
        }
    }
    return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace latchkey::vectors

int main(int argc, char** argv) {
    const std::string command = argc == 3 ? argv[1] : "";
    try {
        if (command == "--write") {
            return latchkey::vectors::write(argv[2]);
        }
        if (command == "--check") {
            return latchkey::vectors::check(argv[2]);
        }
    } catch (const std::exception& error) {
        fmt::print(stderr, "latchkey-vectors: {}\n", error.what());
        return 1;
    }
    fmt::print(stderr, "usage: latchkey-vectors --write DIRECTORY | --check DIRECTORY\n");
    return 2;
}
