import Foundation

/// The openings of lanes' epochs on disk: `.epochs/<lane>/<epoch>.json` with the receipt beside the statement.
enum EpochFiles {
    private struct Entry: Codable {
        let receipt: EpochReceipt
        let statement: String
    }

    static func write(_ statement: [UInt8], _ receipt: EpochReceipt, in directory: String) throws(AuthorityError) {
        let folder = "\(directory)/.epochs/\(RecordStore.fileName(receipt.lane))"
        let data: Data
        do {
            data = try JSONEncoder.sorted.encode(
                Entry(receipt: receipt, statement: String(decoding: statement, as: UTF8.self)))
        } catch {
            throw AuthorityError("The opening cannot be written as JSON: \(error)")
        }
        try makeDurableDirectory(folder)
        try writeDurably(Array(data), to: "\(folder)/\(receipt.epoch).json")
        try synchroniseDirectory(folder)
    }

    /// The openings of a directory, by lane, in their order.
    static func read(_ directory: String) throws(AuthorityError) -> [String: [EpochReceipt]] {
        let files = FileManager.default
        var found: [String: [EpochReceipt]] = [:]
        for lane in (try? files.contentsOfDirectory(atPath: "\(directory)/.epochs")) ?? [] {
            for name in (try? files.contentsOfDirectory(atPath: "\(directory)/.epochs/\(lane)")) ?? []
            where name.hasSuffix(".json") {
                let path = "\(directory)/.epochs/\(lane)/\(name)"
                do {
                    let entry = try JSONDecoder().decode(
                        Entry.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
                    found[entry.receipt.lane, default: []].append(entry.receipt)
                } catch {
                    throw AuthorityError("The opening \(path) cannot be read: \(error)")
                }
            }
        }
        return found.mapValues { $0.sorted { $0.epoch < $1.epoch } }
    }
}
