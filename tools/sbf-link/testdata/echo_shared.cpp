// SPDX-License-Identifier: Apache-2.0
#include "tools/sbf-link/testdata/echo.hpp"

extern "C" {

// Filled by sbf-link --patch-slot: defined apart from its uses, so that no use was folded.
extern const uint8_t kSlot[32];
const uint8_t kSlot[32] = {0xaa};

// Nothing calls it: must not be part of the program.
uint64_t unreferenced(uint64_t value) {
    return value * 1234567;
}

uint64_t add_shared(uint64_t left, uint64_t right) {
    return left + right + 1000;
}

// `volatile`: the compiler must not fold the placeholder in this file either.
uint64_t slot_byte(uint64_t position) {
    return static_cast<const volatile uint8_t*>(kSlot)[position % 32];
}
}
