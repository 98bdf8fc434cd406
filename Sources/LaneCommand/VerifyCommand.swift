import ArgumentParser
import Evidence
import Foundation
import Lane
import Messages

/// `lane verify`: checks exported records as a stranger would.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "verify", abstract: help(.helpVerify))

    @Argument(help: help(.helpVerifyFiles))
    var files: [String]

    @OptionGroup var judge: JudgeOptions

    @Flag(help: help(.helpJSON))
    var json = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        let style = Style.standardOutput
        let verifier = try judge.verifier()
        var allValid = true
        var reports: [JSONValue] = []
        var envelopes: [[UInt8]] = []
        var openings: [[UInt8]] = []
        for file in files {
            let record = RecordFiles(envelope: file)
            let envelope = try record.envelopeBytes()
            if LaneState.isClaimed(by: envelope) {
                let report = LaneState.verify(envelope, with: verifier)
                allValid = allValid && report.isValid
                reports.append(self.json(report, of: file))
                if !json { show(report, of: file, style) }
                continue
            }
            if Self.isEpochOpening(envelope) {
                let opening = verifier.verifyEpochOpening(envelope)
                openings.append(envelope)
                allValid = allValid && opening.isValid
                reports.append(show(opening, of: file))
                continue
            }
            let report = verifier.verify(envelope, attachments: record.attachment)
            envelopes.append(envelope)
            allValid = allValid && report.isValid
            reports.append(self.json(report.findings, of: file, report))
            guard !json else { continue }
            if report.isValid {
                Output.line(
                    style.good(
                        output.catalogue.text(
                            Message(
                                .verifyValid,
                                [
                                    "file": .text(file), "counter": .integer(report.header?.counter ?? 0),
                                    "lane": .text(report.header?.lane ?? "–"),
                                    "origin": .text(report.header?.origin.rawValue ?? "–"),
                                ]))))
            } else {
                Output.findings(report.findings, of: file, output.catalogue)
            }
        }
        if envelopes.count > 1, allValid {
            let chain = verifier.verifyChain(envelopes, openings: openings)
            allValid = chain.isValid
            reports.append(["chain": .array(chain.findings.map(Self.json)), "valid": .boolean(chain.isValid)])
            if !json {
                if chain.isValid {
                    Output.line(
                        style.good(
                            output.catalogue.text(Message(.verifyChainValid, ["count": .integer(envelopes.count)]))))
                } else {
                    Output.findings(chain.findings, of: "chain", output.catalogue)
                }
            }
        }
        if json { Output.json(files.count == 1 ? reports[0] : .array(reports)) }
        if !allValid { throw ExitCode.data }
    }

    private func show(_ report: StatementReport<LaneState>, of file: String, _ style: Style) {
        guard report.isValid, let state = report.content else {
            return Output.findings(report.findings, of: file, output.catalogue)
        }
        let arguments: [String: MessageArgument] = [
            "file": .text(file), "lane": .text(state.header.lane), "at": .text(state.header.at),
            "origin": .text(state.header.origin.rawValue), "parts": .integer(state.parts.count),
            "parameters": .integer(state.parameters.count), "size": .integer(state.size),
            "head": .text(state.head?.description ?? "–"),
        ]
        Output.line(style.good(output.catalogue.text(Message(.verifyStateValid, arguments))))
    }

    private func json(_ report: StatementReport<LaneState>, of file: String) -> JSONValue {
        [
            "file": .string(file), "valid": .boolean(report.isValid),
            "statement": .string(StatementKind.laneState.rawValue),
            "lane": report.content.map { .string($0.header.lane) } ?? .null,
            "origin": report.content.map { .string($0.header.origin.rawValue) } ?? .null,
            "state": report.content.map { .string($0.digest.description) } ?? .null,
            "size": report.content.map { .integer(Int64($0.size)) } ?? .null,
            "findings": .array(report.findings.map(Self.json)),
        ]
    }

    /// Whether a file says of itself that it opens an epoch.
    private static func isEpochOpening(_ bytes: [UInt8]) -> Bool {
        let payload = (try? Envelope(parsing: bytes, type: .statement)).flatMap { try? JSONValue(parsing: $0.payload) }
        return payload?["schema"]?.text == StatementKind.epoch.rawValue
    }

    private func show(_ report: StatementReport<EpochOpening>, of file: String) -> JSONValue {
        if !json {
            if let opening = report.content, report.isValid {
                Output.line(
                    Style.standardOutput.good(
                        output.catalogue.text(
                            Message(
                                .epochValid,
                                [
                                    "file": .text(file), "epoch": .integer(opening.header.epoch),
                                    "lane": .text(opening.header.lane), "after": .integer(opening.after),
                                ]))))
            } else {
                Output.findings(report.findings, of: file, output.catalogue)
            }
        }
        return [
            "file": .string(file), "valid": .boolean(report.isValid),
            "epoch": report.content.map { .integer(Int64($0.header.epoch)) } ?? .null,
            "after": report.content.map { .integer(Int64($0.after)) } ?? .null,
            "findings": .array(report.findings.map(Self.json)),
        ]
    }

    private func json(_ findings: [Finding], of file: String, _ report: VerificationReport) -> JSONValue {
        [
            "file": .string(file), "valid": .boolean(report.isValid),
            "counter": report.header.map { .integer(Int64($0.counter)) } ?? .null,
            "origin": report.header.map { .string($0.origin.rawValue) } ?? .null,
            "digest": report.payloadDigest.map { .string($0.description) } ?? .null,
            "findings": .array(findings.map(Self.json)),
        ]
    }

    static func json(_ finding: Finding) -> JSONValue {
        [
            "place": .string(finding.place), "code": .string(finding.message.code.rawValue),
            "text": .string(Catalogue(.english).text(finding.message)),
        ]
    }
}
