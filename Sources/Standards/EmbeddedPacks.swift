import CPacks
import Documents
import Messages

/// The bytes of the packs that are built into the program.
enum EmbeddedPacks {
    /// The bytes of every pack by its name.
    static let bytes: [String: [UInt8]] = {
        var bytes: [String: [UInt8]] = [:]
        var next = embedded_packs()
        while let pack = next?.pointee, let name = pack.name {
            bytes[String(cString: name)] = Array(UnsafeBufferPointer(start: pack.bytes, count: pack.length))
            next = next?.successor()
        }
        return bytes
    }()

    /// The document of a pack; an empty one, in which everything is missing, if there is no pack of that name.
    ///
    /// - Throws: `Problems` if its bytes are not YAML.
    static func document(_ id: String) throws(Problems) -> Document {
        try Document(bytes: bytes[id] ?? [], name: "\(id).yaml")
    }
}
