// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "chains/evm/client/uint256.hpp"

/// Recursive length prefix (yellow paper, appendix B): how the execution layer writes transactions.
namespace latchkey::evm::rlp {

/// A byte string or a list of items.
class Item {
  public:
    static Item bytes(ByteView bytes);
    /// Big-endian without leading zeros; zero is the empty string.
    static Item number(const Uint256& value);
    static Item list(std::vector<Item> items);

    [[nodiscard]] bool is_list() const { return is_list_; }
    /// The string; empty for a list.
    [[nodiscard]] const Bytes& string() const { return string_; }
    /// The members; empty for a string.
    [[nodiscard]] const std::vector<Item>& items() const { return items_; }

    friend bool operator==(const Item&, const Item&) = default;

  private:
    bool is_list_ = false;
    Bytes string_;
    std::vector<Item> items_;
};

/// Lists within lists that the decoder follows; a transaction needs four.
inline constexpr std::size_t kDepthMax = 16;
/// What the decoder takes: twice what pools accept as a transaction (128 KiB).
inline constexpr std::size_t kInputBytesMax = 1 << 18;

Bytes encode(const Item& item);

/// Exactly one item that encodes to the same bytes. Errors: kInputTooLong, kUnexpectedEnd,
/// kTrailingBytes, kNonCanonical (a longer form than needed), kOutOfRange (too deep).
Result<Item> decode(ByteView bytes);

/// The list's members; with another number of them, or for a string, kInvalidLength. `what` names
/// the item in the error, here and below.
Result<const std::vector<Item>*> members(const Item& item, std::size_t count,
                                         std::string_view what);
/// A list of any length, else kInvalidLength.
Result<const std::vector<Item>*> members(const Item& item, std::string_view what);
/// A string, else kInvalidLength.
Result<Bytes> to_bytes(const Item& item, std::string_view what);
/// Errors: kInvalidLength (a list, or over 32 bytes), kNonCanonical (leading zeros).
Result<Uint256> to_number(const Item& item, std::string_view what);
/// Also kOutOfRange (2^64 or more).
Result<std::uint64_t> to_u64(const Item& item, std::string_view what);

/// A string of exactly the type's length, else kInvalidLength.
template <typename Fixed>
Result<Fixed> to_fixed(const Item& item, std::string_view what) {
    if (item.is_list()) {
        return core::fail(core::ErrorCode::kInvalidLength, std::string(what) + " is a list");
    }
    auto out = Fixed::from(ByteView(item.string()));
    if (!out) {
        return core::fail(what, out.error());
    }
    return out;
}

}  // namespace latchkey::evm::rlp
