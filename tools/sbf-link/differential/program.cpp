// SPDX-License-Identifier: Apache-2.0
// The sBPF side. Instruction data: the first operation (u32), the number of operations (u32), the
// two operands (u64 each). The results, 8 bytes each, are the return data; at most kResultsMax.
#include "tools/sbf-link/differential/operations.hpp"

extern "C" uint64_t sol_set_return_data(const uint8_t* bytes, uint64_t size);

namespace latchkey::sbf_link::differential {
namespace {

// Return data has at most 1024 bytes.
constexpr uint64_t kResultsMax = 128;
constexpr uint64_t kErrorBadInput = 1;

template <typename Integer>
Integer read(const uint8_t* bytes) {
    Integer value;
    __builtin_memcpy(&value, bytes, sizeof(value));
    return value;
}

}  // namespace
}  // namespace latchkey::sbf_link::differential

extern "C" uint64_t entrypoint(const uint8_t*, const uint8_t* data) {
    using namespace latchkey::sbf_link::differential;
    const uint64_t first = read<uint32_t>(data);
    const uint64_t count = read<uint32_t>(data + 4);
    if (first > kOperationCount || count > kOperationCount - first || count > kResultsMax) {
        return kErrorBadInput;
    }
    const auto a = read<uint64_t>(data + 8);
    const auto b = read<uint64_t>(data + 16);
    uint64_t results[kResultsMax];
    for (uint64_t index = 0; index < count; ++index) {
        results[index] = kOperations[first + index].function(a, b);
    }
    return sol_set_return_data(reinterpret_cast<const uint8_t*>(results),
                               count * sizeof(results[0]));
}
