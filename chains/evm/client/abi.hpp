// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <variant>
#include <vector>

#include "chains/evm/client/address.hpp"

/// The contract ABI (Solidity documentation, "Contract ABI Specification"): how calls, results,
/// errors and events carry values.
namespace latchkey::evm::abi {

/// The first four bytes of keccak256 of a signature such as "transfer(address,uint256)".
using Selector = core::FixedBytes<4, struct SelectorTag>;

/// A type of the ABI; only parse_type makes one, so it is always well formed and bounded.
class Type {
  public:
    enum class Kind : std::uint8_t {
        /// size(): bits.
        kUint,
        kInt,
        kAddress,
        kBool,
        /// bytes1 to bytes32; size(): bytes.
        kFixedBytes,
        kBytes,
        kString,
        /// components(): its members.
        kTuple,
        /// T[]; components(): T.
        kArray,
        /// T[k]; size(): k, components(): T.
        kFixedArray,
    };

    [[nodiscard]] Kind kind() const { return kind_; }
    [[nodiscard]] std::uint32_t size() const { return size_; }
    [[nodiscard]] const std::vector<Type>& components() const { return components_; }
    /// Whether its length in bytes depends on the value.
    [[nodiscard]] bool is_dynamic() const { return is_dynamic_; }
    /// Bytes in the head of what contains it: 32 for dynamic types, all of it for static ones.
    [[nodiscard]] std::size_t head_bytes() const { return is_dynamic_ ? 32 : static_bytes_; }

    friend bool operator==(const Type&, const Type&) = default;

  private:
    friend class TypeParser;

    Kind kind_ = Kind::kUint;
    std::uint32_t size_ = 0;
    bool is_dynamic_ = false;
    std::size_t static_bytes_ = 32;
    std::vector<Type> components_;
};

/// A value of any type: Uint256 for uintN and, as its two's complement of 256 bits, for intN; Bytes
/// for bytesN and bytes; UTF-8 text for string; a vector for tuples and arrays.
struct Value : std::variant<Uint256, Address, bool, Bytes, std::string, std::vector<Value>> {
    using variant::variant;
};
using Values = std::vector<Value>;

/// In the canonical spelling that selectors are made of: "uint256", never "uint"; tuples as
/// "(address,bytes)"; no names, no spaces. Error: kInvalidAbiType.
Result<Type> parse_type(std::string_view text);
std::string to_string(const Type& type);

/// A function or a custom error: its name, what it takes and its selector.
struct Function {
    std::string name;
    std::vector<Type> inputs;
    Selector selector;
};
/// From "transfer(address,uint256)". Error: kInvalidAbiType.
Result<Function> parse_signature(std::string_view text);

/// The arguments one after the other, without a selector. Error: kAbiValueMismatch (another number
/// of values, another kind of value, a number out of range, text that is not UTF-8).
Result<Bytes> encode(std::span<const Type> types, std::span<const Value> values);
/// Only bytes that encode() makes of the values it returns. Errors: kUnexpectedEnd, kTrailingBytes,
/// kNonCanonical (padding, offsets, bools, text that is not UTF-8), kOutOfRange (a number too large
/// for its type).
Result<Values> decode(std::span<const Type> types, ByteView bytes);

/// Selector and arguments. Error: kAbiValueMismatch.
Result<Bytes> encode_call(const Function& function, std::span<const Value> values);
/// Also kInvalidArgument when the selector is another one.
Result<Values> decode_call(const Function& function, ByteView bytes);

/// The one word of a uintN, intN, address, bool or bytesN; for other types, and for values that do
/// not fit, kAbiValueMismatch.
Result<Hash32> encode_word(const Type& type, const Value& value);

/// Why a call was refused, for people, from the data it returned: the text of Error(string), the
/// meaning of Panic(uint256), else the bytes themselves (the first 260), or that there were none.
std::string explain_revert(ByteView data);

}  // namespace latchkey::evm::abi
