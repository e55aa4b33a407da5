// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace latchkey::core {

/// What exec takes: a pointer to each word, then null. They point into `words`.
inline std::vector<char*> exec_pointers(std::vector<std::string>& words) {
    std::vector<char*> out;
    out.reserve(words.size() + 1);
    for (std::string& word : words) {
        out.push_back(word.data());
    }
    out.push_back(nullptr);
    return out;
}

}  // namespace latchkey::core
