/// The limits of the steady-state method in GB 18285-2018 (稳态工况法排放限值): limit a for the country, and limit b where
/// the local government has adopted it. From memory, with high confidence; not compared with the printed standard.
struct LimitRow: Sendable {
    let mode: Mode
    let pollutant: Pollutant
    let a: String
    let b: String

    static let all = [
        LimitRow(mode: .asm5025, pollutant: .carbonMonoxide, a: "0.50", b: "0.35"),
        LimitRow(mode: .asm5025, pollutant: .hydrocarbons, a: "90", b: "47"),
        LimitRow(mode: .asm5025, pollutant: .nitricOxide, a: "700", b: "420"),
        LimitRow(mode: .asm2540, pollutant: .carbonMonoxide, a: "0.40", b: "0.30"),
        LimitRow(mode: .asm2540, pollutant: .hydrocarbons, a: "80", b: "44"),
        LimitRow(mode: .asm2540, pollutant: .nitricOxide, a: "650", b: "390"),
    ]

    /// The row of a mode and a pollutant.
    static func of(_ mode: Mode, _ pollutant: Pollutant) -> LimitRow? {
        all.first { $0.mode == mode && $0.pollutant == pollutant }
    }

    /// The columns, a or b, that a limit is from; none for any other number.
    func columns(of limit: WrittenDecimal) -> Set<String> {
        Set([("a", a), ("b", b)].compactMap { name, text in WrittenDecimal(text) == limit ? name : nil })
    }
}
