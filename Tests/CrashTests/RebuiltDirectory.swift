import Foundation
import Glibc

/// A directory that becomes what is left after one power cut, and then what is left after another.
///
/// What is the same as last time stays where it is: of hundreds of files two or three differ from one moment to the
/// next. What the opened journal may have touched is written anew each time.
final class RebuiltDirectory {
    private let directory: String
    /// What was put there last, by path, with what stands for its content.
    private var present: [String: String] = [:]

    init(_ directory: String) { self.directory = directory }

    /// Puts the remnants there, parents before what is in them, and nothing else.
    func become(_ remnants: [CutDisk.Remnant]) throws {
        var kept: [String: String] = [:]
        for remnant in remnants where remnant.bytes == nil || Self.isUntouched(remnant.path) {
            guard let identity = remnant.identity, identity == present[remnant.path] else { continue }
            kept[remnant.path] = identity
        }
        // What is in a directory goes before it does.
        for path in present.keys.sorted(by: >) where kept[path] == nil { remove("\(directory)/\(path)") }
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) where kept[name] == nil {
            try FileManager.default.removeItem(atPath: "\(directory)/\(name)")
        }
        present = kept
        for remnant in remnants where kept[remnant.path] == nil {
            let path = "\(directory)/\(remnant.path)"
            if let bytes = remnant.bytes {
                try write(bytes, to: path)
            } else {
                guard mkdir(path, 0o700) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
            }
            present[remnant.path] = remnant.identity ?? ""
        }
    }

    /// Whether nobody writes to the file when the journal is opened: exports, keys and the trust file.
    private static func isUntouched(_ path: String) -> Bool {
        (path.hasPrefix("records/") || path.hasPrefix("keys/") || path == "trust.json") && !path.hasSuffix(".tmp")
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
            written += count
        }
    }
}
