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

}  // namespace

/// The first byte says what the others are.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input = testing::fuzz_input(data, size);
    if (input.empty()) {
        return 0;
    }
    switch (input[0] % 3) {
        case 0:
            fuzz_shared(input.subspan(1));
            break;
        case 1:
            fuzz_genesis(input.subspan(1));
            break;
        default:
            fuzz_local_rule(input.subspan(1));
            break;
    }
    return 0;
}
