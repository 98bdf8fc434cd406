import Messages

/// A record's place in a chain, and what it says of the record before.
struct ChainLink {
    let epoch: Int
    let counter: Int
    let digest: Digest
    /// What the record says; nil for one of which only the digest is kept.
    let header: RecordHeader?

    init(_ header: RecordHeader, _ digest: Digest) {
        epoch = header.epoch
        counter = header.counter
        self.digest = digest
        self.header = header
    }

    init(_ withheld: WithheldRecord) {
        epoch = withheld.epoch
        counter = withheld.counter
        digest = withheld.digest
        header = nil
    }

    /// Records stand in the order of their numbers, those of a later epoch after those of an earlier.
    var place: (Int, Int) { (epoch, counter) }
}

/// Walks a lane's records in their order, from epoch to epoch.
struct ChainWalk {
    /// What is wrong.
    private(set) var findings: [Finding] = []
    /// The records that the lane goes on from; after a fork all that stand at a counter.
    private(set) var line: [(counter: Int, digests: [Digest])] = []

    private let start: ChainPosition?
    private let lane: String?
    private let firstEpoch: Int?
    private var openings: [Int: EpochOpening] = [:]
    private var expected: Int?
    /// All that stand at the counter before, since after a fork any of its branches may be the one that was continued;
    /// nil if that is not known.
    private var before: Set<Digest?>?
    /// Epochs that no statement opens.
    private var unopened: Set<Int> = []

    init(start: ChainPosition?, lane: String?, firstEpoch: Int?) {
        self.start = start
        self.lane = lane
        self.firstEpoch = firstEpoch
        expected = start?.counter
        before = start.map { [$0.previous] }
    }

    /// Reads the statements; one with any finding opens nothing.
    mutating func read(_ statements: [[UInt8]], _ verifier: Verifier) {
        for (index, bytes) in statements.enumerated() {
            let report = verifier.verifyEpochOpening(bytes)
            guard let opening = report.content, report.isValid else {
                findings += report.findings.map { $0.within("opening \(index)") }
                continue
            }
            let epoch = opening.header.epoch
            if let lane, opening.header.lane != lane {
                findings.append(
                    Finding(
                        .evidenceChainOtherLane,
                        ["found": .text(opening.header.lane), "expected": .text(lane)],
                        at: "epoch \(epoch) payload.lane"))
            } else if let known = openings[epoch], known != opening {
                findings.append(
                    Finding(.evidenceEpochFork, ["epoch": .integer(epoch)], at: "epoch \(epoch) payload.epoch"))
            } else {
                openings[epoch] = opening
            }
        }
    }

    /// Walks along records that are sorted by their places.
    mutating func follow(_ links: [ChainLink]) {
        var epoch: Int?
        var rest = links[...]
        while let first = rest.first {
            let same = rest.prefix { $0.place == first.place }
            rest = rest.dropFirst(same.count)
            if first.epoch != epoch {
                enter(first.epoch, before: epoch)
                epoch = first.epoch
            }
            judge(same, at: first.counter)
            line.append((first.counter, same.map(\.digest)))
            before = Set(same.map { $0.digest })
            expected = first.counter + 1
        }
    }

    /// Goes on after the records that an epoch keeps; those beyond them are another line.
    private mutating func enter(_ epoch: Int, before earlier: Int?) {
        guard let opening = openings[epoch], earlier != nil || start != nil else {
            if epoch != firstEpoch { unopened.insert(epoch) }
            return
        }
        line.removeAll { $0.counter > opening.after }
        if let last = line.last, last.counter == opening.after, let head = opening.head, !last.digests.contains(head) {
            findings.append(
                Finding(
                    .evidenceEpochHead,
                    [
                        "counter": .integer(opening.after), "found": .text(head.description),
                        "expected": .text(last.digests.map(\.description).sorted().joined(separator: ", ")),
                    ], at: "epoch \(epoch) payload.head"))
        }
        // Records that the epoch keeps and that are not here are a gap before its first.
        expected = min(expected ?? .max, opening.after + 1)
        before = [opening.head]
    }

    private mutating func judge(_ same: ArraySlice<ChainLink>, at counter: Int) {
        let place = "record \(counter) payload"
        if let expected, counter != expected {
            findings.append(
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
            let code: MessageCode = Set(same.map(\.digest)).count > 1 ? .evidenceChainFork : .evidenceChainRepeated
            findings.append(Finding(code, ["counter": .integer(counter)], at: "\(place).counter"))
        }
        for link in same { judge(link, place) }
    }

    private mutating func judge(_ link: ChainLink, _ place: String) {
        if let before, let header = link.header, !before.contains(header.previous) {
            findings.append(
                Finding(
                    .evidenceChainBroken,
                    [
                        "found": .text(header.previous?.description ?? "null"),
                        "expected": .text(before.map { $0?.description ?? "null" }.sorted().joined(separator: ", ")),
                    ], at: "\(place).previous"))
        }
        if unopened.contains(link.epoch) {
            findings.append(
                Finding(
                    .evidenceChainOtherEpoch,
                    ["found": .integer(link.epoch), "expected": .integer(firstEpoch ?? 1)], at: "\(place).epoch"))
        }
        if let lane, let header = link.header, header.lane != lane {
            findings.append(
                Finding(
                    .evidenceChainOtherLane, ["found": .text(header.lane), "expected": .text(lane)],
                    at: "\(place).lane.id"))
        }
    }
}
