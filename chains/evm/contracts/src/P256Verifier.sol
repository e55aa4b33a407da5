// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Verifies P-256 signatures where the precompile of EIP-7951 (0x100) is missing, and answers as
/// it does.
///
/// Calldata: digest, r, s, x, y, 32 bytes each and nothing after them. Answers 32 bytes with the
/// number 1 if (r, s) is a signature of the digest by the public key (x, y), otherwise no bytes.
/// Reverts only when the gas does not suffice, as a precompile's call fails then, or when the
/// chain's MODEXP fails. Without state, owner or constructor arguments: its address by the CREATE2
/// deployer with salt 0 is the same on every chain.
///
/// How: R = u1 G + u2 Q with u1 = digest / s and u2 = r / s modulo n, two bits of both at a time
/// from a table of the sums i G + j Q (Strauss), in Jacobian coordinates: (X, Y, Z) is the point (X
/// / Z^2, Y / Z^3), and Z = 0 is the point at infinity. Valid if R is not infinity and its x is r
/// modulo n.
///
/// Nothing here is secret, so nothing is constant in time.
contract P256Verifier {
    /// The curve of SEC 2, section 2.4.2: y^2 = x^3 - 3x + B over the field of P, with base point
    /// (GX, GY)
    /// of order N.
    uint256 internal constant P =
        0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff;
    uint256 internal constant N =
        0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551;
    uint256 internal constant B =
        0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b;
    uint256 internal constant GX =
        0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296;
    uint256 internal constant GY =
        0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5;

    /// Numbers that save a subtraction: -3, -2 modulo P, and N - 2, the exponent that inverts
    /// modulo N.
    uint256 internal constant MINUS_3 =
        0xffffffff00000001000000000000000000000000fffffffffffffffffffffffc;
    uint256 internal constant MINUS_2 =
        0xffffffff00000001000000000000000000000000fffffffffffffffffffffffd;
    uint256 internal constant N_MINUS_2 =
        0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63254f;

    fallback() external {
        assembly {
            // The table: at 160 (4 i + j) the point i G + j Q as X, Y, Z, Z^2, Z^3. The place of
            // infinity,
            // i = j = 0, is not used.
            function store(i, j, x, y, z) {
                let at := mul(160, add(shl(2, i), j))
                mstore(at, x)
                mstore(add(at, 0x20), y)
                mstore(add(at, 0x40), z)
                let zz := mulmod(z, z, P)
                mstore(add(at, 0x60), zz)
                mstore(add(at, 0x80), mulmod(zz, z, P))
            }

            // 2 (x, y, z). With m = 3 (x - z^2) (x + z^2) and s = 4 x y^2:
            // x' = m^2 - 2 s, y' = m (s - x') - 8 y^4, z' = 2 y z. Infinity stays infinity, and no
            // point of
            // this curve has y = 0, since its order is odd.
            function twice(x, y, z) -> x2, y2, z2 {
                let yDouble := addmod(y, y, P)
                z2 := mulmod(yDouble, z, P)
                let yyDouble := mulmod(yDouble, y, P)
                let yyQuadruple := addmod(yyDouble, yyDouble, P)
                let s := mulmod(x, yyQuadruple, P)
                let zz := mulmod(z, z, P)
                let m := mulmod(3, mulmod(addmod(x, sub(P, zz), P), addmod(x, zz, P), P), P)
                x2 := addmod(mulmod(m, m, P), mulmod(MINUS_2, s, P), P)
                y2 := addmod(
                    mulmod(m, addmod(s, sub(P, x2), P), P),
                    sub(P, mulmod(yyQuadruple, yyDouble, P)),
                    P
                )
            }

            // (x, y, z) + the point of the table at `at`. With u = X2 z^2, v = x Z2^2, h = u - v,
            // t = y Z2^3, r = Y2 z^3 - t: x' = r^2 - h^3 - 2 v h^2, y' = r (v h^2 - x') - t h^3,
            // z' = h z Z2. This is infinity, rightly, if the one is the negative of the other.
            function plus(x, y, z, at) -> x3, y3, z3 {
                let zBoth := mulmod(z, mload(add(at, 0x40)), P)
                switch zBoth
                case 0 {
                    // One of them is infinity: the sum is the other.
                    switch z
                    case 0 {
                        x3 := mload(at)
                        y3 := mload(add(at, 0x20))
                        z3 := mload(add(at, 0x40))
                    }
                    default {
                        x3 := x
                        y3 := y
                        z3 := z
                    }
                }
                default {
                    let v := mulmod(x, mload(add(at, 0x60)), P)
                    let t := mulmod(y, mload(add(at, 0x80)), P)
                    let zz := mulmod(z, z, P)
                    let h := addmod(mulmod(mload(at), zz, P), sub(P, v), P)
                    let r := addmod(mulmod(mload(add(at, 0x20)), mulmod(zz, z, P), P), sub(P, t), P)
                    switch or(h, r)
                    case 0 {
                        // They are the same point.
                        x3, y3, z3 := twice(x, y, z)
                    }
                    default {
                        let hh := mulmod(h, h, P)
                        let hhh := mulmod(hh, h, P)
                        v := mulmod(v, hh, P)
                        x3 := addmod(
                            addmod(mulmod(r, r, P), sub(P, hhh), P),
                            mulmod(MINUS_2, v, P),
                            P
                        )
                        y3 := addmod(
                            mulmod(r, addmod(v, sub(P, x3), P), P),
                            sub(P, mulmod(t, hhh, P)),
                            P
                        )
                        z3 := mulmod(h, zBoth, P)
                    }
                }
            }

            if xor(calldatasize(), 160) { stop() }
            let r := calldataload(0x20)
            let s := calldataload(0x40)
            let x := calldataload(0x60)
            let y := calldataload(0x80)
            // 0 < r, s < n; x, y < p; the key is on the curve, y^2 = (x^2 - 3) x + b. The point at
            // infinity
            // has no such x and y, and every other point of the curve has order n.
            if or(
                or(iszero(lt(sub(r, 1), sub(N, 1))), iszero(lt(sub(s, 1), sub(N, 1)))),
                or(iszero(lt(x, P)), iszero(lt(y, P)))
            ) { stop() }
            if xor(
                mulmod(y, y, P),
                addmod(mulmod(addmod(mulmod(x, x, P), MINUS_3, P), x, P), B, P)
            ) { stop() }

            // 1 / s = s^(n - 2) modulo n by the precompile of EIP-198. s has an inverse: if this
            // is not it, the
            // precompile failed.
            mstore(0x00, 0x20)
            mstore(0x20, 0x20)
            mstore(0x40, 0x20)
            mstore(0x60, s)
            mstore(0x80, N_MINUS_2)
            mstore(0xa0, N)
            pop(staticcall(gas(), 0x05, 0x00, 0xc0, 0x00, 0x20))
            let inverse := mload(0x00)
            if xor(mulmod(s, inverse, N), 1) { revert(0, 0) }
            let u1 := mulmod(calldataload(0x00), inverse, N)
            let u2 := mulmod(r, inverse, N)

            // The table: Q, 2 Q, 3 Q, and each with G, 2 G and 3 G.
            let z := 1
            store(0, 1, x, y, z)
            x, y, z := twice(x, y, z)
            store(0, 2, x, y, z)
            x, y, z := plus(x, y, z, 160)
            store(0, 3, x, y, z)
            x := GX
            y := GY
            z := 1
            store(1, 0, x, y, z)
            x, y, z := twice(x, y, z)
            store(2, 0, x, y, z)
            x, y, z := plus(x, y, z, 640)
            store(3, 0, x, y, z)
            for { let i := 1 } lt(i, 4) { i := add(i, 1) } {
                for { let j := 1 } lt(j, 4) { j := add(j, 1) } {
                    let at := mul(640, i)
                    x, y, z :=
                        plus(mload(at), mload(add(at, 0x20)), mload(add(at, 0x40)), mul(160, j))
                    store(i, j, x, y, z)
                }
            }

            z := 0
            for { let bit := 256 } bit {} {
                bit := sub(bit, 2)
                x, y, z := twice(x, y, z)
                x, y, z := twice(x, y, z)
                let index := or(shl(2, and(shr(bit, u1), 3)), and(shr(bit, u2), 3))
                if index { x, y, z := plus(x, y, z, mul(160, index)) }
            }

            // X / Z^2 is below p, so it is r modulo n if it is r or, where that is below p, r + n.
            // Z is not 0.
            let zz := mulmod(z, z, P)
            let valid :=
                or(eq(x, mulmod(r, zz, P)), and(lt(r, sub(P, N)), eq(x, mulmod(add(r, N), zz, P))))
            mstore(0x00, 1)
            return(0x00, shl(5, and(valid, iszero(iszero(z)))))
        }
    }
}
