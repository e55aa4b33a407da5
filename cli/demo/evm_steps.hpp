// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/demo/evm_world.hpp"

/// The steps of the demonstration on EVM chains: those of steps.hpp once more, and what only
/// several chains together can show. Each one makes its own wallet, checks every balance it speaks
/// of, and fails with kDemonstration when one of them is not as it says.
namespace latchkey::cli::demo {

/// One passkey; nothing on chain, not even when money comes; the relayer pays the gas.
Result<void> single_passkey(EvmWorld& evm);
/// Two devices, either of which can spend alone.
Result<void> two_passkeys(EvmWorld& evm);
/// Small amounts with one of three, large ones with two.
Result<void> threshold_by_amount(EvmWorld& evm);
/// A key with a budget, and what happens beyond it.
Result<void> session_key(EvmWorld& evm);
/// The wallet is emptied to zero while somebody else pays.
Result<void> gas_sponsorship(EvmWorld& evm);
/// Tokens as the relayer's pay, in the batch that is approved; then three calls at once.
Result<void> tokens_and_batches(EvmWorld& evm);
/// Approvals with numbers of their own, sent minutes later, in another order, and too late.
Result<void> late_approvals(EvmWorld& evm);
/// Approved today, sent in three months.
Result<void> treasury(EvmWorld& evm);
/// A relayer that changes what was approved, or uses it elsewhere.
Result<void> attacks(EvmWorld& evm);
/// All keys are lost; a guardian names new ones, and after the delay they open the wallet.
Result<void> guardian_recovery(EvmWorld& evm);
/// A guardian and a thief propose what the owner does not want; both are cancelled.
Result<void> cancelled_attack(EvmWorld& evm);
/// A thief cancels as often as one party can, and proposes to be faster; neither helps.
Result<void> thief_against_recovery(EvmWorld& evm);
/// Nothing leaves a frozen wallet until two parties lift the freeze.
Result<void> frozen_wallet(EvmWorld& evm);
/// Two parties exchange a key at once.
Result<void> rotated_key(EvmWorld& evm);
/// An heir asks, is refused while the owner lives, and inherits half a year later.
Result<void> inheritance(EvmWorld& evm);

/// One prompt of one passkey exchanges a key on Solana and on both EVM chains. Needs a World with a
/// Solana chain, as the next one does.
Result<void> one_prompt_everywhere(EvmWorld& evm);
/// One prompt approves three payments, each another one, on three chains.
Result<void> three_payments_at_once(EvmWorld& evm);

}  // namespace latchkey::cli::demo
