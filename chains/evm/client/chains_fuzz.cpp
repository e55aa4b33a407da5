// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/chains.hpp"
#include "core/base/fuzz_testing.hpp"

using namespace latchkey;
using core::testing::require;

/// Whatever the user writes, the reader returns; what it accepts is within its bounds and can be
/// found.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const evm::ChainRegistry builtin = evm::ChainRegistry::builtin();
    evm::ChainRegistry registry = builtin;
    if (!registry.read(core::as_text(core::testing::fuzz_input(data, size)))) {
        require(registry.all() == builtin.all());
        return 0;
    }
    require(registry.all().size() >= builtin.all().size());
    for (const evm::Chain& one : registry.all()) {
        require(!one.endpoints.empty() && one.confirmations > 0 && one.block_time.count() > 0);
        require(registry.find(one.name).value() == one);
        require(registry.find(std::to_string(one.chain_id)).value() == one);
        (void)evm::submit_options(one);
    }
    return 0;
}
