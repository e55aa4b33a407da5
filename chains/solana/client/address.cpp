// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/address.hpp"

#include <array>
#include <vector>

#include "core/crypto/ed25519.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/base58.hpp"

namespace latchkey::solana {

using core::ErrorCode;
using core::fail;

namespace {

constexpr std::string_view kProgramAddressMarker = "ProgramDerivedAddress";

Result<void> check_seeds(std::span<const ByteView> seeds, std::size_t seeds_max) {
    if (seeds.size() > seeds_max) {
        return fail(ErrorCode::kSeedsTooLong, std::to_string(seeds.size()) + " seeds, at most " +
                                                  std::to_string(seeds_max) + " fit");
    }
    for (std::size_t i = 0; i < seeds.size(); ++i) {
        if (seeds[i].size() > kSeedBytesMax) {
            return fail(ErrorCode::kSeedsTooLong, "seed " + std::to_string(i) + " has " +
                                                      std::to_string(seeds[i].size()) + " bytes");
        }
    }
    return {};
}

/// Without the curve test. `parts` has room for the two parts after the seeds.
Address derive(std::vector<ByteView> parts, const Address& program) {
    parts.emplace_back(program.view());
    parts.push_back(core::as_bytes(kProgramAddressMarker));
    return Address(core::crypto::sha256(parts).array());
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
    return core::decode_base58_as<Address>(text);
}

std::string to_base58(const Address& address) {
    return core::encode_base58(address);
}

bool is_on_curve(const Address& address) {
    return core::crypto::is_on_ed25519_curve(address.view());
}

Result<Address> create_program_address(std::span<const ByteView> seeds, const Address& program) {
    LATCHKEY_CHECK(check_seeds(seeds, kSeedsMax));
    const Address address = derive({seeds.begin(), seeds.end()}, program);
    if (is_on_curve(address)) {
        return fail(ErrorCode::kAddressOnCurve);
    }
    return address;
}

Result<ProgramAddress> find_program_address(std::span<const ByteView> seeds,
                                            const Address& program) {
    LATCHKEY_CHECK(check_seeds(seeds, kSeedsMax - 1));
    std::array<std::uint8_t, 1> bump{};
    std::vector<ByteView> parts(seeds.begin(), seeds.end());
    parts.emplace_back(bump);
    for (unsigned candidate = 256; candidate-- > 0;) {
        bump[0] = static_cast<std::uint8_t>(candidate);
        const Address address = derive(parts, program);
        if (!is_on_curve(address)) {
            return ProgramAddress{address, bump[0]};
        }
    }
    return fail(ErrorCode::kAddressOnCurve, "no bump seed leads off the curve");
}

Result<Address> create_address_with_seed(const Address& base, std::string_view seed,
                                         const Address& owner) {
    if (seed.size() > kSeedBytesMax) {
        return fail(ErrorCode::kSeedsTooLong,
                    "the seed has " + std::to_string(seed.size()) + " bytes");
    }
    if (core::as_text(owner.view()).ends_with(kProgramAddressMarker)) {
        return fail(ErrorCode::kInvalidArgument, "the owner ends in \"ProgramDerivedAddress\"");
    }
    return Address(
        core::crypto::sha256({ByteView(base.view()), core::as_bytes(seed), ByteView(owner.view())})
            .array());
}

Address associated_token_address(const Address& wallet, const Address& mint,
                                 const Address& token_program) {
    const std::array<ByteView, 3> seeds{wallet.view(), token_program.view(), mint.view()};
    // Three seeds of 32 bytes are never too long, and no bump fails with probability 2^-255.
    return find_program_address(seeds, kAssociatedTokenProgram).value().address;
}

}  // namespace latchkey::solana
