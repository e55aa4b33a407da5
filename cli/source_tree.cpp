// SPDX-License-Identifier: Apache-2.0
#include "cli/source_tree.hpp"

namespace latchkey::cli {

namespace fs = std::filesystem;

namespace {

fs::path executable_folder() {
    std::error_code error;
    const fs::path path = fs::read_symlink("/proc/self/exe", error);
    return error ? fs::current_path() : path.parent_path();
}

}  // namespace

std::optional<fs::path> find_upwards(const fs::path& relative) {
    for (fs::path folder : {executable_folder(), fs::current_path()}) {
        for (;;) {
            std::error_code error;
            if (fs::exists(folder / relative, error)) {
                return folder / relative;
            }
            if (folder == folder.root_path()) {
                break;
            }
            folder = folder.parent_path();
        }
    }
    return std::nullopt;
}

}  // namespace latchkey::cli
