import Foundation
import Testing

/// The house: which room may use which. `Docs/House.md` draws it.
enum House {
    /// What each room may import of the package, lowest floor first.
    static let rule: [String: Set<String>] = [
        "Messages": ["CCatalogues"],
        "Documents": ["Messages"],
        "Metrology": ["Messages"],
        "Standards": ["CPacks", "Metrology", "Documents", "Messages"],
        "Procedures": ["Standards", "Metrology", "Documents", "Messages"],
        "Instruments": ["Metrology", "Documents", "Messages", "CModbus", "CSerialPort"],
        "Evidence": ["Procedures", "Standards", "Metrology", "Documents", "Messages", "COpenSSL"],
        "Journal": ["Evidence", "Messages"],
        "Uplink": ["Journal", "Evidence", "Messages"],
        "Assurance": [
            "Journal", "Evidence", "Procedures", "Standards", "Metrology", "Documents", "Messages", "COpenSSL",
        ],
        "Lane": [
            "Assurance", "Journal", "Evidence", "Procedures", "Instruments", "Standards", "Metrology", "Documents",
            "Messages",
            "CLinux",
        ],
        "Plant": ["Metrology", "Documents", "Messages"],
        "SimulatedInstruments": ["Plant", "Metrology", "Documents", "Messages", "CModbus", "CPseudoTerminal"],
        // No code of the house, but the system's cryptography.
        "Authority": ["COpenSSL"],
        "LaneCommand": [
            "Lane", "Assurance", "Uplink", "Journal", "Evidence", "Procedures", "Instruments", "Standards",
            "Metrology", "Documents", "Messages", "Plant", "SimulatedInstruments", "Authority",
        ],
    ]

    /// Rooms that do no I/O, read no clock and use no randomness; Foundation serves them for text only.
    static let pure: Set<String> = ["Metrology", "Standards", "Procedures"]

    /// Libraries from elsewhere, by the room that may use them.
    static let libraries: [String: Set<String>] = [
        "Messages": ["Yams"], "Documents": ["Yams"], "Evidence": ["Crypto"], "Journal": ["GRDB"],
        "Uplink": ["AsyncHTTPClient", "NIOCore", "NIOHTTP1", "NIOPosix", "NIOSSL"], "LaneCommand": ["ArgumentParser"],
        "Authority": ["Crypto", "Hummingbird", "HummingbirdTLS", "HTTPTypes", "NIOCore", "NIOSSL", "Logging"],
    ]

    /// What the platform brings; any room may use it.
    static let platform: Set<String> = ["Foundation", "Glibc", "Dispatch", "Synchronization"]

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func folder(of room: String) -> URL {
        let simulators = root.appendingPathComponent("Simulators/\(room)")
        return FileManager.default.fileExists(atPath: simulators.path)
            ? simulators : root.appendingPathComponent("Sources/\(room)")
    }

    /// The import lines of a room: file, line and module.
    static func imports(of room: String) throws -> [(place: String, module: String)] {
        let folder = folder(of: room)
        let names = try #require(FileManager.default.enumerator(atPath: folder.path)).compactMap { $0 as? String }
        var found: [(String, String)] = []
        for name in names.sorted() where name.hasSuffix(".swift") {
            let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            // Few lines have the word; the pattern is slow.
            for (number, line) in lines.enumerated() where line.contains("import") {
                let pattern =
                    /^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)/
                if let match = line.firstMatch(of: pattern) {
                    found.append(("\(room)/\(name):\(number + 1)", String(match.1)))
                }
            }
        }
        return found
    }

    /// The dependencies of a room in the manifest.
    static func manifestDependencies(of room: String, in manifest: String) throws -> Set<String> {
        let declaration =
            try Regex(
                #"(?s)(?:room\(\s*"\#(room)"|name: "\#(room)",\s*dependencies: \[)(.*?)\n?\s*(?:\]\)|\]\s*,|exclude:|resources:)"#
            )
        let match = try #require(manifest.firstMatch(of: declaration), "\(room) is not in the manifest")
        let text = String(match.output[1].substring ?? "")
        var names = Set(text.matches(of: /"(\w+)"/).map { String($0.1) })
        names.subtract(["Simulators"])
        for (variable, module) in [
            ("yams", "Yams"), ("crypto", "Crypto"), ("grdb", "GRDB"), ("httpClient", "AsyncHTTPClient"),
            ("nioCore", "NIOCore"), ("arguments", "ArgumentParser"),
        ] where text.contains(try Regex(#"\b\#(variable)\b"#)) {
            names.insert(module)
        }
        return names
    }
}

