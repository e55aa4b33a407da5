// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "chains/solana/client/message_check.hpp"
#include "chains/solana/client/transaction.hpp"
#include "core/encoding/byte_io.hpp"
#include "core/encoding/compact_u16.hpp"

namespace latchkey::solana {

using core::ByteReader;
using core::ByteWriter;
using core::ErrorCode;
using core::fail;

namespace {

constexpr std::uint8_t kVersionBit = 0x80;
constexpr std::uint8_t kV0Byte = 0x80;
constexpr std::uint8_t kV1Byte = 0x81;

/// Bits of SIMD-0385's TransactionConfigMask; the priority fee takes two words and so two bits.
constexpr std::uint32_t kPriorityFeeBits = 0b00011;
constexpr std::uint32_t kComputeUnitLimitBit = 0b00100;
constexpr std::uint32_t kLoadedAccountsBytesBit = 0b01000;
constexpr std::uint32_t kHeapBytesBit = 0b10000;
constexpr std::uint32_t kKnownConfigBits = 0b11111;

void write_compact_list(ByteWriter& writer, ByteView bytes) {
    core::write_compact_u16(writer, static_cast<std::uint16_t>(bytes.size()));
    writer.write(bytes);
}

Result<Bytes> read_compact_list(ByteReader& reader) {
    LATCHKEY_TRY(const std::uint16_t size, core::read_compact_u16(reader));
    LATCHKEY_TRY(const ByteView bytes, reader.read(size));
    return core::to_bytes(bytes);
}

void write_header(ByteWriter& writer, const MessageHeader& header) {
    writer.write_u8(header.required_signatures)
        .write_u8(header.readonly_signed)
        .write_u8(header.readonly_unsigned);
}

Result<MessageHeader> read_header(ByteReader& reader) {
    MessageHeader header;
    LATCHKEY_TRY(header.required_signatures, reader.read_u8());
    LATCHKEY_TRY(header.readonly_signed, reader.read_u8());
    LATCHKEY_TRY(header.readonly_unsigned, reader.read_u8());
    return header;
}

void encode_compact_message(ByteWriter& writer, const Message& message) {
    if (message.version == MessageVersion::kV0) {
        writer.write_u8(kV0Byte);
    }
    write_header(writer, message.header);
    core::write_compact_u16(writer, static_cast<std::uint16_t>(message.addresses.size()));
    for (const Address& address : message.addresses) {
        writer.write(address.view());
    }
    writer.write(message.lifetime.view());
    core::write_compact_u16(writer, static_cast<std::uint16_t>(message.instructions.size()));
    for (const CompiledInstruction& instruction : message.instructions) {
        writer.write_u8(instruction.program_index);
        write_compact_list(writer, instruction.account_indexes);
        write_compact_list(writer, instruction.data);
    }
    if (message.version != MessageVersion::kV0) {
        return;
    }
    core::write_compact_u16(writer, static_cast<std::uint16_t>(message.lookups.size()));
    for (const TableLookup& lookup : message.lookups) {
        writer.write(lookup.table.view());
        write_compact_list(writer, lookup.writable_indexes);
        write_compact_list(writer, lookup.readonly_indexes);
    }
}

Result<void> decode_lookups(ByteReader& reader, Message& message) {
    LATCHKEY_TRY(const std::uint16_t count, core::read_compact_u16(reader));
    for (std::uint16_t i = 0; i < count; ++i) {
        TableLookup lookup;
        LATCHKEY_TRY(lookup.table, reader.read_as<Address>());
        LATCHKEY_TRY(lookup.writable_indexes, read_compact_list(reader));
        LATCHKEY_TRY(lookup.readonly_indexes, read_compact_list(reader));
        message.lookups.push_back(std::move(lookup));
    }
    return {};
}

/// Legacy, and v0 after its version byte.
Result<void> decode_compact_message(ByteReader& reader, Message& message) {
    LATCHKEY_TRY(message.header, read_header(reader));
    LATCHKEY_TRY(const std::uint16_t address_count, core::read_compact_u16(reader));
    LATCHKEY_TRY(message.addresses, reader.read_list<Address>(address_count, "addresses"));
    LATCHKEY_TRY(message.lifetime, reader.read_as<Blockhash>());
    LATCHKEY_TRY(const std::uint16_t instruction_count, core::read_compact_u16(reader));
    for (std::uint16_t i = 0; i < instruction_count; ++i) {
        CompiledInstruction instruction;
        LATCHKEY_TRY(instruction.program_index, reader.read_u8());
        LATCHKEY_TRY(instruction.account_indexes, read_compact_list(reader));
        LATCHKEY_TRY(instruction.data, read_compact_list(reader));
        message.instructions.push_back(std::move(instruction));
    }
    if (message.version == MessageVersion::kV0) {
        LATCHKEY_CHECK(decode_lookups(reader, message));
    }
    return {};
}

std::uint32_t config_mask(const TransactionConfig& config) {
    return (config.priority_fee_lamports ? kPriorityFeeBits : 0U) |
           (config.compute_unit_limit ? kComputeUnitLimitBit : 0U) |
           (config.loaded_accounts_bytes_limit ? kLoadedAccountsBytesBit : 0U) |
           (config.heap_bytes ? kHeapBytesBit : 0U);
}

void write_config_values(ByteWriter& writer, const TransactionConfig& config) {
    if (config.priority_fee_lamports) {
        writer.write_u64_le(*config.priority_fee_lamports);
    }
    for (const auto& value :
         {config.compute_unit_limit, config.loaded_accounts_bytes_limit, config.heap_bytes}) {
        if (value) {
            writer.write_u32_le(*value);
        }
    }
}

Result<TransactionConfig> read_config_values(ByteReader& reader, std::uint32_t mask) {
    TransactionConfig config;
    if ((mask & kPriorityFeeBits) != 0) {
        LATCHKEY_TRY(config.priority_fee_lamports, reader.read_u64_le());
    }
    if ((mask & kComputeUnitLimitBit) != 0) {
        LATCHKEY_TRY(config.compute_unit_limit, reader.read_u32_le());
    }
    if ((mask & kLoadedAccountsBytesBit) != 0) {
        LATCHKEY_TRY(config.loaded_accounts_bytes_limit, reader.read_u32_le());
    }
    if ((mask & kHeapBytesBit) != 0) {
        LATCHKEY_TRY(config.heap_bytes, reader.read_u32_le());
    }
    return config;
}

Result<void> check_config_mask(std::uint32_t mask) {
    if ((mask & ~kKnownConfigBits) != 0) {
        return fail(ErrorCode::kUnsupported,
                    "unknown bits in the v1 config mask " + std::to_string(mask));
    }
    const std::uint32_t fee_bits = mask & kPriorityFeeBits;
    if (fee_bits != 0 && fee_bits != kPriorityFeeBits) {
        return fail(ErrorCode::kInvalidMessage, "half a priority fee in the v1 config mask");
    }
    return {};
}

void encode_v1_message(ByteWriter& writer, const Message& message) {
    writer.write_u8(kV1Byte);
    write_header(writer, message.header);
    writer.write_u32_le(config_mask(message.config));
    writer.write(message.lifetime.view());
    writer.write_u8(static_cast<std::uint8_t>(message.instructions.size()));
    writer.write_u8(static_cast<std::uint8_t>(message.addresses.size()));
    for (const Address& address : message.addresses) {
        writer.write(address.view());
    }
    write_config_values(writer, message.config);
    for (const CompiledInstruction& instruction : message.instructions) {
        writer.write_u8(instruction.program_index)
            .write_u8(static_cast<std::uint8_t>(instruction.account_indexes.size()))
            .write_u16_le(static_cast<std::uint16_t>(instruction.data.size()));
    }
    for (const CompiledInstruction& instruction : message.instructions) {
        writer.write(instruction.account_indexes).write(instruction.data);
    }
}

struct V1InstructionHeader {
    std::uint8_t program_index = 0;
    std::uint8_t account_count = 0;
    std::uint16_t data_size = 0;
};

Result<void> decode_v1_instructions(ByteReader& reader, std::size_t count, Message& message) {
    std::vector<V1InstructionHeader> headers(count);
    for (V1InstructionHeader& header : headers) {
        LATCHKEY_TRY(header.program_index, reader.read_u8());
        LATCHKEY_TRY(header.account_count, reader.read_u8());
        LATCHKEY_TRY(header.data_size, reader.read_u16_le());
    }
    for (const V1InstructionHeader& header : headers) {
        LATCHKEY_TRY(const ByteView indexes, reader.read(header.account_count));
        LATCHKEY_TRY(const ByteView data, reader.read(header.data_size));
        message.instructions.push_back(
            {header.program_index, core::to_bytes(indexes), core::to_bytes(data)});
    }
    return {};
}

/// After the version byte.
Result<void> decode_v1_message(ByteReader& reader, Message& message) {
    LATCHKEY_TRY(message.header, read_header(reader));
    LATCHKEY_TRY(const std::uint32_t mask, reader.read_u32_le());
    LATCHKEY_CHECK(check_config_mask(mask));
    LATCHKEY_TRY(message.lifetime, reader.read_as<Blockhash>());
    LATCHKEY_TRY(const std::uint8_t instruction_count, reader.read_u8());
    LATCHKEY_TRY(const std::uint8_t address_count, reader.read_u8());
    LATCHKEY_TRY(message.addresses, reader.read_list<Address>(address_count, "addresses"));
    LATCHKEY_TRY(message.config, read_config_values(reader, mask));
    return decode_v1_instructions(reader, instruction_count, message);
}

Result<void> check_size(MessageVersion version, std::size_t size) {
    if (size > transaction_bytes_max(version)) {
        return fail(ErrorCode::kTransactionTooLarge,
                    std::to_string(size) + " bytes with its signatures; a " +
                        std::string(to_string(version)) + " transaction has at most " +
                        std::to_string(transaction_bytes_max(version)));
    }
    return {};
}

}  // namespace

Result<Bytes> encode_message(const Message& message) {
    LATCHKEY_CHECK(detail::check_message(message));
    if (message.instructions.size() > std::numeric_limits<std::uint16_t>::max()) {
        return fail(ErrorCode::kTransactionTooLarge,
                    std::to_string(message.instructions.size()) + " instructions");
    }
    ByteWriter writer(kPacketBytesMax);
    if (message.version == MessageVersion::kV1) {
        encode_v1_message(writer, message);
    } else {
        encode_compact_message(writer, message);
    }
    LATCHKEY_CHECK(check_size(message.version, transaction_size(message, writer.size())));
    return writer.take();
}

Result<Message> decode_message(ByteView bytes) {
    if (bytes.size() > kV1BytesMax) {
        return fail(ErrorCode::kTransactionTooLarge, std::to_string(bytes.size()) + " bytes");
    }
    ByteReader reader(bytes);
    Message message;
    if (!bytes.empty() && (bytes[0] & kVersionBit) != 0) {
        LATCHKEY_TRY(const std::uint8_t version, reader.read_u8());
        if (version != kV0Byte && version != kV1Byte) {
            return fail(ErrorCode::kUnsupported,
                        "message version " + std::to_string(version & ~kVersionBit));
        }
        message.version = version == kV0Byte ? MessageVersion::kV0 : MessageVersion::kV1;
    }
    if (message.version == MessageVersion::kV1) {
        LATCHKEY_CHECK(decode_v1_message(reader, message));
    } else {
        LATCHKEY_CHECK(decode_compact_message(reader, message));
    }
    LATCHKEY_CHECK(reader.expect_end());
    LATCHKEY_CHECK(detail::check_message(message));
    LATCHKEY_CHECK(check_size(message.version, transaction_size(message, bytes.size())));
    return message;
}

std::size_t transaction_size(const Message& message, std::size_t message_bytes) {
    const std::size_t signature_count = message.header.required_signatures;
    const std::size_t signatures = signature_count * Signature::kSize;
    if (message.version == MessageVersion::kV1) {
        return message_bytes + signatures;
    }
    const auto count = static_cast<std::uint16_t>(signature_count);
    return core::compact_u16_size(count) + signatures + message_bytes;
}

}  // namespace latchkey::solana
