// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/decode.hpp"
#include "chains/solana/client/instructions.hpp"
#include "core/encoding/byte_io.hpp"
#include "core/encoding/hex.hpp"

namespace latchkey::solana {

using core::ByteReader;

namespace {

/// An instruction while it is read: nothing if it is not of the form looked for.
using Sentence = std::optional<std::string>;

class InstructionText {
  public:
    InstructionText(const Instruction& instruction, const ExplainContext& context)
        : instruction_(instruction), context_(context), data_(instruction.data) {}

    ByteReader& data() { return data_; }
    /// The rest of the data is empty and there are `count` accounts.
    [[nodiscard]] bool ends_with_accounts(std::size_t count) const {
        return data_.remaining() == 0 && instruction_.accounts.size() == count;
    }
    /// The same, but further accounts may follow (multisig signers, transfer hooks).
    [[nodiscard]] bool ends_with_at_least(std::size_t count) const {
        return data_.remaining() == 0 && instruction_.accounts.size() >= count;
    }
    [[nodiscard]] std::string more_accounts(std::size_t count) const {
        const std::size_t more = instruction_.accounts.size() - count;
        return more == 0 ? "" : " (with " + std::to_string(more) + " further accounts)";
    }
    [[nodiscard]] const Address& address(std::size_t index) const {
        return instruction_.accounts[index].address;
    }
    [[nodiscard]] std::string name(std::size_t index) const { return name(address(index)); }
    [[nodiscard]] std::string name(const Address& address) const {
        return name_address(address, context_);
    }
    /// "20 USDC", "20.5 of the token EPj...", as well as the context knows it.
    [[nodiscard]] std::string tokens(std::uint64_t amount, const Address& mint,
                                     std::optional<std::uint8_t> decimals) const {
        const auto known = context_.tokens.find(mint);
        const bool is_named =
            known != context_.tokens.end() && (!decimals || *decimals == known->second.decimals);
        if (is_named) {
            return format_amount(amount, known->second.decimals) + " " +
                   quote_symbol(known->second.symbol);
        }
        if (decimals) {
            return format_amount(amount, *decimals) + " of the token " + name(mint) + " (" +
                   std::to_string(*decimals) + " decimals)";
        }
        return std::to_string(amount) + " smallest units of the token " + name(mint);
    }
    /// The same for instructions that name the token account only.
    [[nodiscard]] std::string tokens_of(std::uint64_t amount, const Address& account) const {
        const auto mint = context_.token_account_mints.find(account);
        if (mint == context_.token_account_mints.end()) {
            return std::to_string(amount) + " smallest units of the token of " + name(account);
        }
        return tokens(amount, mint->second, std::nullopt);
    }
    [[nodiscard]] std::string token_program_note() const {
        return instruction_.program == kToken2022Program ? " (Token-2022)" : "";
    }

  private:
    static std::string quote_symbol(const std::string& symbol) {
        const std::string quoted = quote_text(symbol);
        return quoted.substr(1, quoted.size() - 2);
    }

