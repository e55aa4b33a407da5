// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "core/encoding/hex.hpp"
#include "core/wallet/configuration.hpp"

/// How vectors write values: bytes as lower-case hex, integers that may not fit 53 bits as decimal
/// strings, smaller ones as numbers, verdicts as their numbers. Readers throw on anything else: a
/// malformed vector file is the caller's to report.
namespace latchkey::vectors {

namespace json = boost::json;

using core::Bytes;
using core::ByteView;
using core::Hash32;
using core::Verdict;

json::string hex(ByteView bytes);
json::string decimal(std::uint64_t value);
std::uint64_t number_of(Verdict verdict);

const json::value& member(const json::object& object, std::string_view name);
bool has(const json::object& object, std::string_view name);
std::string text_at(const json::object& object, std::string_view name);
Bytes bytes_at(const json::object& object, std::string_view name);
/// A decimal string.
std::uint64_t u64_at(const json::object& object, std::string_view name);
/// A number.
std::uint64_t small_at(const json::object& object, std::string_view name);
bool bool_at(const json::object& object, std::string_view name);
Verdict verdict_at(const json::object& object, std::string_view name = "verdict");
const json::object& object_at(const json::object& object, std::string_view name);
const json::array& array_at(const json::object& object, std::string_view name);

Bytes bytes_of(const json::value& value);

template <typename Fixed>
Fixed fixed_of(const json::value& value) {
    return Fixed::from(ByteView(bytes_of(value))).value();
}

template <typename Fixed>
Fixed fixed_at(const json::object& object, std::string_view name) {
    return fixed_of<Fixed>(member(object, name));
}

std::string_view kind_name(core::SignerKind kind);

json::object to_json(const core::Signer& signer);
json::object to_json(const core::Rule& rule, std::size_t signers);
json::object to_json(const core::Configuration& configuration);
json::object to_json(const core::Genesis& genesis);
json::object to_json(const core::LocalRule& local_rule);
json::object to_json(const core::RecoveryPart& part);

core::Signer signer_from(const json::object& object);
core::Rule rule_from(const json::object& object);
core::Configuration configuration_from(const json::object& object);
core::Genesis genesis_from(const json::object& object);
core::LocalRule local_rule_from(const json::object& object);
core::RecoveryPart recovery_part_from(const json::object& object);

}  // namespace latchkey::vectors
