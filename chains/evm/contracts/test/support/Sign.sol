// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Action, CONTRACT, EIP191, EIP712, P256_KEY, PASSKEY, Signer} from "./Model.sol";
import {Vm} from "./Vm.sol";

/// From leaves to evidence (docs/spec/authorization.md, section 4; docs/spec/evm.md, sections 4 and 5).
library Sign {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    uint256 internal constant P256_ORDER =
        0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551;
    uint256 internal constant SECP256K1_ORDER =
        0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    bytes32 internal constant DOMAIN = keccak256(
        abi.encode(
            keccak256("EIP712Domain(string name,string version)"),
            keccak256("Latchkey"),
            keccak256("1")
        )
    );

    enum Form {
        SHORT,
        LONG
    }

    function digestOf(bytes32 approvalHash) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", DOMAIN, approvalHash));
    }

    /// What is signed for this leaf: itself, or the root above it.
    function approved(Action memory action, bytes32 leaf) internal pure returns (bytes32) {
        uint256 height = action.siblings.length;
        if (height == 0) return leaf;
        for (uint256 i = 0; i < height; ++i) {
            bytes32 sibling = action.siblings[i];
            leaf = (action.index >> i) & 1 == 0
                ? keccak256(abi.encode(leaf, sibling))
                : keccak256(abi.encode(sibling, leaf));
        }
        return keccak256(abi.encode(treeType(height), leaf));
    }

    function treeType(uint256 height) internal pure returns (bytes32) {
        return
            keccak256(bytes(string.concat("Approval", vm.toString(1 << height), "(bytes32 root)")));
    }

    function tree(Action memory action) internal pure returns (bytes memory) {
        if (action.siblings.length == 0) return "";
        return abi.encodePacked(uint8(action.siblings.length), action.index, action.siblings);
    }

    /// [tree] evidence{}
    function approvals(Action memory action, Signer[] memory signers, bytes32 leaf, Form form)
        internal
        pure
        returns (bytes memory)
    {
        return bytes.concat(
            tree(action), evidence(action, signers, digestOf(approved(action, leaf)), form)
        );
    }

    function evidence(Action memory action, Signer[] memory signers, bytes32 digest, Form form)
        internal
        pure
        returns (bytes memory data)
    {
        if (action.otherDigest != 0) digest = action.otherDigest;
        bool isFirstPasskey = true;
        for (uint256 i = 0; i < signers.length; ++i) {
            if ((action.approvers >> i) & 1 == 0) continue;
            Signer memory signer = signers[i];
            if (signer.kind == PASSKEY) {
                data = bytes.concat(data, _passkey(action, signer, digest, form, isFirstPasskey));
                isFirstPasskey = false;
            } else if (signer.kind == P256_KEY) {
                data =
                    bytes.concat(data, p256(signer.key, sha256(abi.encode(digest)), action.highS));
            } else if (signer.kind == CONTRACT) {
                bytes memory words = abi.encodePacked("for ", digest);
                data = abi.encodePacked(data, uint16(words.length), words);
            } else if (signer.kind == EIP191) {
                bytes32 hash =
                    keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", digest));
                data = bytes.concat(data, secp256k1(signer.key, hash, action.highS));
            } else {
                // Kinds that approve nothing here sign as if they could.
                data = bytes.concat(data, secp256k1(signer.key, digest, action.highS));
            }
        }
    }

    function secp256k1(uint256 key, bytes32 hash, bool highS) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, hash);
        uint256 parity = v - 27;
        uint256 number = uint256(s);
        if (highS) {
            // Above half the order with bit 255 clear there is little room: only a test of the border
            // gets there. Set the highest bit that is left.
            number = (SECP256K1_ORDER >> 1) + 1;
        }
        return abi.encodePacked(r, number | (parity << 255));
    }

    function p256(uint256 key, bytes32 hash, bool highS) internal pure returns (bytes memory) {
        (bytes32 r, bytes32 s) = vm.signP256(key, hash);
        uint256 number = uint256(s);
        if ((number > P256_ORDER / 2) != highS) number = P256_ORDER - number;
        (, uint256 y) = vm.publicKeyP256(key);
        return abi.encodePacked(r, number, y);
    }

    function letters(bytes32 digest) internal pure returns (bytes memory text) {
        text = new bytes(64);
        for (uint256 i = 0; i < 32; ++i) {
            text[i] = bytes1(uint8(0x41 + (uint8(digest[i]) >> 4)));
            text[32 + i] = bytes1(uint8(0x41 + (uint8(digest[i]) & 15)));
        }
    }

    function clientData(Action memory action, bytes32 digest) internal pure returns (bytes memory) {
        return
            abi.encodePacked('{"type":"webauthn.get","challenge":"', letters(digest), _rest(action));
    }

    function _rest(Action memory action) private pure returns (bytes memory) {
        if (bytes(action.host).length == 0) return bytes(action.tail);
        return abi.encodePacked('","origin":"https://', action.host, '","crossOrigin":false}');
    }

    function _passkey(
        Action memory action,
        Signer memory signer,
        bytes32 digest,
        Form form,
        bool isFirst
    ) private pure returns (bytes memory data) {
        bytes memory authenticator = abi.encodePacked(
            sha256(bytes(signer.rpId)), action.authenticator, action.counter
        );
        bytes32 hash = sha256(bytes.concat(authenticator, sha256(clientData(action, digest))));
        data = abi.encodePacked(
            p256(signer.key, hash, action.highS), action.authenticator, action.counter
        );
        bool hasHost = bytes(action.host).length != 0;
        bytes memory tail = abi.encodePacked(uint16(bytes(action.tail).length), action.tail);
        if (form == Form.SHORT) return hasHost ? data : bytes.concat(data, tail);
        if (!isFirst) return bytes.concat(data, hex"02");
        return hasHost
            ? abi.encodePacked(data, uint8(1), uint8(bytes(action.host).length), action.host)
            : bytes.concat(data, hex"00", tail);
    }
}
