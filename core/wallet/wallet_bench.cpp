// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include "core/encoding/byte_io.hpp"
#include "core/wallet/identity.hpp"
#include "core/wallet/testing.hpp"
#include "core/wallet/tree.hpp"

namespace latchkey::core {
namespace {

Configuration configuration_with(const Hash32& rp_id_hash) {
    return Configuration{.signers = {Signer::webauthn(testing::p256_key(), rp_id_hash, true)},
                         .rules = {Rule{.actions = 0x0f, .times = {}, .scope = {}, .limits = {}}},
                         .recovery = {},
                         .lockdown = false};
}

/// A new passkey wallet's addresses, salt searched: a different one each time, as salts differ in
/// how long they take to find.
void derive_addresses(benchmark::State& state) {
    const auto program = testing::filled<Hash32>(0x11);
    std::uint64_t number = 0;
    for (auto _ : state) {
        Hash32 rp_id_hash;
        store_be(rp_id_hash.data(), ++number);
        benchmark::DoNotOptimize(find_salt(configuration_with(rp_id_hash), program));
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(derive_addresses);

void decode_whole_genesis(benchmark::State& state) {
    const Bytes genesis = encode(Genesis{configuration_with({}), {0}}).value();
    for (auto _ : state) {
        benchmark::DoNotOptimize(decode_genesis(genesis));
    }
}
BENCHMARK(decode_whole_genesis);

void leaf_to_digest(benchmark::State& state) {
    SolanaLeaf leaf;
    leaf.signed_region.resize(60);
    leaf.account_keys.resize(4);
    for (auto _ : state) {
        benchmark::DoNotOptimize(digest_of(*leaf_of(leaf)));
    }
}
BENCHMARK(leaf_to_digest);

}  // namespace
}  // namespace latchkey::core

BENCHMARK_MAIN();
