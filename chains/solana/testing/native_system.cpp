// SPDX-License-Identifier: Apache-2.0
// The System program, without durable nonces.
#include "chains/solana/testing/native_addresses.hpp"
#include "chains/solana/testing/native_machine.hpp"
#include "core/encoding/byte_io.hpp"

namespace latchkey::solana::testing {

namespace {

enum SystemInstruction : std::uint32_t {
    kCreateAccount = 0,
    kAssign = 1,
    kTransfer = 2,
    kCreateAccountWithSeed = 3,
    kAllocate = 8,
    kAllocateWithSeed = 9,
    kAssignWithSeed = 10,
    kTransferWithSeed = 11,
};

// SystemError.
constexpr std::uint32_t kAccountAlreadyInUse = 0;
constexpr std::uint32_t kResultWithNegativeLamports = 1;
constexpr std::uint32_t kInvalidAccountDataLength = 3;
constexpr std::uint32_t kAddressWithSeedMismatch = 5;

constexpr std::uint64_t kSpaceMax = 10 * 1024 * 1024;

/// Bincode: integers and addresses as they are, strings with a u64 length; trailing bytes are fine.
class Arguments {
  public:
    explicit Arguments(ByteView data) : rest_(data) {}

    template <typename T>
    T integer() {
        return core::load_le<T>(take(sizeof(T)).data());
    }
    Address address() { return Address::from(take(32).first<32>()); }
    std::string text() {
        const auto size = integer<std::uint64_t>();
        if (size > rest_.size()) {
            fail_native("InvalidInstructionData");
        }
        return std::string(core::as_text(take(size)));
    }

  private:
    ByteView take(std::size_t size) {
        if (rest_.size() < size) {
            fail_native("InvalidInstructionData");
        }
        const ByteView taken = rest_.first(size);
        rest_ = rest_.subspan(size);
        return taken;
    }

    ByteView rest_;
};

/// The address that must have signed to dispose of an account: its own, or the base that a seed
/// makes it from.
bool has_signed(Machine& machine, const Frame& frame, const Address& address) {
    for (std::size_t i = 0; i < frame.accounts.size(); ++i) {
        const BorrowedAccount account = machine.borrow(frame, i);
        if (account.address() == address && account.is_signer()) {
            return true;
        }
    }
    return false;
}

void require_accounts(const Frame& frame, std::size_t count) {
    if (frame.accounts.size() < count) {
        fail_native("NotEnoughAccountKeys");
    }
}

void check_seed(const Address& account, const Address& base, const std::string& seed,
                const Address& owner) {
    if (derive_with_seed(base, seed, owner) != account) {
        fail_native_custom(kAddressWithSeedMismatch);
    }
}

void allocate(Machine& machine, const Frame& frame, BorrowedAccount account, const Address& base,
              std::uint64_t space) {
    if (!has_signed(machine, frame, base)) {
        fail_native("MissingRequiredSignature");
    }
    if (!account.get().data.empty() || account.get().owner != kSystemProgram) {
        fail_native_custom(kAccountAlreadyInUse);
    }
    if (space > kSpaceMax) {
        fail_native_custom(kInvalidAccountDataLength);
    }
    account.set_data(Bytes(space));
}

void assign(Machine& machine, const Frame& frame, BorrowedAccount account, const Address& base,
            const Address& owner) {
    if (account.get().owner == owner) {
        return;
    }
    if (!has_signed(machine, frame, base)) {
        fail_native("MissingRequiredSignature");
    }
    account.set_owner(owner);
}

void transfer(BorrowedAccount from, BorrowedAccount to, std::uint64_t lamports) {
    if (!from.get().data.empty()) {
        fail_native("InvalidArgument");
    }
    if (lamports > from.get().lamports) {
        fail_native_custom(kResultWithNegativeLamports);
    }
    from.subtract_lamports(lamports);
    to.add_lamports(lamports);
}

void signed_transfer(Machine& machine, const Frame& frame, std::uint64_t lamports) {
    BorrowedAccount from = machine.borrow(frame, 0);
    if (!from.is_signer()) {
        fail_native("MissingRequiredSignature");
    }
    transfer(from, machine.borrow(frame, 1), lamports);
}

void create_account(Machine& machine, const Frame& frame, const Address& base,
                    std::uint64_t lamports, std::uint64_t space, const Address& owner) {
    BorrowedAccount account = machine.borrow(frame, 1);
    if (account.get().lamports > 0) {
        fail_native_custom(kAccountAlreadyInUse);
    }
    allocate(machine, frame, account, base, space);
    assign(machine, frame, account, base, owner);
    signed_transfer(machine, frame, lamports);
}

void run_with_seed(Machine& machine, const Frame& frame, std::uint32_t kind, Arguments& arguments) {
    if (kind == kTransferWithSeed) {
        require_accounts(frame, 3);
        const auto lamports = arguments.integer<std::uint64_t>();
        const std::string seed = arguments.text();
        const Address owner = arguments.address();
        const BorrowedAccount base = machine.borrow(frame, 1);
        if (!base.is_signer()) {
            fail_native("MissingRequiredSignature");
        }
        check_seed(machine.borrow(frame, 0).address(), base.address(), seed, owner);
        transfer(machine.borrow(frame, 0), machine.borrow(frame, 2), lamports);
        return;
    }
    require_accounts(frame, kind == kCreateAccountWithSeed ? 2 : 1);
    const Address base = arguments.address();
    const std::string seed = arguments.text();
    const bool has_lamports = kind == kCreateAccountWithSeed;
    const auto lamports = has_lamports ? arguments.integer<std::uint64_t>() : 0;
    const auto space = kind == kAssignWithSeed ? 0 : arguments.integer<std::uint64_t>();
    const Address owner = arguments.address();
    BorrowedAccount account = machine.borrow(frame, has_lamports ? 1 : 0);
    check_seed(account.address(), base, seed, owner);
    if (kind == kCreateAccountWithSeed) {
        create_account(machine, frame, base, lamports, space, owner);
        return;
    }
    if (kind == kAllocateWithSeed) {
        allocate(machine, frame, account, base, space);
    }
    assign(machine, frame, account, base, owner);
}

}  // namespace

void run_system(Machine& machine, const Frame& frame) {
    Arguments arguments(frame.data);
    const auto kind = arguments.integer<std::uint32_t>();
    switch (kind) {
        case kCreateAccount: {
            const auto lamports = arguments.integer<std::uint64_t>();
            const auto space = arguments.integer<std::uint64_t>();
            const Address owner = arguments.address();
            require_accounts(frame, 2);
            create_account(machine, frame, machine.borrow(frame, 1).address(), lamports, space,
                           owner);
            return;
        }
        case kAssign: {
            const Address owner = arguments.address();
            require_accounts(frame, 1);
            assign(machine, frame, machine.borrow(frame, 0), machine.borrow(frame, 0).address(),
                   owner);
            return;
        }
        case kTransfer: {
            const auto lamports = arguments.integer<std::uint64_t>();
            require_accounts(frame, 2);
            signed_transfer(machine, frame, lamports);
            return;
        }
        case kAllocate: {
            const auto space = arguments.integer<std::uint64_t>();
            require_accounts(frame, 1);
            allocate(machine, frame, machine.borrow(frame, 0), machine.borrow(frame, 0).address(),
                     space);
            return;
        }
        case kCreateAccountWithSeed:
        case kAllocateWithSeed:
        case kAssignWithSeed:
        case kTransferWithSeed:
            run_with_seed(machine, frame, kind, arguments);
            return;
        default:
            fail_native("InvalidInstructionData");
    }
}

}  // namespace latchkey::solana::testing
