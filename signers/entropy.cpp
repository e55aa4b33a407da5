// SPDX-License-Identifier: Apache-2.0
#include "signers/entropy.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstring>

namespace latchkey::signers {

core::Result<void> SystemEntropy::fill(std::span<std::uint8_t> bytes) {
    while (!bytes.empty()) {
        const ssize_t got = getrandom(bytes.data(), bytes.size(), 0);
        if (got > 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(got));
        } else if (got == 0 || errno != EINTR) {
            return core::fail(core::ErrorCode::kEntropyUnavailable,
                              std::string("getrandom: ") + std::strerror(errno));
        }
    }
    return {};
}

}  // namespace latchkey::signers
