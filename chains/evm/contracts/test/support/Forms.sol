// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Encode} from "./Encode.sol";
import {Leaf} from "./Leaf.sol";
import {
    Account,
    Action,
    Call,
    LOCAL_RULE,
    NO_DEADLINE,
    PASSKEY,
    RECOVERY_RULE,
    Rule,
    Session,
    Signer
} from "./Model.sol";
import {Sign} from "./Sign.sol";
import {Vm} from "./Vm.sol";

/// Actions as calldata: the short form of execute and the long form of everything.
library Forms {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    uint256 internal constant HOT =
        0x79a1d7539c1308cd02595ed10ed9dfd9c247044efb9482af02655d844e51e300;

    uint8 internal constant TREE = 0x01;
    uint8 internal constant EXECUTOR = 0x02;
    uint8 internal constant DEADLINE = 0x04;
    uint8 internal constant KEY = 0x08;
    uint8 internal constant GAS = 0x10;

    // --- who approves ------------------------------------------------------------------------------------

    function signersOf(Action memory action) internal pure returns (Signer[] memory) {
        if (action.rule == LOCAL_RULE) return action.session.signers;
        if (action.rule & RECOVERY_RULE != 0) return action.account.recovery.signers;
        return action.account.configuration.signers;
    }

    /// The next nonce of the lane or session, as the wallet has it now.
    function nonceOf(Action memory action) internal view returns (uint256) {
        address wallet = action.account.wallet;
        if (action.rule == LOCAL_RULE) {
            return uint64(uint256(vm.load(wallet, action.session.id)));
        }
        if (action.key == 0) return uint64(uint256(vm.load(wallet, bytes32(HOT))));
        uint256 slot = uint256(keccak256(abi.encode(uint256(action.key), HOT + 6)));
        return (uint256(action.key) << 64) | uint256(vm.load(wallet, bytes32(slot)));
    }

    // --- the short form ------------------------------------------------------------------------------------

    function short(Action memory action) internal view returns (bytes memory) {
        return shortAt(action, nonceOf(action));
    }

    function shortAt(Action memory action, uint256 nonce) internal view returns (bytes memory) {
        bytes memory approvals =
            Sign.approvals(action, signersOf(action), Leaf.execute(action, nonce), Sign.Form.SHORT);
        return bytes.concat(shortHead(action), _shortSource(action), shortCalls(action), approvals);
    }

    function shortHead(Action memory action) internal pure returns (bytes memory) {
        uint8 flags = (action.siblings.length != 0 ? 1 : 0)
            | (action.executor != address(0) ? 2 : 0) | (action.hasFee ? 4 : 0)
            | (bytes(action.host).length != 0 ? 8 : 0);
        bool isLocal = action.rule == LOCAL_RULE;
        uint8 form = isLocal ? 0x50 : action.account.kind == 2 ? 0x30 : 0x40;
        uint8 rule = isLocal ? action.session.place : action.rule;
        return abi.encodePacked(
            form | flags,
            rule,
            action.deadline,
            action.approvers,
            uint16(_shortRest(action).length),
            uint8(action.calls.length - 1)
        );
    }

    function _shortRest(Action memory action) private pure returns (bytes memory) {
        if (action.rule == LOCAL_RULE) {
            Session memory session = action.session;
            uint256 signers = 1 + Encode.signers(session.signers).length;
            return slice(session.localRule, signers, session.localRule.length);
        }
        bytes memory rest = Encode.rest(action.account.configuration);
        return
            action.account.kind == 0 ? bytes.concat(rest, action.account.configuration.salt) : rest;
    }

    function _shortSource(Action memory action) private pure returns (bytes memory) {
        bytes memory host;
        uint256 skip = 0;
        if (bytes(action.host).length != 0) {
            skip = hostSkip(action);
            host = abi.encodePacked(uint8(bytes(action.host).length), uint8(skip), action.host);
        }
        bytes memory counts;
        if (action.rule == LOCAL_RULE) {
            counts = slice(action.session.localRule, 0, 1);
        } else {
            counts = slice(action.account.source, 0, 2);
        }
        return
            bytes.concat(
                host, counts, _shortSigners(action), _shortRest(action), _shortProof(action)
            );
    }

    /// How many bytes of the host stand before the relying party's id.
    function hostSkip(Action memory action) internal pure returns (uint256) {
        Signer[] memory list = signersOf(action);
        for (uint256 i = 0; i < list.length; ++i) {
            if (list[i].kind == PASSKEY) {
                return bytes(action.host).length - bytes(list[i].rpId).length;
            }
        }
        return 0;
    }

    function _shortSigners(Action memory action) private pure returns (bytes memory data) {
        Signer[] memory list = signersOf(action);
        for (uint256 i = 0; i < list.length; ++i) {
            bytes memory key = Encode.keyOf(list[i]);
            uint8 head = Encode.head(list[i]);
            if (list[i].kind == PASSKEY && bytes(action.host).length != 0) {
                head |= 0x40;
                key = slice(key, 0, 33);
            }
            data = abi.encodePacked(data, head, key);
        }
    }

    function _shortProof(Action memory action) private pure returns (bytes memory) {
        Account memory account = action.account;
        if (action.rule == LOCAL_RULE) {
            Session memory session = action.session;
            return abi.encodePacked(
                session.ruleId,
                account.walletId,
                session.configId,
                session.version,
                uint8(session.others.length + 1),
                session.others
            );
        }
        return proof(account);
    }

    function proof(Account memory account) internal pure returns (bytes memory) {
        if (account.kind == 0) return "";
        bytes memory ids = abi.encodePacked(account.walletId, account.parent);
        return account.kind == 1 ? ids : abi.encodePacked(ids, account.byRule, account.byEpoch);
    }

    function shortCalls(Action memory action) internal pure returns (bytes memory data) {
        uint256 count = action.calls.length - (action.hasFee ? 1 : 0);
        for (uint256 i = 0; i < count; ++i) {
            data = bytes.concat(data, oneCall(action.calls[i]));
        }
        if (action.hasFee) {
            bytes memory fee = action.calls[count].data;
            uint256 amount = uint256(bytes32(slice(fee, 36, 68)));
            data = bytes.concat(data, number(amount));
        }
    }

    // --- the long form -------------------------------------------------------------------------------------

    /// head flags rule source [recovery] approvers [deadline] [gas] [key]
    function opening(Action memory action, uint8 number_) internal pure returns (bytes memory) {
        uint8 flags = (action.siblings.length != 0 ? TREE : 0)
            | (action.executor != address(0) ? EXECUTOR : 0)
            | (action.deadline != NO_DEADLINE ? DEADLINE : 0) | (action.key != 0 ? KEY : 0)
            | (action.hasGas ? GAS : 0);
        bytes memory first = abi.encodePacked(uint8(0x70 | number_), flags, action.rule);
        bytes memory last = abi.encodePacked(
            action.deadline != NO_DEADLINE ? abi.encodePacked(action.deadline) : bytes(""),
            action.hasGas ? abi.encodePacked(action.gas) : bytes(""),
            action.key != 0 ? abi.encodePacked(action.key) : bytes("")
        );
        return abi.encodePacked(first, source(action), action.approvers, last);
    }

    function source(Action memory action) internal pure returns (bytes memory data) {
        if (action.rule == LOCAL_RULE) return _localSource(action);
        Account memory account = action.account;
        data = abi.encodePacked(
            account.kind, uint16(account.source.length), account.source, proof(account)
        );
        if (action.rule & RECOVERY_RULE != 0) {
            bytes memory part = Encode.recoveryPart(account.recovery);
            data = abi.encodePacked(data, uint16(part.length), part);
        }
    }

    function _localSource(Action memory action) private pure returns (bytes memory) {
        Session memory session = action.session;
        return abi.encodePacked(
            abi.encodePacked(
                session.ruleId, action.account.walletId, session.configId, session.version
            ),
            session.place,
            uint8(session.others.length),
            session.others,
            uint16(session.localRule.length),
            session.localRule
        );
    }

    function execute(Action memory action) internal view returns (bytes memory) {
        return executeAt(action, nonceOf(action));
    }

    function executeAt(Action memory action, uint256 nonce) internal view returns (bytes memory) {
        return _close(action, 1, Leaf.execute(action, nonce), calls(action.calls));
    }

    /// `list`: count and ids of the local rules that the rule has granted.
    function grant(Action memory action, bytes32[] memory list, bytes memory rule)
        internal
        view
        returns (bytes memory)
    {
        bytes32 leaf = Leaf.grant(action, nonceOf(action), rule);
        return _close(
            action, 2, leaf, abi.encodePacked(uint8(list.length), list, uint16(rule.length), rule)
        );
    }

    function revoke(Action memory action, Session memory session)
        internal
        view
        returns (bytes memory)
    {
        bytes32 leaf = Leaf.revoke(action, nonceOf(action), session.id);
        return _close(
            action,
            3,
            leaf,
            abi.encodePacked(
                session.ruleId,
                session.place,
                uint8(session.others.length),
                session.others,
                session.id
            )
        );
    }

    /// policy (4) with a shared part or recover (14) with new signers.
    function change(Action memory action, uint8 number_, uint32 epoch, bytes memory content)
        internal
        pure
        returns (bytes memory)
    {
        bytes32 leaf = Leaf.change(action, number_, epoch, content);
        return _close(action, number_, leaf, changeBody(epoch, content));
    }

    function changeBody(uint32 epoch, bytes memory content) internal pure returns (bytes memory) {
        return abi.encodePacked(epoch, uint16(content.length), content);
    }

    /// cancel (11) of a target or freeze (13): 0, lift: 1.
    function small(Action memory action, uint8 number_, uint32 epoch, uint8 content)
        internal
        pure
        returns (bytes memory)
    {
        bytes32 leaf = Leaf.change(action, number_, epoch, abi.encodePacked(content));
        return _close(action, number_, leaf, abi.encodePacked(epoch, content));
    }

    function upgrade(Action memory action, address implementation, bytes32 codeHash)
        internal
        view
        returns (bytes memory)
    {
        bytes32 leaf = Leaf.upgrade(action, nonceOf(action), implementation, codeHash);
        return _close(action, 15, leaf, abi.encodePacked(implementation, codeHash));
    }

    function apply_(Action memory action, uint8 number_, bytes memory body)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(uint8(0x7c), uint8(0), action.rule, source(action), number_, body);
    }

    function _close(Action memory action, uint8 number_, bytes32 leaf, bytes memory body)
        private
        pure
        returns (bytes memory)
    {
        bytes memory approvals = Sign.approvals(action, signersOf(action), leaf, Sign.Form.LONG);
        return bytes.concat(opening(action, number_), body, approvals);
    }

    // --- ERC-1271 and ERC-4337 ---------------------------------------------------------------------------------

    /// `signature` of isValidSignature; `form` 0 over the leaf, 1 and 2 over another digest.
    function message(Action memory action, uint8 form, bytes32 hash, bytes memory suffix)
        internal
        view
        returns (bytes memory)
    {
        Signer[] memory list = signersOf(action);
        bytes memory approvals = form == 0
            ? Sign.approvals(action, list, Leaf.message(action, hash), Sign.Form.LONG)
            : Sign.evidence(action, list, hash, Sign.Form.LONG);
        return bytes.concat(opening(action, 5), bytes1(form), approvals, suffix);
    }

    /// `signature` of a user operation with this hash.
    function operation(Action memory action, address entryPoint, uint40 time, bytes32 hash)
        internal
        view
        returns (bytes memory)
    {
        bytes memory begin = opening(action, 0);
        bytes memory approvals = Sign.approvals(
            action, signersOf(action), Leaf.userOperation(action, entryPoint, hash), Sign.Form.LONG
        );
        return abi.encodePacked(uint8(0x70), time, slice(begin, 1, begin.length), approvals);
    }

    /// callData of a user operation.
    function run(Call[] memory list) internal pure returns (bytes memory) {
        return bytes.concat(hex"60", calls(list));
    }

    // --- calls -----------------------------------------------------------------------------------------------

    function calls(Call[] memory list) internal pure returns (bytes memory data) {
        data = abi.encodePacked(uint8(list.length));
        for (uint256 i = 0; i < list.length; ++i) {
            data = bytes.concat(data, oneCall(list[i]));
        }
    }

    function oneCall(Call memory one) internal pure returns (bytes memory) {
        return abi.encodePacked(one.to, number(one.value), uint24(one.data.length), one.data);
    }

    /// size(u8) and the number without leading zeros.
    function number(uint256 value) internal pure returns (bytes memory) {
        uint256 size = 0;
        while (size < 32 && value >> (size << 3) != 0) ++size;
        return abi.encodePacked(uint8(size), slice(abi.encode(value), 32 - size, 32));
    }

    function slice(bytes memory data, uint256 from, uint256 to)
        internal
        pure
        returns (bytes memory part)
    {
        part = new bytes(to - from);
        for (uint256 i = 0; i < part.length; ++i) {
            part[i] = data[from + i];
        }
    }
}