@Suite("The house")
struct HouseTests {
    @Test("has no room that is not in the rule")
    func rooms() throws {
        var found: Set<String> = []
        for parent in ["Sources", "Simulators"] {
            let names = try FileManager.default.contentsOfDirectory(
                atPath: House.root.appendingPathComponent(parent).path)
            found.formUnion(names.filter { $0 != "System" && !$0.hasPrefix(".") })
        }
        #expect(found == Set(House.rule.keys))
    }

    @Test("lets each room import only what stands below it", arguments: House.rule.keys.sorted())
    func imports(room: String) throws {
        let allowed = try #require(House.rule[room])
            .union(House.libraries[room] ?? []).union(House.platform)
        for (place, module) in try House.imports(of: room) {
            #expect(allowed.contains(module), "\(place) imports \(module)")
        }
    }

    @Test("declares in the manifest what a room imports, and nothing else", arguments: House.rule.keys.sorted())
    func manifest(room: String) throws {
        let manifest = try String(
            contentsOf: House.root.appendingPathComponent("Package.swift"), encoding: .utf8)
        let imported = Set(try House.imports(of: room).map(\.module)).subtracting(House.platform)
        let declared = try House.manifestDependencies(of: room, in: manifest)
        #expect(imported.subtracting(declared).sorted() == [], "imported, not declared")
        // What Hummingbird brings along comes with it.
        #expect(declared.subtracting(imported).subtracting(["hummingbird"]).sorted() == [], "declared, not imported")
    }

    @Test("keeps the pure rooms from clocks, files and chance", arguments: House.pure.sorted())
    func purity(room: String) throws {
        let banned = try Regex(
            #"\b(Date\(|Date\.now|ContinuousClock|SuspendingClock|clock_gettime|FileManager|FileHandle|URLSession|random\(|SystemRandomNumberGenerator|ProcessInfo|Task\.sleep|Thread\b|DispatchQueue)"#
        )
        for (name, text) in try sources(of: room) {
            #expect(
                text.firstMatch(of: banned) == nil,
                "\(room)/\(name): \(text.firstMatch(of: banned).map { String($0.output[0].substring ?? "") } ?? "")")
        }
    }

    @Test("builds a neighbour's wall: no two rooms import each other")
    func cycles() {
        for (room, below) in House.rule {
            for other in below { #expect(!(House.rule[other] ?? []).contains(room), "\(room) and \(other)") }
        }
    }

    @Test("has no sleep in a test")
    func noSleeps() throws {
        let tests = House.root.appendingPathComponent("Tests")
        let names = try #require(FileManager.default.enumerator(atPath: tests.path)).compactMap { $0 as? String }
        for name in names where name.hasSuffix(".swift") && !name.hasSuffix("HouseTests.swift") {
            let text = try String(contentsOf: tests.appendingPathComponent(name), encoding: .utf8)
            for line in text.split(separator: "\n") where Self.sleeps(String(line)) { Issue.record("\(name): \(line)") }
        }
        // What it has to notice, and what it has to let pass: a clock that a test brings along.
        for line in [
            "try await Task.sleep(for: .seconds(1))", "usleep(1000)", "    sleep(1)", "nanosleep(&time, nil)",
            "Thread.sleep(forTimeInterval: 1)", "try await ContinuousClock().sleep(for: .milliseconds(5))",
            "try? await clock.sleep(until: end)", "clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nil)",
        ] {
            #expect(Self.sleeps(line), "\(line)")
        }
        #expect(!Self.sleeps("    func sleep(until instant: LaneInstant) async throws {"))
    }

    /// Whether a line calls something that sleeps, by whatever clock.
    private static func sleeps(_ line: String) -> Bool {
        // Few lines have the word; the pattern is slow.
        line.contains("sleep") && !line.contains("func sleep(")
            && line.firstMatch(of: /(?:^|[^A-Za-z_])(?:u|nano|clock_nano)?sleep\(/) != nil
    }

    private func sources(of room: String) throws -> [(String, String)] {
        let folder = House.folder(of: room)
        let names = try #require(FileManager.default.enumerator(atPath: folder.path)).compactMap { $0 as? String }
        return try names.filter { $0.hasSuffix(".swift") }.map {
            ($0, try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8))
        }
    }
}
