// SPDX-License-Identifier: Apache-2.0
#include "chains/testing/same_answer.hpp"

namespace latchkey::chains::testing {

namespace {

using core::Verdict;

/// The evidence is not of what is shown. The EVM checks every signature against the digest itself
/// and knows one answer; on Solana a precompile has verified a signature of something, and the
/// program says what it was not of.
bool is_foreign_evidence(Verdict solana) {
    return solana == Verdict::kKeyMismatch || solana == Verdict::kDigestMismatch ||
           solana == Verdict::kClientData;
}

/// Refusals of the rule as it is now.
bool is_of_the_rule(Verdict verdict) {
    return verdict == Verdict::kUnknownRule || verdict == Verdict::kActionNotAllowed ||
           verdict == Verdict::kRuleNotYetValid || verdict == Verdict::kRuleExpired;
}

/// Refusals of who approves or of evidence, such as one for a key of another kind.
bool is_of_approvals(Verdict verdict) {
    const auto number = static_cast<std::uint64_t>(verdict);
    return number >= 400 && number < 500;
}

/// Refusals of a nonce of Solana, or of the time that it means.
bool is_of_the_nonce(Verdict verdict) {
    return verdict == Verdict::kStateNonce || verdict == Verdict::kNonceUsed ||
           verdict == Verdict::kLaneWindow || verdict == Verdict::kDeadlinePassed;
}

/// An approval that was given for the wallet as it once was.
bool is_same_old_answer(Verdict evm, Verdict solana, const Aspect& aspect) {
    const bool is_own = !aspect.is_change;
    if (evm == Verdict::kConfigurationChanged || evm == Verdict::kGenesisSuperseded ||
        evm == Verdict::kUnknownLocalRule) {
        // The EVM's calldata has the old configuration, and proves it first. Solana's instruction
        // has indexes of signers and the rule, which are looked up in the present one; then a
        // change names its parent, and an action of this chain has a nonce and a leaf that says it.
        return solana == Verdict::kConfigurationChanged || is_of_the_rule(solana) ||
               solana == Verdict::kSignerNotUsable || solana == Verdict::kSignerNotInRule ||
               (is_own && (is_of_the_nonce(solana) || is_of_approvals(solana)));
    }
    if (aspect.is_recovery && solana == Verdict::kConfigurationChanged && !is_of_the_rule(evm)) {
        // Given under another commitment to the same recovery part: Solana's instruction names the
        // commitment, the EVM's calldata only the part, and that its signatures are of another
        // digest is the last thing that it finds.
        return true;
    }
    // No calldata names a sequence, so what was used on the EVM is an approval of another digest,
    // if nothing else is wrong; Solana's instruction names it, and the program asks for it as soon
    // as it has the rule.
    return is_own && is_of_the_nonce(solana) && !is_of_the_rule(evm);
}

}  // namespace

bool is_same_answer(core::Verdict evm, std::optional<core::Verdict> solana, const Aspect& aspect) {
    if (solana == evm) {
        return true;
    }
    if (evm == Verdict::kAccepted || solana == Verdict::kAccepted) {
        return false;
    }
    if (!solana) {
        // Precompiles run before every program, whatever else is wrong.
        return true;
    }
    if (evm == Verdict::kKeyMismatch && is_foreign_evidence(*solana)) {
        return true;
    }
    // Two faults: whether the session is there to be revoked the EVM asks before it looks at
    // signatures, Solana's program after it.
    if (evm == Verdict::kUnknownLocalRule && is_foreign_evidence(*solana)) {
        return true;
    }
    // Two faults: the EVM looks at all targets and then adds up what is spent; Solana's program
    // does one call after the other.
    const bool is_target = evm == Verdict::kTargetNotAllowed || evm == Verdict::kTargetReserved;
    if (is_target && *solana == Verdict::kAssetNotListed) {
        return true;
    }
    return aspect.is_again && !aspect.is_apply && is_same_old_answer(evm, *solana, aspect);
}

}  // namespace latchkey::chains::testing
