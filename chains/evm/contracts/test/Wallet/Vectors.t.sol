// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Encode} from "../support/Encode.sol";
import {Forms} from "../support/Forms.sol";
import {Account} from "../support/Model.sol";
import {Sign} from "../support/Sign.sol";
import {WalletTest} from "../support/WalletTest.sol";

interface ILibraryHarness {
    function validateShared(bytes calldata data, bool isGenesis) external view;
    function validateLocalRule(bytes calldata data) external view;
    function validateRecoveryPart(bytes calldata data) external view;
    function ruleId(bytes calldata shared, uint256 index) external pure returns (bytes32);
    function localRuleId(bytes32 walletId, bytes32 configId, uint256 version, bytes calldata data)
        external
        pure
        returns (bytes32);
    function checkGrant(bytes calldata shared, uint256 index, bytes calldata localRule)
        external
        pure;
    function configIdOf(
        bytes32 walletId,
        bytes32 parent,
        uint256 action,
        uint256 rule,
        uint256 epoch,
        bytes calldata shared
    ) external pure returns (bytes32);
    function checkTimes(bytes calldata localRule) external view;
    function checkScope(bytes calldata localRule, bytes32 target, bytes calldata data) external pure;
    function book(bytes calldata localRule, uint256 word, uint256 now_, uint256 outflow)
        external
        returns (uint256);
    function changeLeaf(
        bytes32 walletId,
        bytes32 parent,
        uint256 number,
        uint256 rule,
        uint256 epoch,
        bytes calldata content
    ) external pure returns (bytes32);
    function digestOf(bytes32 approvalHash) external pure returns (bytes32);
    function digestOfTree(bytes32 leaf, bytes calldata tree) external pure returns (bytes32);
    function verify(bytes calldata entry, bytes calldata evidence, bytes32 digest) external view;
}

