// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>
#include <set>
#include <string>
#include <vector>

#include "chains/solana/client/history.hpp"
#include "core/wallet/describe.hpp"

/// What the owner of a wallet must hear of. No input or output; `latchkey watch` follows and tells.
namespace latchkey::cli {

/// Something that happened to a wallet.
struct Alarm {
    /// proposal, apply, cancel, freeze, lift, policy, recover, upgrade, execute, session, message,
    /// pending, frozen, unexplained, unreadable, blind, seen-again.
    std::string kind;
    /// One line.
    std::string text;
    /// What it is about, in words.
    std::vector<std::string> details{};
    /// As solana::proposal_text writes it; empty when it is about none.
    std::string proposal{};
    /// Unix seconds of the block; absent if unknown.
    std::optional<std::int64_t> time{};
    std::optional<solana::Signature> transaction{};
};

/// Reads transactions one after the other, oldest first, and knows the configuration meanwhile.
class AlarmReader {
  public:
    /// `wallet`: as it was before the first transaction, or at least as it is now. `reads_all`:
    /// alarms for payments, sessions and messages as well.
    AlarmReader(solana::WalletSnapshot wallet, core::Names names, bool reads_all);

    /// What the transaction did. `now`: the state after it or later.
    std::vector<Alarm> read(const solana::WalletTransaction& transaction,
                            const solana::WalletSnapshot& now);
    /// What the state tells beyond the transactions that were read since the last accept(): what
    /// waits though nobody was seen to propose it, or that something else has changed. A node may
    /// know the new state a moment before it lists the transaction that made it.
    [[nodiscard]] std::vector<Alarm> unexplained(const solana::WalletSnapshot& now) const;
    /// Does not tell of this proposal again when its transaction cannot be read.
    void skip(const Alarm& unexplained) { told_.insert(unexplained.proposal); }
    /// Goes on from this state.
    void accept(const solana::WalletSnapshot& now);
    /// What waits and whether it is frozen, to begin with.
    std::vector<Alarm> standing(const solana::WalletSnapshot& wallet, std::uint64_t now) const;

  private:
    std::vector<Alarm> read_one(const solana::Instruction& instruction,
                                const solana::WalletTransaction& transaction,
                                const solana::WalletSnapshot& now);
    [[nodiscard]] bool is_proposal(const solana::Instruction& instruction,
                                   const solana::ApprovedAction& action,
                                   const solana::WalletSnapshot& now) const;

    solana::WalletSnapshot known_;
    core::Names names_;
    bool reads_all_;
    bool has_read_ = false;
    /// Proposals of which there was an alarm, as proposal_text writes them.
    std::set<std::string> told_;
};

/// One object on one line, for programs.
boost::json::object to_json(const Alarm& alarm);

}  // namespace latchkey::cli