    const Instruction& instruction_;
    const ExplainContext& context_;
    ByteReader data_;
};

std::string bytes_text(std::uint64_t count) {
    return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

Sentence explain_system_creation(InstructionText& text, bool has_prefund_order) {
    const auto lamports = text.data().read_u64_le();
    const auto space = text.data().read_u64_le();
    const auto owner = text.data().read_as<Address>();
    const bool may_have_one_account = has_prefund_order && lamports && *lamports == 0;
    if (!owner ||
        !(text.ends_with_accounts(2) || (may_have_one_account && text.ends_with_accounts(1)))) {
        return std::nullopt;
    }
    const std::size_t account = has_prefund_order ? 0 : 1;
    std::string out = "create the account " + text.name(account) + " of " + bytes_text(*space) +
                      " for the program " + text.name(*owner);
    if (text.ends_with_accounts(2)) {
        out += " with " + detail::format_sol(*lamports) + " from " + text.name(1 - account);
    }
    return out;
}

Sentence explain_system_nonce(InstructionText& text, std::uint32_t number) {
    if (number == 4) {
        return text.ends_with_accounts(3) ? Sentence("advance the durable nonce " + text.name(0))
                                          : std::nullopt;
    }
    if (number == 5) {
        const auto lamports = text.data().read_u64_le();
        return lamports && text.ends_with_accounts(5)
                   ? Sentence("withdraw " + detail::format_sol(*lamports) +
                              " from the nonce account " + text.name(0) + " to " + text.name(1))
                   : std::nullopt;
    }
    const auto authority = text.data().read_as<Address>();
    if (!authority || !text.ends_with_accounts(number == 6 ? 3 : 2)) {
        return std::nullopt;
    }
    return (number == 6 ? "make " + text.name(0) + " a nonce account of "
                        : "hand the nonce account " + text.name(0) + " over to ") +
           text.name(*authority);
}

Sentence explain_system(InstructionText& text) {
    const auto number = text.data().read_u32_le();
    if (!number) {
        return std::nullopt;
    }
    switch (*number) {
        case 0:
            return explain_system_creation(text, false);
        case 13:
            return explain_system_creation(text, true);
        case 1: {
            const auto owner = text.data().read_as<Address>();
            return owner && text.ends_with_accounts(1)
                       ? Sentence("give the account " + text.name(0) + " to the program " +
                                  text.name(*owner))
                       : std::nullopt;
        }
        case 2: {
            const auto lamports = text.data().read_u64_le();
            return lamports && text.ends_with_accounts(2)
                       ? Sentence("transfer " + detail::format_sol(*lamports) + " from " +
                                  text.name(0) + " to " + text.name(1))
                       : std::nullopt;
        }
        case 4:
        case 5:
        case 6:
        case 7:
            return explain_system_nonce(text, *number);
        case 8: {
            const auto space = text.data().read_u64_le();
            return space && text.ends_with_accounts(1)
                       ? Sentence("give the account " + text.name(0) + " " + bytes_text(*space))
                       : std::nullopt;
        }
        default:
            return std::nullopt;
    }
}

/// Transfer, approve, mint and burn, in their older and their checked forms.
Sentence explain_token_amount(InstructionText& text, std::uint8_t number) {
    const auto amount = text.data().read_u64_le();
    if (!amount) {
        return std::nullopt;
    }
    const bool is_checked = number >= 12;
    std::optional<std::uint8_t> decimals;
    if (is_checked) {
        const auto read = text.data().read_u8();
        if (!read) {
            return std::nullopt;
        }
        decimals = *read;
    }
    // Checked transfers and approvals have the mint as a further account.
    const std::size_t accounts = number == 12 || number == 13 ? std::size_t{4} : std::size_t{3};
    if (!text.ends_with_at_least(accounts)) {
        return std::nullopt;
    }
    const std::string tail = text.token_program_note() + text.more_accounts(accounts);
    switch (number) {
        case 3:
            return "transfer " + text.tokens_of(*amount, text.address(0)) + " from " +
                   text.name(0) + " to " + text.name(1) + " by " + text.name(2) + tail;
        case 4:
            return "allow " + text.name(1) + " to spend " +
                   text.tokens_of(*amount, text.address(0)) + " from " + text.name(0) + tail;
        case 7:
        case 14:
            return "mint " + text.tokens(*amount, text.address(0), decimals) + " to " +
                   text.name(1) + tail;
        case 8:
        case 15:
            return "burn " + text.tokens(*amount, text.address(1), decimals) + " of " +
                   text.name(0) + tail;
        case 12:
            return "transfer " + text.tokens(*amount, text.address(1), decimals) + " from " +
                   text.name(0) + " to " + text.name(2) + " by " + text.name(3) + tail;
        default:
            return "allow " + text.name(2) + " to spend " +
                   text.tokens(*amount, text.address(1), decimals) + " from " + text.name(0) + tail;
    }
}

/// u8 0, or u8 1 and an address.
std::optional<std::optional<Address>> read_new_authority(ByteReader& data) {
    const auto has_one = data.read_bool();
    if (!has_one) {
        return std::nullopt;
    }
    if (!*has_one) {
        return std::optional<Address>();
    }
    const auto address = data.read_as<Address>();
    if (!address) {
        return std::nullopt;
    }
    return std::optional<Address>(*address);
}

Sentence explain_set_authority(InstructionText& text) {
    constexpr std::string_view kRights[] = {"right to mint", "right to freeze", "ownership",
                                            "right to close the account"};
    const auto right = text.data().read_u8();
    const auto next = read_new_authority(text.data());
    if (!right || *right >= std::size(kRights) || !next || !text.ends_with_at_least(2)) {
        return std::nullopt;
    }
    const std::string what = "the " + std::string(kRights[*right]) + " of " + text.name(0);
    const std::string tail = text.token_program_note() + text.more_accounts(2);
    return (*next ? "hand " + what + " over to " + text.name(**next)
                  : "give " + what + " up for ever") +
           tail;
}

Sentence explain_token_account(InstructionText& text, std::uint8_t number) {
    const std::string note = text.token_program_note();
    switch (number) {
        case 5:
            return text.ends_with_at_least(2) ? Sentence("end the delegation of " + text.name(0) +
                                                         note + text.more_accounts(2))
                                              : std::nullopt;
        case 9:
            return text.ends_with_at_least(3) ? Sentence("close the token account " + text.name(0) +
                                                         ", its lamports going to " + text.name(1) +
                                                         note + text.more_accounts(3))
                                              : std::nullopt;
        case 10:
        case 11:
            return text.ends_with_at_least(3)
                       ? Sentence((number == 10 ? "freeze " : "thaw ") + text.name(0) + note +
                                  text.more_accounts(3))
                       : std::nullopt;
        case 17:
            return text.ends_with_accounts(1)
                       ? Sentence("bring the wrapped SOL of " + text.name(0) + " up to date" + note)
                       : std::nullopt;
        case 18: {
            const auto owner = text.data().read_as<Address>();
            return owner && text.ends_with_accounts(2)
                       ? Sentence("make " + text.name(0) + " a token account of " +
                                  text.name(*owner) + " for the token " + text.name(1) + note)
                       : std::nullopt;
        }
        default:
            return std::nullopt;
    }
}

Sentence explain_token(InstructionText& text) {
    const auto number = text.data().read_u8();
    if (!number) {
        return std::nullopt;
    }
    switch (*number) {
        case 3:
        case 4:
        case 7:
        case 8:
        case 12:
        case 13:
        case 14:
        case 15:
            return explain_token_amount(text, *number);
        case 6:
            return explain_set_authority(text);
        default:
            return explain_token_account(text, *number);
    }
}

Sentence explain_associated_token(InstructionText& text, const Instruction& instruction) {
    // No data at all is the older form of create.
    const bool is_create = instruction.data.empty() || instruction.data == Bytes{0};
    if ((!is_create && instruction.data != Bytes{1}) || instruction.accounts.size() != 6) {
        return std::nullopt;
    }
    return "create the token account " + text.name(1) + " of " + text.name(2) + " for the token " +
           text.name(3) + ", paid for by " + text.name(0) +
           (is_create ? "" : ", unless it is there");
}

Sentence explain_compute_budget(InstructionText& text) {
    const auto number = text.data().read_u8();
    if (!number || *number < 1 || *number > 4) {
        return std::nullopt;
    }
    if (*number == 3) {
        const auto price = text.data().read_u64_le();
        return price && text.ends_with_accounts(0)
                   ? Sentence("pay " + std::to_string(*price) +
                              " millionths of a lamport for each requested compute unit")
                   : std::nullopt;
    }
    const auto value = text.data().read_u32_le();
    if (!value || !text.ends_with_accounts(0)) {
        return std::nullopt;
    }
    const std::string amount = std::to_string(*value);
    return *number == 1   ? "use " + amount + " bytes of heap"
           : *number == 2 ? "use at most " + amount + " compute units"
                          : "load at most " + amount + " bytes of accounts";
}

Sentence explain_lookup_table(InstructionText& text) {
    const auto number = text.data().read_u32_le();
    if (!number || text.address(0) == Address{}) {
        return std::nullopt;
    }
    switch (*number) {
        case 0:
            return "create the lookup table " + text.name(0);
        case 1:
            return "freeze the lookup table " + text.name(0) + " for ever";
        case 2:
            return "add addresses to the lookup table " + text.name(0);
        case 3:
            return "deactivate the lookup table " + text.name(0);
        case 4:
            return "close the lookup table " + text.name(0);
        default:
            return std::nullopt;
    }
}

Sentence explain_loader_authority(const InstructionText& text) {
    if (text.ends_with_accounts(2)) {
        return "let nobody replace what is in " + text.name(0) + " ever again";
    }
    return text.ends_with_accounts(3) ? Sentence("hand " + text.name(0) + " over from " +
                                                 text.name(1) + " to " + text.name(2))
                                      : std::nullopt;
}

/// loader-v3.
Sentence explain_loader(InstructionText& text) {
    const auto number = text.data().read_u32_le();
    if (!number) {
        return std::nullopt;
    }
    if (*number == 0 && text.ends_with_accounts(2)) {
        return "make " + text.name(0) + " a buffer for code, written by " + text.name(1);
    }
    if (*number == 1) {
        const auto offset = text.data().read_u32_le();
        const auto size = text.data().read_u64_le();
        if (!size || text.data().remaining() != *size) {
            return std::nullopt;
        }
        return "write " + bytes_text(*size) + " of code at " + std::to_string(*offset) +
               " into the buffer " + text.name(0);
    }
    if (*number == 2) {
        const auto room = text.data().read_u64_le();
        return room && text.ends_with_accounts(8)
                   ? Sentence("deploy the program " + text.name(2) + " with room for " +
                              bytes_text(*room) + " from the buffer " + text.name(3))
                   : std::nullopt;
    }
    if (*number == 3 && text.ends_with_accounts(7)) {
        return "replace the code of the program " + text.name(1) + " by that in the buffer " +
               text.name(2) + ", whose spare lamports go to " + text.name(3);
    }
    if (*number == 5 && text.ends_with_accounts(3)) {
        return "close the buffer " + text.name(0) + ", its lamports going to " + text.name(1);
    }
    return *number == 4 ? explain_loader_authority(text) : std::nullopt;
}

Sentence explain_precompile(const Instruction& instruction) {
    if (instruction.data.empty()) {
        return std::nullopt;
    }
    const std::string kind = instruction.program == kSecp256r1Program ? "P-256"
                             : instruction.program == kEd25519Program ? "ed25519"
                                                                      : "secp256k1";
    return "verify " + std::to_string(instruction.data.front()) + " " + kind +
           (instruction.data.front() == 1 ? " signature" : " signatures");
}

Sentence explain_known(const Instruction& instruction, const ExplainContext& context) {
    InstructionText text(instruction, context);
    if (instruction.program == kSystemProgram) {
        return explain_system(text);
    }
    if (instruction.program == kTokenProgram || instruction.program == kToken2022Program) {
        return explain_token(text);
    }
    if (instruction.program == kAssociatedTokenProgram) {
        return explain_associated_token(text, instruction);
    }
    if (instruction.program == kComputeBudgetProgram) {
        return explain_compute_budget(text);
    }
    if (instruction.program == kMemoProgram) {
        return "note " + quote_text(core::as_text(instruction.data));
    }
    if (instruction.program == kAddressLookupTableProgram && !instruction.accounts.empty()) {
        return explain_lookup_table(text);
    }
    if (instruction.program == kUpgradeableLoader && !instruction.accounts.empty()) {
        return explain_loader(text);
    }
    if (instruction.program == kSecp256r1Program || instruction.program == kEd25519Program ||
        instruction.program == kSecp256k1Program) {
        return explain_precompile(instruction);
    }
    return std::nullopt;
}

std::string explain_unknown(const Instruction& instruction, const ExplainContext& context) {
    std::string out = "call the program " + name_address(instruction.program, context) + " with ";
    out += instruction.data.empty() ? "no data" : "data " + core::encode_hex(instruction.data);
    for (const AccountMeta& account : instruction.accounts) {
        out += &account == instruction.accounts.data() ? " and the accounts " : ", ";
        out += name_address(account.address, context);
        out += account.is_signer ? " (signer" : account.is_writable ? " (writable" : "";
        out += account.is_signer && account.is_writable ? ", writable" : "";
        out += account.is_signer || account.is_writable ? ")" : "";
    }
    return out;
}

}  // namespace

std::string format_amount(std::uint64_t amount, std::uint8_t decimals) {
    std::string digits = std::to_string(amount);
    if (digits.size() <= decimals) {
        digits.insert(0, decimals + 1U - digits.size(), '0');
    }
    std::string fraction = digits.substr(digits.size() - decimals);
    digits.resize(digits.size() - decimals);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    return fraction.empty() ? digits : digits + "." + fraction;
}

std::string quote_text(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c >= ' ' && c <= '~' && c != '"' && c != '\\') {
            out += c;
        } else {
            const auto byte = static_cast<std::uint8_t>(c);
            out += "\\x" + core::encode_hex(ByteView(&byte, 1));
        }
    }
    return out + "\"";
}

std::string name_address(const Address& address, const ExplainContext& context) {
    if (context.wallet != nullptr && address == context.wallet->wallet().vault()) {
        return "the vault";
    }
    if (context.wallet != nullptr && address == context.wallet->wallet().state()) {
        return "the wallet's state";
    }
    const auto named = context.names.find(address);
    return named == context.names.end() ? to_base58(address) : named->second;
}

namespace detail {

std::string format_sol(std::uint64_t lamports) {
    constexpr std::uint8_t kSolDecimals = 9;
    return format_amount(lamports, kSolDecimals) + " SOL";
}

std::string explain_program(const Instruction& instruction, const ExplainContext& context) {
    return explain_known(instruction, context).value_or(explain_unknown(instruction, context));
}

}  // namespace detail

}  // namespace latchkey::solana
