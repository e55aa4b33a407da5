// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Encode} from "../support/Encode.sol";
import {Forms} from "../support/Forms.sol";
import {Leaf} from "../support/Leaf.sol";
import {
    Account,
    Action,
    Call,
    Configuration,
    EIP712,
    EXECUTE,
    PASSKEY,
    Session
} from "../support/Model.sol";
import {Sign} from "../support/Sign.sol";
import {WalletTest} from "../support/WalletTest.sol";

/// EIP-7702: an externally owned account that becomes a wallet.
contract AdoptTest is WalletTest {
    event Adopted(bytes32 indexed wallet, bytes genesis);

    uint256 internal key;
    address internal owner;

    function setUp() public override {
        super.setUp();
        (owner, key) = makeAccount("owner");
        vm.deal(owner, 10 ether);
        vm.signAndAttachDelegation(vm.computeCreateAddress(factory, 1), key);
        (bool ok,) = owner.call("");
        vm.assertTrue(ok);
        vm.assertEq(owner.code.length, 23);
    }

    function account(Configuration memory configuration)
        internal
        view
        returns (Account memory made)
    {
        made.configuration = configuration;
        made.source = Encode.bytesOf(configuration);
        made.wallet = owner;
        made.walletId = keccak256(
            abi.encodePacked(keccak256("Latchkey account 1"), uint256(uint160(owner)), made.source)
        );
        made.configId = made.walletId;
    }

    function adopting(Account memory made, uint256 signingKey)
        internal
        view
        returns (bytes memory)
    {
        bytes32 digest = Sign.digestOf(Leaf.adopt(owner, made.walletId));
        return abi.encodePacked(
            uint8(0x61),
            uint16(made.source.length),
            made.source,
            Sign.secp256k1(signingKey, digest, false)
        );
    }

    function simple() internal view returns (Account memory) {
        return account(genesis(list(signer(PASSKEY, "alice")), list(rule(ALL, 1, 1))));
    }

    function test_adopt_and_use() external {
        Account memory made = simple();
        refused(made, Forms.short(by(made, 0, 1, pay(1))), 301);
        refused(made, Forms.execute(by(made, 0, 1, pay(1))), 301);
        bytes memory data = adopting(made, key);
        vm.expectEmit(owner);
        emit Adopted(made.walletId, made.source);
        send(made, data);
        send(made, Forms.short(by(made, 0, 1, pay(1))));
        send(made, Forms.execute(by(made, 0, 1, pay(1))));
        Session memory session = granted(made, 0, signer(EIP712, "session"), rule(EXECUTE, 1, 1));
        send(made, Forms.short(by(made, session, pay(1))));
        vm.assertEq(BOB.balance, 3);
        refused(made, data, 304);
        // After a change the genesis is superseded, and nothing is adopted again.
        Account memory later =
            changed(made, genesis(list(signer(EIP712, "new")), list(rule(ALL, 1, 1))));
        made.configuration.salt = hex"00";
        send(made, Forms.change(by(made, 0, 1), 4, 0, later.source));
        send(later, Forms.short(by(later, 0, 1, pay(1))));
        send(later, Forms.execute(by(later, 0, 1, pay(1))));
        refused(made, Forms.execute(by(made, 0, 1, pay(1))), 302);
        refused(later, data, 304);
    }

    function test_only_the_accounts_key_adopts() external {
        Account memory made = simple();
        refused(made, adopting(made, key + 1), 409);
        bytes memory good = adopting(made, key);
        refused(made, bytes.concat(good, hex"00"), 102);
        refused(made, Forms.slice(good, 0, good.length - 1), 409);
        vm.chainId(block.chainid + 1);
        refused(made, good, 409);
        vm.chainId(block.chainid - 1);
        send(made, good);
    }

    function test_what_is_adopted_is_judged() external {
        Configuration memory config =
            genesis(list(signer(PASSKEY, "alice")), list(rule(EXECUTE, 1, 1)));
        Account memory made = account(config);
        refused(made, adopting(made, key), 216);
        config.lockdown = true;
        made = account(config);
        send(made, adopting(made, key));
    }

    function test_another_genesis_than_the_adopted() external {
        Account memory made = simple();
        send(made, adopting(made, key));
        Account memory other =
            account(genesis(list(signer(EIP712, "mallory")), list(rule(ALL, 1, 1))));
        refused(other, Forms.short(by(other, 0, 1, pay(1))), 301);
        refused(other, Forms.execute(by(other, 0, 1, pay(1))), 301);
    }

    /// Ether is taken, and the account's key stays above the rules.
    function test_the_key_stays() external {
        Account memory made = simple();
        send(made, adopting(made, key));
        (bool ok,) = owner.call{value: 5}("");
        vm.assertTrue(ok);
        Call[] memory calls = list(pay(1));
        vm.prank(owner);
        (ok,) = owner.call(
            abi.encodeWithSignature(
                "execute(bytes32,bytes)",
                bytes32(uint256(0x01000000000000000000) << 176),
                abi.encode(calls)
            )
        );
        vm.assertTrue(ok);
        vm.assertEq(BOB.balance, 1);
    }

    /// A wallet of the factory cannot be adopted: no key has its address.
    function test_a_clone_is_not_adopted() external {
        Account memory clone = alone(EIP712);
        refused(clone, adopting(simple(), key), 409);
    }
}
