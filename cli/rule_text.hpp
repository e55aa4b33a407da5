// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "core/wallet/describe.hpp"

/// Rules as people write them: on the command line and in JSON.
namespace latchkey::cli {

using core::Result;

/// "SOL=0.1/1/1d": per call, per period and period ("ever" for one budget for ever). "ETH" is the
/// own coin of every EVM chain. Another asset is its mint's address, in the token's smallest unit,
/// or its contract's, 0xTOKEN or 0xTOKEN:SCALE, in 10^SCALE of the smallest. Error: kCommandInput.
Result<core::Limit> parse_limit(const std::string& text);
/// "PROGRAM" or "PROGRAM:HEX" with the prefix of the call's data; "SOL" is a transfer by System;
/// a contract of EVM chains is 0xADDRESS or 0xADDRESS:HEX.
/// Error: kCommandInput.
Result<core::Target> parse_target(const std::string& text);
/// What a rule with these limits may call: `targets` as parse_target reads them; none is SOL,
/// unless a limit is on an EVM chain. Error: kCommandInput.
Result<std::vector<core::Target>> parse_scope(const std::vector<std::string>& targets,
                                              const std::vector<core::Limit>& limits);
/// "execute,grant,policy,message,upgrade,cancel,freeze". Error: kCommandInput.
Result<std::uint8_t> parse_actions(const std::string& text);

/// A configuration file: {"signers": [...], "rules": [{"actions", "threshold", "signers",
/// "not_before", "expires_at", "scope", "limits"}], "lockdown"}; texts as above and as parse_signer
/// reads them, with `names`. Unknown members are refused. Errors: kCommandInput, those of
/// parse_signer.
Result<core::Configuration> parse_configuration(const boost::json::object& value,
                                                const std::string& what, core::Names& names);

/// As parse_limit reads it: "SOL", "ETH", the mint or 0xTOKEN.
std::string asset_text(const core::Hash32& asset);
/// In SOL, in the EVM chain's coin, or as parse_limit reads amounts of tokens.
std::string asset_amount(const core::Hash32& asset, std::uint64_t amount);

}  // namespace latchkey::cli
