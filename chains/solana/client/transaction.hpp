// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "chains/solana/client/address.hpp"
#include "core/base/bytes.hpp"
#include "core/crypto/ed25519.hpp"

/// Solana transactions of all three wire formats: legacy, v0 (address lookup tables) and v1
/// (SIMD-0385: up to 4,096 bytes, resource requests in the message, signatures last).
namespace latchkey::solana {

/// A recent blockhash, or the stored value of a nonce account: what ends a transaction's life.
using Blockhash = core::FixedBytes<32, struct BlockhashTag>;
/// An ed25519 signature of a message. The first one of a transaction is its id.
using Signature = core::crypto::Ed25519Signature;

std::string to_base58(const Blockhash& hash);
std::string to_base58(const Signature& signature);
Result<Blockhash> parse_blockhash(std::string_view text);
Result<Signature> parse_signature(std::string_view text);

/// Wire limits, signatures included. Legacy and v0 must fit one packet; v1 is SIMD-0296's size.
inline constexpr std::size_t kPacketBytesMax = 1232;
inline constexpr std::size_t kV1BytesMax = 4096;
inline constexpr std::size_t kV1AddressesMax = 64;
inline constexpr std::size_t kV1InstructionsMax = 64;
inline constexpr std::size_t kV1SignaturesMax = 12;
/// Static and looked-up addresses together: account indexes are one byte.
inline constexpr std::size_t kAddressesMax = 256;
inline constexpr std::uint32_t kHeapBytesMin = 32 * 1024;
inline constexpr std::uint32_t kHeapBytesMax = 256 * 1024;
inline constexpr std::uint32_t kHeapBytesStep = 1024;

enum class MessageVersion : std::uint8_t { kLegacy, kV0, kV1 };

std::string_view to_string(MessageVersion version);
/// kPacketBytesMax or kV1BytesMax.
std::size_t transaction_bytes_max(MessageVersion version);

/// An account of an instruction, with the privileges it asks for.
struct AccountMeta {
    Address address;
    bool is_signer = false;
    bool is_writable = false;

    friend bool operator==(const AccountMeta&, const AccountMeta&) = default;
};

inline AccountMeta readonly(const Address& address) {
    return {address, false, false};
}
inline AccountMeta writable(const Address& address) {
    return {address, false, true};
}
inline AccountMeta readonly_signer(const Address& address) {
    return {address, true, false};
}
inline AccountMeta writable_signer(const Address& address) {
    return {address, true, true};
}

/// One call of a program, before addresses become indexes.
struct Instruction {
    Address program;
    std::vector<AccountMeta> accounts;
    Bytes data;

    friend bool operator==(const Instruction&, const Instruction&) = default;
};

/// The contents of an on-chain address lookup table.
struct AddressLookupTable {
    Address table;
    std::vector<Address> addresses;
};

/// SIMD-0385 resource requests of a v1 message. What is absent is 0 on chain (the heap: 32 KiB), so
/// a v1 transaction without a compute-unit limit and a loaded-data limit fails and pays its fee.
struct TransactionConfig {
    /// For the whole transaction, not per compute unit.
    std::optional<std::uint64_t> priority_fee_lamports;
    std::optional<std::uint32_t> compute_unit_limit;
    std::optional<std::uint32_t> loaded_accounts_bytes_limit;
    /// A multiple of 1 KiB from 32 KiB to 256 KiB.
    std::optional<std::uint32_t> heap_bytes;

    [[nodiscard]] bool empty() const;
    friend bool operator==(const TransactionConfig&, const TransactionConfig&) = default;
};

/// How the addresses of a message divide into groups.
struct MessageHeader {
    std::uint8_t required_signatures = 0;
    std::uint8_t readonly_signed = 0;
    std::uint8_t readonly_unsigned = 0;

    friend bool operator==(const MessageHeader&, const MessageHeader&) = default;
};

/// An instruction by indexes.
struct CompiledInstruction {
    std::uint8_t program_index = 0;
    std::vector<std::uint8_t> account_indexes;
    Bytes data;

    friend bool operator==(const CompiledInstruction&, const CompiledInstruction&) = default;
};

/// Addresses a v0 message takes from one table, by their position there.
struct TableLookup {
    Address table;
    std::vector<std::uint8_t> writable_indexes;
    std::vector<std::uint8_t> readonly_indexes;

    friend bool operator==(const TableLookup&, const TableLookup&) = default;
};

/// A message as the wire has it. Addresses are ordered: writable signers (the fee payer first),
/// read-only signers, writable others, read-only others; looked-up ones follow, all writable ones
/// of all tables before all read-only ones.
struct Message {
    MessageVersion version = MessageVersion::kLegacy;
    MessageHeader header;
    std::vector<Address> addresses;
    Blockhash lifetime;
    std::vector<CompiledInstruction> instructions;
    /// v0 only.
    std::vector<TableLookup> lookups;
    /// v1 only.
    TransactionConfig config;

