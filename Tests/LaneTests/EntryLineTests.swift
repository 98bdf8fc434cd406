import Lane
import Messages
import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

@Suite("A line of readings that a person types")
struct EntryLineTests {
    private let entries: [ReferenceEntry]

    init() throws {
        let ranges = try #require(try CheckPackLibrary.requirements("HJ1237-2021-checks")).others.entryRanges
        entries = try [ChannelID.airTemperature, .relativeHumidity, .airPressure].map { channel in
            let range = try #require(ranges[channel])
            return ReferenceEntry(
                channel, isOptional: channel == .airPressure, range: .between(range.low, range.high))
        }
    }

    private func read(_ line: String) -> [ChannelID: String]? {
        guard case .values(let values) = EntryLine(line, for: entries) else { return nil }
        return values.mapValues(\.description)
    }

    private func problems(_ line: String) -> [MessageCode] {
        guard case .problems(let problems) = EntryLine(line, for: entries) else { return [] }
        return problems.map(\.code)
    }

    @Test(
        "is read in the order that is asked for, by name, and with Chinese marks; what is left out may be",
        arguments: [
            ("22.5 48 101.30", [ChannelID.airTemperature: "22.5", .relativeHumidity: "48", .airPressure: "101.30"]),
            ("  -3.5,48  ", [.airTemperature: "-3.5", .relativeHumidity: "48"]),
            ("22.5，48；101.3", [.airTemperature: "22.5", .relativeHumidity: "48", .airPressure: "101.3"]),
            ("relative-humidity=48 22.5", [.airTemperature: "22.5", .relativeHumidity: "48"]),
            ("22.5 48 -", [.airTemperature: "22.5", .relativeHumidity: "48"]),
        ])
    func values(line: String, expected: [ChannelID: String]) { #expect(read(line) == expected) }

    @Test(
        "is refused with everything that is wrong with it at once",
        arguments: [
            ("", [MessageCode.entryMissing, .entryMissing]),
            ("22.5", [.entryMissing]),
            ("- 48", [.entryMissing]),
            ("22.5 4o8", [.entryNotANumber]),
            ("99 101 10", [.entryOutOfRange, .entryOutOfRange, .entryOutOfRange]),
            ("22,5 48 101.3", [.entrySuperfluous, .entryOutOfRange]),
            ("22.5 48 relative-humidity=47", [.entryTwice]),
            ("air-temprature=22 x y", [.entryUnasked, .entryNotANumber, .entryNotANumber]),
            ("1e1 48", [.entryNotANumber]),
        ])
    func wrong(line: String, codes: [MessageCode]) { #expect(problems(line) == codes) }
}
