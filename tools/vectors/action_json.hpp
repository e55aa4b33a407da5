// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/wallet/model.hpp"
#include "tools/vectors/vector_json.hpp"

/// Actions on a wallet, and its state, as vectors write them.
namespace latchkey::vectors {

json::object to_json(const core::model::Action& action);
core::model::Action action_from(const json::object& object);

/// Null before the state account is initialised.
json::value to_json(const std::optional<core::model::State>& state);
/// Lanes by address, with the windows and bits that are used.
json::object to_json(const std::map<Hash32, core::model::Lane>& lanes);

}  // namespace latchkey::vectors
