import Messages
import Metrology
import Standards

/// What the driver must do when (司机助提示).
struct VMASCues {
    private let cycle: VMASRequirements.Cycle
    private let isAutomatic: Bool
    private var operations: [Message] = []

    init(cycle: VMASRequirements.Cycle, isAutomatic: Bool) {
        self.cycle = cycle
        self.isAutomatic = isAutomatic
        operations = cycle.operations.indices.map(words)
    }

    /// What to do in a stage outside the cycle.
    func instruction(_ stage: StageKind) -> Message {
        switch stage {
        case .flowMeter: Message(.vmasFlowMeter)
        case .warmUp: Message(.vmasWarmUp)
        case .zero: Message(.vmasZero)
        case .ambient: Message(.vmasAmbient)
        case .background: Message(.vmasBackground)
        case .rest: Message(.vmasRest)
        case .probe: Message(.vmasProbe)
        case .trailing: Message(.vmasStay)
        case .finished: Message(.vmasFinished)
        default: Message(.vmasIdle)
        }
    }

    /// What comes after a stage outside the cycle; nil at the end.
    func following(_ stage: StageKind) -> Message? {
        let order: [StageKind] = [
            .flowMeter, .warmUp, .zero, .ambient, .background, .rest, .probe, .stabilise,
        ]
        if stage == .stabilise { return instruction(operation: 0) }
        if stage == .trailing { return instruction(.finished) }
        guard let index = order.firstIndex(of: stage), index + 1 < order.count else { return nil }
        return instruction(order[index + 1])
    }

    /// What to do in an operation of the cycle, by its index; nil past the last one.
    func instruction(operation index: Int) -> Message? {
        operations.indices.contains(index) ? operations[index] : nil
    }

    /// The gear of an operation; nil where the vehicle chooses it.
    func gear(operation index: Int) -> Int? { isAutomatic ? nil : cycle.operations[index].gear }

    private func words(_ index: Int) -> Message {
        let operation = cycle.operations[index]
        let start = index == 0 ? nil : cycle.operations[index - 1]
        let from = start?.speed ?? Speed(0)
        let seconds = MessageArgument.integer(operation.until - (start?.until ?? 0))
        let speed = MessageArgument.decimal(text(operation.speed))
        if operation.speed == from {
            if operation.speed.value == 0 {
                let isLast = index == cycle.operations.count - 1
                return isLast ? Message(.vmasIdle) : Message(.vmasReady, ["second": .integer(operation.until)])
            }
            return changesGear(index)
                ? Message(.vmasShift, ["gear": .integer(operation.gear)]) : Message(.vmasHold, ["speed": speed])
        }
        if operation.speed > from { return Message(.vmasAccelerate, ["speed": speed, "seconds": seconds]) }
        return operation.speed.value == 0
            ? Message(.vmasStop, ["seconds": seconds])
            : Message(.vmasDecelerate, ["speed": speed, "seconds": seconds])
    }

    private func changesGear(_ index: Int) -> Bool {
        index > 0 && !isAutomatic && cycle.operations[index].gear != cycle.operations[index - 1].gear
    }

    private func text(_ speed: Speed) -> String {
        speed.value == speed.value.rounded() ? String(Int(speed.value)) : "\(speed.value)"
    }
}
