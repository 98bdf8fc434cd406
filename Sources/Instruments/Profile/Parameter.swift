import Documents
import Foundation
import Messages

/// A number or a text that the host sends with a command.
struct Parameter: Sendable {
    let name: String
    let encoding: Encoding
    /// The number of bytes; nil for a text of any length.
    let size: Int?
    let unit: String
    /// The values that may be sent, in `unit`; nil for texts.
    let range: ClosedRange<Double>?
    let scale: Scale
    let shift: Double
    /// Fixed bytes that stand behind the value.
    let followedBy: [UInt8]

    init?(_ reader: MappingReader) {
        let name = reader.has("name") ? reader.text("name") : "value"
        let encoding: Encoding? = reader.choice("type")
        var size = encoding?.size
        if let encoding, encoding.size == nil {
            size = reader.optional("length") { reader.integer($0, in: 1...255) }
            if !encoding.isText, size == nil, ![.asciiNumber, .asciiDecimal].contains(encoding) {
                _ = reader.integer("length")
                return nil
            }
        }
        let isText = encoding?.isText ?? false
        let unit = isText ? "1" : reader.text("unit")
        let range = isText ? nil : reader.range("range")
        let scale = reader.has("scale") ? reader.decimalOrFraction("scale").flatMap { Scale($0) } : Scale.one
        if reader.has("scale"), scale == nil {
            reader.reportWrong("scale", found: reader.text("scale") ?? "", expected: .profileExpectedScale)
        }
        let shift = reader.optional("add") { reader.number($0) } ?? 0
        let followedBy = reader.optional("followed-by", reader.code) ?? []
        guard let name, let encoding, let unit, let scale, isText || range != nil else { return nil }
        guard encoding != .hex, encoding != .dtc else {
            let known = Encoding.allCases.filter { $0 != .hex && $0 != .dtc }
            reader.reportUnknown("type", found: encoding.rawValue, known: known.map(\.rawValue))
            return nil
        }
        self.name = name
        self.encoding = encoding
        self.size = size
        self.unit = unit
        self.range = range
        self.scale = scale
        self.shift = shift
        self.followedBy = followedBy
    }

    /// The bytes of a value; nil if it is of the wrong kind, outside the range, or does not fit.
    func bytes(_ value: ParameterValue) -> [UInt8]? { valueBytes(value).map { $0 + followedBy } }

    private func valueBytes(_ value: ParameterValue) -> [UInt8]? {
        switch value {
        case .number(let number):
            guard let range, number.isFinite, range.contains(number) else { return nil }
            let raw = scale.undo(number - shift)
            let isFloat = [.f32be, .f32le, .f32cdab, .asciiNumber].contains(encoding)
            return encoding.bytes(of: isFloat ? raw : raw.rounded(.toNearestOrEven), size: size ?? 0)
        case .text(let text):
            guard encoding.isText, let bytes = encoded(text) else { return nil }
            guard let size else { return bytes }
            let fitting = truncated(bytes, to: size)
            return fitting + Array(repeating: 0x20, count: size - fitting.count)
        }
    }

    private func encoded(_ text: String) -> [UInt8]? {
        let bytes = encoding == .gb2312 ? gb2312(text) : Array(text.utf8)
        // Control characters would end the frame early.
        return bytes?.allSatisfy { $0 >= 0x20 && (encoding == .gb2312 || $0 < 0x7F) } == true ? bytes : nil
    }

    /// As many whole characters as fit.
    private func truncated(_ bytes: [UInt8], to size: Int) -> [UInt8] {
        var end = 0
        while end < bytes.count {
            let next = end + (bytes[end] < 0x80 ? 1 : 2)
            if next > size { break }
            end = next
        }
        return Array(bytes.prefix(end))
    }
}

/// What a parameter of a command is given.
public enum ParameterValue: Hashable, Sendable {
    /// A number in the parameter's unit.
    case number(Double)
    /// A text.
    case text(String)
}

/// A text in GB 2312 (EUC-CN); nil if it has a character that the set lacks.
///
/// GB 18030 holds GB 2312 with the same codes, in rows A1 to F7 and cells A1 to FE.
func gb2312(_ text: String) -> [UInt8]? {
    // 0x0632 is CFStringEncodings.GB_18030_2000, and the highest bit marks a CoreFoundation encoding.
    guard let data = text.data(using: String.Encoding(rawValue: 0x8000_0632)) else { return nil }
    let bytes = Array(data)
    var index = 0
    while index < bytes.count {
        if bytes[index] < 0x80 {
            index += 1
        } else {
            guard (0xA1...0xF7).contains(bytes[index]), index + 1 < bytes.count,
                (0xA1...0xFE).contains(bytes[index + 1])
            else { return nil }
            index += 2
        }
    }
    return bytes
}
