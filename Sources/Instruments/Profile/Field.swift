import Documents
import Messages
import Metrology

/// One value inside a frame: where it stands, what its bytes mean, and which channel it feeds.
struct Field: Sendable {
    /// How the bytes encode a number.
    enum Encoding: String, CaseIterable, Sendable {
        /// One byte, unsigned.
        case u8
        /// Two bytes, high byte first, unsigned.
        case u16be
        /// Two bytes, high byte first, two's complement.
        case s16be
        /// IEEE 754 single precision, low byte first.
        case f32le
        /// ASCII digits, as many as `length`.
        case asciiDecimal = "ascii-decimal"

        /// The number of bytes; nil where the profile states it.
        var size: Int? {
            switch self {
            case .u8: 1
            case .u16be, .s16be: 2
            case .f32le: 4
            case .asciiDecimal: nil
            }
        }
    }

    let name: String
    let channel: ChannelID?
    let offset: Int
    let size: Int
    let encoding: Encoding
    let scale: Scale
    let conversion: UnitConversion
    /// The values that may be used, in the field's own unit.
    let range: ClosedRange<Double>?
    /// The values that can occur at all, in the field's own unit: a stream frame with any other is not a frame.
    let plausible: ClosedRange<Double>?
    /// Raw values by which the instrument says that it has none.
    let invalid: [Int]

    /// Reads one entry of a list of fields.
    ///
    /// - Parameters:
    ///   - role: the instrument's role, which a channel must share; nil if it could not be read.
    ///   - space: the bytes of the frame that may hold values.
    init?(_ reader: MappingReader, role: InstrumentRole?, space: Range<Int>) {
        let name = reader.text("name")
        let channel: ChannelID? = reader.optional("channel") { key in
            let channel: ChannelID? = reader.choice(key)
            if let channel, let role, channel.role != role {
                reader.reportUnknown(
                    key, found: channel.rawValue,
                    known: ChannelID.allCases.filter { $0.role == role }.map(\.rawValue))
                return nil
            }
            return channel
        }
        let offset = reader.integer("offset", in: 0...255)
        let encoding: Encoding? = reader.choice("type")
        var size = encoding?.size
        if encoding == .asciiDecimal { size = reader.integer("length", in: 1...15) }
        let scale = reader.has("scale") ? reader.decimal("scale").flatMap { Scale($0) } : Scale.one
        if reader.has("scale"), scale == nil {
            reader.reportWrong("scale", found: reader.text("scale") ?? "", expected: .profileExpectedScale)
        }
        let unit = reader.text("unit")
        let range = reader.optional("range", reader.range)
        let plausible = reader.optional("plausible", reader.range)
        let invalid = reader.optional("invalid") { reader.integers($0, in: 0...0xFFFF) }

        var conversion: UnitConversion? = .identity
        if let channel, let unit {
            conversion = UnitConversion(from: unit, to: channel.unit.symbol)
            if conversion == nil {
                reader.report(
                    Message(
                        .profileUnitNotConvertible,
                        [
                            "unit": .text(unit), "channel": .text(channel.rawValue),
                            "expected": .text(UnitConversion.units(for: channel.unit.symbol).joined(separator: ", ")),
                        ]), at: "unit")
            }
        }
        if let offset, let size, !(space.contains(offset) && offset + size <= space.upperBound) {
            reader.report(
                Message(
                    .profileFieldOutsideFrame,
                    [
                        "field": .text(name ?? "?"), "first": .integer(space.lowerBound),
                        "last": .integer(space.upperBound - 1),
                    ]), at: "offset")
            return nil
        }
        guard let name, let offset, let encoding, let size, let scale, unit != nil, let conversion else { return nil }
        self.name = name
        self.channel = channel
        self.offset = offset
        self.size = size
        self.encoding = encoding
        self.scale = scale
        self.conversion = conversion
        self.range = range
        self.plausible = plausible
        self.invalid = invalid ?? []
    }
}

/// A decimal factor kept as a fraction, so that 1352 · 0.01 is the number nearest to 13.52.
struct Scale: Sendable {
    let numerator: Double
    let denominator: Double

    static let one = Scale(numerator: 1, denominator: 1)

    private init(numerator: Double, denominator: Double) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// The factor written as a plain decimal above zero, with at most nine places.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let digits = Int(parts.joined()), digits > 0, parts.allSatisfy({ !$0.isEmpty }) else {
            return nil
        }
        let places = parts.count == 2 ? parts[1].count : 0
        guard places <= 9 else { return nil }
        numerator = Double(digits)
        denominator = (0..<places).reduce(1.0) { product, _ in product * 10 }
    }

    func apply(_ raw: Double) -> Double { raw * numerator / denominator }
}

/// The way from a field's unit to its channel's: multiplied, divided, then shifted.
struct UnitConversion: Sendable {
    var multiplier = 1.0
    var divisor = 1.0
    var shift = 0.0

    static let identity = UnitConversion()

    /// Exact factors of the SI and of the units that instruments of the trade use.
    private static let table: [(from: String, to: String, conversion: UnitConversion)] = [
        ("hPa", "kPa", UnitConversion(divisor: 10)),
        ("Pa", "kPa", UnitConversion(divisor: 1000)),
        ("K", "°C", UnitConversion(shift: -273.15)),
        ("m/s", "km/h", UnitConversion(multiplier: 3.6)),
        ("kN", "N", UnitConversion(multiplier: 1000)),
        ("ppm", "%", UnitConversion(divisor: 10000)),
        ("%", "ppm", UnitConversion(multiplier: 10000)),
    ]

    private init(multiplier: Double = 1, divisor: Double = 1, shift: Double = 0) {
        self.multiplier = multiplier
        self.divisor = divisor
        self.shift = shift
    }

    /// The conversion between two units; nil if they measure different things or are not known.
    init?(from: String, to: String) {
        if from == to {
            self = .identity
        } else if let entry = Self.table.first(where: { $0.from == from && $0.to == to }) {
            self = entry.conversion
        } else {
            return nil
        }
    }

    /// The units that can be converted to `unit`, itself first.
    static func units(for unit: String) -> [String] { [unit] + table.filter { $0.to == unit }.map(\.from) }

    func apply(_ value: Double) -> Double { value * multiplier / divisor + shift }
}
