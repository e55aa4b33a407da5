// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "chains/solana/testing/differential_game.hpp"
#include "chains/solana/testing/svm.hpp"

namespace latchkey::solana::testing {

/// The real VM with the program's ELF, shown every transaction of a game. Its signatures are not
/// made (the VM does not ask for those of the transaction); those of precompiles are real.
class VmTwin : public GameTwin {
  public:
    /// Throws std::runtime_error when an ELF or the VM is missing.
    VmTwin();

    void begin(const NativeChain& chain) override;
    std::string run(const Address& payer, const Attempt& attempt, const NativeResult& native,
                    const NativeChain& after) override;

  private:
    std::string compare_accounts(const Address& payer, const Attempt& attempt,
                                 const NativeChain& after);

    Svm svm_;
    std::string snapshot_;
    std::int64_t time_ = 0;
};

}  // namespace latchkey::solana::testing
