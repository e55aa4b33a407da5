// SPDX-License-Identifier: Apache-2.0
// The signature precompiles.
#include "chains/solana/testing/native_machine.hpp"
#include "core/crypto/ed25519.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/p256.hpp"
#include "core/encoding/byte_io.hpp"

namespace latchkey::solana::testing {

namespace {

namespace crypto = core::crypto;

// PrecompileError, as custom codes.
constexpr std::uint32_t kInvalidSignature = 2;
constexpr std::uint32_t kInvalidDataOffsets = 3;
constexpr std::uint32_t kInvalidInstructionDataSize = 4;

constexpr std::uint16_t kThisInstruction = 0xffff;
constexpr std::size_t kSecp256r1SignaturesMax = 8;

/// The instructions of the transaction, and the one that runs.
struct Transaction {
    const std::vector<Instruction>& instructions;
    std::size_t current;

    ByteView data() const { return instructions[current].data; }
    ByteView slice(std::size_t instruction, std::size_t offset, std::size_t size) const {
        const std::size_t index = instruction == kThisInstruction ? current : instruction;
        if (index >= instructions.size()) {
            fail_native_custom(kInvalidDataOffsets);
        }
        const ByteView whole = instructions[index].data;
        if (offset > whole.size() || size > whole.size() - offset) {
            fail_native_custom(kInvalidDataOffsets);
        }
        return whole.subspan(offset, size);
    }
};

std::uint16_t u16(ByteView data, std::size_t at) {
    return core::load_le<std::uint16_t>(data.data() + at);
}

/// One signature.
struct Entry {
    ByteView key;
    ByteView signature;
    ByteView message;
};

Entry read_entry(const Transaction& transaction, std::size_t index, std::size_t key_size) {
    const ByteView offsets = transaction.data().subspan(2 + 14 * index, 14);
    Entry entry;
    entry.signature = transaction.slice(u16(offsets, 2), u16(offsets, 0), 64);
    entry.key = transaction.slice(u16(offsets, 6), u16(offsets, 4), key_size);
    entry.message = transaction.slice(u16(offsets, 12), u16(offsets, 8), u16(offsets, 10));
    return entry;
}

void check_signatures(const Transaction& transaction, bool is_secp256r1) {
    const ByteView data = transaction.data();
    if (data.size() < 2 || (data[0] == 0 && (is_secp256r1 || data.size() > 2)) ||
        (is_secp256r1 && data[0] > kSecp256r1SignaturesMax) || data.size() < 2 + 14U * data[0]) {
        fail_native_custom(kInvalidInstructionDataSize);
    }
    for (std::size_t i = 0; i < data[0]; ++i) {
        const Entry entry = read_entry(transaction, i, is_secp256r1 ? 33 : 32);
        const bool is_valid =
            is_secp256r1
                ? crypto::verify_p256(crypto::P256PublicKey::from(entry.key.first<33>()),
                                      crypto::sha256(entry.message),
                                      crypto::P256Signature::from(entry.signature.first<64>()))
                      .has_value()
                : crypto::verify_ed25519(
                      crypto::Ed25519PublicKey::from(entry.key.first<32>()), entry.message,
                      crypto::Ed25519Signature::from(entry.signature.first<64>()))
                      .has_value();
        if (!is_valid) {
            fail_native_custom(kInvalidSignature);
        }
    }
}

}  // namespace

bool is_precompile(const Address& program) {
    return program == kEd25519Program || program == kSecp256r1Program;
}

std::size_t precompile_signatures(const Instruction& instruction) {
    return is_precompile(instruction.program) && !instruction.data.empty() ? instruction.data[0]
                                                                           : 0;
}

void run_precompile(const std::vector<Instruction>& instructions, std::size_t index) {
    const Transaction transaction{instructions, index};
    check_signatures(transaction, instructions[index].program == kSecp256r1Program);
}

}  // namespace latchkey::solana::testing
