import Documents
import Instruments
import Lane
import Standards

extension FuzzTarget {
    /// Files that a person writes.
    static let files: [FuzzTarget] = [
        FuzzTarget(name: "profile", run: profile), FuzzTarget(name: "lane-file", run: laneFile),
        FuzzTarget(name: "order", run: order),
    ]

    /// A profile that is read answers by its own account.
    @Sendable private static func profile(_ bytes: [UInt8]) {
        guard let document = try? Document(bytes: bytes, name: "fuzz"),
            let profile = try? DeviceProfile(document: document)
        else { return }
        for command in profile.commandNames {
            let request = profile.request(command)
            if let request { _ = profile.decode(reply: request, to: command) }
            _ = profile.reply(to: command, in: [bytes])
        }
        if var decoder = StreamDecoder(profile) { _ = decoder.feed(bytes) }
    }

    @Sendable private static func laneFile(_ bytes: [UInt8]) {
        guard let document = try? Document(bytes: bytes, name: "fuzz"), let library = Library.devices else { return }
        _ = try? LaneConfiguration(document: document, devices: library)
    }

    @Sendable private static func order(_ bytes: [UInt8]) {
        guard let document = try? Document(bytes: bytes, name: "fuzz") else { return }
        _ = try? OrderFile.read(document, lane: nil)
    }

    private enum Library {
        static let devices: DeviceLibrary? = {
            let root = #filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" }
            return try? DeviceLibrary(directory: root + "/Devices")
        }()
    }
}
