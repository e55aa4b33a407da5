// SPDX-License-Identifier: Apache-2.0
// link_unchecked <object> <program>: what sbf-link would write if it did not refuse. For showing
// that the differential test notices code that must be refused.
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

#include "tools/sbf-link/testing/unchecked.hpp"

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("usage: link_unchecked <object> <program>\n", stderr);
        return 2;
    }
    std::ifstream input(argv[1], std::ios::binary);
    const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(input),
                                          std::istreambuf_iterator<char>()};
    const latchkey::sbf_link::InputFile file{.name = argv[1], .bytes = bytes};
    const auto program = latchkey::sbf_link::testing::link_unchecked({&file, 1});
    if (!program) {
        std::fprintf(stderr, "link_unchecked: %s\n", program.error().message.c_str());
        return 1;
    }
    std::ofstream output(argv[2], std::ios::binary);
    output.write(reinterpret_cast<const char*>(program->data()),
                 static_cast<std::streamsize>(program->size()));
    output.close();
    return output ? 0 : 1;
}
