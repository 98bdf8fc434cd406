import Metrology

/// The models that can be simulated, by the names that their makers gave them.
enum SimulatedModel: String, CaseIterable {
    case mqw50A = "MQW-50A"
    case mqw50B = "MQW-50B"
    case mqw5105 = "MQW-5105"
    case gasBoard5160 = "GasBoard-5160"
    case nha503 = "NHA-503"
    case nha506 = "NHA-506"
    case fga4100 = "FGA-4100"
    case ambII = "AMB-II"
    case fla501 = "FLA-501"
    case akAnalyzer = "Gas analyzer with the AK protocol"
    case bntd = "BNTD"
    case nhc03 = "NHC-03"
    case asmP = "ASM-P"
    case modbusDynamometer = "Modbus dynamometer"
    case modbusDynamometerTCP = "Modbus dynamometer over TCP"
    case mqz2 = "MQZ-2"
    case mgt300 = "MGT-300"
    case dwspT5 = "DWSP-T5"
    case nht6 = "NHT-6"
    case nht1L = "NHT-1L"
    case mqy200 = "MQY-200"
    case cap3030 = "CAP3030"
    case opa100 = "OPA-100"
    case akOpacimeter = "AVL 439, AVL 415S and others"
    case mqw5101 = "MQW-5101"
    case akNitrogenOxides = "Nitrogen oxide analyzer with the AK protocol"
    case nhf1 = "NHF-1"
    case mql100 = "MQL-100"
    case flv1000 = "FLV-1000"
    case ambFlow = "AMB VMAS"
    case elm327 = "ELM327"
    case inverterAMB = "AMB"
    case inverterAMB100 = "AMB100"
    case inverterSB60 = "SB60"
    case tongjiSign = "Tongji sign"
    case nanhuaSign = "Nanhua and Guangfo sign"
    case daleiSign = "Dalei sign"
    case chengbaoSign = "Chengbao sign"
    case antongSign = "Antong sign"

    /// What it can be asked for; a bench with two sorts of sensors for either.
    var roles: [InstrumentRole] {
        switch self {
        case .mqw50A, .mqw50B, .mqw5105, .gasBoard5160, .nha503, .nha506, .fga4100, .fla501, .akAnalyzer: [.gasAnalyzer]
        case .ambII: [.gasAnalyzer, .noxAnalyzer]
        case .bntd, .nhc03, .asmP, .modbusDynamometer, .modbusDynamometerTCP: [.dynamometer]
        case .mqz2, .mgt300: [.tachometer]
        case .dwspT5: [.weatherStation]
        case .nht6, .nht1L, .mqy200, .cap3030, .opa100, .akOpacimeter: [.opacimeter]
        case .mqw5101: [.noxAnalyzer, .opacimeter]
        case .akNitrogenOxides: [.noxAnalyzer]
        case .nhf1, .mql100, .flv1000, .ambFlow: [.flowMeter]
        case .elm327: [.obdAdapter]
        case .inverterAMB, .inverterAMB100, .inverterSB60: [.motoringInverter]
        case .tongjiSign, .nanhuaSign, .daleiSign, .chengbaoSign, .antongSign: [.sign]
        }
    }

    /// Bits per second, 8N1.
    var lineSpeed: Int {
        switch self {
        case .bntd, .elm327: 38_400
        case .fga4100: 19_200
        default: 9600
        }
    }

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
        case .fga4100: FGA4100(switchedOn: now, warmUp: warmUp)
        case .ambII: AMBII(switchedOn: now, warmUp: warmUp)
        case .fla501: FLA501(switchedOn: now, warmUp: warmUp)
        case .akAnalyzer: AKInstrument(.gasAnalyzer, switchedOn: now, warmUp: warmUp)
        case .bntd: BNTD(switchedOn: now)
        case .nhc03: NHC03(surroundings)
        case .asmP: ASMP(surroundings)
        case .modbusDynamometer: ModbusDynamometer(.rtu, switchedOn: now)
        case .modbusDynamometerTCP: ModbusDynamometer(.tcp, switchedOn: now)
        case .mqz2: MQZ2(switchedOn: now)
        case .mgt300: BrainBee(.mgt300, switchedOn: now, warmUp: warmUp)
        case .dwspT5: try DWSPT5(surroundings)
        case .nht6: Opacimeter(.nht6, switchedOn: now, warmUp: warmUp)
        case .nht1L: Opacimeter(.nht1L, switchedOn: now, warmUp: warmUp)
        case .mqy200: Opacimeter(.mqy200, switchedOn: now, warmUp: warmUp)
        case .cap3030: CAP3030(switchedOn: now, warmUp: warmUp)
        case .opa100: BrainBee(.opa100, switchedOn: now, warmUp: warmUp)
        case .akOpacimeter: AKInstrument(.opacimeter, switchedOn: now, warmUp: warmUp)
        case .mqw5101: MQW5101(switchedOn: now, warmUp: warmUp)
        case .akNitrogenOxides: AKInstrument(.nitrogenOxides, switchedOn: now, warmUp: warmUp)
        case .nhf1: NHF1(switchedOn: now, warmUp: warmUp)
        case .mql100: MQL100(switchedOn: now, warmUp: warmUp)
        case .flv1000: FLV1000(switchedOn: now, warmUp: warmUp)
        case .ambFlow: AMBFlow(switchedOn: now, warmUp: warmUp)
        case .elm327: ELM327(surroundings)
        case .inverterAMB: MotoringInverter(.amb)
        case .inverterAMB100: MotoringInverter(.amb100)
        case .inverterSB60: MotoringInverter(.sb60)
        case .tongjiSign: LEDSign(.tongji)
        case .nanhuaSign: LEDSign(.nanhua)
        case .daleiSign: LEDSign(.dalei)
        case .chengbaoSign: LEDSign(.chengbao)
        case .antongSign: LEDSign(.antong)
        }
    }
}
