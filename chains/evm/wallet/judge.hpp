// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/evm/wallet/evidence.hpp"
#include "core/wallet/verdict_text.hpp"

/// What contracts on EVM chains judge otherwise than the Solana program: which signers are usable
/// (docs/spec/evm.md, section 2).
namespace latchkey::evm::wallet {

/// Whether the signer can approve on this chain: kinds 2 to 5, and 7 of this chain.
bool is_usable(const core::Signer& signer, std::uint64_t chain);

/// Whether a change to this shared part is accepted on this chain.
core::Verdict judge_shared(ByteView shared, std::uint64_t chain);

/// Whether an account can adopt this genesis (EIP-7702) on this chain. Wallets that the factory
/// made are not asked.
core::Verdict judge_genesis(ByteView genesis, std::uint64_t chain);

/// The shared part that a recovery leads to on this chain. `recovery_part`: accepted by
/// core::judge_recovery_part.
core::Judged<Bytes> recovered_shared(ByteView recovery_part,
                                     const core::RecoveryCommitment& commitment, ByteView signers,
                                     std::uint64_t chain);

/// What a contract says to this evidence: kAccepted, kSignerNotUsable, kKeyMismatch or what is
/// wrong with its form. Contract signers are left out: kAccepted.
core::Verdict judge_evidence(const core::Signer& signer, const core::ApprovalHash& hash,
                             const Approval& approval, std::uint64_t chain);

}  // namespace latchkey::evm::wallet
