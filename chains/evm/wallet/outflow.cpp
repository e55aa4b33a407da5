// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/outflow.hpp"

#include <algorithm>

#include "core/encoding/byte_io.hpp"

namespace latchkey::evm::wallet {

namespace {

using core::refuse;
using core::Verdict;
using Kind = TokenCall::Kind;

constexpr std::size_t kSelectorSize = 4;
constexpr std::size_t kWord = 32;
constexpr unsigned kSumBits = 254;

/// A function of ERC-20 or its permit, and where its arguments are.
struct Known {
    std::uint32_t selector;
    Kind kind;
    std::size_t arguments;
    /// Which argument is the amount, and which says who receives.
    std::size_t amount;
    std::size_t to;
};
constexpr Known kKnown[] = {{0xa9059cbb, Kind::kTransfer, 2, 1, 0},
                            {0x095ea7b3, Kind::kApprove, 2, 1, 0},
                            {0x39509351, Kind::kIncreaseAllowance, 2, 1, 0},
                            {0x23b872dd, Kind::kTransferFrom, 3, 2, 1},
                            {0xd505accf, Kind::kPermit, 7, 2, 1}};

ByteView argument(const Call& call, std::size_t index) {
    return ByteView(call.data).subspan(kSelectorSize + index * kWord, kWord);
}

Address address_in(ByteView word) {
    return *Address::from(word.last(Address::kSize));
}

const Known* find_known(const Call& call) {
    if (call.data.size() < kSelectorSize) {
        return nullptr;
    }
    const auto selector = core::load_be<std::uint32_t>(call.data.data());
    const auto* found = std::find_if(std::begin(kKnown), std::end(kKnown),
                                     [&](const Known& one) { return one.selector == selector; });
    return found == std::end(kKnown) ? nullptr : found;
}

Uint256 highest_sum() {
    Hash32 word;
    word[0] = 1U << (kSumBits % 8);
    return Uint256::from_word(word);
}

Uint256 capped_sum(const Uint256& a, const Uint256& b) {
    const auto sum = add(a, b);
    return sum && *sum < highest_sum() ? *sum : highest_sum();
}

/// Divided by 10^scale, rounded up.
Uint256 in_units(Uint256 amount, unsigned scale) {
    constexpr std::uint32_t kBillion = 1'000'000'000;
    // Rounding up step by step is rounding up once.
    for (; scale >= 9; scale -= 9) {
        amount = scale_up(amount, 1, kBillion).value();
    }
    for (; scale != 0; --scale) {
        amount = scale_up(amount, 1, 10).value();
    }
    return amount;
}

/// Sums by limits.
class Ledger {
  public:
    explicit Ledger(std::span<const core::Limit> limits) : sums_(limits.size()) {
        for (const core::Limit& limit : limits) {
            assets_.push_back(decode_asset(limit.asset));
        }
    }

    bool lists(const Address& token) const {
        return std::any_of(assets_.begin(), assets_.end(),
                           [&](const auto& asset) { return asset && asset->token == token; });
    }

    Verdict take(const Address& token, const Uint256& amount) {
        if (amount.is_zero()) {
            return Verdict::kAccepted;
        }
        if (!lists(token)) {
            return Verdict::kAssetNotListed;
        }
        for (std::size_t i = 0; i < sums_.size(); ++i) {
            if (assets_[i] && assets_[i]->token == token) {
                sums_[i] = capped_sum(sums_[i], amount);
            }
        }
        return Verdict::kAccepted;
    }

    std::vector<Uint256> in_their_units() const {
        std::vector<Uint256> out;
        for (std::size_t i = 0; i < sums_.size(); ++i) {
            out.push_back(assets_[i] ? in_units(sums_[i], assets_[i]->scale) : Uint256());
        }
        return out;
    }

  private:
    std::vector<std::optional<Asset>> assets_{};
    std::vector<Uint256> sums_;
};

/// Of the token that is called.
core::Judged<Uint256> token_outflow(const Address& wallet, const Call& call, bool is_listed) {
    if (find_known(call) == nullptr) {
        return is_listed ? core::Judged<Uint256>(refuse(Verdict::kUncountable)) : Uint256();
    }
    if (!is_listed) {
        return refuse(Verdict::kAssetNotListed);
    }
    const auto read = read_token_call(call);
    if (!read) {
        return refuse(read.error());
    }
    const TokenCall& token = **read;
    const bool is_others = token.kind == Kind::kTransferFrom && token.owner != wallet;
    return is_others ? Uint256() : token.amount;
}

}  // namespace

Result<Hash32> encode(const Asset& asset) {
    if (asset.scale > kScaleMax) {
        return core::fail(core::ErrorCode::kOutOfRange, "a scale is at most 57");
    }
    Hash32 out;
    out[0] = asset.scale;
    std::copy(asset.token.begin(), asset.token.end(), out.begin() + 12);
    return out;
}

std::optional<Asset> decode_asset(const Hash32& asset) {
    const ByteView blank = ByteView(asset).subspan(1, 11);
    if (asset[0] > kScaleMax ||
        !std::all_of(blank.begin(), blank.end(), [](std::uint8_t byte) { return byte == 0; })) {
        return std::nullopt;
    }
    return Asset{asset[0], address_in(asset)};
}

core::Judged<std::optional<TokenCall>> read_token_call(const Call& call) {
    const Known* const known = find_known(call);
    if (known == nullptr) {
        return std::nullopt;
    }
    if (call.data.size() != kSelectorSize + known->arguments * kWord) {
        return refuse(Verdict::kUncountable);
    }
    TokenCall out;
    out.kind = known->kind;
    if (known->to == 1) {
        out.owner = address_in(argument(call, 0));
    }
    out.to = address_in(argument(call, known->to));
    out.amount = *Uint256::from_big_endian(argument(call, known->amount));
    return out;
}

core::Judged<std::vector<Uint256>> outflows_of(const Address& wallet,
                                               std::span<const core::Limit> limits,
                                               std::span<const Call> calls, const Uint256& fee) {
    Ledger ledger(limits);
    if (const Verdict bad = ledger.take(Address(), fee); bad != Verdict::kAccepted) {
        return refuse(bad);
    }
    for (const Call& call : calls) {
        if (const Verdict bad = ledger.take(Address(), call.value); bad != Verdict::kAccepted) {
            return refuse(bad);
        }
        const auto outflow = token_outflow(wallet, call, ledger.lists(call.to));
        if (!outflow) {
            return refuse(outflow.error());
        }
        if (const Verdict bad = ledger.take(call.to, *outflow); bad != Verdict::kAccepted) {
            return refuse(bad);
        }
    }
    return ledger.in_their_units();
}

}  // namespace latchkey::evm::wallet
