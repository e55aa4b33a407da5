// SPDX-License-Identifier: Apache-2.0
// A model of SPL Token for what moves value and authority. Token-2022 behaves the same here; bytes
// behind the base of an account (extensions) are carried along and mean nothing.
#include <algorithm>

#include "chains/solana/program/counting.hpp"
#include "chains/solana/testing/native_machine.hpp"
#include "core/encoding/byte_io.hpp"

namespace latchkey::solana::testing {

namespace {

// TokenError.
constexpr std::uint32_t kInsufficientFunds = 1;
constexpr std::uint32_t kMintMismatch = 3;
constexpr std::uint32_t kOwnerMismatch = 4;
constexpr std::uint32_t kFixedSupply = 5;
constexpr std::uint32_t kNativeNotSupported = 10;
constexpr std::uint32_t kNonNativeHasBalance = 11;
constexpr std::uint32_t kInvalidInstruction = 12;
constexpr std::uint32_t kOverflow = 14;
constexpr std::uint32_t kMintCannotFreeze = 16;
constexpr std::uint32_t kAccountFrozen = 17;
constexpr std::uint32_t kMintDecimalsMismatch = 18;
constexpr std::uint32_t kNonNativeNotSupported = 19;

enum TokenInstruction : std::uint8_t {
    kTransfer = 3,
    kApprove = 4,
    kRevoke = 5,
    kSetAuthority = 6,
    kMintTo = 7,
    kBurn = 8,
    kCloseAccount = 9,
    kFreezeAccount = 10,
    kThawAccount = 11,
    kTransferChecked = 12,
    kApproveChecked = 13,
    kMintToChecked = 14,
    kBurnChecked = 15,
    kSyncNative = 17,
};

constexpr std::uint8_t kStateInitialized = 1;
constexpr std::uint8_t kStateFrozen = 2;
constexpr std::size_t kMintSupplyOffset = 36;
constexpr std::size_t kMintDecimalsOffset = 44;
constexpr std::size_t kMintInitializedOffset = 45;
constexpr std::size_t kMintFreezeOffset = program::kMintFreezeAuthorityOffset;
constexpr std::size_t kNativeReserveOffset = program::kTokenNativeOffset + 4;
constexpr std::size_t kDelegatedAmountOffset = 121;

/// The bytes of a mint or token account, changed in a copy and stored when everything is right.
class Record {
  public:
    Record(BorrowedAccount account, std::size_t size, std::size_t state_offset)
        : account_(account), data_(account.get().data) {
        // Behind a token account's length, Token-2022 says what it is, and extensions follow.
        const std::uint8_t type = size == program::kMintSize ? 1 : 2;
        const bool is_extended =
            data_.size() > program::kTokenAccountSize && data_[program::kTokenAccountSize] == type;
        if (data_.size() != size && !is_extended) {
            fail_native("InvalidAccountData");
        }
        if (data_[state_offset] == 0) {
            fail_native("UninitializedAccount");
        }
    }

    BorrowedAccount& account() { return account_; }
    Address address(std::size_t at) const {
        return Address::from(ByteView(data_).subspan(at).first<32>());
    }
    std::uint64_t number(std::size_t at) const {
        return core::load_le<std::uint64_t>(data_.data() + at);
    }
    std::uint8_t byte(std::size_t at) const { return data_[at]; }
    std::optional<Address> option(std::size_t at) const {
        return core::load_le<std::uint32_t>(data_.data() + at) == 1 ? std::optional(address(at + 4))
                                                                    : std::nullopt;
    }
    void set_address(std::size_t at, const Address& value) {
        std::copy(value.begin(), value.end(), data_.begin() + static_cast<std::ptrdiff_t>(at));
    }
    void set_number(std::size_t at, std::uint64_t value) {
        core::store_le(data_.data() + at, value);
    }
    void set_byte(std::size_t at, std::uint8_t value) { data_[at] = value; }
    void set_option(std::size_t at, const std::optional<Address>& value) {
        core::store_le(data_.data() + at, std::uint32_t{value.has_value() ? 1U : 0U});
        // The program leaves the old key's bytes in place only where it writes none.
        set_address(at + 4, value.value_or(Address()));
    }
    void store() { account_.set_data(data_); }

  private:
    BorrowedAccount account_;
    Bytes data_;
};

struct TokenRecord : Record {
    explicit TokenRecord(BorrowedAccount account)
        : Record(account, program::kTokenAccountSize, program::kTokenStateOffset) {}

