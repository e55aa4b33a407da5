// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>

/// What local chains need lies in the source tree or the build that this program belongs to.
namespace latchkey::cli {

/// The first folder above this program, or above the current one, that holds `relative`; with it.
std::optional<std::filesystem::path> find_upwards(const std::filesystem::path& relative);

}  // namespace latchkey::cli
