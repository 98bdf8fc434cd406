extension KeyRegister {
    /// Writes the register into another directory, which is made if its parent is there, with or without the private
    /// keys; the statements about keys go along.
    ///
    /// - Parameters:
    ///   - target: the directory; a register that is there is replaced.
    ///   - passphrase: what the private keys are encrypted under there; nil leaves them in clear for their owner.
    ///   - includesPrivate: whether private keys are written at all. Without them every key is one that can sign no more.
    /// - Throws: ``SigningKeyError`` or ``KeyRegisterError``.
    public func copy(to target: String, passphrase: [UInt8]?, includesPrivate: Bool) throws {
        var copy = try KeyRegister(directory: target, passphrase: passphrase)
        copy.replaceEntries(
            try entries.map { entry in
                var entry = entry
                if let file = entry.file, includesPrivate {
                    try signingKey(entry).write(to: "\(target)/\(file)", passphrase: passphrase)
                } else {
                    entry.file = nil
                }
                return entry
            })
        try copy.write()
        for (name, bytes) in try statements() { try copy.write(bytes, to: name) }
    }

    /// The statements about keys that lie beside the register: rotations and revocations.
    private func statements() throws(SigningKeyError) -> [(name: String, bytes: [UInt8])] {
        var statements: [(String, [UInt8])] = []
        for entry in entries {
            for kind in ["rotation", "revocation"] {
                let name = "\(kind)-\(entry.key.id.prefix(16)).json"
                let path = "\(directory)/\(name)"
                guard try SigningKeyError.isThere(path) else { continue }
                do { statements.append((name, try DurableFile.read(path).bytes)) } catch {
                    throw SigningKeyError(reading: error)
                }
            }
        }
        return statements
    }
}
