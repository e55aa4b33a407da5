// SPDX-License-Identifier: Apache-2.0
#include "chains/solana/client/transaction_error.hpp"

#include <algorithm>
#include <limits>
#include <span>
#include <string_view>

namespace latchkey::solana {

namespace json = boost::json;
using core::ErrorCode;
using core::fail;

namespace {

/// Names come from outside and end up in messages for people.
constexpr std::size_t kNameBytesMax = 100;

struct Text {
    std::string_view name;
    std::string_view sentence;
};

constexpr Text kTransactionTexts[] = {
    {"AccountInUse", "an account is used by another transaction right now; send it again"},
    {"AccountLoadedTwice", "an address occurs twice in the transaction"},
    {"AccountNotFound", "the fee payer has no account on this cluster; fund it first"},
    {"ProgramAccountNotFound", "a called program does not exist on this cluster"},
    {"InsufficientFundsForFee", "the fee payer has not enough lamports for the fee"},
    {"InvalidAccountForFee", "this account may not pay fees; use one that System owns"},
    {"AlreadyProcessed", "the transaction has been processed already"},
    {"BlockhashNotFound",
     "the blockhash is unknown or too old; build and sign the transaction with a fresh one"},
    {"CallChainTooDeep", "the loader's call chain is too deep"},
    {"MissingSignatureForFee", "the fee payer has not signed"},
    {"InvalidAccountIndex", "the transaction refers to an account that it does not list"},
    {"SignatureFailure", "a signature does not verify"},
    {"InvalidProgramForExecution", "a called account is not a program that may be executed"},
    {"SanitizeFailure", "the transaction breaks a rule of its format"},
    {"ClusterMaintenance", "the cluster accepts no transactions during maintenance"},
    {"AccountBorrowOutstanding", "a program left an account borrowed"},
    {"WouldExceedMaxBlockCostLimit", "the block is full; send it again"},
    {"UnsupportedVersion", "this cluster does not support the transaction's version"},
    {"InvalidWritableAccount", "an account is asked for as writable that cannot be"},
    {"WouldExceedMaxAccountCostLimit", "an account is too busy in this block; send it again"},
    {"WouldExceedAccountDataBlockLimit", "the block may not grow accounts further; send it again"},
    {"TooManyAccountLocks", "the transaction locks too many accounts"},
    {"AddressLookupTableNotFound", "a lookup table does not exist"},
    {"InvalidAddressLookupTableOwner", "an account given as lookup table is none"},
    {"InvalidAddressLookupTableData", "a lookup table's data are not valid"},
    {"InvalidAddressLookupTableIndex",
     "a lookup table has no such entry, or it was added in this slot; wait for the next one"},
    {"InvalidRentPayingAccount", "an account would be left below its rent-exempt minimum"},
    {"WouldExceedMaxVoteCostLimit", "the block takes no more votes"},
    {"WouldExceedAccountDataTotalLimit", "the cluster may not grow accounts further"},
    {"DuplicateInstruction", "a resource request occurs twice"},
    {"InsufficientFundsForRent", "an account would be left below its rent-exempt minimum"},
    {"MaxLoadedAccountsDataSizeExceeded",
     "the accounts hold more data than the transaction asked to load; raise that limit"},
    {"InvalidLoadedAccountsDataSizeLimit", "the loaded-accounts data limit must be above 0"},
    {"ResanitizationNeeded", "the transaction crossed an epoch; send it again"},
    {"ProgramExecutionTemporarilyRestricted", "a called program is restricted for the moment"},
    {"UnbalancedTransaction", "lamports would be created or destroyed"},
    {"ProgramCacheHitMaxLimit", "the validator's program cache is full; send it again"},
    {"CommitCancelled", "the validator dropped the transaction; send it again"},
};

constexpr Text kInstructionTexts[] = {
    {"GenericError", "a generic error"},
    {"InvalidArgument", "an argument is not valid"},
    {"InvalidInstructionData", "the instruction's data are not valid"},
    {"InvalidAccountData", "an account's data are not what the program expects"},
    {"AccountDataTooSmall", "an account's data are too small"},
    {"InsufficientFunds", "not enough funds"},
    {"IncorrectProgramId", "an account belongs to another program"},
    {"MissingRequiredSignature", "a required signature is missing"},
    {"AccountAlreadyInitialized", "the account is initialised already"},
    {"UninitializedAccount", "the account is not initialised"},
    {"UnbalancedInstruction", "lamports would be created or destroyed"},
    {"ModifiedProgramId", "the program changed an owner it may not change"},
    {"ExternalAccountLamportSpend", "the program spent from an account it does not own"},
    {"ExternalAccountDataModified", "the program changed data of an account it does not own"},
    {"ReadonlyLamportChange", "the program changed the balance of a read-only account"},
    {"ReadonlyDataModified", "the program changed data of a read-only account"},
    {"DuplicateAccountIndex", "an account occurs twice"},
    {"ExecutableModified", "the program changed an executable flag"},
    {"RentEpochModified", "the program changed a rent epoch"},
    {"NotEnoughAccountKeys", "accounts are missing"},
    {"AccountDataSizeChanged", "a program resized an account it does not own"},
    {"AccountNotExecutable", "an account is no program"},
    {"AccountBorrowFailed", "an account is borrowed already"},
    {"AccountBorrowOutstanding", "an account was left borrowed"},
    {"DuplicateAccountOutOfSync", "copies of an account differ"},
    {"InvalidError", "the program returned an impossible error"},
    {"ExecutableDataModified", "the program changed an executable's data"},
    {"ExecutableLamportChange", "the program changed an executable's balance"},
    {"ExecutableAccountNotRentExempt", "an executable must be rent exempt"},
    {"UnsupportedProgramId", "the called program does not exist or cannot be executed"},
    {"CallDepth", "programs call each other too deeply"},
    {"MissingAccount", "an account that an inner call needs is missing"},
    {"ReentrancyNotAllowed", "a program may not be called again while it runs"},
    {"MaxSeedLengthExceeded", "a seed is too long"},
    {"InvalidSeeds", "seeds do not lead to the given address"},
    {"InvalidRealloc", "an account may not grow that much at once"},
    {"ComputationalBudgetExceeded", "the compute-unit limit is used up; raise it"},
    {"PrivilegeEscalation", "an inner call asks for a signer or writable account it may not have"},
    {"ProgramEnvironmentSetupFailure", "the program's environment could not be set up"},
    {"ProgramFailedToComplete", "the program crashed or ran out of compute units"},
    {"ProgramFailedToCompile", "the program's code is not valid on this cluster"},
    {"Immutable", "the account cannot be changed any more"},
    {"IncorrectAuthority", "this is not the right authority"},
    {"BorshIoError", "data could not be read or written"},
    {"AccountNotRentExempt", "the account is below its rent-exempt minimum"},
    {"InvalidAccountOwner", "an account has the wrong owner"},
    {"ArithmeticOverflow", "an arithmetic operation overflowed"},
    {"UnsupportedSysvar", "a sysvar is not supported"},
    {"IllegalOwner", "this owner is not allowed"},
    {"MaxAccountsDataAllocationsExceeded", "accounts grow too much in one transaction"},
    {"MaxAccountsExceeded", "too many accounts"},
    {"MaxInstructionTraceLengthExceeded", "too many inner calls"},
    {"BuiltinProgramsMustConsumeComputeUnits", "a builtin program consumed no compute units"},
};

/// solana-system-interface, SystemError.
constexpr std::string_view kSystemErrors[] = {
    "an account with this address exists already, or has lamports",
    "not enough lamports",
    "this owner cannot be assigned",
    "this account size is not allowed",
    "the seed is too long",
    "address and seed do not belong together",
    "the nonce account cannot advance: no recent blockhashes",
    "the nonce has not changed since; a new blockhash is needed",
    "the nonce in the transaction is not the account's",
};

/// spl-token-interface and spl-token-2022-interface, TokenError.
constexpr std::string_view kTokenErrors[] = {
    "the account would not be rent exempt",
    "not enough tokens",
    "the mint is not valid",
    "the account is for another mint",
    "the owner does not match",
    "the supply of this mint is fixed",
    "the account or mint is in use already",
    "the number of signers is not valid",
    "the number of required signers is not valid",
    "the account or mint is not initialised",
    "wrapped SOL does not support this",
    "the account still holds tokens",
    "the instruction is not valid",
    "the state does not allow this",
    "the amount overflowed",
    "this kind of authority is not supported here",
    "the mint cannot freeze accounts",
    "the account is frozen",
    "the decimals do not match the mint's",
    "only wrapped SOL supports this",
};

/// solana-precompile-error.
constexpr std::string_view kPrecompileErrors[] = {
    "a public key is not valid",       "a recovery id is not valid",
    "a signature does not verify",     "an offset points outside of the data",
    "the instruction's size is wrong",
};

std::optional<std::string_view> find(std::span<const Text> texts, std::string_view name) {
    const auto found =
        std::find_if(texts.begin(), texts.end(), [&](const Text& t) { return t.name == name; });
    return found == texts.end() ? std::nullopt : std::optional(found->sentence);
}

std::optional<std::string> at(std::span<const std::string_view> texts, std::uint32_t index) {
    return index < texts.size() ? std::optional(std::string(texts[index])) : std::nullopt;
}

tl::unexpected<core::Error> malformed(std::string_view what) {
    return fail(ErrorCode::kRpcMalformed, "transaction error: " + std::string(what));
}

template <typename T>
Result<T> read_number(const json::value& value, std::string_view what) {
    boost::system::error_code error;
    if (!value.is_number()) {
        return malformed(what);
    }
    const auto number = value.to_number<std::uint64_t>(error);
    if (error || number > std::numeric_limits<T>::max()) {
        return malformed(what);
    }
    return static_cast<T>(number);
}

Result<std::string> read_name(std::string_view name) {
    const bool is_plain = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    });
    if (name.empty() || name.size() > kNameBytesMax || !is_plain) {
        return malformed("no plain name");
    }
    return std::string(name);
}

