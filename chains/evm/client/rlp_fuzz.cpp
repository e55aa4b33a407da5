// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/rlp.hpp"
#include "core/base/fuzz_testing.hpp"

using namespace latchkey;

/// Whatever decodes encodes to the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const core::ByteView bytes = core::testing::fuzz_input(data, size);
    if (const auto item = evm::rlp::decode(bytes)) {
        core::testing::require(core::equal(evm::rlp::encode(*item), bytes));
    }
    return 0;
}
