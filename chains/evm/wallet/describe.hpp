// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/evm/wallet/action.hpp"
#include "core/wallet/describe.hpp"

/// Actions in human words, to be read before they are approved. Nothing in them is hidden: what is
/// not understood is shown as bytes.
namespace latchkey::evm::wallet {

/// The same names, with targets and assets as EVM chains write them.
core::Names with_evm_names(core::Names names = {});

/// "1.5", from amounts in 10^-decimals.
std::string describe_amount(const Uint256& amount, unsigned decimals);

/// One sentence: "pay 0.5 of the chain's own coin to 0x…", "transfer 100 base units of the token
/// 0x… to 0x…". What a call may do that is not known is said.
std::string describe(const Call& call);

/// A line for each thing that the action does. `names` need not know of EVM chains.
std::vector<std::string> describe(const Body& body, const core::Names& names = {});

/// The action's lines, then under which rule, that a change is for every chain, until when and by
/// whom it can be submitted. The rule is shown by its place alone when the bytes that hold it
/// cannot be read.
std::vector<std::string> describe(const ApprovedAction& action, const core::Names& names = {});

}  // namespace latchkey::evm::wallet
