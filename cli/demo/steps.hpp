// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/demo/world.hpp"

/// The steps of the demonstration. Each one makes its own wallet, checks every balance it speaks
/// of, and fails with kDemonstration when one of them is not as it says.
namespace latchkey::cli::demo {

/// One passkey; nothing on chain; everything leaves the vault to the last lamport.
Result<void> single_passkey(World& world);
/// Two devices, either of which can spend alone.
Result<void> two_passkeys(World& world);
/// Small amounts with one of three, large ones with two.
Result<void> threshold_by_amount(World& world);
/// A key with a budget, and what happens beyond it.
Result<void> session_key(World& world);
/// The vault is emptied to zero while somebody else pays.
Result<void> gas_sponsorship(World& world);
/// Tokens as the sponsor's pay, in the batch that is approved; then three calls at once.
Result<void> tokens_and_batches(World& world);
/// Approved today, sent in three months.
Result<void> treasury(World& world);
/// Approvals without any account of the wallet, sent minutes later, in another order, and too late.
Result<void> late_approvals(World& world);
/// A sponsor that changes what was approved, or uses it elsewhere.
Result<void> attacks(World& world);
/// All keys are lost; a guardian names new ones, and after the delay they open the wallet.
Result<void> guardian_recovery(World& world);
/// A guardian and a thief propose what the owner does not want; both are cancelled.
Result<void> cancelled_attack(World& world);
/// A thief cancels as often as one party can, and proposes to be faster; neither helps.
Result<void> thief_against_recovery(World& world);
/// Nothing leaves a frozen wallet until two parties lift the freeze.
Result<void> frozen_wallet(World& world);
/// Two parties exchange a key at once.
Result<void> rotated_key(World& world);
/// An heir asks, is refused while the owner lives, and inherits half a year later.
Result<void> inheritance(World& world);
/// New code for a program: announced, cancelled, announced again, done after 30 days; never other
/// code than was announced.
Result<void> governed_upgrade(World& world);

}  // namespace latchkey::cli::demo
