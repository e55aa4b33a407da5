// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "signers/entropy.hpp"

namespace latchkey::signers::testing {

/// Always the same byte, so that runs can be repeated.
class ConstantEntropy final : public Entropy {
  public:
    explicit ConstantEntropy(std::uint8_t byte = 1) : byte_(byte) {}
    core::Result<void> fill(std::span<std::uint8_t> bytes) override {
        std::fill(bytes.begin(), bytes.end(), byte_);
        return {};
    }

  private:
    std::uint8_t byte_;
};

}  // namespace latchkey::signers::testing
