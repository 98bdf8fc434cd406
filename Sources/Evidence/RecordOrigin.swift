/// Where a record's readings came from (数据来源); part of what is signed.
public enum RecordOrigin: String, CaseIterable, Sendable {
    /// Real instruments on a real lane.
    case measured
    /// Simulated instruments: never a test of a vehicle.
    case simulated
}

/// A way to sign, by the name that a payload's `signing` list uses.
public enum SignatureAlgorithm: String, CaseIterable, Sendable {
    /// Ed25519 (RFC 8032).
    case ed25519
    /// SM2 with SM3 (GM/T 0003.2-2012, GM/T 0009-2012), the signer's identity being `1234567812345678`.
    case sm2
}
