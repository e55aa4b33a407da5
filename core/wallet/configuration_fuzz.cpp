// SPDX-License-Identifier: Apache-2.0
// Covers: core/wallet/configuration.cpp core/wallet/describe.cpp core/wallet/identity.cpp
// core/authorization/configuration.hpp
#include "core/base/fuzz_testing.hpp"
#include "core/wallet/describe.hpp"
#include "core/wallet/identity.hpp"

using namespace latchkey::core;

namespace {

/// What is accepted is the one encoding of its value, and everything else can read it.
void fuzz_shared(ByteView input) {
    const Judged<Configuration> shared = decode_shared(input);
    testing::require(shared.has_value() == (judge_shared(input) == Verdict::kAccepted));
    if (!shared) {
        testing::require(!verdict_name(shared.error()).empty());
        return;
    }
    testing::require(encode(*shared).value() == to_bytes(input));
    testing::require(!describe(*shared).empty());
    for (std::size_t i = 0; i < shared->rules.size(); ++i) {
        testing::require(rule_id_of(input, i).has_value());
    }
    testing::require(!rule_id_of(input, shared->rules.size()).has_value());
}

void fuzz_genesis(ByteView input) {
    const Judged<Genesis> genesis = decode_genesis(input);
    if (!genesis) {
        return;
    }
    testing::require(encode(*genesis).value() == to_bytes(input));
    // The shared part alone is valid too, without the flag that only a genesis has.
    testing::require(encode(genesis->configuration).has_value());
}

void fuzz_local_rule(ByteView input) {
    const Judged<LocalRule> rule = decode_local_rule(input);
    if (!rule) {
        return;
    }
    testing::require(encode(*rule).value() == to_bytes(input));
    testing::require(!describe(*rule).empty());
    // A rule that is as wide as the session may grant it; one without conditions always may.
    const RuleView view = local_rule_view(input);
    testing::require(check_grant(view, view) == Verdict::kAccepted);
    RuleView anything = view;
    anything.times = nullptr;
    anything.scope = nullptr;
    testing::require(check_grant(anything, view) == Verdict::kAccepted);
}

void fuzz_recovery_part(ByteView input) {
    const Judged<RecoveryPart> part = decode_recovery_part(input);
    const Verdict verdict = judge_recovery_part(input);
    if (!part) {
        // Of what is restored a chain learns later.
        testing::require(verdict == Verdict::kAccepted || verdict == part.error());
        return;
    }
    testing::require(verdict == Verdict::kAccepted);
    testing::require(encode(*part).value() == to_bytes(input));
    testing::require(!describe(*part).empty());
    testing::require(find_recovery_rule(input, part->rules.size() - 1).has_value());
    testing::require(!find_recovery_rule(input, part->rules.size()).has_value());
    const RecoveryCommitment commitment = commitment_of(input, kMaximumGuardHours);
    testing::require(judge_recovery(input, commitment) == Verdict::kAccepted);
    // Whoever is named, the rules are those that were put down. The part's own signers will do.
    const Judged<Bytes> shared =
        recovered_shared(input, commitment, encode_unchecked(part->signers));
    if (shared) {
        const Configuration recovered = decode_shared(*shared).value();
        testing::require(recovered.rules == part->after.rules);
        testing::require(recovered.signers == part->signers);
        testing::require(recovered.recovery == commitment);
    }
}

/// Signers that a recovery names, under a part that restores two rules for two of them: nothing but
/// two signers gets in.
void fuzz_named_signers(ByteView input) {
    const RecoveryPart part{
        .signers = {Signer{.kind = kSignerSecp256k1Eip191, .key = Bytes(20, 1)}},
        .rules = {Rule{.actions = kActionRecover}},
        .after = {.signers = 2,
                  .rules = {Rule{.actions = kActionPolicy, .mask = 0b11},
                            Rule{.actions = kActionExecute, .mask = 0b01}}}};
    const Bytes bytes = encode(part).value();
    const Judged<Bytes> shared = recovered_shared(bytes, commitment_of(bytes, 0), input);
    if (shared) {
        const Configuration recovered = decode_shared(*shared).value();
        testing::require(recovered.rules == part.after.rules);
        testing::require(encode_unchecked(recovered.signers) == to_bytes(input));
    }
}

}  // namespace

/// The first byte says what the others are.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input = testing::fuzz_input(data, size);
    if (input.empty()) {
        return 0;
    }
    switch (input[0] % 5) {
        case 0:
            fuzz_shared(input.subspan(1));
            break;
        case 1:
            fuzz_genesis(input.subspan(1));
            break;
        case 2:
            fuzz_local_rule(input.subspan(1));
            break;
        case 3:
            fuzz_recovery_part(input.subspan(1));
            break;
        default:
            fuzz_named_signers(input.subspan(1));
            break;
    }
    return 0;
}
