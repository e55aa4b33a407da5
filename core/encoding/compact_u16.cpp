// SPDX-License-Identifier: Apache-2.0
#include "core/encoding/compact_u16.hpp"

namespace latchkey::core {

void write_compact_u16(ByteWriter& writer, std::uint16_t value) {
    std::uint32_t rest = value;
    while (rest >= 0x80) {
        writer.write_u8(static_cast<std::uint8_t>(rest | 0x80));
        rest >>= 7;
    }
    writer.write_u8(static_cast<std::uint8_t>(rest));
}

Result<std::uint16_t> read_compact_u16(ByteReader& reader) {
    std::uint32_t value = 0;
    for (unsigned index = 0; index < 3; ++index) {
        LATCHKEY_TRY(const std::uint8_t byte, reader.read_u8());
        if (index > 0 && byte == 0) {
            return fail(ErrorCode::kNonCanonical, "compact-u16 has a needless last byte");
        }
        value |= static_cast<std::uint32_t>(byte & 0x7f) << 7 * index;
        if ((byte & 0x80) == 0) {
            if (value > 0xffff) {
                return fail(ErrorCode::kOutOfRange, "compact-u16 above 65535");
            }
            return static_cast<std::uint16_t>(value);
        }
    }
    return fail(ErrorCode::kOutOfRange, "compact-u16 longer than three bytes");
}

}  // namespace latchkey::core
