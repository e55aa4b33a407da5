// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "core/base/result.hpp"

namespace latchkey::signers {

/// Where random bytes come from, so that tests can choose them.
class Entropy {
  public:
    virtual ~Entropy() = default;
    Entropy(const Entropy&) = delete;
    Entropy& operator=(const Entropy&) = delete;

    /// Fills all bytes or fails with kEntropyUnavailable.
    virtual core::Result<void> fill(std::span<std::uint8_t> bytes) = 0;

  protected:
    Entropy() = default;
};

/// getrandom(2). Thread-safe.
class SystemEntropy final : public Entropy {
  public:
    core::Result<void> fill(std::span<std::uint8_t> bytes) override;
};

}  // namespace latchkey::signers
