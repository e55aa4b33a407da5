// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json.hpp>
#include <fstream>
#include <sstream>
#include <string>

#include "chains/solana/client/transaction.hpp"
#include "core/crypto/hash.hpp"
#include "core/encoding/base64.hpp"
#include "core/encoding/hex.hpp"

/// Reading vectors/client.json in tests; see make.mjs for what it holds.
namespace latchkey::solana::vectors {

inline const boost::json::object& client() {
    static const boost::json::object all = [] {
        std::ifstream file("chains/solana/client/vectors/client.json");
        std::stringstream text;
        text << file.rdbuf();
        return boost::json::parse(text.str()).as_object();
    }();
    return all;
}

inline std::string text(const boost::json::value& value) {
    return std::string(value.as_string());
}

inline Address address(const boost::json::value& value) {
    return parse_address(text(value)).value();
}

/// The vectors' addresses are the sha256 of a name.
inline Address named(std::string_view name) {
    return Address(core::crypto::sha256(core::as_bytes(name)).array());
}

inline Instruction instruction(const boost::json::object& object) {
    Instruction out{
        address(object.at("program")), {}, core::decode_hex(text(object.at("data"))).value()};
    for (const auto& account : object.at("accounts").as_array()) {
        out.accounts.push_back({address(account.at("address")), account.at("signer").as_bool(),
                                account.at("writable").as_bool()});
    }
    return out;
}

inline MessageDraft draft(const boost::json::object& object) {
    MessageDraft out;
    const std::string version = text(object.at("version"));
    out.version = version == "legacy" ? MessageVersion::kLegacy
                  : version == "v0"   ? MessageVersion::kV0
                                      : MessageVersion::kV1;
    out.fee_payer = address(object.at("fee_payer"));
    out.lifetime = parse_blockhash(text(object.at("lifetime"))).value();
    for (const auto& one : object.at("instructions").as_array()) {
        out.instructions.push_back(instruction(one.as_object()));
    }
    for (const auto& table : object.at("tables").as_array()) {
        AddressLookupTable lookup{address(table.at("table")), {}};
        for (const auto& entry : table.at("addresses").as_array()) {
            lookup.addresses.push_back(address(entry));
        }
        out.lookup_tables.push_back(std::move(lookup));
    }
    for (const auto& [key, value] : object.at("config").as_object()) {
        const std::uint64_t number = std::stoull(text(value));
        if (key == "priorityFeeLamports") {
            out.config.priority_fee_lamports = number;
        } else if (key == "computeUnitLimit") {
            out.config.compute_unit_limit = static_cast<std::uint32_t>(number);
        } else if (key == "loadedAccountsDataSizeLimit") {
            out.config.loaded_accounts_bytes_limit = static_cast<std::uint32_t>(number);
        } else {
            out.config.heap_bytes = static_cast<std::uint32_t>(number);
        }
    }
    return out;
}

}  // namespace latchkey::solana::vectors
