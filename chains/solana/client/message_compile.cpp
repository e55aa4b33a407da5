// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "chains/solana/client/message_check.hpp"
#include "chains/solana/client/transaction.hpp"

namespace latchkey::solana {

using core::ErrorCode;
using core::fail;

namespace {

/// What the message needs of one address, over all instructions.
struct Use {
    bool is_signer = false;
    bool is_writable = false;
    bool is_program = false;
};

/// Byte order of the addresses decides the order inside each group of the message.
using Uses = std::map<Address, Use>;
using Positions = std::map<Address, std::uint8_t>;

Uses collect_uses(const MessageDraft& draft) {
    Uses uses;
    for (const Instruction& instruction : draft.instructions) {
        uses[instruction.program].is_program = true;
        for (const AccountMeta& account : instruction.accounts) {
            Use& use = uses[account.address];
            use.is_signer = use.is_signer || account.is_signer;
            use.is_writable = use.is_writable || account.is_writable;
        }
    }
    Use& payer = uses[draft.fee_payer];
    payer.is_signer = true;
    payer.is_writable = true;
    return uses;
}

/// Takes the addresses that may come from `table` out of `uses`, in byte order.
std::vector<Address> take_from_table(Uses& uses, const AddressLookupTable& table, bool is_writable,
                                     std::vector<std::uint8_t>& indexes) {
    std::vector<Address> taken;
    for (auto it = uses.begin(); it != uses.end();) {
        const Use& use = it->second;
        const auto found = std::find(table.addresses.begin(), table.addresses.end(), it->first);
        const auto index = found - table.addresses.begin();
        if (use.is_signer || use.is_program || use.is_writable != is_writable ||
            found == table.addresses.end() || index > 255) {
            ++it;
            continue;
        }
        indexes.push_back(static_cast<std::uint8_t>(index));
        taken.push_back(it->first);
        it = uses.erase(it);
    }
    return taken;
}

/// Fills message.lookups; returns the looked-up addresses in the order of their indexes.
std::vector<Address> take_lookups(Uses& uses, const MessageDraft& draft, Message& message) {
    std::vector<Address> all_writable;
    std::vector<Address> all_readonly;
    for (const AddressLookupTable& table : draft.lookup_tables) {
        TableLookup lookup{table.table, {}, {}};
        const auto writable = take_from_table(uses, table, true, lookup.writable_indexes);
        const auto readonly = take_from_table(uses, table, false, lookup.readonly_indexes);
        all_writable.insert(all_writable.end(), writable.begin(), writable.end());
        all_readonly.insert(all_readonly.end(), readonly.begin(), readonly.end());
        if (!writable.empty() || !readonly.empty()) {
            message.lookups.push_back(std::move(lookup));
        }
    }
    all_writable.insert(all_writable.end(), all_readonly.begin(), all_readonly.end());
    return all_writable;
}

/// Fills message.addresses and the header.
Result<void> place_static_addresses(const Uses& uses, const MessageDraft& draft, Message& message) {
    if (uses.size() > kAddressesMax) {
        return fail(ErrorCode::kTransactionTooLarge, std::to_string(uses.size()) + " addresses");
    }
    message.addresses.push_back(draft.fee_payer);
    std::size_t counts[2][2]{};
    for (const bool is_signer : {true, false}) {
        for (const bool is_writable : {true, false}) {
            for (const auto& [address, use] : uses) {
                if (use.is_signer != is_signer || use.is_writable != is_writable) {
                    continue;
                }
                ++counts[is_signer][is_writable];
                if (address != draft.fee_payer) {
                    message.addresses.push_back(address);
                }
            }
        }
    }
    if (counts[1][1] + counts[1][0] > 127) {
        return fail(ErrorCode::kTransactionTooLarge, "more than 127 signers");
    }
    if (counts[0][0] > 255) {
        return fail(ErrorCode::kTransactionTooLarge, "more than 255 read-only addresses");
    }
    message.header.required_signatures = static_cast<std::uint8_t>(counts[1][1] + counts[1][0]);
    message.header.readonly_signed = static_cast<std::uint8_t>(counts[1][0]);
    message.header.readonly_unsigned = static_cast<std::uint8_t>(counts[0][0]);
    return {};
}

CompiledInstruction compile_instruction(const Instruction& instruction,
                                        const Positions& positions) {
    CompiledInstruction out;
    out.program_index = positions.at(instruction.program);
    out.account_indexes.reserve(instruction.accounts.size());
    for (const AccountMeta& account : instruction.accounts) {
        out.account_indexes.push_back(positions.at(account.address));
    }
    out.data = instruction.data;
    return out;
}

}  // namespace

Result<Message> compile_message(const MessageDraft& draft) {
    if (draft.version != MessageVersion::kV0 && !draft.lookup_tables.empty()) {
        return fail(ErrorCode::kInvalidMessage, "only v0 messages can use lookup tables");
    }
    Message message;
    message.version = draft.version;
    message.lifetime = draft.lifetime;
    message.config = draft.config;
    Uses uses = collect_uses(draft);
    const std::vector<Address> looked_up = take_lookups(uses, draft, message);
    LATCHKEY_CHECK(place_static_addresses(uses, draft, message));
    std::vector<Address> all = message.addresses;
    all.insert(all.end(), looked_up.begin(), looked_up.end());
    if (all.size() > kAddressesMax) {
        return fail(ErrorCode::kTransactionTooLarge, std::to_string(all.size()) + " addresses");
    }
    Positions positions;
    for (std::size_t i = 0; i < all.size(); ++i) {
        positions.emplace(all[i], static_cast<std::uint8_t>(i));
    }
    message.instructions.reserve(draft.instructions.size());
    for (const Instruction& instruction : draft.instructions) {
        message.instructions.push_back(compile_instruction(instruction, positions));
    }
    LATCHKEY_CHECK(detail::check_message(message));
    LATCHKEY_CHECK(detail::check_tables(message));
    return message;
}

Result<std::vector<Instruction>> decompile_instructions(
    const Message& message, std::span<const AddressLookupTable> tables) {
    LATCHKEY_CHECK(detail::check_message(message));
    std::vector<Address> all = message.addresses;
    for (const bool is_writable : {true, false}) {
        for (const TableLookup& lookup : message.lookups) {
            const auto table =
                std::find_if(tables.begin(), tables.end(),
                             [&](const AddressLookupTable& t) { return t.table == lookup.table; });
            if (table == tables.end()) {
                return fail(
                    ErrorCode::kInvalidMessage,
                    "the contents of lookup table " + to_base58(lookup.table) + " are needed");
            }
            for (const std::uint8_t index :
                 is_writable ? lookup.writable_indexes : lookup.readonly_indexes) {
                if (index >= table->addresses.size()) {
                    return fail(ErrorCode::kInvalidMessage,
                                "lookup table " + to_base58(lookup.table) + " has no entry " +
                                    std::to_string(index));
                }
                all.push_back(table->addresses[index]);
            }
        }
    }
    std::vector<Instruction> out;
    out.reserve(message.instructions.size());
    for (const CompiledInstruction& compiled : message.instructions) {
        Instruction instruction{all[compiled.program_index], {}, compiled.data};
        for (const std::uint8_t index : compiled.account_indexes) {
            instruction.accounts.push_back(
                {all[index], message.is_signer(index), message.is_writable(index)});
        }
        out.push_back(std::move(instruction));
    }
    return out;
}

}  // namespace latchkey::solana