    Address mint() const { return address(0); }
    Address owner() const { return address(program::kTokenOwnerOffset); }
    std::uint64_t amount() const { return number(program::kTokenAmountOffset); }
    void set_amount(std::uint64_t value) { set_number(program::kTokenAmountOffset, value); }
    bool is_frozen() const { return byte(program::kTokenStateOffset) == kStateFrozen; }
    bool is_native() const { return byte(program::kTokenNativeOffset) == 1; }
    std::optional<Address> delegate() const { return option(program::kTokenDelegateOffset); }
    std::optional<Address> close_authority() const {
        return option(program::kTokenCloseAuthorityOffset);
    }
    void clear_delegate() {
        set_option(program::kTokenDelegateOffset, std::nullopt);
        set_number(kDelegatedAmountOffset, 0);
    }
    void require_thawed() const {
        if (is_frozen()) {
            fail_native_custom(kAccountFrozen);
        }
    }
};

struct MintRecord : Record {
    explicit MintRecord(BorrowedAccount account)
        : Record(account, program::kMintSize, kMintInitializedOffset) {}

    std::optional<Address> mint_authority() const { return option(0); }
    std::optional<Address> freeze_authority() const { return option(kMintFreezeOffset); }
    std::uint64_t supply() const { return number(kMintSupplyOffset); }
    void set_supply(std::uint64_t value) { set_number(kMintSupplyOffset, value); }
};

class Arguments {
  public:
    explicit Arguments(ByteView data) : rest_(data) {}

    std::uint8_t byte() { return take(1)[0]; }
    std::uint64_t amount() { return core::load_le<std::uint64_t>(take(8).data()); }
    std::optional<Address> option() {
        const std::uint8_t tag = byte();
        if (tag > 1) {
            fail_native_custom(kInvalidInstruction);
        }
        return tag == 1 ? std::optional(Address::from(take(32).first<32>())) : std::nullopt;
    }

  private:
    ByteView take(std::size_t size) {
        if (rest_.size() < size) {
            fail_native_custom(kInvalidInstruction);
        }
        const ByteView taken = rest_.first(size);
        rest_ = rest_.subspan(size);
        return taken;
    }

