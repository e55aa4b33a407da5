// SPDX-License-Identifier: Apache-2.0
#pragma once

// Tests only.
#include <string>
#include <vector>

namespace latchkey::solana {

/// The local chain of devnet/ as a process with ports of its own, in memory; it ends with this
/// object. Needs devnet/node_modules and must be started from the repository root. Throws
/// std::runtime_error if it does not come up.
class DevnetProcess {
  public:
    explicit DevnetProcess(const std::vector<std::string>& arguments = {});
    ~DevnetProcess();
    DevnetProcess(const DevnetProcess&) = delete;
    DevnetProcess& operator=(const DevnetProcess&) = delete;

    [[nodiscard]] const std::string& rpc_url() const { return rpc_url_; }
    [[nodiscard]] const std::string& ws_url() const { return ws_url_; }
    /// Ends the process at once.
    void stop();

  private:
    int process_ = -1;
    std::string rpc_url_;
    std::string ws_url_;
};

}  // namespace latchkey::solana
