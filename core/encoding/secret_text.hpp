// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/secret.hpp"

namespace latchkey::core {

/// Texts of private keys, decoded and encoded without leaving a copy in ordinary memory. Errors
/// never quote the text. Not constant time: keys are decoded once, when they are loaded.

/// Hexadecimal digits of either case, with or without "0x"; else kInvalidHex.
Result<SecretBytes> decode_hex_secret(ByteView text);
/// At most 64 bytes; else kInvalidBase58 or kInputTooLong.
Result<SecretBytes> decode_base58_secret(ByteView text);
/// A JSON array of numbers 0 to 255, as Solana's command line writes key pairs: white space is
/// allowed between tokens, leading zeros are not. At most 64 numbers; else kInvalidArgument or
/// kInputTooLong.
Result<SecretBytes> decode_json_bytes_secret(ByteView text);

/// Lower case, no prefix.
SecretBytes encode_hex_secret(ByteView bytes);
/// `[1,2,3]`.
SecretBytes encode_json_bytes_secret(ByteView bytes);

}  // namespace latchkey::core
