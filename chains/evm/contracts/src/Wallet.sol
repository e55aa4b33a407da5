// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// The code that every clone runs (docs/spec/evm.md). What is used all day is here in a short form and
/// as cheap as it can be: `execute` under a shared and under a local rule, user operations, and grants.
/// Everything else is in WalletActions and WalletStandards, which run in the wallet's place.
///
/// One function in Yul, on purpose: its layout of memory and its order of checks are what makes it
/// cheap. What it decides, the long form decides as well, in readable Solidity; tests compare the two.
contract Wallet {
    bytes32 private immutable PROGRAM;
    bytes32 private immutable CLONE_HASH;
    /// 0xff and the factory's address, the beginning of what CREATE2 hashes.
    uint256 private immutable CREATOR_WORD;
    address private immutable ACTIONS;
    address private immutable STANDARDS;

    // Storage (Storage.sol), as literals for Yul.
    uint256 private constant HOT =
        0x79a1d7539c1308cd02595ed10ed9dfd9c247044efb9482af02655d844e51e300;
    uint256 private constant CONFIGURATION =
        0x79a1d7539c1308cd02595ed10ed9dfd9c247044efb9482af02655d844e51e301;
    uint256 private constant IMPLEMENTATION =
        0x79a1d7539c1308cd02595ed10ed9dfd9c247044efb9482af02655d844e51e302;
    uint256 private constant LOCAL =
        0x79a1d7539c1308cd02595ed10ed9dfd9c247044efb9482af02655d844e51e303;
    uint256 private constant SEQUENCE_MASK = 0xffffffffffffffff;
    uint256 private constant LOCAL_WORD = 1 << 255;
    uint256 private constant CONFIGURED = 1 << 128;
    uint256 private constant UPGRADED = 1 << 129;
    uint256 private constant ADOPTED = 1 << 131;
    uint256 private constant UPGRADED_OR_FROZEN = (1 << 129) | (1 << 130);

    /// keccak256("Execute(uint256 chain,address wallet,bytes32 configuration,uint8 rule,uint256
    /// nonce,uint40 deadline,address executor,Call[] calls)Call(address to,uint256 value,bytes
    /// data)")
    uint256 private constant EXECUTE_TYPE =
        0xf2445c75336ea0e80e362cef3a2b058a323dc39c37de55169f765f508670d00e;
    /// keccak256("Grant(uint256 chain,address wallet,bytes32 configuration,uint8 rule,uint256
    /// nonce,uint40 deadline,address executor,bytes localRule)")
    uint256 private constant GRANT_TYPE =
        0xeb39334899b421ab84d3ced035bb3ba286b963677067eab7b59184b94d4bcc79;
    /// keccak256("UserOperation(uint256 chain,address wallet,bytes32 configuration,uint8 rule,
    /// uint40 deadline,address entryPoint,bytes32 userOpHash)")
    uint256 private constant USER_OPERATION_TYPE =
        0xda0530fa879b071051c9e70cc6a939de7dfd46b65ed107eb701cc9b18d97f186;
    /// keccak256("Call(address to,uint256 value,bytes data)")
    uint256 private constant CALL_TYPE =
        0x9085b19ea56248c94d86174b3784cfaaa8673d1041d6441f61ff52752dac8483;
    /// keccak256("Latchkey configuration 1")
    uint256 private constant CONFIGURATION_TAG =
        0x06445c665174e3fe1cbfcbc1e2fbfbf1de6a2883e4ff1c647c6cf098198c8547;
    /// keccak256("Latchkey local rule 1")
    uint256 private constant LOCAL_RULE_TAG =
        0xd01e35be41cc25560bcec19c307501ef3dbf908a612c6b791e850ef6afddbba0;
    /// keccak256("Latchkey account 1")
    uint256 private constant ACCOUNT_TAG =
        0x83996f8483d9df681fdbe18834450a5fe9366ca0f6c3e61c6695b7c2fadbee77;
    /// Hash of the EIP-712 domain {name: Latchkey, version: 1}.
    uint256 private constant DOMAIN =
        0xfdcd8260427745dab63d4602c25c203236683c3f1c36ff6061869d62e0e13143;

    /// 1 and the key bytes of the signer kinds 0 to 31, the number of the kind being the place; 0:
    /// there is no such kind.
    uint256 private constant ENTRY_SIZES =
        0x0021151522_42_41_1d_0000000000000000_0000000000000000_0000000000000000;
    uint256 private constant P256_HALF =
        0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8;
    uint256 private constant SECP256K1_HALF =
        0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;
    uint256 private constant NIBBLES =
        0x0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f;
    uint256 private constant LETTERS =
        0x4141414141414141414141414141414141414141414141414141414141414141;
    /// P-256 in code, for chains without the precompile; asked only when 0x100 answers nothing.
    address private constant FALLBACK_VERIFIER = 0x47E59e367B16b0c9BbFaea126F74570415A27458;

    // Where things stand in memory: the leaf and scratch, what proves an identity, the shared part
    // or local rule, the hashes of the calls, the calls.
    uint256 private constant CREATOR = 0x120; // 0xff and the factory, walletId, hash of the clone's init code
    uint256 private constant WALLET_ID = 0x140;
    uint256 private constant INIT_CODE_HASH = 0x160;
    uint256 private constant PROGRAM_ID = 0x180;
    uint256 private constant NONCE_SLOT = 0x120; // under a local rule
    uint256 private constant NONCE_WORD = 0x140;
    uint256 private constant FOREIGN = 0x120; // in a user operation, once the identity is proved
    uint256 private constant CONFIGURATION_ID = 0x160; // in a grant, likewise
    uint256 private constant SHARED = 0x1a0;

    /// Made by the factory. `actions` and `standards` are the same for every wallet and never
    /// change.
    constructor(bytes32 program, address actions, address standards) {
        PROGRAM = program;
        CREATOR_WORD = (0xff << 160) | uint160(msg.sender);
        ACTIONS = actions;
        STANDARDS = standards;
        CLONE_HASH = keccak256(
            abi.encodePacked(
                hex"60318060095f395ff35f5f3615602f57365f5f37365f73",
                address(this),
                hex"5af43d5f5f3e5f3d91602f57fd5bf3"
            )
        );
    }

    fallback() external payable {
        bytes32 programId = PROGRAM;
        bytes32 cloneHash = CLONE_HASH;
        uint256 creatorWord = CREATOR_WORD;
        address actionsAddress = ACTIONS;
        assembly {
            function refuse(code) {
                mstore(0x00, shl(224, 0x590a5151)) // Refused(uint256)
                mstore(0x04, code)
                revert(0x00, 0x24)
            }
            /// All of it to the code that an upgrade put in our place.
            function forward() {
                calldatacopy(0, 0, calldatasize())
                let done := delegatecall(gas(), sload(IMPLEMENTATION), 0, calldatasize(), 0, 0)
                returndatacopy(0, 0, returndatasize())
                if iszero(done) { revert(0, returndatasize()) }
                return(0, returndatasize())
            }
            function after_rule(position, maskSize) -> next {
                let quorum := byte(1, mload(position))
                next := add(add(position, 2), maskSize)
                if gt(quorum, 0x0f) {
                    next := add(next, and(quorum, 0x10))
                    if and(quorum, 0x20) {
                        let count := byte(0, mload(next))
                        next := add(next, 1)
                        for {} count { count := sub(count, 1) } {
                            next := add(next, add(33, byte(0, mload(add(next, 32)))))
                        }
                    }
                    if and(quorum, 0x40) {
                        next := add(next, add(1, mul(52, byte(0, mload(next)))))
                    }
                    next := add(next, shr(5, and(quorum, 0x80)))
                }
            }
            /// What a call takes of the one asset that is limited. Calls that only the long form
            /// can judge are left to it.
            function outflow_of(asset, call_, length) -> amount {
                let scale := byte(0, asset)
                if or(
                    gt(scale, 57),
                    and(asset, 0x00ffffffffffffffffffffff0000000000000000000000000000000000000000)
                ) { refuse(109) }
                let token := and(asset, 0xffffffffffffffffffffffffffffffffffffffff)
                let value := mload(add(call_, 0x40))
                if value {
                    if token { refuse(703) }
                    amount := value
                }
                let selector := shr(224, mload(add(call_, 0xa0)))
                let is_counted :=
                    or(
                        eq(selector, 0xa9059cbb),
                        or(eq(selector, 0x095ea7b3), eq(selector, 0x39509351))
                    )
                switch and(iszero(iszero(token)), eq(token, mload(add(call_, 0x20))))
                case 1 {
                    if or(iszero(is_counted), xor(length, 68)) { refuse(109) }
                    amount := mload(add(call_, 0xc4))
                }
                default {
                    // Another token, maybe.
                    if and(
                        gt(length, 3),
                        or(is_counted, or(eq(selector, 0x23b872dd), eq(selector, 0xd505accf)))
                    ) { refuse(703) }
                }
                if shr(250, amount) { refuse(701) }
            }
            /// TIMES and SCOPE of a rule against the clock and the `count` calls at `calls`.
            function check_blocks(position, quorum, calls, count, isLocal, word) -> next_word {
                next_word := word
                // Waits, and limits of shared rules, are for the long form.
                if gt(and(quorum, or(0x80, shl(6, iszero(isLocal)))), 0) { refuse(109) }
                let start := 0
                if and(quorum, 0x10) {
                    let times := mload(position)
                    if lt(timestamp(), shr(192, times)) { refuse(503) }
                    if iszero(lt(timestamp(), and(shr(128, times), 0xffffffffffffffff))) {
                        refuse(504)
                    }
                    position := add(position, 16)
                    start := shr(192, times)
                }
                if and(quorum, 0x20) {
                    let limits := 0
                    let outflow := 0
                    if and(quorum, 0x40) {
                        limits := add(position, 1)
                        for { let left := byte(0, mload(position)) } left { left := sub(left, 1) } {
                            limits := add(limits, add(33, byte(0, mload(add(limits, 32)))))
                        }
                        if xor(byte(0, mload(limits)), 1) { refuse(109) }
                        limits := add(limits, 1)
                    }
                    for {} count { count := sub(count, 1) } {
                        let target := add(position, 1)
                        let found := 0
                        let length := mload(add(calls, 0x80))
                        if limits {
                            outflow := add(outflow, outflow_of(mload(limits), calls, length))
                        }
                        for { let left := byte(0, mload(position)) } left { left := sub(left, 1) } {
                            let prefix := byte(0, mload(add(target, 32)))
                            if and(
                                eq(mload(target), mload(add(calls, 0x20))),
                                iszero(gt(prefix, length))
                            ) {
                                // prefix is 16 bytes at most
                                if iszero(
                                    shr(
                                        sub(256, shl(3, prefix)),
                                        xor(mload(add(target, 33)), mload(add(calls, 0xa0)))
                                    )
                                ) {
                                    found := 1
                                    break
                                }
                            }
                            target := add(target, add(33, prefix))
                        }
                        if iszero(found) { refuse(505) }
                        calls := add(add(calls, 0xa0), length)
                    }
                    if limits {
                        let unit := exp(10, byte(0, mload(limits)))
                        outflow := div(add(outflow, sub(unit, 1)), unit)
                        let amounts := mload(add(limits, 32)) // perCall, perPeriod, period
                        if gt(outflow, shr(192, amounts)) { refuse(701) }
                        let period := and(shr(96, amounts), 0xffffffff)
                        let window := 0
                        if period { window := div(sub(timestamp(), start), period) }
                        let spent := 0
                        let stored := and(shr(128, word), 0xffffffffffff)
                        if iszero(lt(stored, window)) {
                            window := stored
                            spent := and(shr(64, word), 0xffffffffffffffff)
                        }
                        spent := add(spent, outflow)
                        if gt(spent, and(shr(128, amounts), 0xffffffffffffffff)) {
                            refuse(702)
                        }
                        next_word := or(
                            and(word, SEQUENCE_MASK),
                            or(shl(64, spent), or(shl(128, window), LOCAL_WORD))
                        )
                    }
                }
            }
            function tree_type(height) -> hash {
                switch height
                case 1 {
                    hash := 0x8a2a81afb9cf94cedeb0d33acd79dc46d05d82609989f8bd4371da4d1aa7fb17
                }
                case 2 {
                    hash := 0x9c0b620f86537feb3bb4c8208400b545abb2cbd1b98b43b902c983c9cc699436
                }
                case 3 {
                    hash := 0xf2ced1c63e9e6bf1e36db81b5de6f969dda7ba998a153d835ae3a807cd102e32
                }
                case 4 {
                    hash := 0x512556b7917b9a25aed46d7657eb51c26d75f97c92d400cadf36abe9e01760b8
                }
                case 5 {
                    hash := 0xe12010e737821f572f5551e4e27daf82cc3c9c6dd88bff48c990d12870c05f54
                }
                case 6 {
                    hash := 0x1037f40fd1c520617ca45774b3897cb804c737ed9744f38dd0bc4608a878497a
                }
                case 7 {
                    hash := 0x03743e3c5aa1c9692793c0c7d603f3f95da69d76dbc89388a2bd3143a72d71f6
                }
                case 8 {
                    hash := 0xea0a14d094adfc1387bbf5c49ae2f8254ff4cdf252e567507f1cbb07d8af6cc7
                }
                default { refuse(417) }
            }

            /// ERC-4337's EntryPoint 0.8, 0.7 or 0.9.
            function is_entry_point() -> answer {
                answer := or(
                    eq(caller(), 0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108),
                    or(
                        eq(caller(), 0x0000000071727De22E5E9d8BAf0edAc6f37da032),
                        eq(caller(), 0x433709009B8330FDa32311DF1C2AFA402eD8D009)
                    )
                )
            }

            /// Where the last member of the operation to validate stands: its size, then its bytes.
            function operation_signature() -> signature {
                signature := add(4, calldataload(4))
                signature := add(signature, calldataload(add(signature, 0x100)))
            }

            /// What the EntryPoint runs after validateUserOp has approved it: 0x60 n(1) call{n}.
            function run_user_operation() {
                if iszero(is_entry_point()) { refuse(608) }
                let position := 2
                for { let left := byte(1, calldataload(0)) } left { left := sub(left, 1) } {
                    let word := calldataload(position)
                    let to := shr(96, word)
                    let size := byte(20, word)
                    if or(or(iszero(to), eq(to, address())), gt(size, 32)) {
                        if gt(size, 32) { refuse(108) }
                        refuse(506)
                    }
                    position := add(position, 21)
                    let value := shr(sub(256, shl(3, size)), calldataload(position))
                    position := add(position, size)
                    size := shr(232, calldataload(position))
                    position := add(position, 3)
                    calldatacopy(0, position, size)
                    position := add(position, size)
                    if iszero(call(gas(), to, value, 0, size, 0, 0)) {
                        returndatacopy(0, 0, returndatasize())
                        revert(0, returndatasize())
                    }
                }
                if xor(position, calldatasize()) { refuse(102) }
                stop()
            }

            /// The short form. mode: 0 execute under a shared rule, 1 execute under a local one, 2
            /// a user operation to validate, 3 grant. Called with literals, so that the compiler
            /// makes a function of each and none pays for the others.
            function act(mode, actions) {
                let isLocal := eq(mode, 1)
                let position
                let list
                let digest
                let free
                let end
                let host
                let hostSize
                let hot
                {
                    let start := 0
                    if eq(mode, 2) {
                        start := add(operation_signature(), 0x20)
                    }
                    let head := calldataload(start)
                    let flags := byte(0, head)
                    let deadline := and(shr(200, head), 0xffffffffff)
                    let approvers := and(shr(184, head), 0xffff)
                    position := add(start, 12)

                    hot := sload(HOT)
                    switch mode
                    case 2 {
                        // The clock is out of reach here (ERC-7562): the EntryPoint compares.
                        // To it a deadline of 0 would be none.
                        if or(
                            iszero(deadline),
                            or(and(flags, 0x06), and(hot, UPGRADED_OR_FROZEN))
                        ) {
                            if and(hot, UPGRADED) { forward() }
                            if iszero(deadline) { refuse(601) }
                            if and(flags, 0x06) { refuse(104) }
                            refuse(109)
                        }
                    }
                    default {
                        // Several conditions share a jump: on the way through each would cost 13
                        // gas more.
                        if or(gt(timestamp(), deadline), and(hot, UPGRADED_OR_FROZEN)) {
                            if and(hot, UPGRADED) { forward() }
                            if gt(timestamp(), deadline) { refuse(601) }
                            if lt(timestamp(), and(shr(136, hot), 0xffffffffff)) {
                                refuse(909)
                            }
                        }
                        if eq(mode, 3) {
                            if and(flags, 0x04) { refuse(104) }
                        }
                    }

                    if and(flags, 0x08) {
                        let word := calldataload(position)
                        hostSize := byte(0, word)
                        let skip := byte(1, word)
                        host := add(position, 2)
                        position := add(host, hostSize)
                        if gt(skip, hostSize) { refuse(108) }
                        hostSize := sub(hostSize, skip)
                        calldatacopy(0, add(host, skip), hostSize)
                        pop(staticcall(gas(), 2, 0, hostSize, 0, 0x20))
                        hostSize := add(hostSize, skip)
                        // The rpIdHash stays at 0 until the signers are read.
                    }

                    // The shared part, expanded.
                    let parties
                    let to := add(SHARED, 2)
                    let counts
                    {
                        // A local rule has no header: byte 1 is the counts for both.
                        position := sub(position, isLocal)
                        let word := calldataload(position)
                        mstore(SHARED, word)
                        counts := byte(1, word)
                        position := add(position, 2)
                        let shift := 0
                        let is_counted := 0
                        let bits := approvers
                        for { let left := add(and(counts, 0x0f), 1) } left { left := sub(left, 1) }
                        {
                            word := calldataload(position)
                            let entry := byte(0, word)
                            is_counted := and(is_counted, shr(4, entry))
                            if and(bits, 1) {
                                list := or(list, shl(shift, to))
                                shift := add(shift, 16)
                                parties := add(parties, iszero(is_counted))
                                is_counted := 1
                            }
                            bits := shr(1, bits)
                            switch eq(and(entry, 0x4f), 0x45)
                            case 1 {
                                calldatacopy(to, position, 34)
                                mstore8(to, xor(entry, 0x40))
                                mstore(add(to, 34), mload(0))
                                to := add(to, 66)
                                position := add(position, 34)
                            }
                            default {
                                let size := byte(and(entry, 0x4f), ENTRY_SIZES)
                                if iszero(size) { refuse(205) }
                                calldatacopy(to, position, size)
                                to := add(to, size)
                                position := add(position, size)
                            }
                        }
                    }
                    {
                        let rest := and(shr(168, head), 0xffff)
                        calldatacopy(to, position, rest)
                        position := add(position, rest)
                        end := add(to, rest)
                    }

                    // The rule.
                    let quorum
                    let blocks
                    {
                        let maskSize := and(counts, 0x0f)
                        maskSize := add(iszero(iszero(maskSize)), gt(maskSize, 7))
                        let rule := 0
                        if iszero(isLocal) { rule := byte(1, head) }
                        let is_unknown := gt(rule, shr(4, counts))
                        for {} rule { rule := sub(rule, 1) } { to := after_rule(to, maskSize) }
                        let word := mload(to)
                        quorum := byte(1, word)
                        blocks := add(add(to, 2), maskSize)
                        let mask :=
                            or(iszero(maskSize), shr(sub(256, shl(3, maskSize)), shl(16, word)))
                        let strangers := and(approvers, not(mask))
                        let is_short := iszero(gt(parties, and(quorum, 0x0f)))
                        if or(
                            or(is_unknown, gt(blocks, end)),
                            or(
                                strangers,
                                or(is_short, iszero(and(byte(0, word), add(1, eq(mode, 3)))))
                            )
                        ) {
                            if is_unknown { refuse(501) }
                            if gt(blocks, end) { refuse(202) }
                            if strangers { refuse(402) }
                            if is_short { refuse(403) }
                            refuse(502)
                        }
                    }

                    // Which configuration this is, and that it is the present one.
                    switch isLocal
                    case 1 {
                        // ruleId of the rule that granted, walletId, configId and version(4) of the
                        // grant, number of that rule's local rules, the other ids.
                        let ruleId := calldataload(position)
                        position := add(position, 0x20)
                        mstore(sub(SHARED, 99), LOCAL_RULE_TAG)
                        calldatacopy(sub(SHARED, 67), position, 68)
                        let slot := keccak256(sub(SHARED, 99), add(99, sub(end, SHARED)))
                        position := add(position, 68)
                        let size := shl(5, byte(0, calldataload(position)))
                        position := add(position, 1)
                        let before := shl(5, byte(1, head))
                        if iszero(lt(before, size)) { refuse(219) }
                        calldatacopy(end, position, before)
                        mstore(add(end, before), slot)
                        position := add(position, before)
                        let behind := sub(sub(size, before), 0x20)
                        calldatacopy(add(add(end, before), 0x20), position, behind)
                        position := add(position, behind)
                        let word := or(and(keccak256(end, size), not(0xff)), shr(5, size))
                        mstore(0x00, ruleId)
                        mstore(0x20, LOCAL)
                        if xor(word, sload(keccak256(0x00, 0x40))) { refuse(219) }
                        mstore(0x60, slot)
                        mstore(NONCE_SLOT, slot)
                        mstore(NONCE_WORD, or(sload(slot), LOCAL_WORD))
                    }
                    default {
                        switch and(hot, CONFIGURED)
                        case 0 {
                            mstore(end, mload(PROGRAM_ID))
                            mstore(add(end, 0x20), "ProgramDerivedAddress")
                            pop(
                                staticcall(
                                    gas(),
                                    2,
                                    SHARED,
                                    add(sub(end, SHARED), 53),
                                    WALLET_ID,
                                    0x20
                                )
                            )
                            mstore(0x60, mload(WALLET_ID))
                            if shl(96, xor(keccak256(add(CREATOR, 11), 85), address())) {
                                // Not made by the factory: an account that adopted this genesis,
                                // or none.
                                mstore(sub(SHARED, 0x40), ACCOUNT_TAG)
                                mstore(sub(SHARED, 0x20), address())
                                let account :=
                                    keccak256(sub(SHARED, 0x40), add(0x40, sub(end, SHARED)))
                                if or(
                                    iszero(and(hot, ADOPTED)),
                                    xor(account, sload(CONFIGURATION))
                                ) { refuse(301) }
                                mstore(0x60, account)
                                mstore(WALLET_ID, account)
                            }
                        }
                        default {
                            let hash := keccak256(SHARED, sub(end, SHARED))
                            mstore(0x00, CONFIGURATION_TAG)
                            calldatacopy(0x20, position, 0x40) // walletId, parent
                            if eq(mode, 3) { mstore(WALLET_ID, mload(0x20)) }
                            position := add(position, 0x40)
                            let change := 4
                            let rule := 0
                            let epoch := 0
                            if eq(shr(252, head), 3) {
                                change := 14
                                let word := calldataload(position)
                                rule := byte(0, word)
                                epoch := and(shr(216, word), 0xffffffff)
                                position := add(position, 5)
                            }
                            mstore(0x60, change)
                            mstore(0x80, rule)
                            mstore(0xa0, epoch)
                            mstore(0xc0, hash)
                            hash := keccak256(0x00, 0xe0)
                            mstore(0x60, hash)
                            if xor(hash, sload(CONFIGURATION)) { refuse(507) }
                        }
                    }

                    let content
                    switch lt(mode, 2)
                    case 1 {
                        // The calls: {CALL_TYPE, to, value, keccak(data), length, data} one after
                        // the other.
                        let count := add(byte(11, head), 1)
                        if gt(byte(11, head), 15) { refuse(107) }
                        free := add(end, shl(5, count))
                        {
                            let hash := end
                            for { let left := sub(count, and(shr(250, head), 1)) } left {
                                left := sub(left, 1)
                            } {
                                let word := calldataload(position)
                                mstore(free, CALL_TYPE)
                                mstore(add(free, 0x20), shr(96, word))
                                let size := byte(20, word)
                                position := add(position, 21)
                                if or(
                                    or(iszero(shr(96, word)), eq(shr(96, word), address())),
                                    gt(size, 32)
                                ) {
                                    if gt(size, 32) { refuse(108) }
                                    refuse(506)
                                }
                                mstore(
                                    add(free, 0x40),
                                    shr(sub(256, shl(3, size)), calldataload(position))
                                )
                                position := add(position, size)
                                size := shr(232, calldataload(position))
                                position := add(position, 3)
                                mstore(add(free, 0x80), size)
                                calldatacopy(add(free, 0xa0), position, size)
                                position := add(position, size)
                                mstore(add(free, 0x60), keccak256(add(free, 0xa0), size))
                                mstore(hash, keccak256(free, 0x80))
                                hash := add(hash, 0x20)
                                free := add(free, add(0xa0, size))
                            }
                            if and(flags, 0x04) {
                                // The last call pays the sender in the token that the first call
                                // calls:
                                // transfer(msg.sender, amount). Signed as any call, spelled
                                // shorter.
                                let size := byte(0, calldataload(position))
                                if or(gt(size, 32), eq(hash, end)) { refuse(108) }
                                mstore(free, CALL_TYPE)
                                mstore(add(free, 0x20), mload(add(add(end, shl(5, count)), 0x20)))
                                mstore(add(free, 0x40), 0)
                                mstore(add(free, 0x80), 68)
                                mstore(add(free, 0xa0), shl(224, 0xa9059cbb))
                                mstore(add(free, 0xa4), caller())
                                mstore(
                                    add(free, 0xc4),
                                    shr(sub(256, shl(3, size)), calldataload(add(position, 1)))
                                )
                                position := add(position, add(1, size))
                                mstore(add(free, 0x60), keccak256(add(free, 0xa0), 68))
                                mstore(hash, keccak256(free, 0x80))
                                free := add(free, 0xe4)
                            }
                        }
                        if gt(quorum, 0x0f) {
                            switch isLocal
                            case 1 {
                                mstore(
                                    NONCE_WORD,
                                    check_blocks(
                                        blocks,
                                        quorum,
                                        add(end, shl(5, count)),
                                        count,
                                        1,
                                        mload(NONCE_WORD)
                                    )
                                )
                            }
                            default {
                                pop(
                                    check_blocks(
                                        blocks,
                                        quorum,
                                        add(end, shl(5, count)),
                                        count,
                                        0,
                                        0
                                    )
                                )
                            }
                        }
                        content := keccak256(end, shl(5, count))
                    }
                    default {
                        if gt(quorum, 0x0f) { refuse(109) }
                        if byte(11, head) { refuse(104) }
                        mstore(CONFIGURATION_ID, mload(0x60))
                        mstore(FOREIGN, 0)
                        free := end
                        if eq(mode, 3) {
                            // n(1) ids(32 each) of the local rules that live, size(2), the local
                            // rule: kept at `end`.
                            let idsSize := add(1, shl(5, byte(0, calldataload(position))))
                            let size := shr(240, calldataload(add(position, idsSize)))
                            idsSize := add(idsSize, 2)
                            calldatacopy(end, position, add(idsSize, size))
                            content := keccak256(add(end, idsSize), size)
                            size := add(idsSize, size)
                            position := add(position, size)
                            free := add(end, size)
                        }
                    }

                    // The leaf.
                    mstore(0x20, chainid())
                    mstore(0x40, address())
                    let leaf
                    switch mode
                    case 2 {
                        mstore(0x00, USER_OPERATION_TYPE)
                        mstore(0x80, byte(1, head))
                        mstore(0xa0, deadline)
                        mstore(0xc0, caller())
                        mstore(0xe0, calldataload(0x24)) // userOpHash
                        leaf := keccak256(0x00, 0x100)
                    }
                    default {
                        switch mode
                        case 3 { mstore(0x00, GRANT_TYPE) }
                        default { mstore(0x00, EXECUTE_TYPE) }
                        switch isLocal
                        case 1 {
                            mstore(0x80, 0x40)
                            mstore(0xa0, and(mload(NONCE_WORD), SEQUENCE_MASK))
                        }
                        default {
                            mstore(0x80, byte(1, head))
                            mstore(0xa0, and(hot, SEQUENCE_MASK))
                        }
                        mstore(0xc0, deadline)
                        mstore(0xe0, mul(caller(), shr(1, and(flags, 0x02))))
                        mstore(0x100, content)
                        leaf := keccak256(0x00, 0x120)
                    }
                    if and(flags, 0x01) {
                        let word := calldataload(position)
                        let height := byte(0, word)
                        let index := byte(1, word)
                        position := add(position, 2)
                        if or(gt(sub(height, 1), 7), shr(height, index)) { refuse(417) }
                        mstore(0x40, tree_type(height))
                        for {} height { height := sub(height, 1) } {
                            let side := shl(5, and(index, 1))
                            mstore(side, leaf)
                            mstore(xor(side, 0x20), calldataload(position))
                            leaf := keccak256(0x00, 0x40)
                            position := add(position, 0x20)
                            index := shr(1, index)
                        }
                        mstore(0x20, mload(0x40))
                        mstore(0x40, leaf)
                        leaf := keccak256(0x20, 0x40)
                    }
                    mstore(0x00, 0x1901)
                    mstore(0x20, DOMAIN)
                    mstore(0x40, leaf)
                    digest := keccak256(0x1e, 0x42)
                }

                // The signatures, in the order of the signers.
                let clientDataHash
                for {} list { list := shr(16, list) } {
                    let entry := and(list, 0xffff)
                    let key := mload(add(entry, 1))
                    let head := byte(0, mload(entry))
                    let kind := and(head, 0x0f)
                    switch gt(kind, 3)
                    case 1 {
                        if gt(kind, 5) { refuse(109) }
                        // calldata: r s y, then for a passkey flags counter(4) [tail]
                        calldatacopy(0x80, position, 0x60)
                        switch kind
                        case 5 {
                            let word := calldataload(add(position, 0x60))
                            position := add(position, 101)
                            {
                                let want := or(1, shr(3, and(head, 0x20)))
                                if xor(and(byte(0, word), or(0xc0, want)), want) {
                                    if iszero(and(byte(0, word), 1)) { refuse(412) }
                                    if and(byte(0, word), 0xc0) { refuse(415) }
                                    refuse(413)
                                }
                            }
                            let hash := clientDataHash
                            if iszero(hash) {
                                mstore(free, '{"type":"webauthn.get","challeng')
                                mstore(add(free, 0x20), 'e":"')
                                mstore(add(free, 0x24), add(and(shr(4, digest), NIBBLES), LETTERS))
                                mstore(add(free, 0x44), add(and(digest, NIBBLES), LETTERS))
                                let size
                                let tail := add(free, 0x64)
                                switch host
                                case 0 {
                                    size := shr(240, calldataload(position))
                                    calldatacopy(tail, add(position, 2), size)
                                    // Else the challenge would go on.
                                    if xor(byte(0, mload(tail)), 0x22) { refuse(411) }
                                    position := add(add(position, 2), size)
                                }
                                default {
                                    mstore(tail, '","origin":"https://')
                                    calldatacopy(add(tail, 20), host, hostSize)
                                    mstore(add(add(tail, 20), hostSize), '","crossOrigin":false}')
                                    size := add(hostSize, 42)
                                }
                                pop(staticcall(gas(), 2, free, add(size, 0x64), 0x25, 0x20))
                                hash := mload(0x25)
                                if host { clientDataHash := hash }
                            }
                            mstore(0x00, mload(add(entry, 34)))
                            mstore(0x20, word)
                            mstore(0x25, hash)
                            pop(staticcall(gas(), 2, 0x00, 0x45, 0x60, 0x20))
                        }
                        default {
                            position := add(position, 0x60)
                            mstore(0x00, digest)
                            pop(staticcall(gas(), 2, 0x00, 0x20, 0x60, 0x20))
                        }
                        if gt(mload(0xa0), P256_HALF) { refuse(416) }
                        // hash at 0x60, r, s, x, y
                        let y := mload(0xc0)
                        let isForeign := and(xor(y, byte(0, key)), 1)
                        mstore(0xc0, mload(add(entry, 2)))
                        mstore(0xe0, y)
                        let ok := staticcall(gas(), 0x100, 0x60, 0xa0, 0x00, 0x20)
                        if iszero(returndatasize()) {
                            ok := staticcall(gas(), FALLBACK_VERIFIER, 0x60, 0xa0, 0x00, 0x20)
                        }
                        ok := and(and(ok, eq(returndatasize(), 0x20)), eq(mload(0), 1))
                        if or(isForeign, iszero(ok)) {
                            switch mode
                            case 2 { mstore(FOREIGN, 1) }
                            default { refuse(409) }
                        }
                    }
                    default {
                        mstore(0x00, digest)
                        if eq(kind, 3) {
                            mstore(0x00, "\x19Ethereum Signed Message:\n32")
                            mstore(0x1c, digest)
                            mstore(0x00, keccak256(0x00, 0x3c))
                        }
                        let s := calldataload(add(position, 0x20))
                        mstore(0x20, add(27, shr(255, s)))
                        mstore(0x40, calldataload(position))
                        s := and(
                            s,
                            0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
                        )
                        let is_high := gt(s, SECP256K1_HALF)
                        mstore(0x60, s)
                        position := add(position, 0x40)
                        mstore(0x80, 0)
                        pop(staticcall(gas(), 1, 0x00, 0x80, 0x80, 0x20))
                        let signer := mload(0x80)
                        if or(
                            or(is_high, lt(kind, 2)),
                            or(iszero(signer), xor(signer, shr(96, key)))
                        ) {
                            if lt(kind, 2) {
                                refuse(418)
                            }
                            if or(is_high, iszero(signer)) { refuse(416) }
                            switch mode
                            case 2 { mstore(FOREIGN, 1) }
                            default { refuse(409) }
                        }
                    }
                }
                switch mode
                case 2 {
                    let signature := operation_signature()
                    if xor(position, add(add(signature, 0x20), calldataload(signature))) {
                        refuse(102)
                    }
                    // The prefund; the EntryPoint looks whether it came.
                    if calldataload(0x44) {
                        pop(call(gas(), caller(), calldataload(0x44), 0, 0, 0, 0))
                    }
                    let deadline := and(shr(200, calldataload(add(signature, 0x20))), 0xffffffffff)
                    mstore(0x00, or(mload(FOREIGN), shl(160, deadline)))
                    return(0x00, 0x20)
                }
                default {
                    if xor(position, calldatasize()) { refuse(102) }
                }
                if eq(mode, 3) {
                    // 0x80 rule(1) walletId(32) configId(32) size(2) shared part, then what stands
                    // at `end`.
                    mstore8(free, 0x80)
                    mstore8(add(free, 1), byte(1, calldataload(0)))
                    mstore(add(free, 2), mload(WALLET_ID))
                    mstore(add(free, 34), mload(CONFIGURATION_ID))
                    mstore(add(free, 66), shl(240, sub(end, SHARED)))
                    let size := sub(free, SHARED)
                    mcopy(add(free, 68), SHARED, size)
                    if iszero(delegatecall(gas(), actions, free, add(size, 164), 0, 0)) {
                        returndatacopy(0, 0, returndatasize())
                        revert(0, returndatasize())
                    }
                    stop()
                }

                // Before the first call.
                switch isLocal
                case 1 { sstore(mload(NONCE_SLOT), add(mload(NONCE_WORD), 1)) }
                default { sstore(HOT, add(hot, 1)) }
                let count := add(byte(11, calldataload(0)), 1)
                for { let calls := add(end, shl(5, count)) } count { count := sub(count, 1) } {
                    let size := mload(add(calls, 0x80))
                    if iszero(
                        call(
                            gas(),
                            mload(add(calls, 0x20)),
                            mload(add(calls, 0x40)),
                            add(calls, 0xa0),
                            size,
                            0,
                            0
                        )
                    ) {
                        returndatacopy(0, 0, returndatasize())
                        revert(0, returndatasize())
                    }
                    calls := add(add(calls, 0xa0), size)
                }
                stop()
            }

            // Immutables wait in memory: as arguments they would crowd the stack.
            mstore(CREATOR, creatorWord)
            mstore(INIT_CODE_HASH, cloneHash)
            mstore(PROGRAM_ID, programId)
            // 3 and 4: execute under a shared rule, after a recovery or not; 5: under a local
            // rule; 2: grant.
            let form := shr(252, calldataload(0))
            if lt(sub(form, 3), 2) { act(0, 0) }
            if eq(form, 5) { act(1, 0) }
            if eq(form, 2) { act(3, actionsAddress) }
            // validateUserOp
            if eq(shr(224, calldataload(0)), 0x19822f7c) {
                if iszero(is_entry_point()) {
                    if and(sload(HOT), UPGRADED) { forward() }
                    refuse(608)
                }
                let signature := operation_signature()
                if lt(sub(shr(252, calldataload(add(signature, 0x20))), 3), 2) {
                    act(2, 0)
                }
            }
            if and(eq(byte(0, calldataload(0)), 0x60), iszero(and(sload(HOT), UPGRADED))) {
                run_user_operation()
            }
        }
        _delegate();
    }

    /// What is not used all day.
    function _delegate() private {
        bytes32 programId = PROGRAM;
        bytes32 cloneHash = CLONE_HASH;
        uint256 creatorWord = CREATOR_WORD;
        address actions = ACTIONS;
        address standards = STANDARDS;
        assembly {
            let size := calldatasize()
            // Only a delegation (EIP-7702) lets this come so far; a clone has stopped.
            if iszero(size) { stop() }
            calldatacopy(0, 0, size)
            if and(sload(HOT), UPGRADED) {
                let done := delegatecall(gas(), sload(IMPLEMENTATION), 0, size, 0, 0)
                returndatacopy(0, 0, returndatasize())
                if iszero(done) { revert(0, returndatasize()) }
                return(0, returndatasize())
            }
            // onERC721Received, onERC1155Received, onERC1155BatchReceived
            let selector := shr(224, calldataload(0))
            if or(
                eq(selector, 0x150b7a02),
                or(eq(selector, 0xf23a6e61), eq(selector, 0xbc197c81))
            ) {
                mstore(0, shl(224, selector))
                return(0, 0x20)
            }
            let target := standards
            let head := byte(0, calldataload(0))
            if and(gt(head, 0x70), lt(head, 0x80)) { target := actions }
            mstore(size, programId)
            mstore(add(size, 0x20), and(creatorWord, 0xffffffffffffffffffffffffffffffffffffffff))
            mstore(add(size, 0x40), cloneHash)
            let done := delegatecall(gas(), target, 0, add(size, 0x60), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(done) { revert(0, returndatasize()) }
            return(0, returndatasize())
        }
    }
}
