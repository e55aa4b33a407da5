// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdint.h>

/// What every implementation answers to an action: accepted, or the first check that failed. The
/// numbers are stable for ever; on Solana they are the program's custom error codes.
/// docs/spec/errors.md says what to do about each.
namespace latchkey::core {

/// X(name, number, sentence)
#define LATCHKEY_VERDICTS(X)                                                                       \
    X(Accepted, 0, "accepted")                                                                     \
    X(DataTooShort, 101, "the instruction ends before its last field")                             \
    X(TrailingBytes, 102, "bytes follow the last field")                                           \
    X(UnknownAction, 103, "there is no action with this number")                                   \
    X(ReservedBits, 104, "a reserved bit is set")                                                  \
    X(AccountIndex, 105, "an account index points beyond the accounts passed")                     \
    X(TooManyAccounts, 106, "more than 63 accounts were passed")                                   \
    X(TooManyCalls, 107, "more than 16 calls in one action")                                       \
    X(NonCanonical, 108, "a field is not in its one canonical form")                               \
    X(ConfigurationVersion, 201, "the configuration has an unknown model version or flag")         \
    X(ConfigurationTruncated, 202, "the configuration ends before its last field")                 \
    X(ConfigurationTrailing, 203, "bytes follow the configuration")                                \
    X(ConfigurationTooLong, 204, "the genesis is longer than 480 bytes or the state too large")    \
    X(SignerKind, 205, "a signer has an unknown kind")                                             \
    X(SignerFlags, 206, "a signer has a flag that its kind or place does not allow")               \
    X(SignerDuplicate, 207, "two signers have the same key")                                       \
    X(SignerKey, 208, "a signer's key is zero, off the curve or of small order")                   \
    X(RuleActions, 209, "a rule's actions are empty, unknown or do not go together")               \
    X(RuleThreshold, 210, "a rule's threshold is above the number of its parties")                 \
    X(RuleMask, 211, "a rule names no signer or one that does not exist")                          \
    X(RuleTimes, 212, "a rule's times are empty or say nothing")                                   \
    X(RuleScope, 213, "a rule's scope is empty, too long, unsorted or not allowed there")          \
    X(RuleLimits, 214, "a rule's limits are empty, too many, unsorted or not allowed there")       \
    X(RuleWait, 215, "a rule's delay or the guard is out of range, not allowed or too short")      \
    X(Lockout, 216, "nobody could ever change this configuration, and it does not say lockdown")   \
    X(LocalRuleTooBroad, 217, "a local rule allows more than the rule that grants it")             \
    X(TooManyLocalRules, 218, "all 16 local slots are taken")                                      \
    X(UnknownLocalRule, 219, "no local rule has this id")                                          \
    X(RuleDuplicate, 220, "two rules of the configuration are the same")                           \
    X(StateAddress, 301, "the genesis does not belong to this state address")                      \
    X(GenesisSuperseded, 302, "the wallet has a newer configuration than its genesis")             \
    X(StateMissing, 303, "the wallet's state is not initialised")                                  \
    X(StateExists, 304, "the wallet's state is initialised already")                               \
    X(StateNeeded, 305, "this rule or nonce needs the wallet's state, not its genesis")            \
    X(AccountType, 306, "an account is not of the type or owner that its place asks for")          \
    X(VaultChanged, 307, "a call changed the vault's owner or gave it data")                       \
    X(RecoveryPart, 308, "the configuration names another recovery part, or none")                 \
    X(ApprovalOrder, 401, "approvals are not in strictly ascending signer order")                  \
    X(SignerNotInRule, 402, "an approving signer does not belong to the rule")                     \
    X(ThresholdNotMet, 403, "fewer parties approved than the rule asks for")                       \
    X(TransactionSignature, 404, "an approving account did not sign the transaction")              \
    X(NotTopLevel, 405, "transaction signatures count only at the top level, not in a call")       \
    X(SignerPaysFees, 406, "an approving account is writable and its entry does not allow that")   \
    X(PrecompileMissing, 407, "the signature-verification instruction before this one is missing") \
    X(PrecompileLayout, 408, "the signature-verification instruction has another layout")          \
    X(KeyMismatch, 409, "a signature is by another key than the signer's")                         \
    X(DigestMismatch, 410, "a signature is over another digest")                                   \
    X(ClientData, 411, "clientDataJSON does not carry this digest as its challenge")               \
    X(UserPresence, 412, "the authenticator did not assert user presence")                         \
    X(UserVerification, 413, "the signer requires user verification")                              \
    X(RelyingParty, 414, "the passkey belongs to another relying party")                           \
    X(AuthenticatorData, 415, "authenticatorData has attested data or extensions")                 \
    X(SignatureMalformed, 416, "a recoverable signature is malformed, or its s is high")           \
    X(ApprovalTree, 417, "the approval tree's height or leaf index is out of range")               \
    X(SignerNotUsable, 418, "a signer of this kind cannot approve here")                           \
    X(NonceRequired, 419, "an approval over a digest needs a lane or state nonce")                 \
    X(UnknownRule, 501, "there is no rule with this index")                                        \
    X(ActionNotAllowed, 502, "the rule does not allow this action")                                \
    X(RuleNotYetValid, 503, "the rule does not hold yet")                                          \
    X(RuleExpired, 504, "the rule has expired")                                                    \
    X(TargetNotAllowed, 505, "a call's target is not in the rule's scope")                         \
    X(TargetReserved, 506, "a call's target is this program or a loader")                          \
    X(ConfigurationChanged, 507, "the approval was given under another configuration or rule")     \
    X(DeadlinePassed, 601, "the deadline has passed")                                              \
    X(LaneWindow, 602, "the lane does not accept this window now")                                 \
    X(NonceUsed, 603, "this nonce has been used")                                                  \
    X(LaneOperator, 604, "the lane's operator did not sign")                                       \
    X(StateNonce, 605, "the state's nonce has another sequence")                                   \
    X(LaneOwner, 606, "the lane's owner did not sign")                                             \
    X(LimitPerCall, 701, "the action spends more than the rule allows at once")                    \
    X(LimitPerPeriod, 702, "the action spends more than the rule's budget has left")               \
    X(AssetNotListed, 703, "the action spends an asset that the rule does not list")               \
    X(AuthorityChanged, 704, "a call changed an owner, delegate, close authority or mint")         \
    X(Uncountable, 705, "an account was passed whose value cannot be counted under a limit")       \
    X(CapOutflow, 706, "more left the account than the approval allows")                           \
    X(CapInflow, 707, "less came into the account than the approval asks for")                     \
    X(SignerForwarded, 801, "a call asks for a signature that must not be passed on")              \
    X(NothingWaits, 901, "no such action waits under this rule")                                   \
    X(AlreadyWaits, 902, "an action waits under this rule already")                                \
    X(TooEarly, 903, "the action's delay is not over")                                             \
    X(ProposalExpired, 904, "the action was not applied within 14 days after its delay")           \
    X(OtherProposal, 905, "another action waits under this rule")                                  \
    X(Epoch, 906, "the approval is for another epoch of the rule")                                 \
    X(CancelBudget, 907, "one party alone has cancelled this rule's proposals twice in 90 days")   \
    X(CancelNotAllowed, 908, "a recovery rule cancels nothing but its own proposals")              \
    X(Frozen, 909, "the wallet is frozen")                                                         \
    X(FreezeBudget, 910, "this rule has frozen the wallet in the last 30 days")                    \
    X(TwoParties, 911, "lifting a freeze needs two parties")                                       \
    X(RecoveryUnderWay, 912, "one party alone changes nothing while a recovery is under way")      \
    X(UpgradeCode, 913, "the buffer does not hold the approved code, or the call is no upgrade")

/// Those that only the contracts of EVM chains answer.
#define LATCHKEY_EVM_VERDICTS(X)                                       \
    X(ShortForm, 109, "only the long form of the action can say this") \
    X(GasTooLow, 607, "less gas is left than the approval asks for")   \
    X(NotTheEntryPoint, 608, "the caller is no EntryPoint")

/// 64 bits wide because sBPF works on whole registers; the numbers fit in 32.
enum class Verdict : uint64_t {
#define LATCHKEY_VERDICT_ENUM(name, number, sentence) k##name = number,
    LATCHKEY_VERDICTS(LATCHKEY_VERDICT_ENUM) LATCHKEY_EVM_VERDICTS(LATCHKEY_VERDICT_ENUM)
#undef LATCHKEY_VERDICT_ENUM
};

/// A verdict in a block of its own: the compiler would otherwise load it before the test, and every
/// instruction that passes the test would pay for that. The whole instruction is written here
/// because a constant alone would be moved again.
[[gnu::always_inline]] inline Verdict reject(Verdict verdict) {
#if defined(__bpf__)
    uint64_t answer;
    asm volatile("%0 = %1" : "=r"(answer) : "i"(verdict));
    // Or every caller would test it again.
    __builtin_assume(answer != static_cast<uint64_t>(Verdict::kAccepted));
    return static_cast<Verdict>(answer);
#else
    return verdict;
#endif
}

/// Accepted if `is_met`.
[[gnu::always_inline]] inline Verdict require(uint64_t is_met, Verdict otherwise) {
    return is_met != 0 ? Verdict::kAccepted : reject(otherwise);
}

}  // namespace latchkey::core
