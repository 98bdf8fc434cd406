import Documents
import Foundation
import Instruments
import Testing

/// Changes each field of each profile in turn, and looks whether the profile's own examples notice.
@Suite("Mutations of device profiles")
struct MutationTests {
    /// One change of one line.
    struct Mutation {
        let kind: String
        let line: Int
        let text: String
    }

    @Test("Every change of a field's place, scale, width or byte order is noticed by an example of its profile")
    func allAreKilled() throws {
        var table: [String: (killed: Int, total: Int)] = [:]
        var survivors: [String] = []
        for file in try profileFiles() {
            let lines = try String(contentsOfFile: file, encoding: .utf8).components(separatedBy: "\n")
            #expect(reads(lines, file), "\(file)")
            for mutation in mutations(of: lines) {
                var mutated = lines
                mutated[mutation.line] = mutation.text
                let killed = !reads(mutated, file)
                let before = table[mutation.kind] ?? (0, 0)
                table[mutation.kind] = (before.killed + (killed ? 1 : 0), before.total + 1)
                if !killed { survivors.append("\(file):\(mutation.line + 1): \(mutation.kind): \(mutation.text)") }
            }
        }
        let total = table.values.reduce(0) { $0 + $1.total }
        for (kind, counts) in table.sorted(by: { $0.key < $1.key }) {
            print("mutations of \(kind): \(counts.killed) killed of \(counts.total)")
        }
        print("mutations: \(total - survivors.count) killed of \(total)")
        #expect(survivors == [], "\(survivors.joined(separator: "\n"))")
        #expect(total > 1000)
        #expect(Set(table.keys) == ["offset", "register", "item", "scale", "add", "width", "byte order", "bit"])
    }

    private func profileFiles() throws -> [String] {
        let folder = Devices.directory
        let names = try #require(FileManager.default.enumerator(atPath: folder)).compactMap { $0 as? String }
        return names.filter { $0.hasSuffix(".yaml") && !$0.hasPrefix("lanes/") }.sorted().map { "\(folder)/\($0)" }
    }

    private func reads(_ lines: [String], _ file: String) -> Bool {
        let bytes = Array(lines.joined(separator: "\n").utf8)
        return (try? DeviceProfile(document: Document(bytes: bytes, name: file))) != nil
    }

    private func mutations(of lines: [String]) -> [Mutation] {
        lines.enumerated().flatMap { number, line -> [Mutation] in
            guard line.contains("name: "), line.contains("type: "),
                ["offset: ", "item: ", "register: ", "after: "].contains(where: line.contains)
            else { return [] }
            return places(line, number) + scales(line, number) + types(line, number)
        }
    }

    private func places(_ line: String, _ number: Int) -> [Mutation] {
        var found: [Mutation] = []
        for key in ["offset", "register", "item"] {
            guard let regex = try? Regex("\\b\(key): (0x[0-9A-Fa-f]+|[0-9]+)") else { continue }
            for match in line.matches(of: regex) {
                let digits = String(match.output[1].substring ?? "")
                let value = digits.hasPrefix("0x") ? Int(digits.dropFirst(2), radix: 16) : Int(digits)
                guard let value else { continue }
                for step in [-1, 1] where value + step >= 0 {
                    var text = line
                    text.replaceSubrange(match.range, with: "\(key): \(value + step)")
                    found.append(Mutation(kind: key, line: number, text: text))
                }
            }
        }
        return found
    }

    private func scales(_ line: String, _ number: Int) -> [Mutation] {
        var found: [Mutation] = []
        if line.contains("type: text") || line.contains("type: hex") || line.contains("type: dtc") { return [] }
        for match in line.matches(of: /scale: ([0-9.]+)/) {
            for (digits, factor) in [("0.1", 10.0), ("0.01", 100.0), ("2", 0.5), ("1", 1.0)]
            where Double(match.1).map({ abs($0 - 1 / factor) > 1e-12 }) ?? false {
                var text = line
                text.replaceSubrange(match.range, with: "scale: \(digits)")
                found.append(Mutation(kind: "scale", line: number, text: text))
            }
        }
        if !line.contains("scale: ") {
            found.append(
                Mutation(
                    kind: "scale", line: number,
                    text: line.replacing("type: ", with: "scale: 10, type: ", maxReplacements: 1)))
        }
        for match in line.matches(of: /add: (-?\d+)/) {
            guard let value = Int(match.1) else { continue }
            var text = line
            text.replaceSubrange(match.range, with: "add: \(value + 1)")
            found.append(Mutation(kind: "add", line: number, text: text))
        }
        for match in line.matches(of: /bits: \[(\d), (\d)\]/) {
            guard let low = Int(match.1), let high = Int(match.2) else { continue }
            let others = [(low + 1, high + 1), (low - 1, high - 1)]
            for (low, high) in others where low >= 0 && high < 8 {
                var text = line
                text.replaceSubrange(match.range, with: "bits: [\(low), \(high)]")
                found.append(Mutation(kind: "bit", line: number, text: text))
            }
        }
        return found
    }

    private static let otherTypes: [String: [(kind: String, type: String)]] = [
        "u8": [("width", "u16be")],
        "u16be": [("width", "u8"), ("width", "u32be"), ("byte order", "u16le")],
        "u16le": [("width", "u8"), ("byte order", "u16be")],
        "s16be": [("width", "s8"), ("byte order", "s16le")],
        "s16le": [("width", "s8"), ("byte order", "s16be")],
        "sm16be": [("width", "u8"), ("byte order", "s16le")],
        "u32le": [("width", "u16le"), ("byte order", "u32be")],
        "f32be": [("width", "u16be"), ("byte order", "f32le"), ("byte order", "f32cdab")],
        "f32le": [("width", "u16le"), ("byte order", "f32be"), ("byte order", "f32cdab")],
    ]

    private func types(_ line: String, _ number: Int) -> [Mutation] {
        var found: [Mutation] = []
        for match in line.matches(of: /type: ([a-z0-9-]+)/) {
            for (kind, type) in Self.otherTypes[String(match.1)] ?? [] {
                var text = line
                text.replaceSubrange(match.range, with: "type: \(type)")
                found.append(Mutation(kind: kind, line: number, text: text))
            }
        }
        for match in line.matches(of: /length: (\d+)/) {
            guard let value = Int(match.1) else { continue }
            var text = line
            text.replaceSubrange(match.range, with: "length: \(value - 1)")
            found.append(Mutation(kind: "width", line: number, text: text))
        }
        return found
    }
}
