// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/message_check.hpp"

#include <algorithm>
#include <limits>

namespace latchkey::solana::detail {

using core::ErrorCode;
using core::fail;

namespace {

tl::unexpected<core::Error> invalid(std::string context) {
    return fail(ErrorCode::kInvalidMessage, std::move(context));
}

Result<void> check_header(const Message& message) {
    const MessageHeader& header = message.header;
    if (header.required_signatures == 0) {
        return invalid("no signature is required, but the fee payer must sign");
    }
    if (header.readonly_signed >= header.required_signatures) {
        return invalid("the fee payer is read-only");
    }
    if (std::size_t{header.required_signatures} + header.readonly_unsigned >
        message.addresses.size()) {
        return invalid("the header counts more addresses than there are");
    }
    // The top bit of a legacy message's first byte would turn it into a versioned one.
    if (header.required_signatures > 127) {
        return invalid("more than 127 signatures");
    }
    return {};
}

Result<void> check_unique(std::vector<Address> addresses, std::string_view what) {
    std::sort(addresses.begin(), addresses.end());
    const auto twice = std::adjacent_find(addresses.begin(), addresses.end());
    if (twice != addresses.end()) {
        return fail(ErrorCode::kDuplicate, std::string(what) + " " + to_base58(*twice));
    }
    return {};
}

Result<void> check_lookups(const Message& message) {
    if (message.version != MessageVersion::kV0 && !message.lookups.empty()) {
        return invalid("only v0 messages can use lookup tables");
    }
    for (const TableLookup& lookup : message.lookups) {
        if (lookup.writable_indexes.empty() && lookup.readonly_indexes.empty()) {
            return invalid("a lookup takes nothing from its table");
        }
    }
    if (message.address_count() > kAddressesMax) {
        return fail(ErrorCode::kTransactionTooLarge,
                    std::to_string(message.address_count()) + " addresses");
    }
    return {};
}

Result<void> check_instructions(const Message& message) {
    const std::size_t count = message.address_count();
    for (std::size_t i = 0; i < message.instructions.size(); ++i) {
        const CompiledInstruction& instruction = message.instructions[i];
        const std::string where = "instruction " + std::to_string(i);
        if (instruction.program_index >= message.addresses.size()) {
            return fail(ErrorCode::kOutOfRange, where + ": program index");
        }
        if (instruction.program_index == 0) {
            return invalid(where + ": the fee payer cannot be the program");
        }
        for (const std::uint8_t index : instruction.account_indexes) {
            if (index >= count) {
                return fail(ErrorCode::kOutOfRange, where + ": account index");
            }
        }
        if (instruction.account_indexes.size() > std::numeric_limits<std::uint16_t>::max() ||
            instruction.data.size() > std::numeric_limits<std::uint16_t>::max()) {
            return fail(ErrorCode::kTransactionTooLarge, where);
        }
    }
    return {};
}

Result<void> check_v1(const Message& message) {
    if (message.addresses.size() > kV1AddressesMax) {
        return fail(ErrorCode::kTransactionTooLarge, "a v1 message has at most 64 addresses, not " +
                                                         std::to_string(message.addresses.size()));
    }
    if (message.instructions.size() > kV1InstructionsMax) {
        return fail(ErrorCode::kTransactionTooLarge, "a v1 message has at most 64 instructions");
    }
    if (message.header.required_signatures > kV1SignaturesMax) {
        return fail(ErrorCode::kTransactionTooLarge, "a v1 message has at most 12 signatures");
    }
    for (const CompiledInstruction& instruction : message.instructions) {
        if (instruction.account_indexes.size() > std::numeric_limits<std::uint8_t>::max()) {
            return fail(ErrorCode::kTransactionTooLarge,
                        "a v1 instruction has at most 255 accounts");
        }
    }
    if (const auto heap = message.config.heap_bytes;
        heap && (*heap < kHeapBytesMin || *heap > kHeapBytesMax || *heap % kHeapBytesStep != 0)) {
        return invalid("a heap has 32 to 256 KiB in steps of 1 KiB, not " + std::to_string(*heap) +
                       " bytes");
    }
    return {};
}

}  // namespace

Result<void> check_tables(const Message& message) {
    std::vector<Address> tables;
    for (const TableLookup& lookup : message.lookups) {
        tables.push_back(lookup.table);
    }
    return check_unique(std::move(tables), "lookup table");
}

Result<void> check_message(const Message& message) {
    LATCHKEY_CHECK(check_header(message));
    LATCHKEY_CHECK(check_lookups(message));
    LATCHKEY_CHECK(check_unique(message.addresses, "address"));
    if (message.version == MessageVersion::kV1) {
        LATCHKEY_CHECK(check_v1(message));
    } else if (!message.config.empty()) {
        return invalid("only v1 messages carry resource requests; add ComputeBudget instructions");
    }
    return check_instructions(message);
}

}  // namespace latchkey::solana::detail
