// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/quorum.hpp"

#include <algorithm>

namespace latchkey::core {

bool is_same_key(const Signer& a, const Signer& b) {
    return a.kind == b.kind && a.key == b.key;
}

std::vector<std::uint8_t> choose_parties(std::span<const Signer> all, std::uint16_t mask,
                                         std::span<const Signer> available, std::size_t wanted) {
    std::vector<std::uint8_t> out;
    bool has_party = false;
    for (std::size_t i = 0; i < all.size(); ++i) {
        has_party = has_party && all[i].same_party;
        const bool is_counted = ((mask >> i) & 1U) != 0;
        const bool is_there = std::any_of(available.begin(), available.end(), [&](const auto& one) {
            return is_same_key(one, all[i]);
        });
        if (!has_party && is_counted && is_there && out.size() < wanted) {
            has_party = true;
            out.push_back(static_cast<std::uint8_t>(i));
        }
    }
    return out;
}

}  // namespace latchkey::core
