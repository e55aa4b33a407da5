// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/state.hpp"
#include "core/base/fuzz_testing.hpp"

using latchkey::core::testing::fuzz_input;
using latchkey::core::testing::require;

/// Words of storage, one after the other: whatever decodes encodes to the same word.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace latchkey::evm::wallet;
    using latchkey::core::Hash32;
    for (auto rest = fuzz_input(data, size); rest.size() >= Hash32::kSize;
         rest = rest.subspan(Hash32::kSize)) {
        const Hash32 word = *Hash32::from(rest.first(Hash32::kSize));
        if (const auto hot = decode_hot_word(word)) {
            require(encode(*hot) == word);
        }
        if (const auto record = decode_record(word)) {
            require(encode_record(*record) == word);
        }
        if (const auto counter = decode_counter(word)) {
            require(encode(*counter) == word);
        }
        if (const auto session = decode_session_word(word)) {
            // A session that has done nothing has no word.
            require(encode(*session) == word || (word.is_zero() && *session == SessionWord()));
        }
    }
    return 0;
}