/// The pair [index, error] of an InstructionError.
Result<void> read_instruction_error(const json::value& value, TransactionError& out) {
    const json::array* pair = value.if_array();
    if (pair == nullptr || pair->size() != 2) {
        return malformed("InstructionError is no pair");
    }
    LATCHKEY_TRY(out.instruction_index, read_number<std::uint8_t>((*pair)[0], "instruction index"));
    const json::value& detail = (*pair)[1];
    if (const json::string* name = detail.if_string()) {
        LATCHKEY_TRY(out.instruction_error, read_name(*name));
        return {};
    }
    const json::object* object = detail.if_object();
    if (object == nullptr || object->size() != 1) {
        return malformed("an instruction's error is neither text nor object");
    }
    LATCHKEY_TRY(out.instruction_error, read_name(object->begin()->key()));
    if (out.instruction_error == "Custom") {
        LATCHKEY_TRY(out.custom_code,
                     read_number<std::uint32_t>(object->begin()->value(), "custom code"));
    }
    return {};
}

std::string explain_instruction(const TransactionError& error, const Message* message,
                                const CustomErrorText& more) {
    const std::size_t index = *error.instruction_index;
    std::string out = "instruction " + std::to_string(index);
    std::optional<Address> program;
    if (message != nullptr && index < message->instructions.size() &&
        message->instructions[index].program_index < message->addresses.size()) {
        program = message->addresses[message->instructions[index].program_index];
        out += " (" + program_name(*program) + ")";
    }
    out += ": ";
    if (!error.custom_code) {
        const auto text = find(kInstructionTexts, error.instruction_error);
        return out + (text ? std::string(*text) : error.instruction_error);
    }
    std::optional<std::string> text;
    if (program && more) {
        text = more(*program, *error.custom_code);
    }
    if (program && !text) {
        text = known_custom_error(*program, *error.custom_code);
    }
    const std::string number = "error " + std::to_string(*error.custom_code);
    return out + (text ? *text + " (" + number + ")" : "the program's own " + number);
}

}  // namespace

