import Evidence
import Foundation

extension FuzzTarget {
    /// What a lane keeps of its keys, in files that somebody may have damaged.
    static let keys: [FuzzTarget] = [
        FuzzTarget(name: "key", run: key), FuzzTarget(name: "register", run: register),
    ]

    /// A private key's file is one of the algorithm that it says, or refused by name.
    @Sendable private static func key(_ bytes: [UInt8]) {
        for algorithm in SignatureAlgorithm.allCases {
            write(bytes, SigningKey.fileName(for: .measured, algorithm))
            guard let key = try? SigningKey.load(from: directory, origin: .measured, algorithm: algorithm) else {
                continue
            }
            precondition(key.algorithm == algorithm)
            guard let signature = try? key.signature(for: bytes) else { preconditionFailure("a key that cannot sign") }
            precondition(!signature.isEmpty)
        }
    }

    /// A register that is read lists keys with fingerprints of their own.
    @Sendable private static func register(_ bytes: [UInt8]) {
        write(bytes, KeyRegister.fileName)
        defer { unlink("\(directory)/\(KeyRegister.fileName)") }
        guard let register = try? KeyRegister(directory: directory) else { return }
        precondition(Set(register.entries.map(\.key.id)).count == register.entries.count)
    }

    /// Keys are read from files alone.
    private static let directory: String = {
        var template = Array("\(FileManager.default.temporaryDirectory.path)/fuzz-keys-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { preconditionFailure("no directory for keys") }
        return String(cString: made)
    }()

    private static func write(_ bytes: [UInt8], _ name: String) {
        let path = "\(directory)/\(name)"
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes), attributes: attributes) else {
            preconditionFailure("no file for keys")
        }
    }
}
