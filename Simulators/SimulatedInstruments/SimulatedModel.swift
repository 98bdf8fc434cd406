import Metrology

/// The models that can be simulated.
enum SimulatedModel: String, CaseIterable {
    case mqw50A = "MQW-50A"
    case mqw50B = "MQW-50B"
    case mqw5105 = "MQW-5105"
    case gasBoard5160 = "GasBoard-5160"
    case nha503 = "NHA-503"
    case nha506 = "NHA-506"
    case bntd = "BNTD"
    case nhc03 = "NHC-03"
    case mqz2 = "MQZ-2"
    case dwspT5 = "DWSP-T5"
    case nht6 = "NHT-6"
    case nht1L = "NHT-1L"
    case mqy200 = "MQY-200"
    case mqw5101 = "MQW-5101"
    case nhf1 = "NHF-1"
    case mql100 = "MQL-100"
    case flv1000 = "FLV-1000"
    case elm327 = "ELM327"

    /// What it can be asked for; a bench with two sorts of sensors for either.
    var roles: [InstrumentRole] {
        switch self {
        case .mqw50A, .mqw50B, .mqw5105, .gasBoard5160, .nha503, .nha506: [.gasAnalyzer]
        case .bntd, .nhc03: [.dynamometer]
        case .mqz2: [.tachometer]
        case .dwspT5: [.weatherStation]
        case .nht6, .nht1L, .mqy200: [.opacimeter]
        case .mqw5101: [.noxAnalyzer, .opacimeter]
        case .nhf1, .mql100, .flv1000: [.flowMeter]
        case .elm327: [.obdAdapter]
        }
    }

    /// Bits per second, 8N1.
    var lineSpeed: Int { self == .bntd || self == .elm327 ? 38_400 : 9600 }

    static var list: String {
        allCases.flatMap { model in model.roles.map { "\($0.rawValue) \(model.rawValue)" } }.joined(separator: ", ")
    }

    func instrument(_ surroundings: Surroundings, warmUp: LaneSpan) throws(SimulationError) -> any WireInstrument {
        let now = surroundings.now
        return switch self {
        case .mqw50A: MQW50A(.mqw50A, switchedOn: now, warmUp: warmUp)
        case .mqw50B: MQW50A(.mqw50B, switchedOn: now, warmUp: warmUp)
        case .mqw5105: MQW50A(.mqw5105, switchedOn: now, warmUp: warmUp)
        case .gasBoard5160: MQW50A(.gasBoard5160, switchedOn: now, warmUp: warmUp)
        case .nha503: NHA503(switchedOn: now, warmUp: warmUp)
        case .nha506: NHA506(switchedOn: now, warmUp: warmUp)
        case .bntd: BNTD(switchedOn: now)
        case .nhc03: NHC03(surroundings)
        case .mqz2: MQZ2(switchedOn: now)
        case .dwspT5: try DWSPT5(surroundings)
        case .nht6: Opacimeter(.nht6, switchedOn: now, warmUp: warmUp)
        case .nht1L: Opacimeter(.nht1L, switchedOn: now, warmUp: warmUp)
        case .mqy200: Opacimeter(.mqy200, switchedOn: now, warmUp: warmUp)
        case .mqw5101: MQW5101(switchedOn: now, warmUp: warmUp)
        case .nhf1: NHF1(switchedOn: now, warmUp: warmUp)
        case .mql100: MQL100(switchedOn: now, warmUp: warmUp)
        case .flv1000: FLV1000(switchedOn: now, warmUp: warmUp)
        case .elm327: ELM327(surroundings)
        }
    }
}