Result<std::optional<TransactionError>> decode_transaction_error(const json::value& value) {
    if (value.is_null()) {
        return std::optional<TransactionError>();
    }
    TransactionError out;
    if (const json::string* name = value.if_string()) {
        LATCHKEY_TRY(out.name, read_name(*name));
        return std::optional(std::move(out));
    }
    const json::object* object = value.if_object();
    if (object == nullptr || object->size() != 1) {
        return malformed("neither text nor object");
    }
    LATCHKEY_TRY(out.name, read_name(object->begin()->key()));
    const json::value& detail = object->begin()->value();
    if (out.name == "InstructionError") {
        LATCHKEY_CHECK(read_instruction_error(detail, out));
    } else if (out.name == "DuplicateInstruction") {
        LATCHKEY_TRY(out.instruction_index, read_number<std::uint8_t>(detail, "instruction index"));
    } else if (const json::object* fields = detail.if_object()) {
        if (const json::value* index = fields->if_contains("account_index")) {
            LATCHKEY_TRY(out.account_index, read_number<std::uint8_t>(*index, "account index"));
        }
    }
    return std::optional(std::move(out));
}

std::optional<std::string> known_custom_error(const Address& program, std::uint32_t code) {
    if (program == kSystemProgram) {
        return at(kSystemErrors, code);
    }
    if (program == kTokenProgram || program == kToken2022Program) {
        return at(kTokenErrors, code);
    }
    if (program == kAssociatedTokenProgram && code == 0) {
        return "the associated account belongs to somebody else";
    }
    if (program == kSecp256r1Program || program == kEd25519Program ||
        program == kSecp256k1Program) {
        return at(kPrecompileErrors, code);
    }
    return std::nullopt;
}

