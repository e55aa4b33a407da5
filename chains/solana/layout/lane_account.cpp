// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/layout/lane_account.hpp"

#include "core/encoding/byte_io.hpp"

namespace latchkey::solana {

using core::ByteReader;
using core::ByteWriter;
using core::ErrorCode;
using core::fail;

bool LaneAccount::is_free(std::uint64_t window, std::uint16_t bit, std::uint64_t now) const {
    const std::uint64_t current = now / core::kLaneWindowSeconds;
    if (bit >= core::kLaneBits || window < base_window ||
        (window != current && window != current + 1)) {
        return false;
    }
    const std::uint64_t map = window - base_window;
    // A window after both maps has never been used: the program clears its map when it moves on.
    return map >= maps.size() || (maps[map][bit / 8U] >> bit % 8U & 1) == 0;
}

Result<LaneAccount> decode_lane(ByteView data) {
    if (data.size() != core::kLaneSize) {
        return fail(ErrorCode::kInvalidLength,
                    "a lane account has 584 bytes, this one has " + std::to_string(data.size()));
    }
    if (data[0] != kAccountTypeLane || data[1] != kAccountLayout) {
        return fail(ErrorCode::kUnsupported, "not a lane account of layout 1");
    }
    ByteReader reader(data.subspan(2));
    LaneAccount lane;
    LATCHKEY_TRY(lane.index, reader.read_u8());
    LATCHKEY_TRY(lane.bump, reader.read_u8());
    LATCHKEY_TRY(lane.base_window, reader.read_u32_le());
    LATCHKEY_TRY(lane.operator_address, reader.read_as<Address>());
    LATCHKEY_TRY(lane.owner, reader.read_as<Address>());
    for (LaneMap& map : lane.maps) {
        LATCHKEY_TRY(const ByteView bytes, reader.read(map.size()));
        std::copy(bytes.begin(), bytes.end(), map.begin());
    }
    return lane;
}

Bytes encode_lane(const LaneAccount& lane) {
    ByteWriter writer(core::kLaneSize);
    writer.write_u8(kAccountTypeLane)
        .write_u8(kAccountLayout)
        .write_u8(lane.index)
        .write_u8(lane.bump)
        .write_u32_le(lane.base_window)
        .write(lane.operator_address.view())
        .write(lane.owner.view());
    for (const LaneMap& map : lane.maps) {
        writer.write(map);
    }
    return writer.take();
}

}  // namespace latchkey::solana
