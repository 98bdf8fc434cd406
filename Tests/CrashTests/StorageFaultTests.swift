import Foundation
import Testing

@Suite("Storage faults", .serialized)
struct StorageFaultTests {
    @Test("With every single write, synchronisation or naming failing, every test and receipt is still accounted for")
    func everyCall() async throws {
        try await withDirectory(inMemory: true) { directory in
            let data = directory + "/data"
            try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
            let ended = try await Station.run(["faults", data], environment: ["DISK_ROOT": data])
            print(ended.lines.joined(separator: "\n"))
            try #require(ended.code == 0, "\(ended.errors)")
            let table = Dictionary(
                ended.lines.map { line in
                    let words = line.split(separator: " ", maxSplits: 1).map(String.init)
                    return (words.last ?? "", Int(words.first ?? "") ?? 0)
                }, uniquingKeysWith: +)
            for fault in ["inputOutput", "diskFull", "fullUntilMended", "readOnlyUntilMended"] {
                #expect(table["\(fault) places", default: 0] > 30, "\(fault)")
            }
            #expect(table["inputOutput journal.input-output", default: 0] > 0)
            #expect(table["diskFull journal.disk-full", default: 0] > 0)
            // While a fault lasts no test begins, at whatever place it began; once it is mended, the next does.
            for fault in ["fullUntilMended", "readOnlyUntilMended"] {
                let locked = table.filter { $0.key.hasPrefix("\(fault) locked") }.values.reduce(0, +)
                #expect(locked == table["\(fault) places", default: 0] + 1, "\(fault)")
            }
            // Nothing failed without a sentence of its own.
            let codes = table.keys.compactMap { $0.split(separator: " ").last }.filter { $0.contains(".") }
            #expect(
                Set(codes).isSubset(of: ["journal.input-output", "journal.disk-full", "journal.export-failed"]),
                "\(codes)")
        }
    }
}
