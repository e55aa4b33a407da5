// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chains/evm/wallet/action.hpp"

/// What approvers of a message sign (docs/spec/evm.md, section 6: ERC-1271, ERC-7739). An
/// application asks the wallet about a hash; the wallet asks its signers about a digest.
namespace latchkey::evm::wallet {

/// What an application asks about a text or bytes shown as such (personal_sign: EIP-191,
/// version 0x45).
Hash32 personal_message_hash(ByteView message);
/// What it asks about typed data: its own domain separator, and the hashStruct of the contents.
Hash32 typed_data_hash(const Hash32& domain, const Hash32& contents);

/// A description of contents, taken apart.
struct ContentsType {
    /// Of the structure that the contents are.
    std::string name{};
    /// All that EIP-712's encodeType says behind the first structure of TypedDataSign.
    std::string type{};

    friend bool operator==(const ContentsType&, const ContentsType&) = default;
};
/// A description is the type, which begins with its name, or the type and then its name. Takes what
/// the contract takes. Error: kInvalidTypedData.
Result<ContentsType> parse_contents_description(std::string_view description);

/// What ends a TypedDataSign signature: domain, contents, description and its size. Errors:
/// kInvalidTypedData, kInputTooLong (a description of more than 65,535 bytes).
Result<Bytes> typed_data_suffix(const TypedDataSign& form);

/// ERC-7739 PersonalSign of a hash, for the wallet `wallet` on `chain` (EIP-155).
core::Digest personal_sign_digest(std::uint64_t chain, const Address& wallet, const Hash32& hash);
/// ERC-7739 TypedDataSign. Errors: those of typed_data_suffix.
Result<core::Digest> typed_data_sign_digest(std::uint64_t chain, const Address& wallet,
                                            const TypedDataSign& form);

/// The digest that approvers of `signature` sign so that the wallet vouches for `hash`, whatever
/// its form; `scene`: chain, wallet and walletId. Errors: those of parent_of and typed_data_suffix,
/// kRefusedByModel (the tree), kInvalidArgument (a tree with ERC-7739, or a hash that is not that
/// of the form's domain and contents).
Result<core::Digest> message_digest(const MessageSignature& signature, const Hash32& hash,
                                    const Scene& scene);

}  // namespace latchkey::evm::wallet
