// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Action, ActionReader} from "./Action.sol";
import {Verdict, require_} from "./Verdicts.sol";

/// ERC-7739: what a signer approves so that its wallet can show the contents of a message, bound to
/// this wallet and chain.
library Messages {
    using ActionReader for Action;

    bytes32 private constant PERSONAL_TYPE = keccak256("PersonalSign(bytes prefixed)");
    bytes32 private constant DOMAIN_TYPE = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 private constant NAME = keccak256("Latchkey");
    bytes32 private constant VERSION = keccak256("1");

    function personal(bytes32 hash) internal view returns (bytes32) {
        bytes32 domain =
            keccak256(abi.encode(DOMAIN_TYPE, NAME, VERSION, block.chainid, address(this)));
        return
            keccak256(
                abi.encodePacked(hex"1901", domain, keccak256(abi.encode(PERSONAL_TYPE, hash)))
            );
    }

    /// The evidence ends with: domain of the application (32), hash of the contents (32), their
    /// description, its size (2). What comes before is left to be read.
    function typed(Action memory action, bytes32 hash) internal view returns (bytes32) {
        unchecked {
            require_(action.end - action.position >= 66, Verdict.DATA_TOO_SHORT);
            uint256 start = action.position;
            uint256 end = action.end;
            action.position = end - 2;
            uint256 size = action.take(2);
            require_(end - start >= 66 + size, Verdict.DATA_TOO_SHORT);
            action.position = end - 2 - size - 64;
            bytes32 domain = bytes32(action.take(32));
            bytes32 contents = bytes32(action.take(32));
            uint256 description = action.takeBytes(size);
            action.end = end - 66 - size;
            action.position = start;
            require_(
                keccak256(abi.encodePacked(hex"1901", domain, contents)) == hash,
                Verdict.NON_CANONICAL
            );
            bytes32 type_ = _typeHash(description, size);
            bytes32 nested = keccak256(
                abi.encode(type_, contents, NAME, VERSION, block.chainid, address(this), bytes32(0))
            );
            return keccak256(abi.encodePacked(hex"1901", domain, nested));
        }
    }

    /// "TypedDataSign(" name " contents,string name,...)" type; the description is the type, which
    /// begins with its name, or the type and then its name.
    function _typeHash(uint256 position, uint256 size) private pure returns (bytes32) {
        bytes memory description;
        bytes memory name;
        (description, name) = _split(position, size);
        return keccak256(
            abi.encodePacked(
                "TypedDataSign(",
                name,
                " contents,string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)",
                description
            )
        );
    }

    function _split(uint256 position, uint256 size)
        private
        pure
        returns (bytes memory type_, bytes memory name)
    {
        unchecked {
            require_(size != 0, Verdict.NON_CANONICAL);
            uint256 typeSize = size;
            if (_byte(position + size - 1) != 0x29) {
                // Explicit: the name follows the last ')'.
                while (typeSize != 0 && _byte(position + typeSize - 1) != 0x29) {
                    --typeSize;
                }
                name = _slice(position + typeSize, size - typeSize);
            } else {
                uint256 nameSize = 0;
                while (nameSize != size && _byte(position + nameSize) != 0x28) {
                    ++nameSize;
                }
                name = _slice(position, nameSize);
            }
            type_ = _slice(position, typeSize);
            require_(typeSize != 0 && name.length != 0, Verdict.NON_CANONICAL);
            // A name of a struct: it begins with no small letter and holds nothing that would end
            // it.
            uint256 first = uint8(name[0]);
            require_(first != 0x28 && !(first >= 0x61 && first <= 0x7a), Verdict.NON_CANONICAL);
            for (uint256 i = 0; i < name.length; ++i) {
                uint256 letter = uint8(name[i]);
                require_(
                    letter != 0x20 && letter != 0x2c && letter != 0x28 && letter != 0x29
                        && letter != 0,
                    Verdict.NON_CANONICAL
                );
            }
        }
    }

    function _byte(uint256 position) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := byte(0, mload(position))
        }
    }

    function _slice(uint256 position, uint256 size) private pure returns (bytes memory data) {
        data = new bytes(size);
        assembly ("memory-safe") {
            mcopy(add(data, 0x20), position, size)
        }
    }
}
