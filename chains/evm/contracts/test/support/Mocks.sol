// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// A contract that signs: "for " and the digest is its signature of it.
contract ContractSigner {
    function isValidSignature(bytes32 hash, bytes calldata signature)
        external
        pure
        returns (bytes4)
    {
        bool isGood =
            keccak256(signature) == keccak256(abi.encodePacked("for ", hash));
        return isGood ? this.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// What a wallet may become. Reads the storage of the wallet that it was.
contract NewCode {
    uint256 private constant HOT =
        0x79a1d7539c1308cd02595ed10ed9dfd9c247044efb9482af02655d844e51e300;

    /// ERC-1822: made to stand in a wallet's place.
    function proxiableUUID() external pure returns (bytes32) {
        return bytes32(HOT + 2);
    }

    fallback() external payable {
        assembly {
            mstore(0, sload(HOT))
            mstore(0x20, calldatasize())
            return(0, 0x40)
        }
    }
}

/// Answers every call with a megabyte.
contract ReturnBomb {
    fallback() external payable {
        assembly {
            return(0, 1000000)
        }
    }
}

/// Calls back when it is called with data.
contract Reenterer {
    address private _target;
    bytes private _data;
    bool public wasDone;

    function set(address target, bytes calldata data) external {
        (_target, _data) = (target, data);
    }

    fallback() external payable {
        if (msg.data.length == 1) (wasDone,) = _target.call(_data);
    }
}

/// Answers every call with these bytes.
contract Answering {
    bytes private _answer;

    constructor(bytes memory answer) {
        _answer = answer;
    }

    fallback() external {
        bytes memory answer = _answer;
        assembly ("memory-safe") {
            return(add(answer, 0x20), mload(answer))
        }
    }
}
