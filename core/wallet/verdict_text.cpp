// SPDX-License-Identifier: Apache-2.0
#include "core/wallet/verdict_text.hpp"

#include <string>

namespace latchkey::core {

std::string_view verdict_name(Verdict verdict) {
    switch (verdict) {
#define LATCHKEY_VERDICT_NAME(name, number, sentence) \
    case Verdict::k##name:                            \
        return #name;
        LATCHKEY_VERDICTS(LATCHKEY_VERDICT_NAME)
        LATCHKEY_EVM_VERDICTS(LATCHKEY_VERDICT_NAME)
#undef LATCHKEY_VERDICT_NAME
    }
    return {};
}

std::string_view verdict_sentence(Verdict verdict) {
    switch (verdict) {
#define LATCHKEY_VERDICT_SENTENCE(name, number, sentence) \
    case Verdict::k##name:                                \
        return sentence;
        LATCHKEY_VERDICTS(LATCHKEY_VERDICT_SENTENCE)
        LATCHKEY_EVM_VERDICTS(LATCHKEY_VERDICT_SENTENCE)
#undef LATCHKEY_VERDICT_SENTENCE
    }
    return {};
}

std::optional<Verdict> verdict_from_number(std::uint64_t number) {
    const auto verdict = static_cast<Verdict>(number);
    if (verdict_name(verdict).empty()) {
        return std::nullopt;
    }
    return verdict;
}

Error to_error(Verdict verdict) {
    return Error{ErrorCode::kRefusedByModel, std::to_string(static_cast<std::uint64_t>(verdict)) +
                                                 " " + std::string(verdict_name(verdict)) + ": " +
                                                 std::string(verdict_sentence(verdict))};
}

}  // namespace latchkey::core
