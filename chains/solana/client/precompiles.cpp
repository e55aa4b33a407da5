// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/precompiles.hpp"

#include <limits>

#include "core/encoding/byte_io.hpp"

namespace latchkey::solana::precompiles {

using core::ByteWriter;
using core::ErrorCode;
using core::fail;

namespace {

/// "The instruction that carries these offsets".
constexpr std::uint16_t kThisInstruction = 0xffff;
constexpr std::size_t kCountAndPadding = 2;
constexpr std::size_t kOffsets = 14;
constexpr std::size_t kSignatureBytes = 64;
constexpr std::size_t kDataBytesMax = std::numeric_limits<std::uint16_t>::max();

Result<void> check_count(std::size_t count, std::size_t count_max) {
    if (count == 0 || count > count_max) {
        return fail(
            ErrorCode::kInvalidInstruction,
            std::to_string(count) + " signatures, from 1 to " + std::to_string(count_max) + " fit");
    }
    return {};
}

Result<Instruction> finish(const Address& program, ByteWriter& data) {
    // Every offset is below the total, so none of the 16-bit values written before was cut.
    if (data.size() > kDataBytesMax) {
        return fail(ErrorCode::kInvalidInstruction,
                    std::to_string(data.size()) + " bytes of signatures and messages");
    }
    return Instruction{program, {}, data.take()};
}

/// The two differ in the key's size only.
template <typename Entry>
Result<Instruction> build(const Address& program, std::span<const Entry> entries,
                          std::size_t count_max) {
    LATCHKEY_CHECK(check_count(entries.size(), count_max));
    ByteWriter data;
    data.write_u8(static_cast<std::uint8_t>(entries.size())).write_u8(0);
    std::size_t at = kCountAndPadding + entries.size() * kOffsets;
    for (const Entry& entry : entries) {
        const std::size_t signature_at = at + entry.public_key.size();
        const std::size_t message_at = signature_at + kSignatureBytes;
        data.write_u16_le(static_cast<std::uint16_t>(signature_at))
            .write_u16_le(kThisInstruction)
            .write_u16_le(static_cast<std::uint16_t>(at))
            .write_u16_le(kThisInstruction)
            .write_u16_le(static_cast<std::uint16_t>(message_at))
            .write_u16_le(static_cast<std::uint16_t>(entry.message.size()))
            .write_u16_le(kThisInstruction);
        at = message_at + entry.message.size();
    }
    for (const Entry& entry : entries) {
        data.write(entry.public_key.view()).write(entry.signature.view()).write(entry.message);
    }
    return finish(program, data);
}

}  // namespace

Result<Instruction> secp256r1(std::span<const Secp256r1Entry> entries) {
    return build(kSecp256r1Program, entries, kSecp256r1SignaturesMax);
}

Result<Instruction> ed25519(std::span<const Ed25519Entry> entries) {
    return build(kEd25519Program, entries, std::numeric_limits<std::uint8_t>::max());
}

}  // namespace latchkey::solana::precompiles
