public import Metrology
import Plant

extension SimulatedLane {
    /// Lets something go wrong with an instrument, or with the lane around it, until it is cleared.
    ///
    /// - Throws: ``SimulationError/noInstrument(role:)``, ``SimulationError/faultOfOtherRole(_:_:)``,
    ///   ``SimulationError/faultAmount(_:_:)`` or ``SimulationError/noChannel(_:_:)``.
    public func inject(_ fault: Fault, on role: InstrumentRole) throws(SimulationError) {
        let line = try line(role)
        try fault.check(role)
        switch fault.kind {
        case .zeroDrift, .spanDrift, .drift:
            let channels = fault.channels(of: role)
            if role == .dynamometer {
                host.command { $0.disturbance.drift(fault, channels) }
            } else {
                let now = host.clock.now
                line.changeErrors { $0.take(fault, channels, at: now) }
            }
        case .wornOxygenCell: line.changeErrors { $0.weaken(.oxygen, to: fault.effectiveAmount) }
        case .poisonedConverter: line.changeErrors { $0.weaken(.nitrogenDioxide, to: fault.effectiveAmount) }
        case .dirtyLens: line.changeErrors { $0.dirtyLens(fault.effectiveAmount) }
        case let kind where kind.isOfThePlant:
            host.command { $0.disturbance.begin(kind, fault.effectiveAmount, of: role) }
        // What can happen only once may happen again.
        case .reboot:
            line.end(.reboot)
            return line.add(fault)
        default: return line.add(fault)
        }
        line.happened(fault.kind)
    }

    /// Ends one fault of an instrument; of a drift, that of its channel.
    ///
    /// - Throws: as ``inject(_:on:)``.
    public func end(_ fault: Fault, on role: InstrumentRole) throws(SimulationError) {
        let line = try line(role)
        try fault.check(role)
        switch fault.kind {
        case .zeroDrift, .spanDrift, .drift:
            let channels = fault.channels(of: role)
            if role == .dynamometer {
                let right = Fault(fault.kind, amount: 0)
                host.command { $0.disturbance.drift(right, channels) }
            } else {
                line.changeErrors { $0.forget(fault.kind, channels) }
            }
        case .wornOxygenCell: line.changeErrors { $0.weaken(.oxygen, to: nil) }
        case .poisonedConverter: line.changeErrors { $0.weaken(.nitrogenDioxide, to: nil) }
        case .dirtyLens: line.changeErrors { $0.dirtyLens(0) }
        case let kind where kind.isOfThePlant: host.command { $0.disturbance.end(kind, of: role) }
        default: line.end(fault.kind)
        }
    }

    /// Ends all faults of an instrument, and those of the lane around it that it sees.
    ///
    /// A stalled engine can be started again after clearing any instrument: the stall is nobody's in particular.
    ///
    /// - Throws: ``SimulationError/noInstrument(role:)``.
    public func clearFaults(on role: InstrumentRole) throws(SimulationError) {
        try line(role).end(nil)
        host.command { plant in
            for kind in Fault.Kind.allCases where kind.isOfThePlant && kind.roles?.contains(role) ?? true {
                plant.disturbance.end(kind, of: role)
            }
            if role == .dynamometer {
                for kind in [Fault.Kind.zeroDrift, .spanDrift] {
                    plant.disturbance.drift(Fault(kind, amount: 0), [.force, .speed])
                }
            }
        }
    }
}

extension Fault {
    /// Whether it can befall an instrument of a role.
    func check(_ role: InstrumentRole) throws(SimulationError) {
        if let roles = kind.roles, !roles.contains(role) { throw .faultOfOtherRole(kind, role) }
        guard kind.amounts.contains(effectiveAmount) else { throw .faultAmount(kind, effectiveAmount) }
        if let count, count < 1 || !kind.isOfFrames { throw .faultCount(kind, count) }
        guard let channel else { return }
        guard [.zeroDrift, .spanDrift, .drift].contains(kind), SensorChannel.of(role).contains(channel) else {
            throw .noChannel(channel, role)
        }
    }

    /// The signals that drift.
    func channels(of role: InstrumentRole) -> [SensorChannel] {
        if let channel { return [channel] }
        let all = SensorChannel.of(role)
        return kind == .spanDrift ? all : Array(all.prefix(1))
    }
}

extension Fault.Kind {
    /// Whether it happens to the lane, not on a wire.
    var isOfThePlant: Bool {
        switch self {
        case .lowFlow, .dilution, .stall, .slowResponse, .wheelSlip, .clampOff, .tubeLeak, .brokenFan: true
        case .leak, .rollerDrag, .wrongInertia, .slippingForceCell, .brokenInterlock: true
        default: false
        }
    }
}

extension Plant.Disturbance {
    /// - Parameter role: whose fault it is; both gas benches have a path of their own.
    mutating func begin(_ kind: Fault.Kind, _ amount: Double, of role: InstrumentRole) {
        let isNitrogen = role == .noxAnalyzer
        switch kind {
        case .lowFlow: if isNitrogen { nitrogenPath.flow = amount } else { flow = amount }
        case .dilution, .leak: if isNitrogen { nitrogenPath.leak = amount } else { leak = amount }
        case .slowResponse where role == .dynamometer: slowBrake = amount
        case .slowResponse: if isNitrogen { nitrogenPath.slowCells = amount } else { slowCells = amount }
        case .stall: isStalled = true
        case .wheelSlip: slip = amount
        case .clampOff: isClampOff = true
        case .tubeLeak: tubeLoss = amount
        case .brokenFan: isFanBroken = true
        case .rollerDrag: drag = amount
        case .wrongInertia: inertiaShare = amount
        case .slippingForceCell: cellSlip = amount
        case .brokenInterlock: isLiftFree = true
        default: break
        }
    }

    mutating func end(_ kind: Fault.Kind, of role: InstrumentRole) {
        let good = Plant.Disturbance()
        let isNitrogen = role == .noxAnalyzer
        switch kind {
        case .lowFlow: if isNitrogen { nitrogenPath.flow = good.flow } else { flow = good.flow }
        case .dilution, .leak: if isNitrogen { nitrogenPath.leak = good.leak } else { leak = good.leak }
        case .slowResponse where role == .dynamometer: slowBrake = good.slowBrake
        case .slowResponse:
            if isNitrogen { nitrogenPath.slowCells = good.slowCells } else { slowCells = good.slowCells }
        case .stall: isStalled = good.isStalled
        case .wheelSlip: slip = good.slip
        case .clampOff: isClampOff = good.isClampOff
        case .tubeLeak: tubeLoss = good.tubeLoss
        case .brokenFan: isFanBroken = good.isFanBroken
        case .rollerDrag: drag = good.drag
        case .wrongInertia: inertiaShare = good.inertiaShare
        case .slippingForceCell: cellSlip = good.cellSlip
        case .brokenInterlock: isLiftFree = good.isLiftFree
        default: break
        }
    }

    /// A drift of the dynamometer's sensors, which are zeroed where they are.
    mutating func drift(_ fault: Fault, _ channels: [SensorChannel]) {
        for channel in channels {
            switch (fault.kind, channel) {
            case (.zeroDrift, .force): forceOffset = fault.effectiveAmount
            case (.spanDrift, .force): forceGain = 1 + fault.effectiveAmount
            case (.spanDrift, .speed): speedGain = 1 + fault.effectiveAmount
            default: break
            }
        }
    }
}
