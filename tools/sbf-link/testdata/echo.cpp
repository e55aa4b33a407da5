// SPDX-License-Identifier: Apache-2.0
// A program with everything the linker must place: strings, tables of functions, virtual calls,
// constants that two files share, calls between files and syscalls. What it returns is computed
// from the instruction data, so that a wrong address cannot go unnoticed.
#include <stddef.h>
#include <stdint.h>

#include "tools/sbf-link/testdata/echo.hpp"

namespace {

constexpr uint8_t kTable[64] = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233};

[[gnu::noinline]] uint64_t multiply(uint64_t left, uint64_t right) {
    return left * right + kTable[left & 63];
}

[[gnu::noinline]] uint64_t combine(uint64_t left, uint64_t right) {
    return left ^ (right << 3);
}

using Operation = uint64_t (*)(uint64_t, uint64_t);
constexpr Operation kOperations[] = {multiply, combine, add_shared};

struct Triple final : Step {
    uint64_t apply(uint64_t value) const override { return value * 3; }
};
struct Quintuple final : Step {
    uint64_t apply(uint64_t value) const override { return value * 5; }
};

}  // namespace

extern "C" uint64_t entrypoint(const uint8_t*, const uint8_t* data) {
    sol_log_("echo", 4);
    const Triple triple;
    const Quintuple quintuple;
    const Step* const step = data[1] != 0 ? static_cast<const Step*>(&triple) : &quintuple;
    uint64_t result = kOperations[data[0] % 3](data[2], data[3]);
    result += multiply(result, 7);
    result = step->apply(result) + slot_byte(data[4]);
    sol_set_return_data(reinterpret_cast<const uint8_t*>(&result), sizeof(result));
    return 0;
}
