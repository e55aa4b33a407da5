// SPDX-License-Identifier: Apache-2.0
#include <stdint.h>

/// The genesis hash of the cluster that an ELF is for. A file of its own, so that the compiler
/// cannot fold the value into code: sbf-link fills the slot (--patch-slot latchkey_cluster=HEX).
extern "C" {
extern const uint8_t latchkey_cluster[32];
const uint8_t latchkey_cluster[32] = {0};
}
