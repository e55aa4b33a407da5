// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/client/rlp.hpp"

#include "core/encoding/byte_io.hpp"

namespace latchkey::evm::rlp {

using core::ErrorCode;
using core::fail;

namespace {

/// The first byte of strings and lists; up to 55 bytes of contents their number is added to it.
constexpr std::uint8_t kStringPrefix = 0x80;
constexpr std::uint8_t kListPrefix = 0xc0;
constexpr std::uint8_t kShortMax = 55;

void write_head(Bytes& out, std::uint8_t prefix, std::size_t size) {
    if (size <= kShortMax) {
        out.push_back(static_cast<std::uint8_t>(prefix + size));
        return;
    }
    const Bytes length = Uint256(size).to_minimal_big_endian();
    out.push_back(static_cast<std::uint8_t>(prefix + kShortMax + length.size()));
    core::append(out, length);
}

void write(Bytes& out, const Item& item) {
    if (item.is_list()) {
        Bytes contents;
        for (const Item& one : item.items()) {
            write(contents, one);
        }
        write_head(out, kListPrefix, contents.size());
        core::append(out, contents);
        return;
    }
    const Bytes& text = item.string();
    if (text.size() != 1 || text[0] >= kStringPrefix) {
        write_head(out, kStringPrefix, text.size());
    }
    core::append(out, text);
}

/// The contents that follow a head whose first byte was `prefix` + `kind`.
Result<ByteView> read_contents(core::ByteReader& reader, std::uint8_t kind) {
    if (kind <= kShortMax) {
        return reader.read(kind);
    }
    LATCHKEY_TRY(const ByteView length, reader.read(kind - kShortMax));
    if (length[0] == 0) {
        return fail(ErrorCode::kNonCanonical, "a length begins with a zero byte");
    }
    LATCHKEY_TRY(const Uint256 size, Uint256::from_big_endian(length));
    if (size <= Uint256(kShortMax)) {
        return fail(ErrorCode::kNonCanonical, "a short length in its long form");
    }
    if (size > Uint256(reader.remaining())) {
        return fail(ErrorCode::kUnexpectedEnd, "a length of " + size.to_decimal() + " bytes");
    }
    return reader.read(*size.to_u64());
}

Result<Item> read(core::ByteReader& reader, std::size_t depth) {
    LATCHKEY_TRY(const std::uint8_t first, reader.read_u8());
    if (first < kStringPrefix) {
        return Item::bytes(std::array{first});
    }
    const bool is_list = first >= kListPrefix;
    const std::uint8_t prefix = is_list ? kListPrefix : kStringPrefix;
    LATCHKEY_TRY(const ByteView contents,
                 read_contents(reader, static_cast<std::uint8_t>(first - prefix)));
    if (!is_list) {
        if (contents.size() == 1 && contents[0] < kStringPrefix) {
            return fail(ErrorCode::kNonCanonical, "a small byte with a length in front");
        }
        return Item::bytes(contents);
    }
    if (depth == kDepthMax) {
        return fail(ErrorCode::kOutOfRange, "lists are nested too deep");
    }
    std::vector<Item> items;
    core::ByteReader inner(contents);
    while (inner.remaining() > 0) {
        LATCHKEY_TRY(Item one, read(inner, depth + 1));
        items.push_back(std::move(one));
    }
    return Item::list(std::move(items));
}

}  // namespace

Item Item::bytes(ByteView bytes) {
    Item out;
    out.string_ = core::to_bytes(bytes);
    return out;
}

Item Item::number(const Uint256& value) {
    return bytes(value.to_minimal_big_endian());
}

Item Item::list(std::vector<Item> items) {
    Item out;
    out.is_list_ = true;
    out.items_ = std::move(items);
    return out;
}

Bytes encode(const Item& item) {
    Bytes out;
    write(out, item);
    return out;
}

Result<Item> decode(ByteView bytes) {
    if (bytes.size() > kInputBytesMax) {
        return fail(ErrorCode::kInputTooLong, std::to_string(bytes.size()) + " bytes of RLP");
    }
    core::ByteReader reader(bytes);
    LATCHKEY_TRY(Item item, read(reader, 0));
    LATCHKEY_CHECK(reader.expect_end());
    return item;
}

Result<const std::vector<Item>*> members(const Item& item, std::size_t count,
                                         std::string_view what) {
    LATCHKEY_TRY(const auto* const items, members(item, what));
    if (items->size() != count) {
        return fail(ErrorCode::kInvalidLength, std::string(what) + " has " +
                                                   std::to_string(items->size()) +
                                                   " members, not " + std::to_string(count));
    }
    return items;
}

Result<const std::vector<Item>*> members(const Item& item, std::string_view what) {
    if (!item.is_list()) {
        return fail(ErrorCode::kInvalidLength, std::string(what) + " is not a list");
    }
    return &item.items();
}

Result<Bytes> to_bytes(const Item& item, std::string_view what) {
    if (item.is_list()) {
        return fail(ErrorCode::kInvalidLength, std::string(what) + " is a list");
    }
    return item.string();
}

Result<Uint256> to_number(const Item& item, std::string_view what) {
    LATCHKEY_TRY(const Bytes bytes, to_bytes(item, what));
    if (!bytes.empty() && bytes[0] == 0) {
        return fail(ErrorCode::kNonCanonical, std::string(what) + " has leading zeros");
    }
    auto out = Uint256::from_big_endian(bytes);
    if (!out) {
        return fail(what, out.error());
    }
    return out;
}

Result<std::uint64_t> to_u64(const Item& item, std::string_view what) {
    LATCHKEY_TRY(const Uint256 number, to_number(item, what));
    if (const auto out = number.to_u64()) {
        return *out;
    }
    return fail(ErrorCode::kOutOfRange, std::string(what) + " needs more than 64 bits");
}

}  // namespace latchkey::evm::rlp
