// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/outflow.hpp"

#include <algorithm>

#include "core/base/fuzz_testing.hpp"
#include "core/encoding/byte_io.hpp"

namespace {

using namespace latchkey::evm::wallet;
using latchkey::core::ByteReader;
using latchkey::core::Bytes;
using latchkey::core::ByteView;
using latchkey::core::Hash32;
using latchkey::core::Limit;
using latchkey::core::testing::fuzz_input;
using latchkey::core::testing::require;
using latchkey::evm::Address;
using latchkey::evm::Uint256;

/// Bytes of the input, and zeros behind it.
class Input {
  public:
    explicit Input(ByteView bytes) : in_(bytes) {}

    std::uint8_t byte() { return in_.read_u8().value_or(0); }
    Bytes bytes(std::size_t count) {
        return latchkey::core::to_bytes(*in_.read(std::min(count, in_.remaining())));
    }
    /// Of at most 32 bytes.
    Uint256 number() { return *Uint256::from_big_endian(bytes(byte() % 33)); }
    /// The chain's own asset, the wallet or one of a few tokens, so that they meet.
    Address address() {
        Address out;
        out[19] = byte() % 6;
        return out;
    }

  private:
    ByteReader in_;
};

Address wallet() {
    Address out;
    out[19] = 1;
    return out;
}

/// A function that moves tokens, with arguments; or anything.
Bytes call_data(Input& in) {
    static constexpr std::uint32_t kSelectors[] = {0xa9059cbb, 0x095ea7b3, 0x39509351, 0x23b872dd,
                                                   0xd505accf};
    const std::uint8_t kind = in.byte();
    if (kind >= 240) {
        return in.bytes(in.byte());
    }
    Bytes out(4);
    latchkey::core::store_be(out.data(), kSelectors[kind % 5]);
    const std::size_t words = kind % 5 < 3 ? 2 : kind % 5 == 3 ? 3 : 7;
    for (std::size_t i = 0; i < words; ++i) {
        const bool is_address = i == 0 || (words != 2 && i == 1);
        const Bytes blank(12);
        latchkey::core::append(out, is_address ? latchkey::core::concat(blank, in.address())
                                               : latchkey::core::to_bytes(in.number().to_word()));
    }
    return out;
}

std::vector<Limit> limits_of(Input& in) {
    std::vector<Limit> out(in.byte() % 5);
    for (Limit& limit : out) {
        const auto scale = static_cast<std::uint8_t>(in.byte() % 60);
        const Address token = in.address();
        limit.asset[0] = scale;
        std::copy(token.begin(), token.end(), limit.asset.begin() + 12);
    }
    return out;
}

/// 2^254
Uint256 highest_sum() {
    Hash32 word;
    word[0] = 0x40;
    return Uint256::from_word(word);
}

Uint256 power_of_ten(unsigned exponent) {
    Uint256 out(1);
    for (; exponent != 0; --exponent) {
        out = *multiply(out, Uint256(10));
    }
    return out;
}

/// The sums are those in the smallest units, rounded up once, and stop where they must.
void check_units(const std::vector<Limit>& limits, std::span<const Call> calls, const Uint256& fee,
                 const std::vector<Uint256>& sums) {
    std::vector<Limit> smallest = limits;
    for (std::size_t i = 0; i < limits.size(); ++i) {
        // Else it would become an asset of this chain.
        if (decode_asset(limits[i].asset)) {
            smallest[i].asset[0] = 0;
        }
    }
    const auto exact = outflows_of(wallet(), smallest, calls, fee);
    require(exact.has_value() && exact->size() == limits.size());
    for (std::size_t i = 0; i < limits.size(); ++i) {
        const auto asset = decode_asset(limits[i].asset);
        require(asset.has_value() || sums[i].is_zero());
        require((*exact)[i] <= highest_sum());
        if (!asset || sums[i].is_zero()) {
            require((*exact)[i].is_zero());
            continue;
        }
        const Uint256 unit = power_of_ten(asset->scale);
        require(*multiply(sums[i], unit) >= (*exact)[i]);
        require(*multiply(*subtract(sums[i], Uint256(1)), unit) < (*exact)[i]);
    }
}

bool none_exceeds(const std::vector<Uint256>& less, const std::vector<Uint256>& more) {
    return std::equal(less.begin(), less.end(), more.begin(), more.end(), std::less_equal<>());
}

}  // namespace

/// Limits, a fee and calls: what leaves under each limit is bounded, grows with every call and with
/// the fee, and does not depend on the order of the calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input in(fuzz_input(data, size));
    const std::vector<Limit> limits = limits_of(in);
    const Uint256 fee = in.number();
    std::vector<Call> calls(in.byte() % 17);
    for (Call& call : calls) {
        call = {in.address(), in.number(), call_data(in)};
        const auto read = read_token_call(call);
        require(!read || !*read || call.data.size() >= 4 + 2 * Hash32::kSize);
    }
    const auto sums = outflows_of(wallet(), limits, calls, fee);
    if (!sums) {
        return 0;
    }
    require(sums->size() == limits.size());
    check_units(limits, calls, fee, *sums);
    const auto without_fee = outflows_of(wallet(), limits, calls);
    require(without_fee.has_value() && none_exceeds(*without_fee, *sums));
    if (!calls.empty()) {
        const auto fewer =
            outflows_of(wallet(), limits, std::span(calls).first(calls.size() - 1), fee);
        require(fewer.has_value() && none_exceeds(*fewer, *sums));
    }
    std::reverse(calls.begin(), calls.end());
    const auto reversed = outflows_of(wallet(), limits, calls, fee);
    require(reversed.has_value() && *reversed == *sums);
    return 0;
}
