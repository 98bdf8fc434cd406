/// A decimal factor kept as a fraction, so that 1352 · 0.01 is the number nearest to 13.52.
struct Scale: Sendable {
    let numerator: Double
    let denominator: Double

    static let one = Scale(numerator: 1, denominator: 1)

    private init(numerator: Double, denominator: Double) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// The factor written as a plain decimal above zero with at most nine places, or as a fraction of two whole
    /// numbers, such as `2/65536`.
    init?(_ text: String) {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        if halves.count == 2 {
            guard let numerator = Int(halves[0]), let denominator = Int(halves[1]), numerator > 0, denominator > 0,
                halves.allSatisfy({ $0.allSatisfy(\.isNumber) })
            else { return nil }
            self.init(numerator: Double(numerator), denominator: Double(denominator))
            return
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let digits = Int(parts.joined()), digits > 0, parts.allSatisfy({ !$0.isEmpty }) else {
            return nil
        }
        let places = parts.count == 2 ? parts[1].count : 0
        guard places <= 9 else { return nil }
        self.init(
            numerator: Double(digits), denominator: (0..<places).reduce(1.0) { product, _ in product * 10 })
    }

    func apply(_ raw: Double) -> Double { raw * numerator / denominator }

    /// The raw number that stands for a value.
    func undo(_ value: Double) -> Double { value * denominator / numerator }
}

/// The way from a field's unit to its channel's: multiplied, divided, then shifted.
struct UnitConversion: Sendable {
    var multiplier = 1.0
    var divisor = 1.0
    var shift = 0.0

    static let identity = UnitConversion()

    /// Exact factors of the SI and of the units that instruments of the trade use; those of the customary units are
    /// by definition (NIST SP 811, appendix B: foot, mile, pound-force; standard gravity 9.80665 m/s²).
    private static let table: [(from: String, to: String, conversion: UnitConversion)] = [
        ("hPa", "kPa", UnitConversion(divisor: 10)),
        ("mbar", "kPa", UnitConversion(divisor: 10)),
        ("Pa", "kPa", UnitConversion(divisor: 1000)),
        ("K", "°C", UnitConversion(shift: -273.15)),
        ("m/s", "km/h", UnitConversion(multiplier: 3.6)),
        ("mph", "km/h", UnitConversion(multiplier: 1.609344)),
        ("kN", "N", UnitConversion(multiplier: 1000)),
        ("lbf", "N", UnitConversion(multiplier: 4.4482216152605)),
        ("W", "kW", UnitConversion(divisor: 1000)),
        ("hp", "kW", UnitConversion(multiplier: 0.74569987158227022)),
        ("ppm", "%", UnitConversion(divisor: 10000)),
        ("%", "ppm", UnitConversion(multiplier: 10000)),
        ("L/min", "m³/min", UnitConversion(divisor: 1000)),
        ("L/s", "m³/min", UnitConversion(multiplier: 60, divisor: 1000)),
        ("m³/h", "m³/min", UnitConversion(divisor: 60)),
        ("ft³/min", "m³/min", UnitConversion(multiplier: 0.028316846592)),
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

    /// Every unit that can be converted.
    static var convertible: Set<String> { Set(table.flatMap { [$0.from, $0.to] }) }

    func apply(_ value: Double) -> Double { value * multiplier / divisor + shift }
}
