import Foundation
import Instruments
import Metrology
import SimulatedInstruments
import Testing

/// `Docs/Instruments.md` tells which models have a simulator; this holds the table to what there is.
@Suite("The table of models")
struct SimulatorTableTests {
    private static let (beginning, end) = ("<!-- models: kept by SimulatorTableTests -->\n", "<!-- end of models -->")

    @Test("names every profile, with its grade and whether a simulator exists")
    func table() throws {
        let path = Profiles.directory + "/../Docs/Instruments.md"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let start = try #require(text.range(of: Self.beginning))
        let end = try #require(text.range(of: Self.end))
        let expected = try rows().joined(separator: "\n") + "\n"
        let found = String(text[start.upperBound..<end.lowerBound])
        #expect(found == expected, "the table should be:\n\(expected)")
    }

    private func rows() throws -> [String] {
        let profiles = try Profiles.all.get().profiles.values.sorted {
            ($0.role.rawValue, $0.id) < ($1.role.rawValue, $1.id)
        }
        let known = Set(InstrumentRequest.known)
        return ["| role | profile | model | grade | simulated |", "|---|---|---|---|---|"]
            + profiles.map { profile in
                let isSimulated = known.contains(InstrumentRequest(profile.role, profile.model))
                return "| \(profile.role.rawValue) | `\(profile.id)` | \(profile.model) | \(profile.grade.rawValue) | "
                    + "\(isSimulated ? "yes" : "no") |"
            }
    }

    @Test("has no simulator without a profile")
    func simulatorsHaveProfiles() throws {
        let models = Set(try Profiles.all.get().profiles.values.map(\.model))
        for request in InstrumentRequest.known { #expect(models.contains(request.model), "\(request.model)") }
    }
}
