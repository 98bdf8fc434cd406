import Assurance
import Documents
import Evidence
import Foundation
import Instruments
import Journal
import Lane
import Metrology
import Procedures
import Standards
import Testing

@Suite("What is changed about a lane")
struct ChangeAuditTests {
    /// A change of the lane, and what the audit trail has to say of it.
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let change: @Sendable (AuditedStation) throws -> Void
        /// The parts that must be told, with old and new value; nil stands for none, and for any digest where `isDigest`.
        let told: [String: (old: String?, new: String?)]
        /// Parts that are digests, which must be told as two different ones.
        var digests: [String] = []

        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(
            name: "the station's name and a port in the lane file",
            change: { station in
                try station.replace("station: S", with: "station: T")
                try station.replace("port: /dev/a", with: "port: /dev/b")
            },
            told: [
                "station": ("S", "T"), "lane-file.lane.station": ("S", "T"),
                "lane-file.instruments.gas-analyzer.port": ("/dev/a", "/dev/b"),
            ], digests: ["lane-file"]),
        Case(
            name: "an instrument that is gone",
            change: { try $0.replace("  - {role: weather-station, profile: dwsp-t5, port: /dev/d}\n", with: "") },
            told: [
                "instrument.weather-station.model": ("DWSP-T5", nil),
                "lane-file.instruments.weather-station.role": ("weather-station", nil),
            ]),
        Case(
            name: "the address of the authority, without the password in it",
            change: { try $0.replace("http://a.example", with: "http://me:secret@b.example/in") },
            told: ["lane-file.authority": ("http://a.example", "http://…@b.example/in")]),
        Case(
            name: "the pack of requirements",
            change: { try $0.replace("requirements: GB18285-2018-ASM", with: "requirements: GB18285-2005-ASM") },
            told: ["lane-file.packs.asm.requirements": ("GB18285-2018-ASM", "GB18285-2005-ASM")],
            digests: ["pack.asm.requirements"]),
        Case(
            name: "a profile's file",
            change: { try $0.editProfile("weather-stations/dwsp-t5.yaml") }, told: [:],
            digests: ["instrument.weather-station.profile"]),
        Case(
            name: "a bottle's pressure, and another bottle",
            change: { station in
                try station.append("", to: "references.yaml", replacing: ("pressure: 9.5", "pressure: 7.25"))
                try station.append(
                    """
                      - number: B-2
                        maker: M
                        certificate: C-2
                        expires: 2027-01-31
                        values: {co: {value: 3.50, uncertainty: 0.02, unit: "%"}}

                    """, to: "references.yaml")
            },
            told: [
                "reference.B-1.pressure": ("9.5", "7.25"), "reference.B-2.certificate": (nil, "C-2"),
                "reference.B-2.values.co": (nil, "3.50 ± 0.02 %"),
            ]),
        Case(
            name: "the parasitic loss that the lane file states",
            change: { try $0.replace("constant: 0.1", with: "constant: 0.2") },
            told: [
                "parameter.parasitic-loss": ("0.0002 0.012 0.1", "0.0002 0.012 0.2"),
                "measured-with.parasitic-loss": (
                    #"{"constant":"0.1","linear":"0.012","name":"parasitic-loss","quadratic":"0.0002"}"#,
                    #"{"constant":"0.2","linear":"0.012","name":"parasitic-loss","quadratic":"0.0002"}"#
                ),
            ]),
        Case(
            name: "the program", change: { $0.program = "another" }, told: [:], digests: ["software.executable"]),
        Case(
            name: "the certificate of the authority",
            change: { try $0.append("other", to: "office.pem") }, told: [:], digests: ["certificate.authority"]),
        Case(
            name: "the list of people, by hand",
            change: { try $0.append("", to: "people.json", replacing: ("operator", "supervisor")) },
            told: ["person.李娜": ("operator", "supervisor")], digests: ["people"]),
        Case(
            name: "the trust file, by hand",
            change: { try $0.append(" ", to: "trust.json") }, told: [:], digests: ["trust-file"]),
    ]

    @Test("is told once with old and new value, whose account found it, and whose the files are", arguments: cases)
    func told(_ one: Case) async throws {
        let station = try AuditedStation()
        // The first start tells everything, and the next one nothing.
        let first = try #require(try await station.start())
        #expect(first.changes.count > 20 && first.changes.values.allSatisfy { $0.old == nil && $0.new != nil })
        #expect(try await station.start() == nil)

        try one.change(station)
        let entry = try #require(try await station.start())
        for (part, expected) in one.told {
            let found = try #require(entry.changes[part], "\(part) of \(entry.changes.keys.sorted())")
            #expect(found.old == expected.old && found.new == expected.new, "\(part): \(found)")
        }
        for part in one.digests {
            let found = try #require(entry.changes[part], "\(part) of \(entry.changes.keys.sorted())")
            #expect(found.old?.count == 71 && found.new?.count == 71 && found.old != found.new, "\(part): \(found)")
            #expect(found.old?.hasPrefix("sha256:") == true)
        }
        let unexpected = entry.changes.keys.filter { one.told[$0] == nil && !one.digests.contains($0) }
        let besides = ["lane-file", "instrument.weather-station", "reference.B-2."]
        #expect(unexpected.allSatisfy { part in besides.contains { part.hasPrefix($0) } }, "\(unexpected)")
        #expect(entry.detail["account"]?.text == SystemAccount.current.name)
        let files = entry.detail["files"]?.elements ?? []
        let names = ["lane.yaml", "references.yaml"]
        #expect(files.map { $0["path"]?.text } == names.map { "\(station.directory)/\($0)" })
        #expect(files.allSatisfy { $0["owner"]?.text != nil && $0["modified"]?.text?.hasSuffix("Z") == true })
        #expect(!String(decoding: try entry.detail.canonicalBytes(), as: UTF8.self).contains("secret"))
        #expect(try await station.start() == nil)
    }

    @Test("is told of each check that found another parameter or adjusted an instrument, even after a kill")
    func checks() async throws {
        let station = try AuditedStation()
        _ = try await station.start()
        let losses = ["0.2", "0.2", "0.3"].map { constant -> [String: JSONValue] in
            [
                "parasitic-loss": [
                    "name": "parasitic-loss", "quadratic": "0.0002", "linear": "0.012", "constant": .string(constant),
                ]
            ]
        }
        let adjustment: [String: JSONValue] = [
            "adjustment.co": ["name": "adjustment.co", "certified": "3.50", "before": "3.41", "after": "3.50"]
        ]
        let after = CheckResultItem(
            id: "after.co", unit: "%", reference: RoundedDecimal("3.50"), value: RoundedDecimal("3.20"), low: nil,
            high: nil, passes: false)
        // The program was killed after the fourth: none of them was told when it was sealed.
        let sealed = [
            station.result(1, .parasiticLoss, "S-d", losses[0]), station.result(2, .parasiticLoss, "S-d", losses[1]),
            station.result(3, .gasSpan, "S-a", adjustment, by: "李娜"),
            station.result(4, .parasiticLoss, "S-d", losses[2]),
            // Another instrument's is nothing to this lane.
            station.result(5, .parasiticLoss, "S-x", losses[0]),
            station.result(6, .gasSpan, "S-a", [:], verdict: "failed", items: [after]),
        ]
        for upTo in [4, 6, 6] {
            let checks = CheckHistory(Array(sealed.prefix(upTo)))
            try await station.withAudit { try await $0.noteChecks(checks, at: Date()) }
        }
        let entries = try await station.entries(.parameters)
        #expect(entries.map { $0.detail["counter"]?.wholeNumber } == [1, 3, 4, 6])
        #expect(entries.map { $0.detail["record"]?.text } == [0, 2, 3, 5].map { sealed[$0].digest.description })
        func loss(_ constant: String) -> String {
            #"{"constant":"\#(constant)","linear":"0.012","name":"parasitic-loss","quadratic":"0.0002"}"#
        }
        let loss1 = try #require(entries[0].changes["measured-with.parasitic-loss"])
        #expect(loss1.old == loss("0.1") && loss1.new == loss("0.2"))
        let adjusted = try #require(entries[1].changes["adjustment.co"])
        #expect(adjusted.old == "3.41" && adjusted.new == "3.50")
        #expect(entries[1].detail["person"]?.text == "李娜" && entries[1].detail["serial"]?.text == "S-a")
        let loss2 = try #require(entries[2].changes["measured-with.parasitic-loss"])
        #expect(loss2.old == loss("0.2") && loss2.new == loss("0.3"))
        #expect(entries[3].changes["adjustment.co"]?.old == nil && entries[3].changes["adjustment.co"]?.new == "3.20")
        // A start after them has nothing left to tell.
        #expect(try await station.start(CheckHistory(sealed), newest: 6) == nil)
        // Without the dynamometer that was checked, the lane file's parameters count again, and that is told.
        try station.replace("serial: S-d", with: "serial: S-e")
        let exchanged = try #require(try await station.start(CheckHistory(sealed), newest: 6))
        #expect(exchanged.changes["measured-with.parasitic-loss"]?.old == loss("0.3"))
        #expect(exchanged.changes["measured-with.parasitic-loss"]?.new == loss("0.1"))
    }
}

