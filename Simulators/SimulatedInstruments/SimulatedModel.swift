import Metrology

/// The models that can be simulated, by the names that their makers gave them.
enum SimulatedModel: String, CaseIterable {
    case mqw50A = "MQW-50A"
    case mqw50B = "MQW-50B"
    case mqw5105 = "MQW-5105"
    case gasBoard5160 = "GasBoard-5160"
    case nha503 = "NHA-503"
    case nha506 = "NHA-506"
    case nha506I = "NHA-506I"
    case fla502 = "FLA-502"
    case nha501A = "NHA-501A"
    case mqw511 = "MQW-511"
    case mq550 = "MQ-550"
    case sv5Q = "SV-5Q"
    case fga4100 = "FGA-4100"
    case ambII = "AMB-II"
    case fla501 = "FLA-501"
    case akAnalyzer = "Gas analyzer with the AK protocol"
    case bntd = "BNTD"
    case bntd16 = "BNTD, older firmware"
    case nhc03 = "NHC-03"
    case asmP = "ASM-P"
    case modbusDynamometer = "Modbus dynamometer"
    case modbusDynamometerTCP = "Modbus dynamometer over TCP"
    case mqz2 = "MQZ-2"
    case mgt300 = "MGT-300"
    case vmt2000 = "VMT-2000"
    case vtet1000 = "VTET-1000"
    case dwspT5 = "DWSP-T5"
    case rz1 = "RZ-1"
    case genericWeather = "T/RH/P transmitter"
    case xyMD02 = "XY-MD02"
    case metSENS300 = "MetSENS300"
    case sg506 = "SG-506"
    case ptu300 = "PTU300"
    case epcs = "EPCS"
    case nht6 = "NHT-6"
    case nht1L = "NHT-1L"
    case mqy200 = "MQY-200"
    case cap3030 = "CAP3030"
    case opa100 = "OPA-100"
    case akOpacimeter = "AVL 439, AVL 415S and others"
    case mqw5101 = "MQW-5101"
    case mqw5102A = "MQW-5102A"
    case akNitrogenOxides = "Nitrogen oxide analyzer with the AK protocol"
    case nhf1 = "NHF-1"
    case mql100 = "MQL-100"
    case flv1000 = "FLV-1000"
    case ambFlow = "AMB VMAS"
    case elm327 = "ELM327"
    case elm327Truck = "ELM327 with J1939"
    case zhengyuan = "OBD box"
    case zhengde = "OBD server"
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
        case .mqw50A, .mqw50B, .mqw5105, .gasBoard5160, .nha503, .nha506, .nha506I, .fla502, .nha501A, .mqw511, .mq550,
            .sv5Q, .fga4100, .fla501, .akAnalyzer:
            [.gasAnalyzer]
        case .ambII: [.gasAnalyzer, .noxAnalyzer]
        case .bntd, .bntd16, .nhc03, .asmP, .modbusDynamometer, .modbusDynamometerTCP: [.dynamometer]
        case .mqz2, .mgt300, .vmt2000, .vtet1000: [.tachometer]
        case .dwspT5, .rz1, .genericWeather, .xyMD02, .metSENS300, .sg506, .ptu300, .epcs: [.weatherStation]
        case .nht6, .nht1L, .mqy200, .cap3030, .opa100, .akOpacimeter: [.opacimeter]
        case .mqw5101, .mqw5102A: [.noxAnalyzer, .opacimeter]
        case .akNitrogenOxides: [.noxAnalyzer]
        case .nhf1, .mql100, .flv1000, .ambFlow: [.flowMeter]
        case .elm327, .elm327Truck, .zhengyuan, .zhengde: [.obdAdapter]
        case .inverterAMB, .inverterAMB100, .inverterSB60: [.motoringInverter]
        case .tongjiSign, .nanhuaSign, .daleiSign, .chengbaoSign, .antongSign: [.sign]
        }
    }

    /// Bits per second, 8N1.
    var lineSpeed: Int {
        switch self {
        case .bntd, .bntd16, .elm327, .elm327Truck, .vtet1000, .epcs: 38_400
        case .fga4100, .vmt2000: 19_200
        case .zhengyuan: 115_200
        case .ptu300: 4800
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
        case .nha506I: NHA503(.nha506I, switchedOn: now, warmUp: warmUp)
        case .fla502: NHA503(.fla502, switchedOn: now, warmUp: warmUp)
        case .nha501A: NHA506(.nha501A, switchedOn: now, warmUp: warmUp)
        case .mqw511: NHA506(.mqw511, switchedOn: now, warmUp: warmUp)
        case .mq550: NHA506(.mq550, switchedOn: now, warmUp: warmUp)
        case .sv5Q: NHA506(.sv5Q, switchedOn: now, warmUp: warmUp)
        case .fga4100: FGA4100(switchedOn: now, warmUp: warmUp)
        case .ambII: AMBII(switchedOn: now, warmUp: warmUp)
        case .fla501: FLA501(switchedOn: now, warmUp: warmUp)
        case .akAnalyzer: AKInstrument(.gasAnalyzer, switchedOn: now, warmUp: warmUp)
        case .bntd: BNTD(switchedOn: now)
        case .bntd16: BNTD(sendsKey: false, switchedOn: now)
        case .nhc03: NHC03(surroundings)
        case .asmP: ASMP(surroundings)
        case .modbusDynamometer: ModbusDynamometer(.rtu, switchedOn: now)
        case .modbusDynamometerTCP: ModbusDynamometer(.tcp, switchedOn: now)
        case .mqz2: MQZ2(switchedOn: now)
        case .mgt300: BrainBee(.mgt300, switchedOn: now, warmUp: warmUp)
        case .vmt2000: VMT2000()
        case .vtet1000: VTET1000(switchedOn: now)
        case .dwspT5: try DWSPT5(surroundings)
        case .rz1: ModbusWeather(.rz1)
        case .genericWeather: ModbusWeather(.generic)
        case .xyMD02: ModbusWeather(.xyMD02)
        case .metSENS300: ModbusWeather(.metSENS300)
        case .sg506: SG506(switchedOn: now)
        case .ptu300: PTU300()
        case .epcs: EPCS()
        case .nht6: Opacimeter(.nht6, switchedOn: now, warmUp: warmUp)
        case .nht1L: Opacimeter(.nht1L, switchedOn: now, warmUp: warmUp)
        case .mqy200: Opacimeter(.mqy200, switchedOn: now, warmUp: warmUp)
        case .cap3030: CAP3030(switchedOn: now, warmUp: warmUp)
        case .opa100: BrainBee(.opa100, switchedOn: now, warmUp: warmUp)
        case .akOpacimeter: AKInstrument(.opacimeter, switchedOn: now, warmUp: warmUp)
        case .mqw5101: MQW5101(switchedOn: now, warmUp: warmUp)
        case .mqw5102A: MQW5101(.mqw5102A, switchedOn: now, warmUp: warmUp)
        case .akNitrogenOxides: AKInstrument(.nitrogenOxides, switchedOn: now, warmUp: warmUp)
        case .nhf1: NHF1(switchedOn: now, warmUp: warmUp)
        case .mql100: MQL100(switchedOn: now, warmUp: warmUp)
        case .flv1000: FLV1000(switchedOn: now, warmUp: warmUp)
        case .ambFlow: AMBFlow(switchedOn: now, warmUp: warmUp)
        case .elm327, .elm327Truck: ELM327(surroundings)
        case .zhengyuan: ZhengyuanBox(surroundings)
        case .zhengde: ZhengdeServer(surroundings)
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
