// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/transaction.hpp"

#include <algorithm>

#include "core/encoding/base58.hpp"
#include "core/encoding/base64.hpp"
#include "core/encoding/byte_io.hpp"
#include "core/encoding/compact_u16.hpp"

namespace latchkey::solana {

using core::ByteReader;
using core::ByteWriter;
using core::ErrorCode;
using core::fail;

namespace {

constexpr std::uint8_t kV1Byte = 0x81;
constexpr std::uint32_t kAdvanceNonceAccount = 4;

Result<void> verify(const Address& signer, const Signature& signature, ByteView message) {
    const core::crypto::Ed25519PublicKey key(signer.array());
    if (!core::crypto::verify_ed25519(key, message, signature)) {
        return fail(ErrorCode::kInvalidSignature, "signature of " + to_base58(signer));
    }
    return {};
}

}  // namespace

std::string to_base58(const Blockhash& hash) {
    return core::encode_base58(hash);
}
std::string to_base58(const Signature& signature) {
    return core::encode_base58(signature);
}
Result<Blockhash> parse_blockhash(std::string_view text) {
    return core::decode_base58_as<Blockhash>(text);
}
Result<Signature> parse_signature(std::string_view text) {
    return core::decode_base58_as<Signature>(text);
}

std::string_view to_string(MessageVersion version) {
    switch (version) {
        case MessageVersion::kLegacy:
            return "legacy";
        case MessageVersion::kV0:
            return "v0";
        case MessageVersion::kV1:
            return "v1";
    }
    return "unknown";
}

std::size_t transaction_bytes_max(MessageVersion version) {
    return version == MessageVersion::kV1 ? kV1BytesMax : kPacketBytesMax;
}

bool TransactionConfig::empty() const {
    return !priority_fee_lamports && !compute_unit_limit && !loaded_accounts_bytes_limit &&
           !heap_bytes;
}

std::span<const Address> Message::signers() const {
    return {addresses.data(), std::min<std::size_t>(header.required_signatures, addresses.size())};
}

std::size_t Message::address_count() const {
    std::size_t count = addresses.size();
    for (const TableLookup& lookup : lookups) {
        count += lookup.writable_indexes.size() + lookup.readonly_indexes.size();
    }
    return count;
}

bool Message::is_signer(std::size_t index) const {
    return index < header.required_signatures;
}

bool Message::is_writable(std::size_t index) const {
    const std::size_t signer_count = header.required_signatures;
    if (index < signer_count) {
        return index + header.readonly_signed < signer_count;
    }
    if (index < addresses.size()) {
        return index + header.readonly_unsigned < addresses.size();
    }
    std::size_t writable_count = 0;
    for (const TableLookup& lookup : lookups) {
        writable_count += lookup.writable_indexes.size();
    }
    return index - addresses.size() < writable_count;
}

std::optional<DurableNonce> durable_nonce(const Message& message) {
    if (message.instructions.empty()) {
        return std::nullopt;
    }
    const CompiledInstruction& first = message.instructions.front();
    // AdvanceNonceAccount: nonce account (writable), recent-blockhashes sysvar, authority (signer).
    if (first.program_index >= message.addresses.size() ||
        message.addresses[first.program_index] != kSystemProgram || first.data.size() < 4 ||
        core::load_le<std::uint32_t>(first.data.data()) != kAdvanceNonceAccount ||
        first.account_indexes.size() < 3) {
        return std::nullopt;
    }
    const std::size_t nonce = first.account_indexes[0];
    const std::size_t authority = first.account_indexes[2];
    if (nonce >= message.addresses.size() || authority >= message.addresses.size() ||
        !message.is_writable(nonce)) {
        return std::nullopt;
    }
    return DurableNonce{message.addresses[nonce], message.addresses[authority]};
}

Transaction::Transaction(Message message, Bytes message_bytes, std::vector<Signature> signatures)
    : message_(std::move(message)),
      message_bytes_(std::move(message_bytes)),
      signatures_(std::move(signatures)) {}

Result<Transaction> Transaction::from_message(Message message) {
    LATCHKEY_TRY(Bytes bytes, encode_message(message));
    std::vector<Signature> signatures(message.header.required_signatures);
    return Transaction(std::move(message), std::move(bytes), std::move(signatures));
}

Result<Transaction> Transaction::from_draft(const MessageDraft& draft) {
    LATCHKEY_TRY(Message message, compile_message(draft));
    return from_message(std::move(message));
}

Result<Transaction> Transaction::decode(ByteView bytes) {
    if (bytes.size() > kV1BytesMax) {
        return fail(ErrorCode::kTransactionTooLarge, std::to_string(bytes.size()) + " bytes");
    }
    if (!bytes.empty() && bytes[0] == kV1Byte) {
        // The number of trailing signatures is the byte after the version.
        const std::size_t count = bytes.size() > 1 ? bytes[1] : 0;
        if (count * Signature::kSize > bytes.size()) {
            return fail(ErrorCode::kUnexpectedEnd, std::to_string(count) + " signatures announced");
        }
        const ByteView message_bytes = bytes.first(bytes.size() - count * Signature::kSize);
        LATCHKEY_TRY(Message message, decode_message(message_bytes));
        ByteReader reader(bytes.subspan(message_bytes.size()));
        LATCHKEY_TRY(auto signatures, reader.read_list<Signature>(count, "signatures"));
        return Transaction(std::move(message), core::to_bytes(message_bytes),
                           std::move(signatures));
    }
    ByteReader reader(bytes);
    LATCHKEY_TRY(const std::uint16_t count, core::read_compact_u16(reader));
    LATCHKEY_TRY(auto signatures, reader.read_list<Signature>(count, "signatures"));
    const ByteView message_bytes = reader.rest();
    LATCHKEY_TRY(Message message, decode_message(message_bytes));
    if (message.version == MessageVersion::kV1) {
        return fail(ErrorCode::kInvalidMessage, "a v1 transaction has its signatures last");
    }
    if (message.header.required_signatures != count) {
        return fail(ErrorCode::kInvalidMessage,
                    "the message asks for " + std::to_string(message.header.required_signatures) +
                        " signatures, there are " + std::to_string(count));
    }
    return Transaction(std::move(message), core::to_bytes(message_bytes), std::move(signatures));
}

Result<Transaction> Transaction::decode_base64(std::string_view text) {
    LATCHKEY_TRY(const Bytes bytes, core::decode_base64(text));
    return decode(bytes);
}

Result<Transaction> Transaction::decode_base58(std::string_view text) {
    LATCHKEY_TRY(const Bytes bytes, core::decode_base58(text));
    return decode(bytes);
}

Bytes Transaction::encode() const {
    ByteWriter writer(size());
    if (message_.version == MessageVersion::kV1) {
        writer.write(message_bytes_);
    } else {
        core::write_compact_u16(writer, static_cast<std::uint16_t>(signatures_.size()));
    }
    for (const Signature& signature : signatures_) {
        writer.write(signature.view());
    }
    if (message_.version != MessageVersion::kV1) {
        writer.write(message_bytes_);
    }
    return writer.take();
}

std::string Transaction::encode_base64() const {
    return core::encode_base64(encode());
}

Result<std::string> Transaction::encode_base58() const {
    const Bytes bytes = encode();
    if (bytes.size() > kPacketBytesMax) {
        return fail(ErrorCode::kInputTooLong, "send a transaction of this size as base64");
    }
    return core::encode_base58(bytes);
}

std::size_t Transaction::size() const {
    return transaction_size(message_, message_bytes_.size());
}

std::optional<Signature> Transaction::signature(std::size_t index) const {
    if (index >= signatures_.size() || signatures_[index].is_zero()) {
        return std::nullopt;
    }
    return signatures_[index];
}

std::vector<Address> Transaction::missing_signers() const {
    std::vector<Address> missing;
    for (std::size_t i = 0; i < signatures_.size(); ++i) {
        if (signatures_[i].is_zero()) {
            missing.push_back(message_.addresses[i]);
        }
    }
    return missing;
}

bool Transaction::is_fully_signed() const {
    return std::none_of(signatures_.begin(), signatures_.end(),
                        [](const Signature& signature) { return signature.is_zero(); });
}

std::optional<Signature> Transaction::id() const {
    return signature(0);
}

Result<std::size_t> Transaction::signer_index(const Address& signer) const {
    const auto signers = message_.signers();
    const auto found = std::find(signers.begin(), signers.end(), signer);
    if (found == signers.end()) {
        return fail(ErrorCode::kNotASigner, to_base58(signer));
    }
    return static_cast<std::size_t>(found - signers.begin());
}

Result<void> Transaction::sign(const core::crypto::Ed25519PrivateKey& key) {
    LATCHKEY_TRY(const std::size_t index, signer_index(Address(key.public_key().array())));
    signatures_[index] = key.sign(message_bytes_);
    return {};
}

Result<void> Transaction::place_signature(const Address& signer, const Signature& signature) {
    LATCHKEY_TRY(const std::size_t index, signer_index(signer));
    LATCHKEY_CHECK(verify(signer, signature, message_bytes_));
    signatures_[index] = signature;
    return {};
}

Result<void> Transaction::verify_signatures() const {
    for (std::size_t i = 0; i < signatures_.size(); ++i) {
        const Address& signer = message_.addresses[i];
        if (signatures_[i].is_zero()) {
            return fail(ErrorCode::kMissingSignature, to_base58(signer));
        }
        LATCHKEY_CHECK(verify(signer, signatures_[i], message_bytes_));
    }
    return {};
}

}  // namespace latchkey::solana
