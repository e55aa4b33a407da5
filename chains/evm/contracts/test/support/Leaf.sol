// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Encode} from "./Encode.sol";
import {Action, Call, LOCAL_RULE, RECOVERY_RULE} from "./Model.sol";

/// What is signed (docs/spec/evm.md, section 7), from the texts of the types.
library Leaf {
    string private constant CALL = "Call(address to,uint256 value,bytes data)";
    string private constant HEAD =
        "uint256 chain,address wallet,bytes32 configuration,uint8 rule,uint256 nonce,uint40 deadline,address executor,";

    function callsHash(Call[] memory calls) internal pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](calls.length);
        for (uint256 i = 0; i < calls.length; ++i) {
            Call memory one = calls[i];
            hashes[i] = keccak256(
                abi.encode(keccak256(bytes(CALL)), one.to, one.value, keccak256(one.data))
            );
        }
        return keccak256(abi.encodePacked(hashes));
    }

    /// configId, localRuleId or the commitment.
    function parent(Action memory action) internal pure returns (bytes32) {
        if (action.rule == LOCAL_RULE) return action.session.id;
        if (action.rule & RECOVERY_RULE != 0) return action.account.configuration.recovery;
        return action.account.configId;
    }

    function execute(Action memory action, uint256 nonce) internal view returns (bytes32) {
        bytes32 hash = callsHash(action.calls);
        if (!action.hasGas) {
            string memory text = string.concat("Execute(", HEAD, "Call[] calls)", CALL);
            return keccak256(abi.encodePacked(_head(action, text, nonce), hash));
        }
        string memory withGas =
            string.concat("ExecuteWithGas(", HEAD, "Call[] calls,uint32 gas)", CALL);
        return keccak256(abi.encodePacked(_head(action, withGas, nonce), hash, uint256(action.gas)));
    }

    function grant(Action memory action, uint256 nonce, bytes memory rule)
        internal
        view
        returns (bytes32)
    {
        string memory text = string.concat("Grant(", HEAD, "bytes localRule)");
        return keccak256(abi.encodePacked(_head(action, text, nonce), keccak256(rule)));
    }

    function revoke(Action memory action, uint256 nonce, bytes32 id)
        internal
        view
        returns (bytes32)
    {
        string memory text = string.concat("Revoke(", HEAD, "bytes32 localRuleId)");
        return keccak256(abi.encodePacked(_head(action, text, nonce), id));
    }

    function upgrade(Action memory action, uint256 nonce, address implementation, bytes32 codeHash)
        internal
        view
        returns (bytes32)
    {
        string memory text =
            string.concat("Upgrade(", HEAD, "address implementation,bytes32 codeHash)");
        return keccak256(
            abi.encodePacked(_head(action, text, nonce), uint256(uint160(implementation)), codeHash)
        );
    }

    function message(Action memory action, bytes32 hash) internal view returns (bytes32) {
        bytes32 type_ = keccak256(
            "Message(uint256 chain,address wallet,bytes32 configuration,uint8 rule,bytes32 hash)"
        );
        return keccak256(
            abi.encode(
                type_, block.chainid, action.account.wallet, parent(action), action.rule, hash
            )
        );
    }

    function userOperation(Action memory action, address entryPoint, bytes32 hash)
        internal
        view
        returns (bytes32)
    {
        bytes32 type_ = keccak256(
            "UserOperation(uint256 chain,address wallet,bytes32 configuration,uint8 rule,"
            "uint40 deadline,address entryPoint,bytes32 userOpHash)"
        );
        return keccak256(
            abi.encode(
                type_,
                block.chainid,
                action.account.wallet,
                parent(action),
                action.rule,
                action.deadline,
                entryPoint,
                hash
            )
        );
    }

    function adopt(address account, bytes32 walletId) internal view returns (bytes32) {
        bytes32 type_ = keccak256("Adopt(uint256 chain,address wallet,bytes32 walletId)");
        return keccak256(abi.encode(type_, block.chainid, account, walletId));
    }

    function change(Action memory action, uint8 number, uint32 epoch, bytes memory content)
        internal
        pure
        returns (bytes32)
    {
        bytes32 type_ = keccak256(
            "Change(bytes32 wallet,bytes32 parent,uint8 action,uint8 rule,uint32 epoch,bytes32 content)"
        );
        return keccak256(
            abi.encode(
                type_,
                action.account.walletId,
                parent(action),
                number,
                action.rule,
                epoch,
                keccak256(content)
            )
        );
    }

    function _head(Action memory action, string memory text, uint256 nonce)
        private
        view
        returns (bytes memory)
    {
        return abi.encode(
            keccak256(bytes(text)),
            block.chainid,
            action.account.wallet,
            parent(action),
            action.rule,
            nonce,
            action.deadline,
            action.executor
        );
    }
}