    ByteView rest_;
};

void validate_owner(const Address& expected, const BorrowedAccount& authority) {
    if (authority.address() != expected) {
        fail_native_custom(kOwnerMismatch);
    }
    if (!authority.is_signer()) {
        fail_native("MissingRequiredSignature");
    }
}

/// The owner, or the delegate as far as its amount goes.
void spend(TokenRecord& source, const BorrowedAccount& authority, std::uint64_t amount,
           bool uses_up) {
    if (source.delegate() != authority.address()) {
        validate_owner(source.owner(), authority);
        return;
    }
    validate_owner(*source.delegate(), authority);
    const std::uint64_t allowed = source.number(kDelegatedAmountOffset);
    if (allowed < amount) {
        fail_native_custom(kInsufficientFunds);
    }
    if (uses_up) {
        source.set_number(kDelegatedAmountOffset, allowed - amount);
        if (allowed == amount) {
            source.clear_delegate();
        }
    }
}

void check_decimals(const MintRecord& mint, std::uint8_t decimals) {
    if (mint.byte(kMintDecimalsOffset) != decimals) {
        fail_native_custom(kMintDecimalsMismatch);
    }
}

void require_accounts(const Frame& frame, std::size_t count) {
    if (frame.accounts.size() < count) {
        fail_native("NotEnoughAccountKeys");
    }
}

void transfer(Machine& machine, const Frame& frame, Arguments& arguments, bool is_checked) {
    require_accounts(frame, is_checked ? 4 : 3);
    const std::uint64_t amount = arguments.amount();
    TokenRecord source(machine.borrow(frame, 0));
    const BorrowedAccount to = machine.borrow(frame, is_checked ? 2 : 1);
    TokenRecord destination(to);
    source.require_thawed();
    destination.require_thawed();
    if (source.amount() < amount) {
        fail_native_custom(kInsufficientFunds);
    }
    if (source.mint() != destination.mint()) {
        fail_native_custom(kMintMismatch);
    }
    if (is_checked) {
        if (machine.borrow(frame, 1).address() != source.mint()) {
            fail_native_custom(kMintMismatch);
        }
        check_decimals(MintRecord(machine.borrow(frame, 1)), arguments.byte());
    }
    const bool is_same = source.account().address() == to.address();
    spend(source, machine.borrow(frame, is_checked ? 3 : 2), amount, !is_same);
    if (is_same || amount == 0) {
        if (!source.account().is_owned() || !to.is_owned()) {
            fail_native("IncorrectProgramId");
        }
    }
    if (is_same) {
        return;
    }
    source.set_amount(source.amount() - amount);
    destination.set_amount(destination.amount() + amount);
    source.store();
    destination.store();
    if (source.is_native()) {
        source.account().subtract_lamports(amount);
        destination.account().add_lamports(amount);
    }
}

void approve(Machine& machine, const Frame& frame, Arguments& arguments, bool is_checked) {
    require_accounts(frame, is_checked ? 4 : 3);
    const std::uint64_t amount = arguments.amount();
    TokenRecord source(machine.borrow(frame, 0));
    source.require_thawed();
    if (is_checked) {
        if (machine.borrow(frame, 1).address() != source.mint()) {
            fail_native_custom(kMintMismatch);
        }
        check_decimals(MintRecord(machine.borrow(frame, 1)), arguments.byte());
    }
    validate_owner(source.owner(), machine.borrow(frame, is_checked ? 3 : 2));
    source.set_option(program::kTokenDelegateOffset,
                      machine.borrow(frame, is_checked ? 2 : 1).address());
    source.set_number(kDelegatedAmountOffset, amount);
    source.store();
}

void revoke(Machine& machine, const Frame& frame) {
    require_accounts(frame, 2);
    TokenRecord source(machine.borrow(frame, 0));
    source.require_thawed();
    validate_owner(source.owner(), machine.borrow(frame, 1));
    source.clear_delegate();
    source.store();
}

void set_account_authority(TokenRecord& account, const BorrowedAccount& authority,
                           std::uint8_t type, const std::optional<Address>& next) {
    account.require_thawed();
    if (type == 2) {
        validate_owner(account.owner(), authority);
        if (!next) {
            fail_native_custom(kInvalidInstruction);
        }
        account.set_address(program::kTokenOwnerOffset, *next);
        account.clear_delegate();
        if (account.is_native()) {
            account.set_option(program::kTokenCloseAuthorityOffset, std::nullopt);
        }
    } else {
        validate_owner(account.close_authority().value_or(account.owner()), authority);
        account.set_option(program::kTokenCloseAuthorityOffset, next);
    }
    account.store();
}

void set_mint_authority(MintRecord& mint, const BorrowedAccount& authority, std::uint8_t type,
                        const std::optional<Address>& next) {
    const std::optional<Address> current =
        type == 0 ? mint.mint_authority() : mint.freeze_authority();
    if (!current) {
        fail_native_custom(type == 0 ? kFixedSupply : kMintCannotFreeze);
    }
    validate_owner(*current, authority);
    mint.set_option(type == 0 ? 0 : kMintFreezeOffset, next);
    mint.store();
}

void set_authority(Machine& machine, const Frame& frame, Arguments& arguments) {
    const std::uint8_t type = arguments.byte();
    const std::optional<Address> next = arguments.option();
    require_accounts(frame, 2);
    if (type > 3) {
        fail_native_custom(kInvalidInstruction);
    }
    const bool is_mint = machine.borrow(frame, 0).get().data.size() == program::kMintSize;
    if (is_mint != (type < 2)) {
        fail_native_custom(kInvalidInstruction);
    }
    if (is_mint) {
        MintRecord mint(machine.borrow(frame, 0));
        set_mint_authority(mint, machine.borrow(frame, 1), type, next);
    } else {
        TokenRecord account(machine.borrow(frame, 0));
        set_account_authority(account, machine.borrow(frame, 1), type, next);
    }
}

void mint_to(Machine& machine, const Frame& frame, Arguments& arguments, bool is_checked) {
    require_accounts(frame, 3);
    const std::uint64_t amount = arguments.amount();
    TokenRecord destination(machine.borrow(frame, 1));
    destination.require_thawed();
    if (destination.is_native()) {
        fail_native_custom(kNativeNotSupported);
    }
    if (destination.mint() != machine.borrow(frame, 0).address()) {
        fail_native_custom(kMintMismatch);
    }
    MintRecord mint(machine.borrow(frame, 0));
    if (is_checked) {
        check_decimals(mint, arguments.byte());
    }
    if (!mint.mint_authority()) {
        fail_native_custom(kFixedSupply);
    }
    validate_owner(*mint.mint_authority(), machine.borrow(frame, 2));
    if (mint.supply() + amount < amount) {
        fail_native_custom(kOverflow);
    }
    mint.set_supply(mint.supply() + amount);
    destination.set_amount(destination.amount() + amount);
    mint.store();
    destination.store();
}

void burn(Machine& machine, const Frame& frame, Arguments& arguments, bool is_checked) {
    require_accounts(frame, 3);
    const std::uint64_t amount = arguments.amount();
    TokenRecord source(machine.borrow(frame, 0));
    MintRecord mint(machine.borrow(frame, 1));
    source.require_thawed();
    if (source.is_native()) {
        fail_native_custom(kNativeNotSupported);
    }
    if (source.amount() < amount) {
        fail_native_custom(kInsufficientFunds);
    }
    if (source.mint() != machine.borrow(frame, 1).address()) {
        fail_native_custom(kMintMismatch);
    }
    if (is_checked) {
        check_decimals(mint, arguments.byte());
    }
    spend(source, machine.borrow(frame, 2), amount, true);
    source.set_amount(source.amount() - amount);
    mint.set_supply(mint.supply() - amount);
    source.store();
    mint.store();
}

void close_account(Machine& machine, const Frame& frame) {
    require_accounts(frame, 3);
    TokenRecord source(machine.borrow(frame, 0));
    BorrowedAccount destination = machine.borrow(frame, 1);
    if (source.account().address() == destination.address()) {
        fail_native("InvalidAccountData");
    }
    if (!source.is_native() && source.amount() != 0) {
        fail_native_custom(kNonNativeHasBalance);
    }
    validate_owner(source.close_authority().value_or(source.owner()), machine.borrow(frame, 2));
    BorrowedAccount& account = source.account();
    destination.add_lamports(account.get().lamports);
    account.set_lamports(0);
    account.set_data({});
    account.set_owner(kSystemProgram);
}

void freeze(Machine& machine, const Frame& frame, bool freezes) {
    require_accounts(frame, 3);
    TokenRecord account(machine.borrow(frame, 0));
    if (account.is_frozen() == freezes) {
        fail_native_custom(13);
    }
    if (account.is_native()) {
        fail_native_custom(kNativeNotSupported);
    }
    if (account.mint() != machine.borrow(frame, 1).address()) {
        fail_native_custom(kMintMismatch);
    }
    const MintRecord mint(machine.borrow(frame, 1));
    if (!mint.freeze_authority()) {
        fail_native_custom(kMintCannotFreeze);
    }
    validate_owner(*mint.freeze_authority(), machine.borrow(frame, 2));
    account.set_byte(program::kTokenStateOffset, freezes ? kStateFrozen : kStateInitialized);
    account.store();
}

void sync_native(Machine& machine, const Frame& frame) {
    require_accounts(frame, 1);
    TokenRecord account(machine.borrow(frame, 0));
    if (!account.account().is_owned()) {
        fail_native("IncorrectProgramId");
    }
    if (!account.is_native()) {
        fail_native_custom(kNonNativeNotSupported);
    }
    const std::uint64_t reserve = account.number(kNativeReserveOffset);
    const std::uint64_t lamports = account.account().get().lamports;
    if (lamports < reserve || lamports - reserve < account.amount()) {
        fail_native_custom(13);
    }
    account.set_amount(lamports - reserve);
    account.store();
}

}  // namespace

void run_token(Machine& machine, const Frame& frame) {
    Arguments arguments(frame.data);
    const std::uint8_t kind = arguments.byte();
    switch (kind) {
        case kTransfer:
        case kTransferChecked:
            return transfer(machine, frame, arguments, kind == kTransferChecked);
        case kApprove:
        case kApproveChecked:
            return approve(machine, frame, arguments, kind == kApproveChecked);
        case kRevoke:
            return revoke(machine, frame);
        case kSetAuthority:
            return set_authority(machine, frame, arguments);
        case kMintTo:
        case kMintToChecked:
            return mint_to(machine, frame, arguments, kind == kMintToChecked);
        case kBurn:
        case kBurnChecked:
            return burn(machine, frame, arguments, kind == kBurnChecked);
        case kCloseAccount:
            return close_account(machine, frame);
        case kFreezeAccount:
        case kThawAccount:
            return freeze(machine, frame, kind == kFreezeAccount);
        case kSyncNative:
            return sync_native(machine, frame);
        default:
            fail_native_custom(kInvalidInstruction);
    }
}

}  // namespace latchkey::solana::testing
