// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <vector>

#include "chains/evm/client/uint256.hpp"

namespace latchkey::evm {

/// The nonces of one account, for a sender with several transactions on their way. Pure: what the
/// chain says comes in through resync. A nonce is reserved, then sent or released; one that was
/// released below others is a gap, which is filled first because the others wait for it.
class NonceManager {
  public:
    /// `next`: the account's transaction count, of the pending state. At most `in_flight_max`
    /// nonces are reserved or sent at a time; nodes keep few of one account (geth: 64).
    explicit NonceManager(std::uint64_t next, std::size_t in_flight_max = 16)
        : next_(next), in_flight_max_(in_flight_max) {}

    /// The lowest gap, else the next one. Error: kTooManyInFlight (too many in flight).
    Result<std::uint64_t> reserve();
    /// The transaction with it was given to a node. Unknown nonces are ignored, here and below:
    /// a resync may have found them finished.
    void sent(std::uint64_t nonce);
    /// No transaction with it was, or ever will be, given to a node.
    void release(std::uint64_t nonce);

    /// What a resync found; every list ascends.
    struct Resync {
        /// Sent, and the chain is past them: by our transaction or by another one.
        std::vector<std::uint64_t> finished;
        /// Reserved and not sent, and the chain is past them: somebody else used the account.
        std::vector<std::uint64_t> lost;
        /// Sent, but the node does not count them: dropped, or behind a gap. To be sent again.
        std::vector<std::uint64_t> missing;

        friend bool operator==(const Resync&, const Resync&) = default;
    };
    /// `latest` and `pending` are the account's transaction counts in the latest and in the pending
    /// state. Counts that fall, after a reorganization or from a node that is behind, change
    /// nothing but `missing`.
    Resync resync(std::uint64_t latest, std::uint64_t pending);

    /// Nonces below the next one that nobody holds, ascending.
    [[nodiscard]] std::vector<std::uint64_t> gaps() const;
    /// The nonce after the highest one given out.
    [[nodiscard]] std::uint64_t next() const { return next_; }
    /// Reserved or sent, and not known to be finished.
    [[nodiscard]] std::size_t in_flight() const { return held_.size(); }

  private:
    enum class State : std::uint8_t { kReserved, kSent };

    std::uint64_t next_;
    std::size_t in_flight_max_;
    std::map<std::uint64_t, State> held_;
    /// Ascending, without duplicates.
    std::vector<std::uint64_t> gaps_;
};

}  // namespace latchkey::evm
