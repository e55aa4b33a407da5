// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tests only.
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace latchkey::evm {

/// Where anvil is: the environment variable LATCHKEY_ANVIL, else what `npm ci` installs in
/// chains/evm/contracts (from the repository root). Absent if there is none.
std::optional<std::string> find_anvil();

/// anvil, the local EVM chain, as a process with a port of its own, in memory; it ends with this
/// object. Throws std::runtime_error if it does not come up.
class AnvilProcess {
  public:
    AnvilProcess(const std::string& program, const std::vector<std::string>& arguments);
    ~AnvilProcess();
    AnvilProcess(const AnvilProcess&) = delete;
    AnvilProcess& operator=(const AnvilProcess&) = delete;

    [[nodiscard]] const std::string& url() const { return url_; }

  private:
    void stop();

    int process_ = -1;
    int output_ = -1;
    std::string url_;
    /// anvil writes a line for every call, and would wait for ever if nobody read them.
    std::thread reader_;
};

}  // namespace latchkey::evm
