// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Encode} from "../support/Encode.sol";
import {Forms} from "../support/Forms.sol";
import {Leaf} from "../support/Leaf.sol";
import {ContractSigner} from "../support/Mocks.sol";
import {
    Account,
    Action,
    Call,
    Configuration,
    EIP191,
    EIP712,
    EXECUTE,
    MESSAGE,
    P256_KEY,
    PASSKEY,
    POLICY,
    Session,
    Signer
} from "../support/Model.sol";
import {Sign} from "../support/Sign.sol";
import {IToken, WalletTest} from "../support/WalletTest.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {ERC7739Utils} from "@openzeppelin/contracts/utils/cryptography/draft-ERC7739Utils.sol";

interface IStandards {
    function supportsInterface(bytes4 id) external view returns (bool);
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4);
    function eip712Domain()
        external
        view
        returns (bytes1, string memory, string memory, uint256, address, bytes32, uint256[] memory);
    function supportsExecutionMode(bytes32 mode) external view returns (bool);
    function execute(bytes32 mode, bytes calldata data) external payable;
}

/// What other programs expect of an account, but for user operations.
contract StandardsTest is WalletTest {
    bytes32 internal constant HASH = keccak256("message");
    bytes32 internal constant DIRECT = bytes32(uint256(0x01000000000000000000) << 176);
    bytes32 internal constant WITH_DATA = bytes32(uint256(0x01000000000078210001) << 176);

    function standard(Account memory account) internal pure returns (IStandards) {
        return IStandards(account.wallet);
    }

    // --- ERC-165, ERC-5267, receiving -----------------------------------------------------------------------

    function test_interfaces() external {
        IStandards wallet = standard(alone(EIP712));
        bytes4[5] memory ids = [bytes4(0x01ffc9a7), 0x1626ba7e, 0x150b7a02, 0x4e2312e0, 0x19822f7c];
        for (uint256 i = 0; i < 5; ++i) {
            vm.assertTrue(wallet.supportsInterface(ids[i]));
        }
        vm.assertFalse(wallet.supportsInterface(0xffffffff));
        vm.assertFalse(wallet.supportsInterface(0x12345678));
    }

    function test_domain() external {
        Account memory account = alone(EIP712);
        (bytes1 fields, string memory name, string memory version, uint256 chain, address self,,) =
            standard(account).eip712Domain();
        vm.assertEq(uint8(fields), 0x0f);
        vm.assertEq(name, "Latchkey");
        vm.assertEq(version, "1");
        vm.assertEq(chain, block.chainid);
        vm.assertEq(self, account.wallet);
    }

    function test_tokens_are_received() external {
        Account memory account = alone(EIP712);
        string[3] memory names = [
            "onERC721Received(address,address,uint256,bytes)",
            "onERC1155Received(address,address,uint256,uint256,bytes)",
            "onERC1155BatchReceived(address,address,uint256[],uint256[],bytes)"
        ];
        for (uint256 i = 0; i < 3; ++i) {
            bytes4 selector = bytes4(keccak256(bytes(names[i])));
            (bool ok, bytes memory answer) =
                account.wallet.call(abi.encodePacked(selector, new bytes(200)));
            vm.assertTrue(ok);
            vm.assertEq(answer, abi.encode(selector));
        }
    }

    function test_ether_with_2300_gas() external {
        Account memory account = alone(EIP712);
        uint256 before = account.wallet.balance;
        // With value the callee has 2,300 more than the 0 that it is given.
        (bool ok,) = account.wallet.call{value: 6, gas: 0}("");
        vm.assertTrue(ok);
        vm.assertEq(account.wallet.balance, before + 6);
    }

    function test_unknown_calls_are_refused() external {
        Account memory account = alone(EIP712);
        refused(account, hex"00", 103);
        refused(account, hex"12345678", 103);
        refused(account, hex"70", 103);
        refused(account, hex"80", 103);
        refused(account, hex"7600", 205);
    }

    // --- the factory -------------------------------------------------------------------------------------------

    function test_the_factory_may_be_asked_twice() external {
        Account memory account = alone(EIP712);
        (bool ok, bytes memory answer) = factory.call(abi.encode(account.walletId));
        vm.assertTrue(ok);
        vm.assertEq(abi.decode(answer, (address)), account.wallet);
        vm.assertEq(account.wallet.code.length, 49);
        (ok,) = factory.call(abi.encodePacked(account.walletId, uint8(0)));
        vm.assertFalse(ok);
        (ok,) = factory.call("");
        vm.assertFalse(ok);
    }

    function test_the_factory_with_little_gas_makes_it_or_fails() external {
        Account memory account =
            identify(genesis(list(signer(EIP712, "little")), list(rule(ALL, 1, 1))));
        for (uint256 gas_ = 20_000; gas_ < 60_000; gas_ += 1_000) {
            (bool ok, bytes memory answer) = factory.call{gas: gas_}(abi.encode(account.walletId));
            if (ok) {
                vm.assertEq(abi.decode(answer, (address)), account.wallet);
                vm.assertEq(account.wallet.code.length, 49);
            }
        }
        vm.assertEq(account.wallet.code.length, 49);
    }

    function test_money_that_was_there_before() external {
        Account memory account =
            identify(genesis(list(signer(EIP712, "early")), list(rule(ALL, 1, 1))));
        vm.deal(account.wallet, 3);
        (bool ok,) = factory.call(abi.encode(account.walletId));
        vm.assertTrue(ok);
        send(account, Forms.short(by(account, 0, 1, pay(3))));
    }

    // --- ERC-1271 and ERC-7739 -------------------------------------------------------------------------------

    function accept(Account memory account, bytes32 hash, bytes memory signature) internal view {
        vm.assertEq(
            bytes32(standard(account).isValidSignature(hash, signature)),
            bytes32(bytes4(0x1626ba7e))
        );
    }

    function messageRefused(
        Account memory account,
        bytes32 hash,
        bytes memory signature,
        uint256 verdict
    ) internal {
        refused(account, abi.encodeCall(IStandards.isValidSignature, (hash, signature)), verdict);
    }

    function test_a_message_by_every_kind_of_signer() external {
        for (uint8 kind = 2; kind < 6; ++kind) {
            Account memory account = alone(kind);
            Action memory action = by(account, 0, 1);
            bytes memory signature = Forms.message(action, 0, HASH, "");
            accept(account, HASH, signature);
            messageRefused(account, ~HASH, signature, kind == 2 || kind == 3 ? 409 : 409);
            action.siblings = new bytes32[](3);
            action.index = 5;
            accept(account, HASH, Forms.message(action, 0, HASH, ""));
        }
    }

    function test_a_wallet_signs_for_a_wallet() external {
        Account memory inner = alone(EIP712);
        Signer memory other = contractSigner(inner.wallet);
        Account memory outer = create(genesis(list(other), list(rule(ALL, 1, 1))));
        Action memory action = by(outer, 0, 1, pay(1));
        bytes32 digest = Sign.digestOf(Leaf.execute(action, 0));
        bytes memory vouched = Forms.message(by(inner, 0, 1), 0, digest, "");
        bytes memory before = bytes.concat(Forms.opening(action, 1), Forms.calls(action.calls));
        refused(outer, Forms.execute(action), 409);
        send(outer, abi.encodePacked(before, uint16(vouched.length), vouched));
        vm.assertEq(BOB.balance, 1);
    }

    function test_the_magic_question_of_7739() external {
        IStandards wallet = standard(alone(EIP712));
        bytes32 magic = 0x7739773977397739773977397739773977397739773977397739773977397739;
        vm.assertEq(bytes32(wallet.isValidSignature(magic, "")), bytes32(bytes4(0x77390001)));
        vm.assertEq(bytes32(wallet.isValidSignature(HASH, "")), bytes32(bytes4(0xffffffff)));
    }

    function domainBytes(Account memory account) internal view returns (bytes memory) {
        return abi.encode(
            keccak256("Latchkey"), keccak256("1"), block.chainid, account.wallet, bytes32(0)
        );
    }

    function test_personal_sign_as_openzeppelin_does() external {
        Account memory account = alone(PASSKEY);
        bytes32 separator = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("Latchkey"),
                keccak256("1"),
                block.chainid,
                account.wallet
            )
        );
        bytes32 inner = MessageHashUtils.toEthSignedMessageHash(bytes("hello"));
        bytes32 digest =
            MessageHashUtils.toTypedDataHash(separator, ERC7739Utils.personalSignStructHash(inner));
        Action memory action = by(account, 0, 1);
        accept(account, inner, Forms.message(action, 1, digest, ""));
        messageRefused(account, ~inner, Forms.message(action, 1, digest, ""), 409);
        // Neither is what is signed by itself good for it, nor a leaf.
        messageRefused(account, digest, Forms.message(action, 1, digest, ""), 409);
        messageRefused(account, inner, Forms.message(action, 0, digest, ""), 409);
        action.siblings = new bytes32[](1);
        messageRefused(account, inner, Forms.message(action, 1, digest, ""), 104);
    }

    function typed(
        Account memory account,
        string memory description,
        string memory name,
        string memory type_
    ) internal view returns (bytes32 digest, bytes32 hash, bytes memory suffix) {
        bytes32 app = keccak256("domain of the application");
        bytes32 contents = keccak256("contents");
        hash = MessageHashUtils.toTypedDataHash(app, contents);
        bytes32 nested = this.nest(name, type_, contents, domainBytes(account));
        digest = MessageHashUtils.toTypedDataHash(app, nested);
        suffix = abi.encodePacked(app, contents, description, uint16(bytes(description).length));
    }

    function nest(
        string calldata name,
        string calldata type_,
        bytes32 contents,
        bytes calldata domain
    ) external pure returns (bytes32) {
        return ERC7739Utils.typedDataSignStructHash(name, type_, contents, domain);
    }

    function decode(string calldata description)
        external
        pure
        returns (string memory, string memory)
    {
        return ERC7739Utils.decodeContentsDescr(description);
    }

    function test_typed_data_as_openzeppelin_does() external {
        Account memory account = alone(EIP712);
        string[3] memory descriptions = [
            "Permit(address owner,uint256 value)",
            "Order(Leg leg)Leg(uint256 amount)",
            "Leg(uint256 amount)Order(Leg leg)Order"
        ];
        string[3] memory names = ["Permit", "Order", "Order"];
        string[3] memory types =
            [descriptions[0], descriptions[1], "Leg(uint256 amount)Order(Leg leg)"];
        Action memory action = by(account, 0, 1);
        for (uint256 i = 0; i < 3; ++i) {
            (string memory gotName, string memory gotType) = this.decode(descriptions[i]);
            vm.assertEq(gotName, names[i]);
            vm.assertEq(gotType, types[i]);
            (bytes32 digest, bytes32 hash, bytes memory suffix) =
                typed(account, descriptions[i], names[i], types[i]);
            accept(account, hash, Forms.message(action, 2, digest, suffix));
            messageRefused(account, ~hash, Forms.message(action, 2, digest, suffix), 108);
        }
    }

    function test_descriptions_that_hide_something() external {
        Account memory account = alone(EIP712);
        Action memory action = by(account, 0, 1);
        string[7] memory bad = [
            "",
            "permit(address owner)",
            "Per mit(address owner)",
            "Per,mit(address owner)",
            "(address owner)",
            "NoParenthesis",
            "A(uint256 b)Per mit"
        ];
        for (uint256 i = 0; i < 7; ++i) {
            (bytes32 digest, bytes32 hash, bytes memory suffix) =
                typed(account, bad[i], "Permit", bad[i]);
            messageRefused(account, hash, Forms.message(action, 2, digest, suffix), 108);
        }
        (bytes32 good, bytes32 of_,) = typed(account, "A(uint256 b)", "A", "A(uint256 b)");
        messageRefused(account, of_, Forms.message(action, 2, good, hex"ffff"), 101);
    }

    function test_what_vouches_for_nothing() external {
        Account memory account = create(
            genesis(
                list(signer(EIP712, "alice")),
                list(rule(POLICY | MESSAGE | 0x80, 1, 1), rule(EXECUTE | 2, 1, 1))
            )
        );
        Action memory action = by(account, 0, 1);
        bytes memory good = Forms.message(action, 0, HASH, "");
        accept(account, HASH, good);
        messageRefused(account, HASH, bytes.concat(good, hex"00"), 102);
        messageRefused(account, HASH, Forms.slice(good, 0, good.length - 1), 409);
        messageRefused(account, HASH, hex"71", 103);
        messageRefused(account, HASH, Forms.message(by(account, 1, 1), 0, HASH, ""), 502);
        messageRefused(account, HASH, Forms.message(by(account, 0, 0), 0, HASH, ""), 403);
        messageRefused(account, HASH, Forms.message(by(account, 2, 1), 0, HASH, ""), 501);
        action.deadline = 5;
        messageRefused(account, HASH, Forms.message(action, 0, HASH, ""), 104);
        action.deadline = type(uint40).max;
        messageRefused(account, HASH, Forms.message(action, 3, HASH, ""), 104);
        Session memory session = granted(account, 1, signer(EIP712, "session"), rule(EXECUTE, 1, 1));
        Action memory local = by(account, session, pay(1));
        messageRefused(account, HASH, Forms.message(local, 0, HASH, ""), 502);
        // A frozen wallet.
        send(account, Forms.small(by(account, 0, 1), 13, 0, 0));
        messageRefused(account, HASH, good, 909);
        vm.warp(NOW + 7 days);
        accept(account, HASH, good);
    }

    // --- ERC-7821 ----------------------------------------------------------------------------------------------

    function test_modes() external {
        IStandards wallet = standard(alone(EIP712));
        vm.assertTrue(wallet.supportsExecutionMode(DIRECT));
        vm.assertTrue(wallet.supportsExecutionMode(WITH_DATA));
        vm.assertTrue(wallet.supportsExecutionMode(WITH_DATA | bytes32(uint256(77))));
        vm.assertFalse(
            wallet.supportsExecutionMode(bytes32(uint256(0x01000000000078210002) << 176))
        );
        vm.assertFalse(
            wallet.supportsExecutionMode(bytes32(uint256(0x01010000000000000000) << 176))
        );
        vm.assertFalse(wallet.supportsExecutionMode(0));
    }

    function batch(Action memory action) internal view returns (bytes memory) {
        bytes memory opening = Forms.execute(action);
        // The long form without its calls.
        bytes memory head = Forms.opening(action, 1);
        uint256 body = head.length + Forms.calls(action.calls).length;
        bytes memory opData = bytes.concat(head, Forms.slice(opening, body, opening.length));
        return abi.encodeCall(IStandards.execute, (WITH_DATA, abi.encode(action.calls, opData)));
    }

    function test_a_batch_with_an_approval() external {
        Account memory account = alone(PASSKEY);
        Action memory action = by(account, 0, 1);
        action.calls = list(pay(1), transfer(2));
        bytes memory data = batch(action);
        send(account, data);
        vm.assertEq(BOB.balance, 1);
        vm.assertEq(token.balanceOf(BOB), 2);
        refused(account, data, 409);
        action.calls = list(pay(1), Call(account.wallet, 0, ""));
        refused(account, batch(action), 506);
        action.calls = list(pay(1), Call(address(0), 1, ""));
        // Zero means the account here.
        Action memory same = by(account, 0, 1);
        same.calls = list(pay(1), Call(account.wallet, 1, ""));
        refused(account, batch(same), 506);
        action.calls = new Call[](17);
        for (uint256 i = 0; i < 17; ++i) {
            action.calls[i] = pay(1);
        }
        refused(account, batch(action), 107);
    }

    function test_a_batch_of_a_session() external {
        Account memory account = alone(PASSKEY);
        Session memory session = granted(account, 0, signer(EIP712, "session"), rule(EXECUTE, 1, 1));
        send(account, batch(by(account, session, pay(1))));
        vm.assertEq(BOB.balance, 1);
    }

    function test_without_an_approval_it_is_for_the_account_alone() external {
        Account memory account = alone(EIP712);
        Call[] memory calls = list(pay(1));
        refused(account, abi.encodeCall(IStandards.execute, (DIRECT, abi.encode(calls))), 403);
        refused(account, abi.encodeCall(IStandards.execute, (WITH_DATA, abi.encode(calls))), 403);
        refused(
            account, abi.encodeCall(IStandards.execute, (WITH_DATA, abi.encode(calls, ""))), 403
        );
        refused(account, abi.encodeCall(IStandards.execute, (0, abi.encode(calls))), 103);
        vm.prank(account.wallet);
        standard(account).execute(DIRECT, abi.encode(calls));
        vm.assertEq(BOB.balance, 1);
    }

    function test_no_batch_under_a_rule_that_waits() external {
        Configuration memory config =
            genesis(list(signer(EIP712, "alice")), list(rule(POLICY, 1, 1), rule(EXECUTE, 1, 1)));
        config.rules[0].wait = 9 days;
        config.rules[1].wait = 1 days;
        Account memory account = create(config);
        refused(account, batch(by(account, 1, 1, pay(1))), 502);
    }
}
