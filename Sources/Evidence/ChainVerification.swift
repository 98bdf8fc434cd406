import Messages

/// What the verification of a lane's records, one after the other, found.
public struct ChainReport: Sendable {
    /// Everything that is wrong; the place begins with the record, `record 7 payload.previous`, or, where the
    /// record's header could not be read, with its place in the input from 0, `envelope 3 payload.counter`.
    public internal(set) var findings: [Finding] = []
    /// The counters of the records that could be read, in order; without those that a later epoch does not go on from.
    public internal(set) var counters: [Int] = []

    /// The digests of their payloads, in the same order.
    public internal(set) var digests: [Digest] = []

    /// Whether nothing at all is wrong.
    public var isValid: Bool { findings.isEmpty }
}

extension Verifier {
    /// Verifies that records are all of one lane's records from a place on: each sealed, without a gap, each naming
    /// the one before it, and each epoch opened by a statement.
    ///
    /// Attachments are not looked at. That records are missing at the end only shows if `last` is given, from the
    /// lane's own count, a signed head or the authority's receipts.
    ///
    /// - Parameter envelopes: the envelopes' bytes as they were stored or sent.
    /// - Parameter start: where the first of them must stand; nil if the records before are not at hand.
    /// - Parameter last: the counter of the last one.
    /// - Parameter isOrdered: whether the records stand as they were stored, so that another order is a finding;
    ///   otherwise they may come in any order.
    /// - Parameter openings: the statements by which the lane began new epochs.
    /// - Parameter withheld: what is kept of records whose envelopes are gone; only their digests count.
    public func verifyChain(
        _ envelopes: [[UInt8]], from start: ChainPosition? = .first, through last: Int? = nil, isOrdered: Bool = false,
        openings: [[UInt8]] = [], withheld: [WithheldRecord] = []
    ) -> ChainReport {
        var report = ChainReport()
        var links: [ChainLink] = []
        for (index, bytes) in envelopes.enumerated() {
            let seal = verifySeal(bytes)
            let place = seal.header.map { "record \($0.counter)" } ?? "envelope \(index)"
            report.findings += seal.findings.map { $0.within(place) }
            if let header = seal.header, let digest = seal.payloadDigest {
                links.append(ChainLink(header, digest))
            }
        }
        for (link, next) in zip(links, links.dropFirst()) where isOrdered && next.place < link.place {
            report.findings.append(
                Finding(
                    .evidenceChainOrder,
                    ["counter": .integer(next.counter), "before": .integer(link.counter)],
                    at: "record \(next.counter) payload.counter"))
        }
        links += withheld.map { ChainLink($0) }
        links.sort { $0.place < $1.place }
        var walk = ChainWalk(
            start: start, lane: links.lazy.compactMap(\.header?.lane).first, firstEpoch: links.first?.epoch)
        walk.read(openings, self)
        walk.follow(links)
        report.findings += walk.findings
        report.counters = walk.line.flatMap { Array(repeating: $0.counter, count: $0.digests.count) }
        report.digests = walk.line.flatMap(\.digests)
        let end = walk.line.last?.counter ?? (start ?? .first).counter - 1
        if let last, end < last {
            report.findings.append(
                Finding(
                    .evidenceChainTruncated, ["from": .integer(end + 1), "to": .integer(last)], at: "record \(last)"))
        }
        return report
    }
}
