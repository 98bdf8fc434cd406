import Metrology
import Synchronization

/// A command that the instrument has begun and not finished.
struct PendingCommand {
    let command: Command
    let wait: Wait
    /// What is to be sent after it.
    let steps: [Command]
    let values: [String: ParameterValue]
    /// When to ask next, and when to give up, on the opener's clock.
    var nextAt: Duration
    let deadline: Duration

    var condition: InstrumentCondition? { wait.condition }
}

/// How many urgent actions wait for their turn, told without waiting for it.
final class Urgency: Sendable {
    private let count = Atomic(0)

    var isWaiting: Bool { count.load(ordering: .relaxed) > 0 }

    func add() { count.add(1, ordering: .relaxed) }

    func remove() { count.subtract(1, ordering: .relaxed) }
}

extension Instrument {
    /// Remembers that the instrument is busy with a command; polls ask until it is done.
    func waitFor(_ command: Command, then steps: [Command] = [], _ values: [String: ParameterValue] = [:]) {
        guard let wait = command.wait else { return }
        pending = PendingCommand(
            command: command, wait: wait, steps: steps, values: values, nextAt: opener.uptime + wait.every,
            deadline: opener.uptime + wait.atMost)
    }

    /// Asks, if it is time to, whether the instrument is done, and takes what it was asked for.
    func continuePending() throws(InstrumentError) {
        guard var waiting = pending, opener.uptime >= waiting.nextAt, opener.uptime >= restsUntil else { return }
        guard opener.uptime < waiting.deadline else {
            pending = nil
            if let failure = waiting.wait.failure { failings.insert(failure) }
            throw error(.notDone(milliseconds: waiting.wait.atMost.milliseconds), command: waiting.command.name)
        }
        waiting.nextAt = opener.uptime + waiting.wait.every
        pending = waiting
        let ask = waiting.wait.ask.flatMap { profile.wire.commands[$0] } ?? waiting.command
        do throws(InstrumentError) {
            switch try exchange(ask, ask.name == waiting.command.name ? waiting.values : [:]) {
            case .waiting: return
            case .reply(let frame) where waiting.wait.then == nil: keep(frame, answering: ask)
            case .sent, .reply: break
            }
        } catch {
            switch error.reason {
            case .busy: return
            // One lost answer is no end of the action.
            case .noReply, .damagedReply: throw error
            default:
                pending = nil
                if let failure = waiting.wait.failure { failings.insert(failure) }
                throw error
            }
        }
        pending = nil
        if let then = waiting.wait.then.flatMap({ profile.wire.commands[$0] }) {
            switch try exchange(then) {
            case .reply(let frame): keep(frame, answering: then)
            case .sent, .waiting: break
            }
        }
        for (index, step) in waiting.steps.enumerated() {
            if case .waiting = try exchange(step, waiting.values) {
                waitFor(step, then: Array(waiting.steps.dropFirst(index + 1)), waiting.values)
                return
            }
        }
    }

    /// Wakes the instrument up and has it name itself, once after each opening of the port.
    func introduce() throws(InstrumentError) {
        if isIntroduced { return }
        for command in profile.start { _ = try exchange(command) }
        if let identity = profile.identity, case .reply(let frame) = try exchange(identity.command) {
            let found = frame.frame.values.first { $0.field == identity.field }?.text ?? ""
            guard found.contains(identity.contains) else {
                let error = error(
                    .wrongInstrument(found: found), command: identity.command.name, expected: identity.contains)
                markLost(error)
                throw error
            }
        }
        isIntroduced = true
    }
}
