// SPDX-License-Identifier: Apache-2.0
#include "chains/evm/wallet/messages.hpp"

#include "core/crypto/hash.hpp"
#include "core/encoding/byte_io.hpp"

namespace latchkey::evm::wallet {

namespace {

using core::ErrorCode;
using core::fail;
using core::crypto::keccak256;

constexpr std::string_view kName = "Latchkey";
constexpr std::string_view kVersion = "1";
constexpr std::string_view kPersonalType = "PersonalSign(bytes prefixed)";
constexpr std::string_view kTypedStart = "TypedDataSign(";
constexpr std::string_view kTypedEnd =
    " contents,string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)";

Hash32 hash_of(std::string_view text) {
    return keccak256(core::as_bytes(text));
}

core::Digest digest_in(const Hash32& domain, const Hash32& structure) {
    return core::Digest(typed_data_hash(domain, structure).array());
}

/// A name of a structure begins with no small letter and holds nothing that would end it: else a
/// wallet would show other contents than are signed.
bool is_name(std::string_view name) {
    constexpr std::string_view kEnds(" ,()\0", 5);
    return !name.empty() && !(name[0] >= 'a' && name[0] <= 'z') &&
           name.find_first_of(kEnds) == std::string_view::npos;
}

}  // namespace

Hash32 personal_message_hash(ByteView message) {
    const std::string prefix =
        "\x19"
        "Ethereum Signed Message:\n" +
        std::to_string(message.size());
    return keccak256(core::concat(core::as_bytes(prefix), message));
}

Hash32 typed_data_hash(const Hash32& domain, const Hash32& contents) {
    return keccak256(core::concat(Bytes{0x19, 0x01}, domain, contents));
}

Result<ContentsType> parse_contents_description(std::string_view description) {
    ContentsType out;
    if (description.ends_with(')')) {
        out.type = description;
        out.name = description.substr(0, description.find('('));
    } else {
        // The name follows the last ')'; without one there is no type.
        const std::size_t last = description.rfind(')');
        const std::size_t size = last == std::string_view::npos ? 0 : last + 1;
        out.type = description.substr(0, size);
        out.name = description.substr(size);
    }
    if (out.type.empty() || !is_name(out.name)) {
        return fail(ErrorCode::kInvalidTypedData,
                    "contents are described by a type, or a type and its name");
    }
    return out;
}

Result<Bytes> typed_data_suffix(const TypedDataSign& form) {
    LATCHKEY_CHECK(parse_contents_description(form.description));
    if (form.description.size() > 0xffff) {
        return fail(ErrorCode::kInputTooLong, "a description has at most 65,535 bytes");
    }
    core::ByteWriter out;
    out.write(form.domain).write(form.contents).write(core::as_bytes(form.description));
    out.write_u16_be(static_cast<std::uint16_t>(form.description.size()));
    return out.take();
}

core::Digest personal_sign_digest(std::uint64_t chain, const Address& wallet, const Hash32& hash) {
    TypedDomain domain;
    domain.name = kName;
    domain.version = kVersion;
    domain.chain_id = Uint256(chain);
    domain.verifying_contract = wallet;
    return digest_in(domain_separator(domain).value(),
                     keccak256(core::concat(hash_of(kPersonalType), hash)));
}

Result<core::Digest> typed_data_sign_digest(std::uint64_t chain, const Address& wallet,
                                            const TypedDataSign& form) {
    LATCHKEY_CHECK(typed_data_suffix(form));
    LATCHKEY_TRY(const ContentsType contents, parse_contents_description(form.description));
    const Hash32 type =
        hash_of(std::string(kTypedStart) + contents.name + std::string(kTypedEnd) + contents.type);
    // The wallet's own domain is part of the structure; its salt is zero.
    return digest_in(form.domain, keccak256(core::concat(
                                      type, form.contents, hash_of(kName), hash_of(kVersion),
                                      Uint256(chain).to_word(), Bytes(12), wallet, Hash32())));
}

Result<core::Digest> message_digest(const MessageSignature& signature, const Hash32& hash,
                                    const Scene& scene) {
    const std::optional<core::TreeProof>& tree = signature.approvals.tree;
    if (std::holds_alternative<std::monostate>(signature.form)) {
        LATCHKEY_TRY(const Hash32 parent, parent_of(signature.authority, scene.wallet_id));
        const Binding binding{scene.chain, scene.wallet, parent, rule_name(signature.authority)};
        LATCHKEY_TRY(const core::Leaf leaf, leaf_of(MessageLeaf{binding, hash}));
        if (!tree) {
            return core::digest_of(leaf);
        }
        LATCHKEY_TRY(const auto approved, core::to_result(core::approval_hash_of(leaf, *tree)));
        return core::digest_of(approved);
    }
    if (tree) {
        return fail(ErrorCode::kInvalidArgument, "ERC-7739 knows no trees");
    }
    const auto* typed = std::get_if<TypedDataSign>(&signature.form);
    if (typed == nullptr) {
        return personal_sign_digest(scene.chain, scene.wallet, hash);
    }
    if (typed_data_hash(typed->domain, typed->contents) != hash) {
        return fail(ErrorCode::kInvalidArgument, "the hash is of other typed data");
    }
    return typed_data_sign_digest(scene.chain, scene.wallet, *typed);
}

}  // namespace latchkey::evm::wallet
