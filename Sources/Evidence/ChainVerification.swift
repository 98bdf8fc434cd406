import Messages

/// What the verification of a lane's records, one after the other, found.
public struct ChainReport: Sendable {
    /// Everything that is wrong; the place begins with the record, `record 7 payload.previous`, or, where the
    /// record's header could not be read, with its place in the input from 0, `envelope 3 payload.counter`.
    public internal(set) var findings: [Finding] = []
    /// The counters of the records that could be read, in order.
    public internal(set) var counters: [Int] = []

    /// The digests of their payloads, in the same order.
    public internal(set) var digests: [Digest] = []

    /// Whether nothing at all is wrong.
    public var isValid: Bool { findings.isEmpty }
}

extension Verifier {
    /// Verifies that records are all of one lane's records from a place on: each sealed, without a gap, each naming
    /// the one before it.
    ///
    /// Attachments are not looked at. That records are missing at the end only shows if `last` is given, from the
    /// lane's own count, a signed head or the authority's receipts.
    ///
    /// - Parameter envelopes: the envelopes' bytes as they were stored or sent.
    /// - Parameter start: where the first of them must stand; nil if the records before are not at hand.
    /// - Parameter last: the counter of the last one.
    /// - Parameter isOrdered: whether the records stand as they were stored, so that another order is a finding;
    ///   otherwise they may come in any order.
    public func verifyChain(
        _ envelopes: [[UInt8]], from start: ChainPosition? = .first, through last: Int? = nil, isOrdered: Bool = false
    ) -> ChainReport {
        var report = ChainReport()
        var links: [Link] = []
        for (index, bytes) in envelopes.enumerated() {
            let seal = verifySeal(bytes)
            let place = seal.header.map { "record \($0.counter)" } ?? "envelope \(index)"
            report.findings += seal.findings.map { $0.within(place) }
            if let header = seal.header, let digest = seal.payloadDigest {
                links.append(Link(header: header, digest: digest))
            }
        }
        for (link, next) in zip(links, links.dropFirst())
        where isOrdered && next.header.counter < link.header.counter {
            report.findings.append(
                Finding(
                    .evidenceChainOrder,
                    ["counter": .integer(next.header.counter), "before": .integer(link.header.counter)],
                    at: "record \(next.header.counter) payload.counter"))
        }
        links.sort { $0.header.counter < $1.header.counter }
        report.counters = links.map(\.header.counter)
        report.digests = links.map(\.digest)
        checkLinks(links, from: start, into: &report)
        let end = links.last?.header.counter ?? (start ?? .first).counter - 1
        if let last, end < last {
            report.findings.append(
                Finding(
                    .evidenceChainTruncated, ["from": .integer(end + 1), "to": .integer(last)], at: "record \(last)"))
        }
        return report
    }

    private struct Link {
        let header: RecordHeader
        let digest: Digest
    }

    /// Walks the records in the order of their counters; `before` holds all that stand at the counter before, since
    /// after a fork any of its branches may be the one that was continued.
    private func checkLinks(_ links: [Link], from start: ChainPosition?, into report: inout ChainReport) {
        var expected = start?.counter
        var before: Set<Digest?>? = start.map { [$0.previous] }
        var rest = links[...]
        while let first = rest.first {
            let counter = first.header.counter
            let same = rest.prefix { $0.header.counter == counter }
            rest = rest.dropFirst(same.count)
            let place = "record \(counter) payload"
            if let expected, counter != expected {
                report.findings.append(
                    counter > expected
                        ? Finding(
                            .evidenceChainGap, ["from": .integer(expected), "to": .integer(counter - 1)],
                            at: "\(place).counter")
                        : Finding(
                            .evidenceCounterUnexpected, ["found": .integer(counter), "expected": .integer(expected)],
                            at: "\(place).counter"))
                before = nil
            }
            if same.count > 1 {
                let code: MessageCode =
                    Set(same.map(\.digest)).count > 1 ? .evidenceChainFork : .evidenceChainRepeated
                report.findings.append(Finding(code, ["counter": .integer(counter)], at: "\(place).counter"))
            }
            for link in same {
                if let before, !before.contains(link.header.previous) {
                    report.findings.append(
                        Finding(
                            .evidenceChainBroken,
                            [
                                "found": .text(link.header.previous?.description ?? "null"),
                                "expected": .text(
                                    before.map { $0?.description ?? "null" }.sorted().joined(separator: ", ")),
                            ],
                            at: "\(place).previous"))
                }
                if link.header.epoch != links[0].header.epoch {
                    report.findings.append(
                        Finding(
                            .evidenceChainOtherEpoch,
                            ["found": .integer(link.header.epoch), "expected": .integer(links[0].header.epoch)],
                            at: "\(place).epoch"))
                }
                if link.header.lane != links[0].header.lane {
                    report.findings.append(
                        Finding(
                            .evidenceChainOtherLane,
                            ["found": .text(link.header.lane), "expected": .text(links[0].header.lane)],
                            at: "\(place).lane.id"))
                }
            }
            before = Set(same.map { $0.digest })
            expected = counter + 1
        }
    }
}

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
