// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Action, ActionReader} from "./Action.sol";
import {Verdict, require_} from "./Verdicts.sol";

/// What is signed (docs/spec/authorization.md, section 4; docs/spec/evm.md): a typed action, alone
/// or in a tree of them.
library Leaves {
    using ActionReader for Action;

    /// keccak256("Change(bytes32 wallet,bytes32 parent,uint8 action,uint8 rule,uint32 epoch,
    /// bytes32 content)")
    bytes32 private constant CHANGE_TYPE =
        0xd763b8dc535a9a12bc44b8bae1efc9944eebcbbc994acd1235e9c6ba5a6bf1c2;
    /// keccak256("Execute(uint256 chain,address wallet,bytes32 configuration,uint8 rule,uint256
    /// nonce,uint40 deadline,address executor,Call[] calls)Call(address to,uint256 value,bytes
    /// data)")
    bytes32 private constant EXECUTE_TYPE =
        0xf2445c75336ea0e80e362cef3a2b058a323dc39c37de55169f765f508670d00e;
    /// keccak256("ExecuteWithGas(uint256 chain,address wallet,bytes32 configuration,uint8 rule,
    /// uint256 nonce,uint40 deadline,address executor,Call[] calls,uint32 gas)Call(address to,
    /// uint256 value,bytes data)")
    bytes32 private constant EXECUTE_WITH_GAS_TYPE =
        0x5612317861f7ab7204015b676bbc0f5622443bcbcfc69f261bd5b6bea6bbffcd;
    /// keccak256("Grant(uint256 chain,address wallet,bytes32 configuration,uint8 rule,uint256
    /// nonce,uint40 deadline,address executor,bytes localRule)")
    bytes32 private constant GRANT_TYPE =
        0xeb39334899b421ab84d3ced035bb3ba286b963677067eab7b59184b94d4bcc79;
    /// keccak256("Revoke(uint256 chain,address wallet,bytes32 configuration,uint8 rule,uint256
    /// nonce,uint40 deadline,address executor,bytes32 localRuleId)")
    bytes32 private constant REVOKE_TYPE =
        0x5556a0e05e3dcfafe709a72b26058790da8ef69bb6ac9bf22ab8a4e3b7c5dda1;
    /// keccak256("Upgrade(uint256 chain,address wallet,bytes32 configuration,uint8 rule,uint256
    /// nonce,uint40 deadline,address executor,address implementation,bytes32 codeHash)")
    bytes32 private constant UPGRADE_TYPE =
        0x7bd32e771933a024521a18537052328bd2b8fe4ef039303a87678d2984d2ac8d;
    /// keccak256("Message(uint256 chain,address wallet,bytes32 configuration,uint8 rule,bytes32
    /// hash)")
    bytes32 private constant MESSAGE_TYPE =
        0x0b5becba0679db1ac8538e9cd98a9f64517aa4187817ecb466ac668da8e5d9c9;
    /// keccak256("UserOperation(uint256 chain,address wallet,bytes32 configuration,uint8 rule,
    /// uint40 deadline,address entryPoint,bytes32 userOpHash)")
    bytes32 private constant USER_OPERATION_TYPE =
        0xda0530fa879b071051c9e70cc6a939de7dfd46b65ed107eb701cc9b18d97f186;
    /// keccak256("Adopt(uint256 chain,address wallet,bytes32 walletId)")
    bytes32 private constant ADOPT_TYPE =
        0xf22394585a54be0627df8611aafb0202342fcd5292617de85f94f534711e0ab5;

    /// Hash of the EIP-712 domain {name: Latchkey, version: 1}.
    bytes32 private constant DOMAIN =
        0xfdcd8260427745dab63d4602c25c203236683c3f1c36ff6061869d62e0e13143;

    function execute(Action memory action, uint256 nonce, bytes32 calls)
        internal
        view
        returns (bytes32)
    {
        return keccak256(abi.encodePacked(_head(EXECUTE_TYPE, action, nonce), calls));
    }

    function executeWithGas(Action memory action, uint256 nonce, bytes32 calls, uint256 gas_)
        internal
        view
        returns (bytes32)
    {
        return keccak256(abi.encodePacked(_head(EXECUTE_WITH_GAS_TYPE, action, nonce), calls, gas_));
    }

    function grant(Action memory action, uint256 nonce, bytes32 localRule)
        internal
        view
        returns (bytes32)
    {
        return keccak256(abi.encodePacked(_head(GRANT_TYPE, action, nonce), localRule));
    }

    function revoke(Action memory action, uint256 nonce, bytes32 localRuleId)
        internal
        view
        returns (bytes32)
    {
        return keccak256(abi.encodePacked(_head(REVOKE_TYPE, action, nonce), localRuleId));
    }

    function upgrade(Action memory action, uint256 nonce, address implementation, bytes32 codeHash)
        internal
        view
        returns (bytes32)
    {
        return keccak256(
            abi.encodePacked(
                _head(UPGRADE_TYPE, action, nonce), uint256(uint160(implementation)), codeHash
            )
        );
    }

    function message(Action memory action, bytes32 hash) internal view returns (bytes32) {
        return keccak256(
            abi.encode(
                MESSAGE_TYPE, block.chainid, address(this), action.parent, action.ruleName, hash
            )
        );
    }

    function userOperation(Action memory action, bytes32 userOpHash)
        internal
        view
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                USER_OPERATION_TYPE,
                block.chainid,
                address(this),
                action.parent,
                action.ruleName,
                action.deadline,
                msg.sender,
                userOpHash
            )
        );
    }

    /// The chain-agnostic actions.
    function change(Action memory action, uint256 epoch, bytes32 content)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(
            abi.encode(
                CHANGE_TYPE,
                action.walletId,
                action.parent,
                action.number,
                action.ruleName,
                epoch,
                content
            )
        );
    }

    function adopt(bytes32 walletId) internal view returns (bytes32) {
        return keccak256(abi.encode(ADOPT_TYPE, block.chainid, address(this), walletId));
    }

    /// What signers approve: the leaf, or the root of the tree whose siblings are read next.
    function digest(Action memory action, bytes32 leaf) internal pure returns (bytes32) {
        if (action.has(ActionReader.FLAG_TREE)) {
            uint256 height = action.take(1);
            uint256 index = action.take(1);
            require_(height != 0 && height <= 8 && index >> height == 0, Verdict.APPROVAL_TREE);
            bytes32 treeType = _treeType(height);
            for (; height != 0; --height) {
                bytes32 sibling = bytes32(action.take(32));
                leaf = index & 1 == 0 ? _node(leaf, sibling) : _node(sibling, leaf);
                index >>= 1;
            }
            leaf = _node(treeType, leaf);
        }
        return ofLeaf(leaf);
    }

    function ofLeaf(bytes32 leaf) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", DOMAIN, leaf));
    }

    function _head(bytes32 type_, Action memory action, uint256 nonce)
        private
        view
        returns (bytes memory)
    {
        return abi.encode(
            type_,
            block.chainid,
            address(this),
            action.parent,
            action.ruleName,
            nonce,
            action.deadline,
            action.has(ActionReader.FLAG_EXECUTOR) ? msg.sender : address(0)
        );
    }

    function _node(bytes32 left, bytes32 right) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            mstore(0x00, left)
            mstore(0x20, right)
            hash := keccak256(0x00, 0x40)
        }
    }

    /// keccak("Approval" ‖ decimal 2^height ‖ "(bytes32 root)")
    function _treeType(uint256 height) private pure returns (bytes32) {
        bytes memory digits = height == 8
            ? bytes("256")
            : height == 7
                ? bytes("128")
                : height == 6
                    ? bytes("64")
                    : height == 5
                        ? bytes("32")
                        : height == 4 ? bytes("16") : abi.encodePacked(uint8(0x30 + (1 << height)));
        return keccak256(abi.encodePacked("Approval", digits, "(bytes32 root)"));
    }
}
