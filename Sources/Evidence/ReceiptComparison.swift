import Messages

/// A record that the authority gave a receipt for, held against the lane's own records.
public enum ReceiptComparison {
    /// What a receipt says against the records at hand: a lane whose directory was put back to an earlier state lacks
    /// records that the authority has, or has others under their numbers. Such a lane must not go on.
    ///
    /// - Parameters:
    ///   - counter: the number that the receipt names.
    ///   - digest: the digest that it names.
    ///   - last: the number of the lane's last record; 0 if it has none.
    ///   - own: the digest of the lane's own record of the receipt's number.
    public static func objection(counter: Int, digest: Digest, last: Int, own: Digest?) -> Finding? {
        guard counter <= last else {
            return Finding(
                .evidenceChainRolledBack, ["received": .integer(counter), "last": .integer(last)],
                at: "receipt \(counter)")
        }
        guard own == digest else {
            return Finding(.evidenceChainFork, ["counter": .integer(counter)], at: "receipt \(counter)")
        }
        return nil
    }
}
