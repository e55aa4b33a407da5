// SPDX-License-Identifier: Apache-2.0
#include "models/waiting/chains.hpp"

namespace latchkey::waiting_model {

namespace {

// A fault can make the states endless; the first ones of each story are enough to notice it.
constexpr size_t kStatesMaximum = 40'000;

template <class Story>
std::string complaint(const Story& story) {
    const StoryResult result = play(story, kStatesMaximum, true);
    if (!result.violations.empty()) {
        return "law: " + result.violations.front().law;
    }
    for (size_t i = 0; i < result.claims.size(); ++i) {
        if (result.is_complete && !result.claims[i].holds) {
            return "story: " + story.name + ": " + story.claims[i].text;
        }
    }
    return {};
}

}  // namespace

std::string first_to_notice(const Variant& variant) {
    for (const Story& story : all_stories(variant, Scale{})) {
        if (std::string found = complaint(story); !found.empty()) {
            return found;
        }
    }
    for (const ChainsStory& story : chains_stories(variant, Scale{})) {
        if (std::string found = complaint(story); !found.empty()) {
            return found;
        }
    }
    return {};
}

}  // namespace latchkey::waiting_model
