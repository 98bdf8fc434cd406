import Evidence
import Foundation
import Journal
import Lane
import Messages
import Metrology
import Procedures
import Standards

/// What a finished test tells: as one JSON object for programs, or as lines for people.
struct TestReport {
    let result: LaneSession.Result
    /// The exported envelope.
    let record: String
    /// The trust file.
    let keys: String
    /// What verifying the exported record found.
    let verification: VerificationReport
    /// The authority's receipt, if one came.
    let receipt: JSONValue?
    /// How long it took in life.
    let seconds: Double

    private var items: [JudgedItem] { (result.outcome as? any TestOutcome)?.items ?? [] }

    /// The object that `--json` prints.
    var json: JSONValue {
        var members = members(items: items.map { JSONValue($0.report) })
        if let ended = result.outcome as? VehicleCheckOutcome {
            members["reason"] = .string(ended.reason.code)
            members["reasonDetail"] = ended.reason.detail.map(JSONValue.string) ?? .null
            members["findings"] = .array(ended.decision.findings.map(\.json))
        }
        return .object(members)
    }

    /// The members that tests and checks have in common.
    func members(items: [JSONValue]) -> JSONObject {
        let outcome = result.outcome
        let abort = outcome.verdict.abortReason
        return [
            "verdict": .string(outcome.verdict.code), "reason": abort.map { .string($0.code) } ?? .null,
            "reasonDetail": abort?.detail.map(JSONValue.string) ?? .null,
            "diagnosis": result.diagnosis.map { .string(Catalogue(.english).text($0)) } ?? .null,
            "items": .array(items),
            "counter": .integer(Int64(result.record.counter)), "record": .string(record), "keys": .string(keys),
            "digest": .string(result.record.payloadDigest.description), "verified": .boolean(verification.isValid),
            "signatures": .array(
                verification.signers.map {
                    ["algorithm": .string($0.algorithm.rawValue), "keyid": .string($0.id)]
                }),
            "receipt": receipt ?? .null, "simulatedSeconds": .number(result.duration.seconds),
            "seconds": .number((seconds * 1000).rounded() / 1000),
            "ticks": .integer(Int64(result.sampling.ticks)), "missedTicks": .integer(Int64(result.sampling.missed)),
        ]
    }

    /// The lines for a person.
    func lines(_ catalogue: Catalogue, _ style: Style) -> [String] {
        func text(_ code: MessageCode, _ arguments: [String: MessageArgument] = [:]) -> String {
            catalogue.text(Message(code, arguments))
        }
        let outcome = result.outcome
        var lines = [""]
        switch outcome.verdict {
        case .passed: lines.append(style.good(text(.reportPassed)))
        case .failed: lines.append(style.bad(text(.reportFailed)))
        case .aborted(let reason):
            lines.append(style.bad(text(.reportAborted, ["reason": .message(reason.message)])))
            if let diagnosis = result.diagnosis { lines.append("  " + catalogue.text(diagnosis)) }
        }
        for advice in result.advice { lines.append("\(catalogue.text(advice)) [\(advice.code.rawValue)]") }
        for note in (outcome as? any TestOutcome)?.notes ?? [] { lines.append(catalogue.text(note)) }
        return lines + table(catalogue, style) + recordLines(catalogue, style)
    }

    /// What became of the record: number, file, signatures, receipt, and how long it all took.
    func recordLines(_ catalogue: Catalogue, _ style: Style) -> [String] {
        func text(_ code: MessageCode, _ arguments: [String: MessageArgument] = [:]) -> String {
            catalogue.text(Message(code, arguments))
        }
        var lines = [""]
        lines.append(
            text(
                .reportRecord,
                [
                    "counter": .integer(result.record.counter),
                    "digest": .text(result.record.payloadDigest.description),
                ]))
        lines.append(text(.reportExported, ["path": .text(record)]))
        if verification.isValid {
            for key in verification.signers.sorted(by: { $0.algorithm.rawValue < $1.algorithm.rawValue }) {
                lines.append(
                    style.good(
                        text(
                            .reportVerified,
                            [
                                "algorithm": .text(key.algorithm.title), "key": .text(String(key.id.prefix(16))),
                                "path": .text(keys),
                            ])))
            }
        } else {
            for finding in verification.findings {
                lines.append(style.bad("\(finding.place): \(catalogue.text(finding.message))"))
            }
        }
        if let id = receipt?["id"]?.text {
            lines.append(
                style.good(text(.reportReceipt, ["id": .text(id), "at": .text(receipt?["receivedAt"]?.text ?? "–")])))
        } else {
            lines.append(text(.reportNoReceipt))
        }
        lines.append(
            text(
                .reportTime,
                [
                    "simulated": .decimal(brief(result.duration.seconds)), "seconds": .decimal(brief(seconds)),
                    "ticks": .integer(result.sampling.ticks), "missed": .integer(result.sampling.missed),
                ]))
        return lines
    }

    /// A table of what was judged, its columns as wide as what they hold.
    private func table(_ catalogue: Catalogue, _ style: Style) -> [String] {
        let cells = items.map { item in
            [
                item.part.map { "\($0.uppercased()) \(item.symbol)" } ?? item.symbol, item.reported.description,
                item.bound.unit == "1" ? "" : item.bound.unit, item.bound.text,
            ]
        }
        func column(_ index: Int, _ text: String) -> String {
            let gap = String(repeating: " ", count: (cells.map { $0[index].count }.max() ?? 0) - text.count)
            // Numbers stand at the right of their column, words at the left.
            return index.isMultiple(of: 2) ? text + gap : gap + text
        }
        return zip(items, cells).map { item, row in
            let line = catalogue.text(
                Message(
                    .reportItem,
                    [
                        "pollutant": .text(column(0, row[0])), "value": .text(column(1, row[1])),
                        "unit": .text(column(2, row[2])), "limit": .text(column(3, row[3])),
                        "verdict": .message(Message(item.passes ? .reportItemPassed : .reportItemFailed)),
                    ]))
            return item.passes ? style.good(line) : style.bad(line)
        }
    }
}

extension SignatureAlgorithm {
    /// The name that people know it by.
    var title: String {
        switch self {
        case .ed25519: "Ed25519"
        case .sm2: "SM2"
        }
    }
}

/// A number with one decimal, for people.
func brief(_ value: Double, places: Int = 1) -> String {
    (try? RoundedDecimal(value, places: places))?.description ?? "–"
}