/// The vectors of /vectors, which every implementation runs, as far as this chain can express them. Not here:
/// `lanes` (28) are Solana's; `wallets` (54) have state accounts, lanes and signatures of transactions in
/// every sequence; of `leaves`, execute, grant, revoke, upgrade and message are Solana's, and what waits names
/// its accounts (38).
contract VectorsTest is WalletTest {
    ILibraryHarness internal harness;

    function setUp() public override {
        super.setUp();
        harness = ILibraryHarness(vm.deployCode("LibraryHarness.sol:LibraryHarness"));
    }

    // --- reading ------------------------------------------------------------------------------------------------

    /// The vectors of a file, one each line.
    function vectors(string memory subject) internal returns (string[] memory list_) {
        string memory path = string.concat("../../../vectors/", subject, ".json");
        list_ = new string[](400);
        uint256 count = 0;
        string memory line = vm.readLine(path);
        while (bytes(line).length > 0) {
            if (bytes(line)[0] == "{" && bytes(line).length > 1) {
                uint256 size = bytes(line).length;
                if (bytes(line)[size - 1] == ",") {
                    assembly ("memory-safe") {
                        mstore(line, sub(size, 1))
                    }
                }
                list_[count++] = line;
            }
            line = vm.readLine(path);
        }
        vm.closeFile(path);
        assembly ("memory-safe") {
            mstore(list_, count)
        }
    }

    function text(string memory vector, string memory key) internal pure returns (string memory) {
        return vm.parseJsonString(vector, string.concat(".", key));
    }

    function data(string memory vector, string memory key) internal pure returns (bytes memory) {
        return vm.parseBytes(string.concat("0x", text(vector, key)));
    }

    function word(string memory vector, string memory key) internal pure returns (bytes32) {
        return vm.parseBytes32(string.concat("0x", text(vector, key)));
    }

    function number(string memory vector, string memory key) internal pure returns (uint256) {
        return vm.parseJsonUint(vector, string.concat(".", key));
    }

    function isOf(string memory vector, string memory type_) internal pure returns (bool) {
        return same(text(vector, "type"), type_);
    }

    function same(string memory left, string memory right) internal pure returns (bool) {
        return keccak256(bytes(left)) == keccak256(bytes(right));
    }

    function has(string memory whole, string memory part) internal pure returns (bool) {
        return vm.split(whole, part).length > 1;
    }

    function judge(bytes memory input) internal returns (uint256) {
        (bool ok, bytes memory answer) = address(harness).call(input);
        if (ok) return 0;
        vm.assertEq(answer.length, 36);
        return uint256(bytes32(Forms.slice(answer, 4, 36)));
    }

    // --- configurations, rules, grants -----------------------------------------------------------------------

    /// Keys are checked as far as this chain can: points of curves are not. A signer of kind 1 or 6 approves
    /// nothing here, so a configuration of them alone is a lockout.
    function expectedHere(string memory name, uint256 verdict, uint256 here)
        internal
        pure
        returns (bool)
    {
        if (verdict == here) return true;
        string[9] memory unchecked_ = [
            "ed25519",
            "p256 x above the prime",
            "off the curve",
            "on the curve",
            "passkey key",
            "p256 key",
            "with another sign",
            "with another byte",
            "a key that is none"
        ];
        if (verdict == 208) {
            for (uint256 i = 0; i < 9; ++i) {
                if (has(name, unchecked_[i])) return here == 0 || here == 216;
            }
        }
        return verdict == 0 && here == 216;
    }

    function test_configurations() external {
        string[] memory list_ = vectors("configurations");
        uint256 equal = 0;
        for (uint256 i = 0; i < list_.length; ++i) {
            uint256 verdict = number(list_[i], "verdict");
            bytes memory bytes_ = data(list_[i], "bytes");
            uint256 here = isOf(list_[i], "localRule")
                ? judge(abi.encodeCall(ILibraryHarness.validateLocalRule, (bytes_)))
                : judge(
                    abi.encodeCall(
                        ILibraryHarness.validateShared, (bytes_, isOf(list_[i], "genesis"))
                    )
                );
            string memory name = text(list_[i], "name");
            vm.assertTrue(
                expectedHere(name, verdict, here), string.concat(name, ": ", vm.toString(here))
            );
            if (verdict == here) ++equal;
        }
        vm.assertEq(list_.length, 336);
        vm.assertEq(equal, 290);
    }

    function test_rules() external {
        string[] memory list_ = vectors("rules");
        for (uint256 i = 0; i < list_.length; ++i) {
            string memory one = list_[i];
            if (isOf(one, "rule")) {
                vm.assertEq(
                    harness.ruleId(data(one, "shared"), number(one, "index")), word(one, "ruleId")
                );
            } else {
                vm.assertEq(
                    harness.localRuleId(
                        word(one, "walletId"),
                        word(one, "configId"),
                        number(one, "version"),
                        data(one, "localRule")
                    ),
                    word(one, "localRuleId")
                );
            }
        }
        vm.assertEq(list_.length, 34);
    }

    function test_grants() external {
        string[] memory list_ = vectors("grants");
        for (uint256 i = 0; i < list_.length; ++i) {
            string memory one = list_[i];
            bytes memory input = abi.encodeCall(
                ILibraryHarness.checkGrant,
                (data(one, "shared"), number(one, "rule"), data(one, "localRule"))
            );
            vm.assertEq(judge(input), number(one, "verdict"), text(one, "name"));
        }
        vm.assertEq(list_.length, 22);
    }

    // --- identities ---------------------------------------------------------------------------------------------

    function test_identities() external {
        string[] memory list_ = vectors("identities");
        for (uint256 i = 0; i < list_.length; ++i) {
            if (isOf(list_[i], "chain")) {
                chain(list_[i]);
            } else {
                bytes32 id = word(list_[i], isOf(list_[i], "salt") ? "walletId" : "hash");
                identity(data(list_[i], "genesis"), word(list_[i], "programId"), id);
            }
        }
        vm.assertEq(list_.length, 42);
    }

    /// The wallet that the factory makes for this id takes this genesis and no other for its own.
    function identity(bytes memory genesis_, bytes32 programId, bytes32 id) internal {
        address made =
            vm.deployCode("Factory.sol:Factory", abi.encode(programId, actions, standards));
        (bool ok, bytes memory answer) = made.call(abi.encode(id));
        vm.assertTrue(ok);
        Account memory account;
        account.wallet = abi.decode(answer, (address));
        bytes memory head = abi.encodePacked(hex"71000000", uint16(genesis_.length));
        // Nobody approves, which is noticed behind the identity.
        refused(account, abi.encodePacked(head, genesis_, hex"000000"), 403);
        genesis_[genesis_.length - 1] ^= 0x01;
        refused(account, abi.encodePacked(head, genesis_, hex"000000"), 301);
    }

    function chain(string memory one) internal view {
        bytes32 walletId = word(one, "walletId");
        bytes32 configId = walletId;
        for (uint256 step = 0;; ++step) {
            string memory key = string.concat("steps[", vm.toString(step), "]");
            if (!vm.keyExistsJson(one, string.concat(".", key, ".configId"))) {
                vm.assertGt(step, 0);
                return;
            }
            configId = harness.configIdOf(
                walletId, configId, 4, 0, 0, data(one, string.concat(key, ".shared"))
            );
            vm.assertEq(configId, word(one, string.concat(key, ".configId")));
        }
    }

    // --- recoveries ---------------------------------------------------------------------------------------------

    function test_recoveries() external {
        string[] memory list_ = vectors("recoveries");
        uint256 equal = 0;
        for (uint256 i = 0; i < list_.length; ++i) {
            string memory one = list_[i];
            if (isOf(one, "part")) {
                bytes memory input =
                    abi.encodeCall(ILibraryHarness.validateRecoveryPart, (data(one, "bytes")));
                uint256 here = judge(input);
                uint256 verdict = number(one, "verdict");
                string memory name = text(one, "name");
                vm.assertTrue(
                    expectedHere(name, verdict, here), string.concat(name, ": ", vm.toString(here))
                );
                if (verdict == here) ++equal;
            } else if (isOf(one, "commitment")) {
                uint256 hash = uint256(keccak256(data(one, "part"))) >> 16;
                vm.assertEq(bytes32((number(one, "guard") << 240) | hash), word(one, "commitment"));
            } else if (isOf(one, "recovered")) {
                recoveredTo(one);
            } else {
                recoveredId(one);
            }
        }
        vm.assertEq(list_.length, 192);
        vm.assertEq(equal, 144);
    }

    function recoveredId(string memory one) internal view {
        bytes32 id = harness.configIdOf(
            word(one, "walletId"),
            word(one, "commitment"),
            14,
            0x80 + number(one, "rule"),
            number(one, "epoch"),
            data(one, "shared")
        );
        vm.assertEq(id, word(one, "configId"), text(one, "name"));
    }

    /// A recovery of rule 0 that waited, applied: whoever proposed it.
    function recoveredTo(string memory one) internal {
        uint256 before = vm.snapshotState();
        Account memory account = alone(2);
        bytes memory part = data(one, "part");
        uint256 hash = uint256(keccak256(part)) >> 16;
        account.configuration.recovery = bytes32((number(one, "guard") << 240) | hash);
        account.configuration.salt = "";
        account.source = Encode.bytesOf(account.configuration);
        bytes memory body = Forms.changeBody(0, data(one, "signers"));
        plant(account, keccak256(body));
        uint256 here = verdictOn(account, applying(account, part, body));
        string memory name = text(one, "name");
        vm.assertTrue(
            expectedHere(name, number(one, "verdict"), here),
            string.concat(name, ": ", vm.toString(here))
        );
        if (here == 0 && number(one, "verdict") == 0) {
            bytes32 parent = account.configuration.recovery;
            bytes memory shared = data(one, "shared");
            vm.assertEq(
                configIdOf(account),
                Encode.configIdAfter(account.walletId, parent, 14, 0x80, 0, shared)
            );
        }
        vm.revertToState(before);
    }

    function applying(Account memory account, bytes memory part, bytes memory body)
        internal
        pure
        returns (bytes memory)
    {
        bytes memory source =
            abi.encodePacked(uint8(1), uint16(account.source.length), account.source);
        return abi.encodePacked(
            hex"7c0080",
            source,
            account.walletId,
            account.walletId,
            uint16(part.length),
            part,
            uint8(14),
            body
        );
    }

    /// Puts a configuration and a recovery that waits into the wallet's storage.
    function plant(Account memory account, bytes32 body) internal {
        address wallet = account.wallet;
        bytes32 id =
            Encode.configIdAfter(account.walletId, account.walletId, 4, 0, 0, account.source);
        vm.store(wallet, bytes32(HOT), bytes32(uint256((1 << 128) | (1 << 184))));
        vm.store(wallet, bytes32(HOT + 1), id);
        uint256 record = uint256(keccak256(abi.encode(uint256(0x80), HOT + 5)));
        vm.store(wallet, bytes32(record), bytes32((block.timestamp << 56) | (14 << 32) | 1));
        bytes32 digest =
            keccak256(abi.encode(keccak256("Latchkey waiting 1"), block.chainid, wallet, 14, body));
        vm.store(wallet, bytes32(record + 1), digest);
    }

    // --- conditions -----------------------------------------------------------------------------------------------

    function test_conditions() external {
        string[] memory list_ = vectors("conditions");
        for (uint256 i = 0; i < list_.length; ++i) {
            string memory one = list_[i];
            if (isOf(one, "times")) {
                vm.warp(number(one, "now"));
                bytes memory input =
                    abi.encodeCall(ILibraryHarness.checkTimes, (data(one, "localRule")));
                vm.assertEq(judge(input), number(one, "verdict"), text(one, "name"));
            } else if (isOf(one, "scope")) {
                bytes memory input = abi.encodeCall(
                    ILibraryHarness.checkScope,
                    (data(one, "localRule"), word(one, "program"), data(one, "data"))
                );
                vm.assertEq(judge(input), number(one, "verdict"), text(one, "name"));
            } else {
                limit(one);
            }
        }
        vm.assertEq(list_.length, 49);
    }

    function limit(string memory one) internal {
        uint64 start = uint64(number(one, "start"));
        bytes memory rule_ = abi.encodePacked(
            hex"0002",
            address(1),
            hex"01",
            start == 0 ? bytes("\x40") : abi.encodePacked(hex"50", start, type(uint64).max),
            uint8(1),
            bytes32(0),
            uint64(number(one, "perCall")),
            uint64(number(one, "perPeriod")),
            uint32(number(one, "period"))
        );
        uint256 counter = (number(one, "window") << 128) | (number(one, "spent") << 64);
        bytes memory input = abi.encodeCall(
            ILibraryHarness.book, (rule_, counter, number(one, "now"), number(one, "outflow"))
        );
        uint256 verdict = number(one, "verdict");
        vm.assertEq(judge(input), verdict, text(one, "name"));
        if (verdict == 0) {
            (bool ok, bytes memory answer) = address(harness).call(input);
            vm.assertTrue(ok);
            counter = (number(one, "windowAfter") << 128) | (number(one, "spentAfter") << 64);
            vm.assertEq(abi.decode(answer, (uint256)), counter, text(one, "name"));
        }
    }

    // --- leaves, trees, digests -----------------------------------------------------------------------------------

    function test_leaves() external {
        string[] memory list_ = vectors("leaves");
        string[4] memory types = ["policy", "cancel", "freeze", "recover"];
        uint8[4] memory numbers = [4, 11, 13, 14];
        uint256 seen = 0;
        for (uint256 i = 0; i < list_.length; ++i) {
            for (uint256 j = 0; j < 4; ++j) {
                if (!isOf(list_[i], types[j])) continue;
                ++seen;
                bytes32 leaf = harness.changeLeaf(
                    word(list_[i], "walletId"),
                    word(list_[i], "parent"),
                    numbers[j],
                    number(list_[i], "rule"),
                    number(list_[i], "epoch"),
                    data(list_[i], "content")
                );
                vm.assertEq(leaf, word(list_[i], "leaf"), text(list_[i], "name"));
            }
        }
        vm.assertEq(seen, 40);
        vm.assertEq(list_.length - seen, 38);
    }

    function test_trees() external {
        string[] memory list_ = vectors("trees");
        for (uint256 i = 0; i < list_.length; ++i) {
            if (isOf(list_[i], "tree")) tree(list_[i]);
            else proof(list_[i]);
        }
        vm.assertEq(list_.length, 29);
    }

    function proof(string memory one) internal {
        string[] memory siblings = vm.parseJsonStringArray(one, ".proof.siblings");
        bytes memory path = abi.encodePacked(
            uint8(number(one, "proof.height")), uint8(number(one, "proof.leafIndex"))
        );
        for (uint256 i = 0; i < siblings.length; ++i) {
            path = bytes.concat(path, vm.parseBytes32(string.concat("0x", siblings[i])));
        }
        bytes memory input = abi.encodeCall(ILibraryHarness.digestOfTree, (word(one, "leaf"), path));
        uint256 verdict = number(one, "verdict");
        vm.assertEq(judge(input), verdict, text(one, "name"));
        if (verdict == 0) {
            bytes32 digest = harness.digestOfTree(word(one, "leaf"), path);
            vm.assertEq(digest, harness.digestOf(word(one, "approvalHash")));
        }
    }

    /// Every leaf of a tree, by the siblings on its way up, leads to the tree's digest.
    function tree(string memory one) internal view {
        string[] memory texts = vm.parseJsonStringArray(one, ".leaves");
        uint256 height = number(one, "height");
        bytes32[] memory nodes = new bytes32[](2 << height);
        for (uint256 i = 0; i < 1 << height; ++i) {
            nodes[(1 << height) + i] = i < texts.length
                ? vm.parseBytes32(string.concat("0x", texts[i]))
                : keccak256("Latchkey empty leaf 1");
        }
        for (uint256 i = (1 << height) - 1; i != 0; --i) {
            nodes[i] = keccak256(abi.encode(nodes[2 * i], nodes[2 * i + 1]));
        }
        vm.assertEq(nodes[1], word(one, "root"));
        for (uint256 i = 0; i < texts.length; ++i) {
            bytes memory path = abi.encodePacked(uint8(height), uint8(i));
            for (uint256 at_ = (1 << height) + i; at_ != 1; at_ >>= 1) {
                path = bytes.concat(path, nodes[at_ ^ 1]);
            }
            bytes32 digest = harness.digestOfTree(nodes[(1 << height) + i], path);
            vm.assertEq(digest, word(one, "digest"));
        }
    }

    function test_digests() external {
        string[] memory list_ = vectors("digests");
        for (uint256 i = 0; i < list_.length; ++i) {
            bytes32 digest = harness.digestOf(word(list_[i], "approvalHash"));
            vm.assertEq(digest, word(list_[i], "digest"));
            vm.assertEq(string(Sign.letters(digest)), text(list_[i], "letters"));
        }
        vm.assertEq(list_.length, 12);
    }

    // --- evidence -------------------------------------------------------------------------------------------------

    /// ed25519 approves nothing here (12). Not expressible: recovery ids above 1 and high s whose highest bit
    /// is set, for s carries the id there; authenticatorData of another size than 37.
    function test_evidence() external {
        string[] memory list_ = vectors("evidence");
        uint256 skipped = 0;
        for (uint256 i = 0; i < list_.length; ++i) {
            string memory one = list_[i];
            bytes memory input = evidence(one);
            if (input.length == 0) {
                ++skipped;
                continue;
            }
            bytes memory entry = bytes.concat(bytes1(headOf(one)), data(one, "signer.key"));
            bytes32 digest = harness.digestOf(word(one, "approvalHash"));
            input = abi.encodeCall(ILibraryHarness.verify, (entry, input, digest));
            vm.assertEq(judge(input), evidenceHere(one), text(one, "name"));
        }
        vm.assertEq(list_.length, 129);
        vm.assertEq(skipped, 15);
    }

    function headOf(string memory one) internal pure returns (uint8 head) {
        string[5] memory kinds =
            ["ed25519", "secp256k1-eip712", "secp256k1-eip191", "p256", "webauthn"];
        for (uint8 i = 0; i < 5; ++i) {
            if (same(text(one, "signer.kind"), kinds[i])) head = i + 1;
        }
        if (vm.parseJsonBool(one, ".signer.option")) head |= 0x20;
    }

    /// In the long form; nothing if it cannot be said.
    function evidence(string memory one) internal view returns (bytes memory signature) {
        signature = data(one, "evidence.signature");
        uint8 kind = headOf(one) & 0x0f;
        if (kind == 2 || kind == 3) {
            uint256 id = number(one, "evidence.recoveryId");
            if (id > 1 || uint8(signature[32]) > 0x7f) return "";
            signature[32] |= bytes1(uint8(id << 7));
        }
        if (kind < 4) return signature;
        signature = bytes.concat(signature, bytes32(ordinate(data(one, "signer.key"))));
        if (kind == 4) return signature;
        bytes memory authenticator = data(one, "evidence.authenticatorData");
        if (authenticator.length != 37) return "";
        string memory client = text(one, "evidence.clientDataJSON");
        bytes memory tail = bytes(vm.split(client, '"challenge":"')[1]);
        tail = Forms.slice(tail, 64, tail.length);
        return abi.encodePacked(
            signature, Forms.slice(authenticator, 32, 37), uint8(0), uint16(tail.length), tail
        );
    }

    /// This chain makes clientDataJSON and authenticatorData anew instead of comparing them: what differs is
    /// another message.
    function evidenceHere(string memory one) internal view returns (uint256) {
        if (same(text(one, "signer.kind"), "ed25519")) return 418;
        if (has(text(one, "name"), "high s")) return 416;
        if (!vm.keyExistsJson(one, ".verdict")) return 409;
        uint256 verdict = number(one, "verdict");
        return verdict == 410 || verdict == 411 || verdict == 414 ? 409 : verdict;
    }

    /// y of a compressed point of P-256.
    function ordinate(bytes memory key) internal view returns (uint256 y) {
        uint256 p = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff;
        uint256 b = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b;
        uint256 x = uint256(bytes32(Forms.slice(key, 1, 33)));
        uint256 square = addmod(mulmod(mulmod(x, x, p), x, p), b, p);
        square = addmod(square, p - mulmod(3, x, p), p);
        (bool ok, bytes memory root) =
            address(5).staticcall(abi.encode(32, 32, 32, square, (p + 1) / 4, p));
        vm.assertTrue(ok);
        y = abi.decode(root, (uint256));
        if ((y ^ uint8(key[0])) & 1 != 0) y = p - y;
    }

    // --- what is not here -----------------------------------------------------------------------------------------

    function test_what_this_chain_cannot_express() external {
        vm.assertEq(vectors("lanes").length, 28);
        vm.assertEq(vectors("wallets").length, 54);
    }
}
