// SPDX-License-Identifier: Apache-2.0
#include "tools/sbf-link/testdata/echo.hpp"

extern "C" {

// Filled by sbf-link --patch-slot. The host's build has the same bytes from the start.
extern const uint8_t kSlot[32];
#ifdef __bpf__
const uint8_t kSlot[32] = {};
#else
const uint8_t kSlot[32] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a,
                           0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15,
                           0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f};
#endif

// Nothing calls it: must not be part of the program.
uint64_t unreferenced(uint64_t value);
uint64_t unreferenced(uint64_t value) {
    return value * 1234567;
}

uint64_t add_shared(uint64_t left, uint64_t right) {
    return left + right + 1000;
}

// `volatile`: the compiler must not fold the placeholder into the code.
uint64_t slot_byte(uint64_t position) {
    return static_cast<const volatile uint8_t*>(kSlot)[position % 32];
}
}