std::string explain(const TransactionError& error, const Message* message,
                    const CustomErrorText& more) {
    if (error.name == "InstructionError" && error.instruction_index) {
        return explain_instruction(error, message, more);
    }
    const auto text = find(kTransactionTexts, error.name);
    std::string out = text ? std::string(*text) : error.name;
    if (error.instruction_index) {
        out += " (instruction " + std::to_string(*error.instruction_index) + ")";
    }
    if (error.account_index) {
        const std::size_t index = *error.account_index;
        out += message != nullptr && index < message->addresses.size()
                   ? " (" + to_base58(message->addresses[index]) + ")"
                   : " (account " + std::to_string(index) + ")";
    }
    return out;
}

std::string program_name(const Address& program) {
    struct Row {
        Address program;
        std::string_view name;
    };
    static constexpr Row kNames[] = {
        {kSystemProgram, "the System program"},
        {kTokenProgram, "the Token program"},
        {kToken2022Program, "the Token-2022 program"},
        {kAssociatedTokenProgram, "the associated-token program"},
        {kComputeBudgetProgram, "the ComputeBudget program"},
        {kAddressLookupTableProgram, "the address-lookup-table program"},
        {kMemoProgram, "the Memo program"},
        {kSecp256r1Program, "the secp256r1 precompile"},
        {kEd25519Program, "the ed25519 precompile"},
        {kSecp256k1Program, "the secp256k1 precompile"},
        {kUpgradeableLoader, "the upgradeable loader"},
    };
    for (const Row& row : kNames) {
        if (row.program == program) {
            return std::string(row.name);
        }
    }
    return to_base58(program);
}

}  // namespace latchkey::solana
