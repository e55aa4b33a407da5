// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/testing/native_addresses.hpp"

#include <stdexcept>

#include "core/crypto/ed25519.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/byte_io.hpp"

namespace latchkey::solana::testing {

namespace {

constexpr std::string_view kMarker = "ProgramDerivedAddress";

}  // namespace

std::optional<Address> derive_address(std::span<const ByteView> seeds, const Address& program) {
    constexpr std::size_t kSeedCountMax = 16;
    constexpr std::size_t kSeedSizeMax = 32;
    if (seeds.size() > kSeedCountMax) {
        return std::nullopt;
    }
    Bytes preimage;
    for (const ByteView seed : seeds) {
        if (seed.size() > kSeedSizeMax) {
            return std::nullopt;
        }
        core::append(preimage, seed);
    }
    core::append(preimage, program.view());
    core::append(preimage, core::as_bytes(kMarker));
    const core::Hash32 hash = core::crypto::sha256(preimage);
    if (core::crypto::is_on_ed25519_curve(hash.view())) {
        return std::nullopt;
    }
    return Address(hash.array());
}

std::pair<Address, std::uint8_t> derive_with_bump(std::vector<ByteView> seeds,
                                                  const Address& program) {
    std::uint8_t bump[1] = {255};
    seeds.push_back(bump);
    for (;; --bump[0]) {
        if (const auto address = derive_address(seeds, program)) {
            return {*address, bump[0]};
        }
        if (bump[0] == 0) {
            throw std::logic_error("no bump gives an address");
        }
    }
}

std::optional<Address> derive_with_seed(const Address& base, std::string_view seed,
                                        const Address& owner) {
    if (seed.size() > 32 || core::as_text(owner.view()).ends_with(kMarker)) {
        return std::nullopt;
    }
    return Address(core::crypto::sha256({base.view(), core::as_bytes(seed), owner.view()}).array());
}

Instruction make_precompile(const Address& program, const std::vector<PrecompileSlot>& slots) {
    constexpr std::uint16_t kHere = 0xffff;
    core::ByteWriter offsets;
    core::ByteWriter blocks;
    offsets.write_u8(static_cast<std::uint8_t>(slots.size())).write_u8(0);
    std::size_t at = 2 + 14 * slots.size();
    for (const PrecompileSlot& slot : slots) {
        const std::size_t signature_at = at + slot.key.size();
        const std::size_t message_at = signature_at + slot.signature.size();
        for (const std::size_t value : {signature_at, std::size_t{kHere}, at, std::size_t{kHere},
                                        message_at, slot.message.size(), std::size_t{kHere}}) {
            offsets.write_u16_le(static_cast<std::uint16_t>(value));
        }
        blocks.write(slot.key).write(slot.signature).write(slot.message);
        at = message_at + slot.message.size();
    }
    offsets.write(blocks.bytes());
    return {program, {}, offsets.take()};
}

}  // namespace latchkey::solana::testing