    [[nodiscard]] const Address& fee_payer() const { return addresses.front(); }
    /// The addresses that have to sign, in signature order.
    [[nodiscard]] std::span<const Address> signers() const;
    /// Static and looked-up addresses together.
    [[nodiscard]] std::size_t address_count() const;
    [[nodiscard]] bool is_signer(std::size_t index) const;
    /// What the message asks for; the runtime demotes programs and sysvars to read-only.
    [[nodiscard]] bool is_writable(std::size_t index) const;

    friend bool operator==(const Message&, const Message&) = default;
};

/// What a caller wants to be executed.
struct MessageDraft {
    MessageVersion version = MessageVersion::kV0;
    Address fee_payer;
    Blockhash lifetime;
    std::vector<Instruction> instructions;
    /// v0 only: addresses found here cost one byte instead of 32, except signers and programs.
    std::vector<AddressLookupTable> lookup_tables;
    /// v1 only; others carry ComputeBudget instructions.
    TransactionConfig config;
};

/// Orders and deduplicates the addresses (privileges of one address are joined) and turns
/// instructions into indexes. Inside a group addresses are in byte order, so equal drafts give
/// equal bytes. Errors: kInvalidMessage and, for what exceeds a wire limit, kTransactionTooLarge.
Result<Message> compile_message(const MessageDraft& draft);

/// The bytes that signers sign. `message` must hold what decode_message guarantees; this is checked
/// (kInvalidMessage).
Result<Bytes> encode_message(const Message& message);

/// Accepts exactly the bytes encode_message produces. Errors: kUnexpectedEnd, kTrailingBytes,
/// kNonCanonical, kUnsupported (versions after v1, unknown v1 config bits), kDuplicate (an address
/// or a lookup table twice), kOutOfRange (an index past its list), kInvalidMessage (impossible
/// headers), kTransactionTooLarge.
Result<Message> decode_message(ByteView bytes);

/// The instructions with addresses again. For v0 messages with lookups the tables' contents are
/// needed; a missing table or a position past its end is kInvalidMessage.
Result<std::vector<Instruction>> decompile_instructions(
    const Message& message, std::span<const AddressLookupTable> tables = {});

/// Signature list and message of a transaction with that message, in bytes.
std::size_t transaction_size(const Message& message, std::size_t message_bytes);

/// A transaction whose lifetime is a nonce account's value instead of a recent blockhash: it stays
/// valid until that nonce advances.
struct DurableNonce {
    Address nonce_account;
    Address authority;

    friend bool operator==(const DurableNonce&, const DurableNonce&) = default;
};

/// The runtime's own test: the first instruction is System's AdvanceNonceAccount on a writable
/// account that is not looked up from a table.
std::optional<DurableNonce> durable_nonce(const Message& message);

/// A message and its signatures, some of which may still be missing (64 zero bytes on the wire).
class Transaction {
  public:
    /// Nothing signed yet. Errors: those of encode_message and kTransactionTooLarge.
    static Result<Transaction> from_message(Message message);
    /// compile_message and from_message.
    static Result<Transaction> from_draft(const MessageDraft& draft);

    /// Accepts exactly the bytes encode() produces; signatures are not verified. Errors: those of
    /// decode_message and kInvalidMessage (number of signatures).
    static Result<Transaction> decode(ByteView bytes);
    static Result<Transaction> decode_base64(std::string_view text);
    static Result<Transaction> decode_base58(std::string_view text);

    [[nodiscard]] Bytes encode() const;
    [[nodiscard]] std::string encode_base64() const;
    /// Only what fits one packet (legacy and v0), else kInputTooLong.
    [[nodiscard]] Result<std::string> encode_base58() const;

    [[nodiscard]] const Message& message() const { return message_; }
    /// What every signer signs.
    [[nodiscard]] ByteView message_bytes() const { return message_bytes_; }
    /// Bytes on the wire; missing signatures count.
    [[nodiscard]] std::size_t size() const;

    /// By position in message().signers().
    [[nodiscard]] std::optional<Signature> signature(std::size_t index) const;
    [[nodiscard]] std::vector<Address> missing_signers() const;
    [[nodiscard]] bool is_fully_signed() const;
    /// The fee payer's signature, which names the transaction; absent until it is there.
    [[nodiscard]] std::optional<Signature> id() const;

    /// Signs for the key's address. Errors: kNotASigner.
    Result<void> sign(const core::crypto::Ed25519PrivateKey& key);
    /// Puts in a signature made elsewhere. Errors: kNotASigner, kInvalidSignature.
    Result<void> place_signature(const Address& signer, const Signature& signature);
    /// All signatures are there and valid. Errors: kMissingSignature, kInvalidSignature.
    [[nodiscard]] Result<void> verify_signatures() const;

    friend bool operator==(const Transaction&, const Transaction&) = default;

  private:
    Transaction(Message message, Bytes message_bytes, std::vector<Signature> signatures);
    [[nodiscard]] Result<std::size_t> signer_index(const Address& signer) const;

    Message message_;
    Bytes message_bytes_;
    std::vector<Signature> signatures_;
};

}  // namespace latchkey::solana
