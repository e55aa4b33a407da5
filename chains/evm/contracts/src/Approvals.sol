// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Action, ActionReader} from "./Action.sol";
import {Configuration, Part} from "./Configuration.sol";
import {byteAt, uintAt, wordAt} from "./Memory.sol";
import {P256} from "./P256.sol";
import {Steps} from "./Steps.sol";
import {Verdict, refuse, require_} from "./Verdicts.sol";

interface IERC1271 {
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4);
}

/// Who approves (docs/spec/authorization.md, sections 4 and 5).
library Approvals {
    using ActionReader for Action;
    using Configuration for Part;

    /// Half the order of secp256k1, the highest s.
    uint256 private constant SECP256K1_HALF =
        0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;
    uint256 private constant S_MASK = type(uint256).max >> 1;
    uint256 private constant NIBBLES =
        0x0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f;
    uint256 private constant LETTERS =
        0x4141414141414141414141414141414141414141414141414141414141414141;

    uint256 private constant UP = 0x01;
    uint256 private constant UV = 0x04;
    uint256 private constant AT_OR_ED = 0xc0;

    uint256 private constant FORM_TAIL = 0;
    uint256 private constant FORM_HOST = 1;
    uint256 private constant FORM_AS_BEFORE = 2;

    /// The approvers are signers of the rule, and enough parties.
    function checkQuorum(Action memory action) internal pure {
        Steps.requireInRule(action.approvers, action.rule.mask);
        action.parties = action.part.parties(action.approvers);
        Steps.requireThreshold(action.parties, action.rule.quorum);
    }

    /// Reads the evidence of every approver, in the order of the signers.
    function verify(Action memory action, bytes32 digest) internal view {
        unchecked {
            uint256 entry = action.part.counts + 1;
            bytes memory clientData;
            for (uint256 left = action.approvers; left != 0; left >>= 1) {
                if (left & 1 != 0) {
                    uint256 kind = byteAt(entry) & Configuration.KIND_MASK;
                    bool isGood;
                    if (kind == Configuration.WEBAUTHN) {
                        (isGood, clientData) = _verifyPasskey(action, entry, digest, clientData);
                    } else if (kind == Configuration.P256) {
                        isGood = _verifyP256(action, entry, sha256(abi.encode(digest)));
                    } else if (kind == Configuration.CONTRACT) {
                        isGood = _verifyContract(action, entry, digest);
                    } else if (
                        kind == Configuration.SECP256K1_EIP712
                            || kind == Configuration.SECP256K1_EIP191
                    ) {
                        bytes32 hash = kind == Configuration.SECP256K1_EIP191
                            ? keccak256(
                                abi.encodePacked("\x19Ethereum Signed Message:\n32", digest)
                            )
                            : digest;
                        isGood = recover(action, hash) == address(uint160(uintAt(entry + 1, 20)));
                    } else {
                        refuse(Verdict.SIGNER_NOT_USABLE);
                    }
                    if (!isGood) {
                        require_(action.isTolerant, Verdict.KEY_MISMATCH);
                        action.isForeign = true;
                    }
                }
                entry = Configuration.nextSigner(entry);
            }
            action.close();
        }
    }

    /// Who signed the hash; evidence: r, then s with the parity of the nonce's point in bit 255.
    function recover(Action memory action, bytes32 hash) internal pure returns (address signer) {
        unchecked {
            bytes32 r = bytes32(action.take(32));
            uint256 s = action.take(32);
            uint8 v = uint8(27 + (s >> 255));
            s &= S_MASK;
            signer = ecrecover(hash, v, r, bytes32(s));
            require_(s <= SECP256K1_HALF && signer != address(0), Verdict.SIGNATURE_MALFORMED);
        }
    }

    /// Evidence: r, s, y of the key.
    function _verifyP256(Action memory action, uint256 entry, bytes32 hash)
        private
        view
        returns (bool)
    {
        unchecked {
            uint256 r = action.take(32);
            uint256 s = action.take(32);
            uint256 y = action.take(32);
            require_(s <= P256.HALF_ORDER, Verdict.SIGNATURE_MALFORMED);
            // 0x02 or 0x03, then x: the parity of y chooses the point, the verifier checks the
            // curve.
            return (y ^ byteAt(entry + 1)) & 1 == 0 && P256.verify(hash, r, s, wordAt(entry + 2), y);
        }
    }

    /// Evidence: r, s, y, flags, counter(4), form, and what the form asks for.
    function _verifyPasskey(
        Action memory action,
        uint256 entry,
        bytes32 digest,
        bytes memory clientData
    ) private view returns (bool, bytes memory) {
        unchecked {
            uint256 signature = action.position;
            action.take(32);
            action.take(32);
            action.take(32);
            uint256 flagsAndCounter = action.take(5);
            {
                uint256 flags = flagsAndCounter >> 32;
                require_(flags & UP != 0, Verdict.USER_PRESENCE);
                require_(flags & AT_OR_ED == 0, Verdict.AUTHENTICATOR_DATA);
                require_(
                    byteAt(entry) & Configuration.OPTION == 0 || flags & UV != 0,
                    Verdict.USER_VERIFICATION
                );
            }
            uint256 form = action.take(1);
            if (form != FORM_AS_BEFORE) {
                clientData = _readClientData(action, form, digest);
            }
            require_(clientData.length != 0, Verdict.CLIENT_DATA);
            bytes32 hash = sha256(
                abi.encodePacked(wordAt(entry + 34), uint40(flagsAndCounter), sha256(clientData))
            );
            uint256 next = action.position;
            action.position = signature;
            bool isGood = _verifyP256(action, entry, hash);
            action.position = next;
            return (isGood, clientData);
        }
    }

    /// clientDataJSON with this digest as its challenge.
    function _readClientData(Action memory action, uint256 form, bytes32 digest)
        private
        pure
        returns (bytes memory)
    {
        unchecked {
            bytes memory rest;
            if (form == FORM_HOST) {
                rest = abi.encodePacked(
                    '","origin":"https://', _takeArray(action, 1), '","crossOrigin":false}'
                );
            } else {
                require_(form == FORM_TAIL, Verdict.RESERVED_BITS);
                rest = _takeArray(action, 2);
                // Else the challenge would go on.
                require_(rest.length != 0 && rest[0] == '"', Verdict.CLIENT_DATA);
            }
            uint256 letters = uint256(digest);
            return abi.encodePacked(
                '{"type":"webauthn.get","challenge":"',
                ((letters >> 4) & NIBBLES) + LETTERS,
                (letters & NIBBLES) + LETTERS,
                rest
            );
        }
    }

    /// Evidence: size(2), whatever the contract wants.
    function _verifyContract(Action memory action, uint256 entry, bytes32 digest)
        private
        view
        returns (bool)
    {
        unchecked {
            require_(uintAt(entry + 1, 8) == block.chainid, Verdict.SIGNER_NOT_USABLE);
            address signer = address(uint160(uintAt(entry + 9, 20)));
            bytes memory evidence = _takeArray(action, 2);
            (bool done, bytes memory answer) =
                signer.staticcall(abi.encodeCall(IERC1271.isValidSignature, (digest, evidence)));
            return done && answer.length == 32
                && bytes32(answer) == bytes32(IERC1271.isValidSignature.selector);
        }
    }

    function _takeArray(Action memory action, uint256 sizeBytes)
        private
        pure
        returns (bytes memory data)
    {
        unchecked {
            uint256 size = action.take(sizeBytes);
            uint256 position = action.position;
            data = new bytes(size);
            assembly ("memory-safe") {
                calldatacopy(add(data, 0x20), position, size)
            }
            action.position = position + size;
        }
    }
}
