// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Encode} from "./Encode.sol";
import {Forms} from "./Forms.sol";
import {
    Account,
    Action,
    CANCEL,
    CONTRACT,
    Call,
    Configuration,
    EIP191,
    EIP712,
    EXECUTE,
    FREEZE,
    GRANT,
    LOCAL_RULE,
    MESSAGE,
    NO_DEADLINE,
    P256_KEY,
    PASSKEY,
    POLICY,
    RECOVERY_RULE,
    RecoveryPart,
    Rule,
    Session,
    Signer,
    UPGRADE
} from "./Model.sol";
import {Test} from "./Test.sol";

interface IToken {
    function mint(address to, uint256 amount) external;
    function transfer(address to, uint256 amount) external returns (bool);
    function approve(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    function balanceOf(address account) external view returns (uint256);
    function allowance(address owner, address spender) external view returns (uint256);
}

/// The contracts, wallets of them, and what their owners do.
abstract contract WalletTest is Test {
    error Refused(uint256 verdict);

    bytes32 internal constant PROGRAM_ID = keccak256("program");
    uint256 internal constant HOT = Forms.HOT;
    uint256 internal constant NOW = 1_800_000_000;
    string internal constant RP_ID = "latchkey.example";
    string internal constant TAIL =
        '","origin":"https://wallet.latchkey.example","crossOrigin":false}';

    uint8 internal constant ALL = EXECUTE | GRANT | POLICY | MESSAGE;

    address internal actions;
    address internal standards;
    address internal factory;
    IToken internal token;
    address internal constant BOB = address(0xb0b);

    function setUp() public virtual {
        vm.warp(NOW);
        actions = vm.deployCode("WalletActions.sol:WalletActions");
        standards = vm.deployCode("WalletStandards.sol:WalletStandards");
        factory = vm.deployCode("Factory.sol:Factory", abi.encode(PROGRAM_ID, actions, standards));
        token = IToken(vm.deployCode("TestToken.sol:TestToken"));
        vm.label(factory, "factory");
        vm.label(address(token), "token");
    }

    // --- signers and rules --------------------------------------------------------------------------------

    function signer(uint8 kind, string memory name) internal pure returns (Signer memory made) {
        made.kind = kind;
        made.key = uint256(keccak256(bytes(name))) >> 8;
        made.rpId = RP_ID;
    }

    function contractSigner(address code) internal view returns (Signer memory made) {
        made.kind = CONTRACT;
        made.code = code;
        made.chain = uint64(block.chainid);
    }

    function rule(uint8 actions_, uint8 threshold, uint16 mask)
        internal
        pure
        returns (Rule memory made)
    {
        made.actions = actions_;
        made.threshold = threshold;
        made.mask = mask;
    }

    function list(Signer memory one) internal pure returns (Signer[] memory made) {
        made = new Signer[](1);
        made[0] = one;
    }

    function list(Signer memory one, Signer memory two)
        internal
        pure
        returns (Signer[] memory made)
    {
        made = new Signer[](2);
        (made[0], made[1]) = (one, two);
    }

    function list(Signer memory one, Signer memory two, Signer memory three)
        internal
        pure
        returns (Signer[] memory made)
    {
        made = new Signer[](3);
        (made[0], made[1], made[2]) = (one, two, three);
    }

    function list(Rule memory one) internal pure returns (Rule[] memory made) {
        made = new Rule[](1);
        made[0] = one;
    }

    function list(Rule memory one, Rule memory two) internal pure returns (Rule[] memory made) {
        made = new Rule[](2);
        (made[0], made[1]) = (one, two);
    }

    function list(Rule memory one, Rule memory two, Rule memory three)
        internal
        pure
        returns (Rule[] memory made)
    {
        made = new Rule[](3);
        (made[0], made[1], made[2]) = (one, two, three);
    }

    function list(Call memory one) internal pure returns (Call[] memory made) {
        made = new Call[](1);
        made[0] = one;
    }

    function list(Call memory one, Call memory two) internal pure returns (Call[] memory made) {
        made = new Call[](2);
        (made[0], made[1]) = (one, two);
    }

    // --- wallets ---------------------------------------------------------------------------------------------

    function genesis(Signer[] memory signers, Rule[] memory rules)
        internal
        pure
        returns (Configuration memory made)
    {
        made.signers = signers;
        made.rules = rules;
        made.salt = hex"00";
    }

    /// One signer that may do everything.
    function alone(uint8 kind) internal returns (Account memory) {
        return create(genesis(list(signer(kind, "alice")), list(rule(ALL, 1, 1))));
    }

    function create(Configuration memory configuration) internal returns (Account memory account) {
        account = identify(configuration);
        (bool ok, bytes memory answer) = factory.call(abi.encode(account.walletId));
        vm.assertTrue(ok, "the factory refused");
        vm.assertEq(abi.decode(answer, (address)), account.wallet, "another address");
        vm.deal(account.wallet, 100 ether);
        token.mint(account.wallet, 1_000 ether);
    }

    function create(Configuration memory configuration, RecoveryPart memory part, uint16 guardHours)
        internal
        returns (Account memory account)
    {
        configuration.recovery = Encode.commitment(part, guardHours);
        account = create(configuration);
        account.recovery = part;
    }

    function identify(Configuration memory configuration)
        internal
        view
        returns (Account memory account)
    {
        account.configuration = configuration;
        account.source = Encode.bytesOf(configuration);
        account.walletId =
            sha256(abi.encodePacked(account.source, PROGRAM_ID, "ProgramDerivedAddress"));
        account.configId = account.walletId;
        account.wallet =
            vm.computeCreate2Address(account.walletId, keccak256(cloneInitCode()), factory);
    }

    function cloneInitCode() internal view returns (bytes memory) {
        return abi.encodePacked(
            hex"60318060095f395ff3",
            hex"5f5f3615602f57365f5f37365f73",
            vm.computeCreateAddress(factory, 1),
            hex"5af43d5f5f3e5f3d91602f57fd5bf3"
        );
    }

    /// What the wallet is after a policy change to `configuration` (which gets no salt).
    function changed(Account memory account, Configuration memory configuration)
        internal
        pure
        returns (Account memory next)
    {
        configuration.salt = "";
        next.wallet = account.wallet;
        next.walletId = account.walletId;
        next.recovery = account.recovery;
        next.configuration = configuration;
        next.kind = 1;
        next.source = Encode.bytesOf(configuration);
        next.parent = account.configId;
        next.configId =
            Encode.configIdAfter(account.walletId, account.configId, 4, 0, 0, next.source);
    }

    /// What the wallet is after a recovery by this rule and epoch for these signers.
    function recovered(Account memory account, uint8 byRule, uint32 epoch, Signer[] memory signers)
        internal
        pure
        returns (Account memory next)
    {
        next.wallet = account.wallet;
        next.walletId = account.walletId;
        next.recovery = account.recovery;
        next.configuration.signers = signers;
        next.configuration.rules = account.recovery.after_;
        next.configuration.recovery = account.configuration.recovery;
        next.kind = 2;
        next.source = Encode.bytesOf(next.configuration);
        next.parent = account.configuration.recovery;
        next.byRule = byRule;
        next.byEpoch = epoch;
        next.configId =
            Encode.configIdAfter(account.walletId, next.parent, 14, byRule, epoch, next.source);
    }

    // --- actions ---------------------------------------------------------------------------------------------

    function by(Account memory account, uint8 rule_, uint16 approvers)
        internal
        pure
        returns (Action memory action)
    {
        action.account = account;
        action.rule = rule_;
        action.approvers = approvers;
        action.deadline = NO_DEADLINE;
        action.authenticator = 0x05;
        action.counter = 7;
        action.tail = TAIL;
    }

    function by(Account memory account, uint8 rule_, uint16 approvers, Call memory one)
        internal
        pure
        returns (Action memory action)
    {
        action = by(account, rule_, approvers);
        action.calls = list(one);
    }

    function by(Account memory account, Session memory session, Call memory one)
        internal
        pure
        returns (Action memory action)
    {
        action = by(account, LOCAL_RULE, 1, one);
        action.session = session;
    }

    function pay(uint256 amount) internal pure returns (Call memory) {
        return Call(BOB, amount, "");
    }

    function transfer(uint256 amount) internal view returns (Call memory) {
        return Call(address(token), 0, abi.encodeCall(IToken.transfer, (BOB, amount)));
    }

    function send(Account memory account, bytes memory data) internal {
        (bool ok, bytes memory answer) = account.wallet.call(data);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
    }

    /// The verdict on this calldata: 0 accepted.
    function verdictOn(Account memory account, bytes memory data) internal returns (uint256) {
        (bool ok, bytes memory answer) = account.wallet.call(data);
        if (ok) return 0;
        if (answer.length == 36 && bytes4(answer) == Refused.selector) {
            return uint256(bytes32(Forms.slice(answer, 4, 36)));
        }
        return type(uint256).max;
    }

    /// Is refused for this reason, and changes nothing.
    function refused(Account memory account, bytes memory data, uint256 verdict) internal {
        vm.assertEq(verdictOn(account, data), verdict);
    }

    // --- sessions ---------------------------------------------------------------------------------------------

    /// What `grant` makes of this rule now; `ids` are those that the granting rule has.
    function sessionOf(
        Account memory account,
        uint8 granting,
        bytes32[] memory ids,
        Signer[] memory signers,
        Rule memory rule_
    ) internal view returns (Session memory session) {
        session.ruleId = Encode.ruleId(account.configuration, granting);
        session.configId = account.configId;
        session.version = uint32(hot(account) >> 96) + 1;
        session.signers = signers;
        session.localRule = Encode.localRule(signers, rule_);
        session.id = Encode.localRuleId(
            account.walletId, account.configId, session.version, session.localRule
        );
        session.place = uint8(ids.length);
        session.others = ids;
    }

    /// Grants a first session.
    function granted(Account memory account, uint8 granting, Signer memory key, Rule memory rule_)
        internal
        returns (Session memory session)
    {
        session = sessionOf(account, granting, new bytes32[](0), list(key), rule_);
        send(account, Forms.grant(by(account, granting, 1), new bytes32[](0), session.localRule));
    }

    // --- state ------------------------------------------------------------------------------------------------

    function hot(Account memory account) internal view returns (uint256) {
        return uint256(vm.load(account.wallet, bytes32(HOT)));
    }

    function sequence(Account memory account) internal view returns (uint64) {
        return uint64(hot(account));
    }

    function configIdOf(Account memory account) internal view returns (bytes32) {
        return vm.load(account.wallet, bytes32(HOT + 1));
    }

    /// The record of a rule by its ruleId or, of the recovery part, its name.
    function recordOf(Account memory account, bytes32 name) internal view returns (uint256) {
        return uint256(vm.load(account.wallet, keccak256(abi.encode(name, HOT + 5))));
    }

    function recordOf(Account memory account, uint8 rule_) internal view returns (uint256) {
        if (rule_ & RECOVERY_RULE != 0) return recordOf(account, bytes32(uint256(rule_)));
        return recordOf(account, Encode.ruleId(account.configuration, rule_));
    }

    function epochOf(Account memory account, uint8 rule_) internal view returns (uint32) {
        return uint32(recordOf(account, rule_));
    }
}
