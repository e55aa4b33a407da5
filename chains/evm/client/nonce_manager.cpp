// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/nonce_manager.hpp"

#include <algorithm>

namespace latchkey::evm {

using core::ErrorCode;
using core::fail;

Result<std::uint64_t> NonceManager::reserve() {
    if (held_.size() >= in_flight_max_) {
        return fail(ErrorCode::kTooManyInFlight,
                    std::to_string(held_.size()) + " transactions are on their way");
    }
    std::uint64_t nonce = next_;
    if (gaps_.empty()) {
        ++next_;
    } else {
        nonce = gaps_.front();
        gaps_.erase(gaps_.begin());
    }
    held_[nonce] = State::kReserved;
    return nonce;
}

void NonceManager::sent(std::uint64_t nonce) {
    if (const auto found = held_.find(nonce); found != held_.end()) {
        found->second = State::kSent;
    }
}

void NonceManager::release(std::uint64_t nonce) {
    if (held_.erase(nonce) == 0) {
        return;
    }
    gaps_.insert(std::lower_bound(gaps_.begin(), gaps_.end(), nonce), nonce);
    // Gaps at the end are none: nothing waits for them.
    while (!gaps_.empty() && gaps_.back() + 1 == next_) {
        gaps_.pop_back();
        --next_;
    }
}

NonceManager::Resync NonceManager::resync(std::uint64_t latest, std::uint64_t pending) {
    Resync out;
    while (!held_.empty() && held_.begin()->first < latest) {
        auto& past = held_.begin()->second == State::kSent ? out.finished : out.lost;
        past.push_back(held_.begin()->first);
        held_.erase(held_.begin());
    }
    // What waits in the pool without us was sent by somebody else with the same key.
    const std::uint64_t known = std::max(latest, pending);
    std::erase_if(gaps_, [&](std::uint64_t nonce) { return nonce < known; });
    next_ = std::max(next_, known);
    for (const auto& [nonce, state] : held_) {
        if (state == State::kSent && nonce >= pending) {
            out.missing.push_back(nonce);
        }
    }
    return out;
}

std::vector<std::uint64_t> NonceManager::gaps() const {
    return gaps_;
}

}  // namespace latchkey::evm
