import Evidence
import Instruments
import Metrology
import SimulatedInstruments

/// Compares what a lane took for answers with what the instruments meant to send.
struct WireOracle {
    /// What is wrong.
    private(set) var violations: [String] = []
    /// Frames that were taken.
    private(set) var taken = 0
    /// Frames that a fault had changed without a check byte to show it.
    private(set) var unseenDamage = 0
    /// When bytes were taken, lane time of the test.
    private(set) var instants: Set<Int64> = []

    /// - Parameters:
    ///   - log: the record's wire log.
    ///   - sent: what each instrument meant to send.
    init(_ log: [UInt8], profiles: [DeviceProfile], sent: (InstrumentRole) -> [SentFrame]) {
        let truths = Dictionary(uniqueKeysWithValues: profiles.map { ($0.role, Truth(sent($0.role))) })
        let streams = Set(profiles.filter(\.sendsByItself).map(\.role))
        var asked: [InstrumentRole: [UInt8]] = [:]
        for line in log.split(separator: 0x0A) {
            guard let value = try? JSONValue(parsing: Array(line)),
                let role = value["r"]?.text.flatMap(InstrumentRole.init), let truth = truths[role]
            else { continue }
            for entry in value["w"]?.elements ?? [] {
                guard let fields = entry.elements, fields.count == 4, let kind = fields[0].text,
                    let at = fields[1].wholeNumber, let bytes = fields[2].text.flatMap(bytesFromHexadecimal)
                else {
                    violations.append("a line of the wire log cannot be read")
                    continue
                }
                switch kind {
                case "sent": asked[role] = bytes
                case "received":
                    taken += 1
                    instants.insert(Int64(at))
                    judge(
                        bytes, role, streams.contains(role) ? nil : asked[role] ?? [], fields[3].text ?? "–", truth)
                default: break
                }
            }
        }
    }

    private mutating func judge(
        _ bytes: [UInt8], _ role: InstrumentRole, _ request: [UInt8]?, _ command: String, _ truth: Truth
    ) {
        switch truth.origin(of: bytes, answering: request) {
        case .own: return
        case .damaged: unseenDamage += 1
        case .foreign(let other):
            violations.append(
                "\(role.rawValue): \(hexadecimal(bytes)) answers \(hexadecimal(other)), "
                    + "but was taken for the answer to \(hexadecimal(request ?? [])) (\(command))")
        case .nowhere:
            violations.append(
                "\(role.rawValue): nobody sent \(hexadecimal(bytes)), taken for the answer to "
                    + "\(hexadecimal(request ?? [])) (\(command))")
        }
    }

    /// The frames that an instrument meant to send.
    private struct Truth {
        private let frames: [SentFrame]
        private let byBytes: [[UInt8]: [[UInt8]?]]

        enum Origin {
            case own
            case damaged
            case foreign([UInt8])
            case nowhere
        }

        init(_ frames: [SentFrame]) {
            self.frames = frames
            byBytes = Dictionary(grouping: frames, by: \.bytes).mapValues { Array(Set($0.map(\.request))) }
        }

        func origin(of bytes: [UInt8], answering request: [UInt8]?) -> Origin {
            if let requests = byBytes[bytes] {
                // Nobody asked for what an instrument sends when an action is over.
                if requests.contains(request) || requests.contains(nil) { return .own }
            }
            // What a fault made of one, or several frames in a row, or a part between markers.
            if frames.contains(where: { $0.request == request && $0.isSource(of: bytes) }) { return .damaged }
            if let other = byBytes[bytes]?.first { return .foreign(other ?? []) }
            if let other = frames.first(where: { $0.isSource(of: bytes) }) { return .foreign(other.request ?? []) }
            return .nowhere
        }
    }
}

extension SentFrame {
    /// Whether bytes that arrived came from what was on the wire in this frame's place.
    fileprivate func isSource(of received: [UInt8]) -> Bool {
        guard let onTheWire else { return false }
        return contains(onTheWire, received) || contains(bytes, received)
    }

    private func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        guard !part.isEmpty, bytes.count >= part.count else { return false }
        return (0...bytes.count - part.count).contains { bytes[$0..<$0 + part.count].elementsEqual(part) }
    }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: " ")
}

func bytesFromHexadecimal(_ text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count % 2 == 0 else { return nil }
    return stride(from: 0, to: digits.count, by: 2).reduce(into: [UInt8]?([])) { bytes, index in
        guard let byte = UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) else {
            bytes = nil
            return
        }
        bytes?.append(byte)
    }
}
