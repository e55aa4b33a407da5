// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {P256Verifier} from "../src/P256Verifier.sol";
import {Test} from "./support/Test.sol";

/// Our verifier against the precompile, against Project Wycheproof, and at the places where formulas of
/// elliptic curves break.
contract P256VerifierTest is Test {
    uint256 internal constant P =
        0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff;
    uint256 internal constant N =
        0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551;

    /// Most gas that a verification may take, the call included.
    uint256 internal constant GAS_MAX = 200_000;

    address internal verifier;

    function setUp() external {
        verifier = deployDeterministically(0, type(P256Verifier).creationCode);
    }

    // --- the address ---------------------------------------------------------------------------------

    /// Wallets have this address in their code. It changes with every byte of the verifier's.
    function test_address() external view {
        vm.assertEq(verifier, 0x47E59e367B16b0c9BbFaea126F74570415A27458);
    }

    // --- against others --------------------------------------------------------------------------------

    function test_wycheproof() external view {
        string memory path = "../../../core/crypto/testdata/wycheproof_p256_raw.txt";
        uint256 valid;
        uint256 invalid;
        uint256 otherSize;
        for (string memory line = vm.readLine(path); bytes(line).length > 0;) {
            if (bytes(line)[0] != "#") {
                // id|public key|message|signature|result|flags|comment
                string[] memory fields = vm.split(line, "|");
                bytes memory key = unhex(fields[1]);
                bytes memory signature = unhex(fields[3]);
                bytes32 digest = sha256(unhex(fields[2]));
                bool expected = keccak256(bytes(fields[4])) == keccak256("valid");
                vm.assertEq(key.length, 65);
                if (signature.length == 64) {
                    bytes memory input = bytes.concat(digest, signature, tail(key));
                    vm.assertEq(verify(input), expected, line);
                    if (expected) valid += 1;
                    else invalid += 1;
                } else {
                    vm.assertFalse(expected, line);
                    otherSize += 1;
                }
            }
            line = vm.readLine(path);
        }
        // Counted in the file.
        vm.assertEq(valid, 173);
        vm.assertEq(invalid, 68);
        vm.assertEq(otherSize, 21);
    }

    function test_a_thousand_keys() external view {
        uint256 most;
        for (uint256 i = 1; i <= 1_000; i++) {
            uint256 key = bound(uint256(keccak256(abi.encode("key", i))), 1, N - 1);
            bytes memory input = signed(key, keccak256(abi.encode("digest", i)));
            uint256 before = gasleft();
            vm.assertTrue(verify(input));
            most = max(most, before - gasleft());
            input[i % 160] ^= bytes1(uint8(1 << (i % 8)));
            vm.assertEq(verify(input), precompile(input));
        }
        vm.assertLt(most, GAS_MAX);
    }

    /// One byte of a valid input changed to any other.
    function testFuzz_changed_byte(uint256 key, bytes32 digest, uint256 place, bytes1 change)
        external
        view
    {
        bytes memory input = signed(bound(key, 1, N - 1), digest);
        input[place % 160] ^= change;
        vm.assertEq(verify(input), precompile(input));
    }

    /// One word of a valid input changed to any other, often one near a border.
    function testFuzz_changed_word(uint256 key, bytes32 digest, uint256 place, uint256 value)
        external
        view
    {
        bytes memory input = signed(bound(key, 1, N - 1), digest);
        put(input, place % 5, value);
        vm.assertEq(verify(input), precompile(input));
        put(input, place % 5, borders()[value % 10]);
        vm.assertEq(verify(input), precompile(input));
    }

    function testFuzz_any_bytes(bytes calldata input) external view {
        vm.assertEq(verify(input), precompile(input));
    }

    /// Signatures made backwards from chosen u1, u2 and the key's logarithm, so that sums meet in every way.
    function testFuzz_chosen_scalars(uint256 u1, uint256 u2, uint256 k) external view {
        u1 = bound(u1, 0, N - 1);
        u2 = bound(u2, 1, N - 1);
        k = bound(k, 1, N - 1);
        check_scalars(u1, u2, k);
        check_scalars(u1, u2, small_scalars()[k % 16]);
        check_scalars(u1, u1 == 0 ? u2 : N - u1, 1);
    }

    // --- where formulas break --------------------------------------------------------------------------

    /// Keys that are small multiples of G or of -G, or small fractions of it: the table holds equal points,
    /// opposite points and infinity. Scalars whose leading bits cancel lead through infinity.
    function test_exceptional_sums() external view {
        uint256[16] memory scalars = small_scalars();
        for (uint256 i = 0; i < scalars.length; i++) {
            for (uint256 j = 0; j < scalars.length; j++) {
                check_scalars(0, scalars[j], scalars[i]);
                for (uint256 l = 0; l < scalars.length; l++) {
                    check_scalars(scalars[l], scalars[j], scalars[i]);
                }
            }
        }
    }

    /// The key -G and scalars with the same leading bits: the sum is infinity until the bits differ, then
    /// small.
    function test_infinity_on_the_way() external view {
        uint256 leading = uint256(keccak256("leading")) >> 1;
        for (uint256 bits = 0; bits < 256; bits++) {
            uint256 u2 = leading ^ (1 << bits);
            check_scalars(leading, u2 % N, N - 1);
            uint256 rest = (1 << bits) - 1;
            if (leading & ~rest > 0) check_scalars(leading | rest, leading & ~rest, N - 1);
        }
    }

    /// u1 G + u2 Q is infinity: no r fits, 0 included.
    function test_sum_is_infinity() external view {
        for (uint256 i = 0; i < 16; i++) {
            uint256 k = small_scalars()[i];
            uint256 u2 = bound(uint256(keccak256(abi.encode(i))), 1, N - 1);
            uint256 r = bound(uint256(keccak256(abi.encode("r", i))), 1, N - 1);
            refused(input_of(N - mulmod(u2, k, N), u2, k, r));
        }
    }

    /// The x of R is n + 3, so r is 3. R = Q with u1 = 0 and u2 = 1: the digest is 0 and s is r. The point
    /// was found by trying x = n, n + 1, ... and taking square roots.
    function test_x_above_n() external view {
        uint256 y = 0x484f0c0fda434ef0a808458914f328715d7a545e198ac7eee31dffe861b5d23f;
        accepted(abi.encode(0, 3, 3, N + 3, y));
        refused(abi.encode(0, 4, 4, N + 3, y));
        refused(abi.encode(0, N + 3, N + 3, N + 3, y));
    }

    /// The same with x = 5, the smallest there is. r + n is compared only where it is below p.
    function test_small_x() external view {
        uint256 y = 0x459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc;
        accepted(abi.encode(0, 5, 5, 5, y));
        // x = 5 + p is the same number modulo p; also where it goes through the formulas: u2 = 2, and r is the x
        // of 2 Q.
        refused(abi.encode(0, 5, 5, 5 + P, y));
        uint256 doubled = 0xda1668c074f3306bfa0aabbfb1c5fdae690a9607f664c8075a01620b71634a9d;
        uint256 s = mulmod(doubled, power(2, N - 2), N);
        accepted(abi.encode(0, doubled, s, 5, y));
        refused(abi.encode(0, doubled, s, 5 + P, y));
        // r = 5 + n is the same number modulo n, and so is s.
        refused(abi.encode(0, 5 + N, 5, 5, y));
        refused(abi.encode(0, 5, 5 + N, 5, y));
        // r = 5 + p - n: r + n is 5 modulo p.
        refused(abi.encode(0, 5 + P - N, 5 + P - N, 5, y));
    }

    /// y = 5, the smallest there is (a root of x^3 - 3x + b - 25 modulo p).
    function test_small_y() external view {
        uint256 x = 0xd7325d7646cd60d80a92738ceb345f844cffaf35841022cab176f692de8de1d7;
        accepted(abi.encode(0, x, x, x, 5));
        refused(abi.encode(0, x, x, x, 5 + P));
        refused(abi.encode(0, x, x, x, 6));
    }

    /// The digest counts modulo n and may be 0, n or above it.
    function test_digest_modulo_n() external view {
        bytes memory input = input_of(5, 7, 11, x_of(5 + 7 * 11));
        uint256 digest = uint256(word(input, 0));
        accepted(input);
        if (digest < type(uint256).max - N) {
            put(input, 0, digest + N);
            accepted(input);
        }
        input = input_of(0, 7, 11, x_of(7 * 11));
        vm.assertEq(word(input, 0), 0);
        accepted(input);
        put(input, 0, N);
        accepted(input);
        put(input, 0, N + 1);
        refused(input);
    }

    function test_malleable_as_the_precompile() external view {
        bytes memory input = signed(3, keccak256("digest"));
        accepted(input);
        put(input, 2, N - uint256(word(input, 2)));
        accepted(input);
    }

    // --- ranges ------------------------------------------------------------------------------------------

    /// Each word at each border, in an otherwise valid input.
    function test_borders() external view {
        for (uint256 place = 1; place < 5; place++) {
            for (uint256 i = 0; i < 10; i++) {
                bytes memory input = signed(3, keccak256("digest"));
                put(input, place, borders()[i]);
                refused(input);
            }
        }
    }

    /// r = 0 would fit a sum at infinity, which has no x.
    function test_zero_r_and_s() external view {
        bytes memory input = signed(3, keccak256("digest"));
        put(input, 1, 0);
        refused(input);
        input = signed(3, keccak256("digest"));
        put(input, 2, 0);
        refused(input);
        put(input, 1, 0);
        refused(input);
    }

    function test_key_off_the_curve() external view {
        refused(abi.encode(0, 1, 1, 0, 0));
        bytes memory input = signed(3, keccak256("digest"));
        put(input, 4, P - uint256(word(input, 4)));
        refused(input);
        put(input, 4, uint256(word(input, 4)) + 1);
        refused(input);
    }

    /// Every size but 160 is refused, whatever the first 160 bytes say.
    function test_sizes() external view {
        bytes memory input = signed(3, keccak256("digest"));
        accepted(input);
        for (uint256 size = 0; size < 400; size++) {
            if (size == 160) continue;
            bytes memory other = new bytes(size);
            for (uint256 i = 0; i < size && i < 160; i++) {
                other[i] = input[i];
            }
            refused(other);
        }
    }

    // --- the call ------------------------------------------------------------------------------------------

    /// With too little gas the call fails. It never says that a valid signature is invalid.
    function test_too_little_gas() external view {
        bytes memory input = signed(3, keccak256("digest"));
        bool everSucceeded;
        for (uint256 limit = 0; limit < GAS_MAX; limit += 61) {
            (bool ok, bytes memory answer) = verifier.staticcall{gas: limit}(input);
            if (ok) vm.assertEq(answer, abi.encode(1));
            everSucceeded = everSucceeded || ok;
        }
        vm.assertTrue(everSucceeded);
    }

    /// A precompile for inverting that fails or is wrong is not a reason to call a signature invalid either.
    function test_modexp_fails() external {
        bytes memory input = signed(3, keccak256("digest"));
        vm.mockCallRevert(address(0x05), "", "");
        (bool ok,) = verifier.staticcall(input);
        vm.assertFalse(ok);
        vm.mockCall(address(0x05), "", abi.encode(1));
        (ok,) = verifier.staticcall(input);
        vm.assertFalse(ok);
        vm.clearMockedCalls();
        accepted(input);
    }

    /// Money that is sent stays with the sender.
    function test_takes_no_value() external {
        vm.deal(address(this), 1 ether);
        (bool ok,) = verifier.call{value: 1}(signed(3, keccak256("digest")));
        vm.assertFalse(ok);
    }

    // --- helpers -------------------------------------------------------------------------------------------

    function verify(bytes memory input) internal view returns (bool) {
        return ask(verifier, input);
    }

    function precompile(bytes memory input) internal view returns (bool) {
        return ask(P256_PRECOMPILE, input);
    }

    function ask(address who, bytes memory input) internal view returns (bool) {
        (bool ok, bytes memory answer) = who.staticcall(input);
        vm.assertTrue(ok);
        if (answer.length == 0) return false;
        vm.assertEq(answer, abi.encode(1));
        return true;
    }

    function accepted(bytes memory input) internal view {
        vm.assertTrue(verify(input));
        vm.assertTrue(precompile(input));
    }

    function refused(bytes memory input) internal view {
        vm.assertFalse(verify(input));
        vm.assertFalse(precompile(input));
    }

    /// A valid input: digest, r, s, x, y.
    function signed(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (bytes32 r, bytes32 s) = vm.signP256(key, digest);
        (uint256 x, uint256 y) = vm.publicKeyP256(key);
        return abi.encode(digest, r, s, x, y);
    }

    /// The input whose verification computes u1 G + u2 Q for Q = k G and compares with r: s = r / u2 and
    /// digest = u1 s.
    function input_of(uint256 u1, uint256 u2, uint256 k, uint256 r)
        internal
        view
        returns (bytes memory)
    {
        (uint256 x, uint256 y) = vm.publicKeyP256(k);
        uint256 s = mulmod(r, power(u2, N - 2), N);
        return abi.encode(mulmod(u1, s, N), r, s, x, y);
    }

    /// Both verifiers accept the signature of these scalars, or refuse any when the sum is infinity.
    function check_scalars(uint256 u1, uint256 u2, uint256 k) internal view {
        uint256 sum = addmod(u1, mulmod(u2, k, N), N);
        if (sum == 0) {
            refused(input_of(u1, u2, k, 12345));
        } else {
            bytes memory input = input_of(u1, u2, k, x_of(sum));
            accepted(input);
            put(input, 0, addmod(uint256(word(input, 0)), 1, N));
            refused(input);
        }
    }

    /// The x of scalar G, modulo n.
    function x_of(uint256 scalar) internal pure returns (uint256 x) {
        (x,) = vm.publicKeyP256(scalar);
        x %= N;
    }

    function power(uint256 base, uint256 exponent) internal view returns (uint256) {
        (bool ok, bytes memory answer) = address(0x05)
            .staticcall(abi.encode(uint256(32), uint256(32), uint256(32), base, exponent, N));
        vm.assertTrue(ok);
        return abi.decode(answer, (uint256));
    }

    /// 1 to 6, their opposites modulo n, and 1/2, 1/3, -1/2, -1/3.
    function small_scalars() internal view returns (uint256[16] memory scalars) {
        for (uint256 i = 0; i < 6; i++) {
            scalars[i] = i + 1;
            scalars[i + 6] = N - i - 1;
        }
        scalars[12] = power(2, N - 2);
        scalars[13] = power(3, N - 2);
        scalars[14] = N - scalars[12];
        scalars[15] = N - scalars[13];
    }

    function borders() internal pure returns (uint256[10] memory) {
        return [uint256(0), 1, N - 1, N, N + 1, P - N, P - 1, P, P + 1, type(uint256).max];
    }

    function word(bytes memory input, uint256 place) internal pure returns (bytes32 value) {
        assembly ("memory-safe") {
            value := mload(add(add(input, 0x20), mul(place, 0x20)))
        }
    }

    function put(bytes memory input, uint256 place, uint256 value) internal pure {
        assembly ("memory-safe") {
            mstore(add(add(input, 0x20), mul(place, 0x20)), value)
        }
    }

    function unhex(string memory digits) internal pure returns (bytes memory) {
        return vm.parseBytes(string.concat("0x", digits));
    }

    /// The bytes after the first.
    function tail(bytes memory all) internal pure returns (bytes memory rest) {
        rest = new bytes(all.length - 1);
        for (uint256 i = 0; i < rest.length; i++) {
            rest[i] = all[i + 1];
        }
    }

    function max(uint256 left, uint256 right) internal pure returns (uint256) {
        return left > right ? left : right;
    }
}
