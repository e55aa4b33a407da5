// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "chains/solana/client/address.hpp"
#include "chains/solana/client/wallet.hpp"
#include "cli/child_process.hpp"
#include "core/base/result.hpp"

/// The Solana chain of devnet/ as a child process.
namespace latchkey::cli {

using core::Result;

/// Where the wallet program is on every local chain: sha256("Latchkey local program"). Nobody has
/// its key.
inline constexpr solana::Address kLocalProgram =
    solana::detail::address_literal("7FxFeaBVGaAJPxC3g8jmtGRw869vqh2BTqC4LTbKyghN");
/// The local chain's genesis hash, which the program of a default build is linked for:
/// sha256("Latchkey local chain").
core::Hash32 local_cluster();

/// How to start a local chain.
struct LocalChainOptions {
    /// 0 picks a free one.
    std::uint16_t port = 0;
    /// Folder that keeps the chain; empty: it ends with the process.
    std::string ledger;
    bool resets_ledger = false;
    /// The ELF to deploy; empty: that of the build this program belongs to.
    std::string program_file;
    unsigned slot_milliseconds = 200;
    /// Show the node's log.
    bool shows_log = false;
    /// Of the EVM chains beside it; the second one has the next port. 0 picks free ones.
    std::uint16_t evm_port = 0;
    /// No EVM chains.
    bool is_solana_only = false;
};

/// Runs until destroyed or until it ends by itself; dies with this process.
class LocalChain {
  public:
    /// Returns when the node answers and the program is deployed. devnet/ is found by
    /// LATCHKEY_DEVNET or beside this program's source. Errors: kLocalChain, kFileUnreadable.
    static Result<LocalChain> start(const LocalChainOptions& options);

    const std::string& rpc_url() const { return rpc_url_; }
    const std::string& ws_url() const { return ws_url_; }
    /// "deployed", "present" or "upgraded", as the node says.
    const std::string& program_state() const { return program_state_; }
    const std::string& program_file() const { return program_file_; }
    /// Blocks until the node has ended; SIGINT and SIGTERM are passed on to it meanwhile. Its exit
    /// code.
    int wait();
    /// The reason that the node gave when it ended by itself; empty if it gave none.
    std::string last_words() const;

  private:
    LocalChain() = default;

    ChildProcess process_;
    std::string rpc_url_;
    std::string ws_url_;
    std::string program_state_;
    std::string program_file_;
};

/// The ELF of the wallet program that belongs to this build; LATCHKEY_PROGRAM_FILE names another.
/// Error: kLocalChain.
Result<std::string> find_program_file();

}  // namespace latchkey::cli