/// A lane file and what it names, on disk, with a journal; no instruments.
final class AuditedStation {
    let directory: String
    var program = "a"
    /// Reading all profiles takes most of a test's time.
    private var devices = shared
    private static let shared = Result { try DeviceLibrary(directory: "\(root)/Devices") }
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    init() throws {
        var template = Array("/tmp/audited-XXXXXX".utf8CString)
        directory = try #require(mkdtemp(&template).map { String(cString: $0) })
        let files = [
            "lane.yaml": """
            lane: {id: L-1, station: S}
            authority: http://a.example
            delivery: {authority-certificate: office.pem}
            parasitic-loss: {quadratic: 0.0002, linear: 0.012, constant: 0.1}
            packs:
              asm: {limits: GB18285-2018-ASM-limits, requirements: GB18285-2018-ASM}
            assurance: {references: references.yaml}
            instruments:
              - {role: gas-analyzer, profile: mqw-50a, port: /dev/a, serial: S-a}
              - {role: dynamometer, profile: bntd, port: "tcp:127.0.0.1:4001", serial: S-d}
              - {role: tachometer, profile: mqz-2, port: /dev/c}
              - {role: weather-station, profile: dwsp-t5, port: /dev/d}

            """,
            "references.yaml": """
            bottles:
              - number: B-1
                maker: M
                certificate: C-1
                expires: 2026-12-31
                pressure: 9.5
                values: {propane: {value: 500, uncertainty: 5, unit: ppm}}

            """,
            "office.pem": "certificate", "trust.json": "{}",
            "people.json":
                #"{"people":[{"key":"00112233445566778899aabbccddeeff","n":2,"name":"李娜","p":1,"r":1,"#
                + #""role":"operator","salt":"00"}]}"#,
        ]
        for (name, text) in files {
            try text.write(toFile: "\(directory)/\(name)", atomically: true, encoding: .utf8)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func replace(_ old: String, with new: String) throws { try append("", to: "lane.yaml", replacing: (old, new)) }

    /// Adds a remark to a profile, in a copy of them all.
    func editProfile(_ name: String) throws {
        try FileManager.default.copyItem(atPath: "\(Self.root)/Devices", toPath: "\(directory)/Devices")
        try append("# A remark.\n", to: "Devices/\(name)")
        devices = Result { [directory] in try DeviceLibrary(directory: "\(directory)/Devices") }
    }

    func append(_ text: String, to name: String, replacing: (old: String, new: String)? = nil) throws {
        let path = "\(directory)/\(name)"
        var content = try String(contentsOfFile: path, encoding: .utf8)
        if let (old, new) = replacing {
            #expect(content.contains(old), "\(old)")
            content = content.replacing(old, with: new)
        }
        try (content + text).write(toFile: path, atomically: true, encoding: .utf8)
    }

    func withAudit<Value>(_ body: (ChangeAudit) async throws -> Value) async throws -> Value {
        let configuration = try LaneConfiguration(
            document: try Document(contentsOf: "\(directory)/lane.yaml"),
            devices: try devices.get())
        let software = SoftwareIdentity(
            version: "test", executable: Digest(of: Array(program.utf8)), isSimulationBuild: true)
        let journal = try await Journal.open(directory, reserve: 0)
        do {
            let value = try await body(ChangeAudit(configuration, software, in: journal))
            try journal.close()
            return value
        } catch {
            try? journal.close()
            throw error
        }
    }

    /// Starts the lane, and gives what that told; nil for nothing.
    func start(_ checks: CheckHistory = CheckHistory(), newest: Int = 0) async throws -> ToldChanges? {
        let before = try await entries(.configuration).count
        try await withAudit { try await $0.noteStart(checks, newest: newest, at: Date()) }
        let after = try await entries(.configuration)
        #expect(after.count - before <= 1)
        return after.count > before ? after.last : nil
    }

    /// What the trail has told, as whoever has the exported trail reads it.
    func entries(_ kind: AssuranceEntry) async throws -> [ToldChanges] {
        let journal = try await Journal.open(directory, reserve: 0)
        let trail = try await journal.auditTrail()
        try journal.close()
        #expect(AuditEntry.firstBreak(in: trail) == nil)
        return try trail.filter { $0.kind == kind.rawValue }.map { try ToldChanges($0) }
    }

    func result(
        _ counter: Int, _ kind: CheckKind, _ serial: String, _ parameters: [String: JSONValue],
        verdict: String = "passed", by person: String? = nil, items: [CheckResultItem] = []
    ) -> CheckResult {
        CheckResult(
            counter: counter, digest: Digest(of: [UInt8(counter)]), kind: kind, serial: serial, verdict: verdict,
            ended: Timestamp(seconds: Int64(counter)), person: person, items: items, parameters: parameters)
    }
}

/// An entry that tells changes.
struct ToldChanges: Equatable {
    let detail: JSONValue
    let changes: [String: (old: String?, new: String?)]

    init(_ entry: AuditEntry) throws {
        detail = try JSONValue(parsing: entry.detail)
        var changes: [String: (old: String?, new: String?)] = [:]
        for change in try #require(detail["changes"]?.elements) {
            changes[try #require(change["part"]?.text)] = (change["old"]?.text, change["new"]?.text)
        }
        self.changes = changes
    }

    static func == (left: Self, right: Self) -> Bool { left.detail == right.detail }
}
