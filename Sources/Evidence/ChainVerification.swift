import Messages

/// What the verification of a lane's records, one after the other, found.
public struct ChainReport: Sendable {
    /// Everything that is wrong; the place begins with the record, `record 7 payload.previous`, or, where the
    /// record's header could not be read, with its place in the input from 0, `envelope 3 payload.counter`.
    public internal(set) var findings: [Finding] = []
    /// The counters of the records that could be read, in order.
    public internal(set) var counters: [Int] = []

    /// Whether nothing at all is wrong.
    public var isValid: Bool { findings.isEmpty }
}

extension Verifier {
    /// Verifies that records are all of one lane's records from a place on: each sealed, without a gap, each naming
    /// the one before it.
    ///
    /// The records may come in any order. Attachments are not looked at. That records are missing at the end only
    /// shows if `last` is given, from the lane's own count or the authority's receipts.
    ///
    /// - Parameter envelopes: the envelopes' bytes as they were stored or sent.
    /// - Parameter start: where the first of them must stand; nil if the records before are not at hand.
    /// - Parameter last: the counter of the last one.
    public func verifyChain(
        _ envelopes: [[UInt8]], from start: ChainPosition? = .first, through last: Int? = nil
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
        links.sort { $0.header.counter < $1.header.counter }
        report.counters = links.map(\.header.counter)
        checkLinks(links, from: start, into: &report)
        let end = links.last?.header.counter ?? (start ?? .first).counter - 1
        if let last, end < last {
            report.findings.append(
                Finding(
                    .evidenceChainGap, ["from": .integer(end + 1), "to": .integer(last)], at: "record \(last)"))
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
