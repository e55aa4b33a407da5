// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Encode} from "./Encode.sol";
import {Forms} from "./Forms.sol";
import {
    Account,
    Action,
    Configuration,
    EIP712,
    EXECUTE,
    LOCAL_RULE,
    RECOVERY_RULE,
    Rule,
    Session,
    Signer
} from "./Model.sol";
import {WaitingTestBase} from "./WaitingTest.sol";

/// Does to a house whatever comes to mind, and keeps a model of what must follow (docs/laws.md). Whatever the
/// wallet accepts or refuses against the model is a failure.
contract Owner is WaitingTestBase {
    uint64 internal constant PER_CALL = 100;
    uint64 internal constant PER_PERIOD = 250;
    uint32 internal constant PERIOD = 1 days;

    struct Proposal {
        bool waits;
        uint256 earliest;
        bytes body;
    }

    struct Budget {
        bytes session;
        bool lives;
        uint256 window;
        uint256 spent;
    }

    /// abi.encode(Account): the present configuration.
    bytes internal _account;
    bytes32 public configId;
    uint256 public number;
    uint256 public version;
    uint256 public frozenUntil;
    uint256 public liveSessions;
    bool public isRecovered;

    /// Accepted calldata: none of it is good twice.
    bytes[] internal _done;
    Budget[] internal _budgets;
    mapping(uint8 => Proposal) internal _proposals;
    /// Of the rules of the recovery part and of DAILY, the epochs seen last.
    mapping(bytes32 => uint32) internal _epochs;

    uint256 public paid;
    uint256 public applied;
    uint256 public sessionsSpent;
    uint256 public changes;
    uint256 public recoveries;
    uint256 public replays;

    constructor() {
        setUp();
        _account = abi.encode(house());
    }

    function account() public view returns (Account memory) {
        return abi.decode(_account, (Account));
    }

    function isFrozen() internal view returns (bool) {
        return block.timestamp < frozenUntil;
    }

    /// Accepted or refused, as expected.
    function expect(bytes memory data, bool isAccepted) internal returns (bool) {
        uint256 verdict = verdictOn(account(), data);
        vm.assertEq(verdict == 0, isAccepted, vm.toString(verdict));
        vm.assertTrue(verdict != type(uint256).max, "a call failed");
        if (verdict == 0) _done.push(data);
        return verdict == 0;
    }

    // --- what may happen ------------------------------------------------------------------------------------------

    function pass(uint256 seed) external {
        vm.warp(block.timestamp + seed % 2 days);
    }

    function pays(uint256 seed) external {
        Account memory present = account();
        Action memory action = by(present, DAILY, 1, pay(seed % 7));
        if (seed % 3 == 0) action.key = uint64(1 + seed % 2);
        bool isShort = action.key == 0 && seed % 2 == 0;
        if (expect(isShort ? Forms.short(action) : Forms.execute(action), !isFrozen())) {
            paid += seed % 7;
        }
    }

    /// What was accepted once is not accepted again, nor under another form.
    function replay(uint256 seed) external {
        if (_done.length == 0) return;
        bytes memory data = _done[seed % _done.length];
        vm.assertTrue(verdictOn(account(), data) != 0, "accepted twice");
        ++replays;
    }

    function forge(uint256 seed) external {
        Action memory action = by(account(), DAILY, 1, pay(1));
        action.otherDigest = bytes32(seed | 1);
        bool isShort = seed % 2 == 0;
        expect(isShort ? Forms.short(action) : Forms.execute(action), false);
    }

    // --- sessions ---------------------------------------------------------------------------------------------------

    function grants(uint256 seed) external {
        if (liveSessions > 15) return;
        Account memory present = account();
        Rule memory limited = rule(EXECUTE, 1, 1);
        limited.scope = Encode.scope(BOB, "");
        limited.limits = Encode.limits(Encode.limit(address(0), 0, PER_CALL, PER_PERIOD, PERIOD));
        bytes32[] memory ids = living();
        Signer[] memory keys = list(signer(EIP712, vm.toString(seed)));
        Session memory session = sessionOf(present, DAILY, ids, keys, limited);
        Action memory action = by(present, DAILY, 1);
        bytes memory data = seed % 2 == 0 || isRecovered
            ? Forms.grant(action, ids, session.localRule)
            : Forms.shortGrant(action, ids, session.localRule);
        if (expect(data, !isFrozen())) {
            _budgets.push(Budget(abi.encode(session), true, 0, 0));
            ++liveSessions;
            ++version;
        }
    }

    /// Ids of those that live, in the order of their grants.
    function living() internal view returns (bytes32[] memory ids) {
        ids = new bytes32[](liveSessions);
        uint256 count = 0;
        for (uint256 i = 0; i < _budgets.length; ++i) {
            if (_budgets[i].lives) {
                ids[count++] = abi.decode(_budgets[i].session, (Session)).id;
            }
        }
    }

    /// The session with its present place and neighbours.
    function placed(uint256 index) internal view returns (Session memory session) {
        session = abi.decode(_budgets[index].session, (Session));
        bytes32[] memory ids = living();
        session.others = new bytes32[](ids.length == 0 ? 0 : ids.length - 1);
        uint256 count = 0;
        for (uint256 i = 0; i < ids.length; ++i) {
            if (ids[i] == session.id) session.place = uint8(i);
            else if (count < session.others.length) session.others[count++] = ids[i];
        }
    }

    function spends(uint256 seed) external {
        if (_budgets.length == 0) return;
        uint256 index = seed % _budgets.length;
        Budget storage budget = _budgets[index];
        uint256 amount = (seed >> 32) % 120;
        uint256 window = block.timestamp / PERIOD;
        uint256 before = budget.window == window ? budget.spent : 0;
        Action memory action = by(account(), placed(index), pay(amount));
        bool isGood =
            budget.lives && !isFrozen() && amount <= PER_CALL && before + amount <= PER_PERIOD;
        bool isShort = (seed >> 64) % 2 == 0;
        if (expect(isShort ? Forms.short(action) : Forms.execute(action), isGood)) {
            (budget.window, budget.spent) = (window, before + amount);
            sessionsSpent += amount;
        }
    }

    function revokes(uint256 seed) external {
        if (_budgets.length == 0) return;
        uint256 index = seed % _budgets.length;
        Action memory action = by(account(), DAILY, 1);
        if (expect(Forms.revoke(action, placed(index)), _budgets[index].lives)) {
            _budgets[index].lives = false;
            --liveSessions;
            ++version;
        }
    }

    // --- waiting ----------------------------------------------------------------------------------------------------

    function proposes(uint256 seed) external {
        if (isRecovered) return;
        uint8 name = seed % 2 == 0 ? SLOW : STUBBORN;
        Proposal storage proposal = _proposals[name];
        Action memory action = by(account(), name, 1, pay(seed % 5));
        bool isFree = !proposal.waits || block.timestamp > proposal.earliest + 14 days;
        if (expect(Forms.execute(action), isFree)) {
            proposal.waits = true;
            proposal.earliest = block.timestamp + DELAY;
            proposal.body = Forms.calls(action.calls);
        }
    }

    function applies(uint256 seed) external {
        if (isRecovered) return;
        uint8 name = seed % 2 == 0 ? SLOW : STUBBORN;
        Proposal storage proposal = _proposals[name];
        bytes memory body = proposal.body.length == 0 ? bytes(hex"00") : proposal.body;
        uint256 now_ = block.timestamp;
        bool isDue = proposal.waits && now_ >= proposal.earliest
            && now_ <= proposal.earliest + 14 days && !isFrozen();
        if (expect(Forms.apply_(by(account(), name, 1), 1, body), isDue)) {
            proposal.waits = false;
            ++applied;
        }
    }

    function cancels(uint256 seed) external {
        if (isRecovered) return;
        Account memory present = account();
        uint8 name = seed % 2 == 0 ? SLOW : STUBBORN;
        uint32 epoch = epochOf(present, name);
        bool waits_ = _proposals[name].waits;
        if (waits_) --epoch;
        // Two parties always, one what its owner waits for.
        uint16 parties = name == SLOW && waits_ ? 1 : 3;
        if (expect(cancel(present, parties, epoch, name), true)) _proposals[name].waits = false;
    }

    // --- freezing and changing ----------------------------------------------------------------------------------------

    uint256 internal _lastFreeze;

    function freezes(uint256 seed) external {
        if (isRecovered) return;
        Account memory present = account();
        uint32 epoch = epochOf(present, DAILY);
        if (seed % 3 == 0) {
            if (expect(freeze(present, 3, epoch, 1), true)) frozenUntil = 0;
            return;
        }
        bool isAllowed = _lastFreeze == 0 || block.timestamp >= _lastFreeze + 30 days;
        if (expect(freeze(present, 1, epoch, 0), isAllowed)) {
            _lastFreeze = block.timestamp;
            frozenUntil = block.timestamp + 7 days;
        }
    }

    /// Two parties change STUBBORN's delay, which ends its record; everything else goes on.
    function changesDelay(uint256 seed) external {
        if (isRecovered) return;
        Account memory present = account();
        Configuration memory config = next(present);
        config.rules[STUBBORN].wait = present.configuration.rules[STUBBORN].wait;
        uint32 added = uint32(1 + seed % 1_000);
        config.rules[STUBBORN].wait =
            (uint32(1) << 31) | uint32(DELAY - (config.rules[STUBBORN].wait + added) % 1_000);
        bool isSame = config.rules[STUBBORN].wait == present.configuration.rules[STUBBORN].wait;
        Account memory later = changed(present, config);
        uint32 epoch = epochOf(present, DAILY);
        bytes memory data = Forms.change(by(present, DAILY, 3), 4, epoch, later.source);
        if (expect(data, !isFrozen())) {
            _move(later);
            if (!isSame) _proposals[STUBBORN].waits = false;
        }
    }

    function _move(Account memory later) internal {
        vm.assertNotEq(later.configId, configId);
        configId = later.configId;
        _account = abi.encode(later);
        ++number;
        ++changes;
    }

    /// Guardians recover; the new owner puts the old house back after the guard.
    function recovers(uint256 seed) external {
        Account memory present = account();
        if (isRecovered || seed % 4 != 0) return;
        uint32 epoch = epochOf(present, GUARDIANS);
        Account memory later = recovered(present, GUARDIANS, epoch, newSigners());
        if (!expect(recover(present, GUARDIANS, 3, epoch), true)) return;
        _move(later);
        ++recoveries;
        isRecovered = true;
        // All sessions and all records of rules that are gone end.
        for (uint256 i = 0; i < _budgets.length; ++i) {
            _budgets[i].lives = false;
        }
        version += liveSessions;
        liveSessions = 0;
        frozenUntil = 0;
        _lastFreeze = 0;
        _proposals[SLOW].waits = false;
        _proposals[STUBBORN].waits = false;
    }

    function returns_(uint256) external {
        if (!isRecovered) return;
        Account memory present = account();
        Account memory later = changed(present, next(present));
        Action memory action = by(present, 0, 1);
        uint32 epoch = epochOf(present, 0);
        if (!expect(Forms.change(action, 4, epoch, later.source), true)) return;
        bytes memory applying = Forms.apply_(action, 4, Forms.changeBody(epoch, later.source));
        vm.warp(block.timestamp + 96 hours - 1);
        expect(applying, false);
        vm.warp(block.timestamp + 1);
        if (!expect(applying, true)) return;
        _move(later);
        isRecovered = false;
        for (uint256 i = 0; i < _budgets.length; ++i) {
            if (_budgets[i].lives) {
                _budgets[i].lives = false;
                --liveSessions;
                ++version;
            }
        }
    }

    // --- what always holds ----------------------------------------------------------------------------------------------

    function check() external {
        Account memory present = account();
        uint256 word = hot(present);
        if (number != 0) vm.assertEq(configIdOf(present), configId, "configId");
        vm.assertEq(uint32(word >> 64), number, "number of changes");
        vm.assertEq(uint32(word >> 96), version, "version");
        vm.assertEq((word >> 176) & 0xff, liveSessions, "sessions");
        vm.assertEq(word >> 200, 0, "bits that mean nothing");
        for (uint8 i = 0; i < 2; ++i) {
            grows(bytes32(uint256(RECOVERY_RULE | i)), present);
        }
        for (uint256 i = 0; i < _budgets.length; ++i) {
            vm.assertLe(_budgets[i].spent, PER_PERIOD);
        }
    }

    /// Epochs of the recovery part never go back.
    function grows(bytes32 name, Account memory present) internal {
        uint32 epoch = uint32(recordOf(present, name));
        vm.assertGe(epoch, _epochs[name], "an epoch went back");
        _epochs[name] = epoch;
    }
}
