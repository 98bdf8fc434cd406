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

    @Option(help: help(.helpKeys))
    var keys: String?

    @Flag(help: help(.helpAllowSimulated))
    var allowSimulated = false

    @Flag(help: help(.helpJSON))
    var json = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        let style = Style.standardOutput
        var allValid = true
        var reports: [JSONValue] = []
        var envelopes: [[UInt8]] = []
        for file in files {
            let record = RecordFiles(envelope: file)
            let report = try record.verify(keys: keys, allowSimulated: allowSimulated)
            envelopes.append(try record.envelopeBytes())
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
                show(report.findings, of: file, style)
            }
        }
        if files.count > 1, allValid {
            let trust = try RecordFiles(envelope: files[0]).trust(keys: keys)
            let chain = Verifier(trust: trust, allowSimulated: allowSimulated).verifyChain(envelopes)
            allValid = chain.isValid
            reports.append(["chain": .array(chain.findings.map(Self.json)), "valid": .boolean(chain.isValid)])
            if !json {
                if chain.isValid {
                    Output.line(
                        style.good(output.catalogue.text(Message(.verifyChainValid, ["count": .integer(files.count)]))))
                } else {
                    show(chain.findings, of: "chain", style)
                }
            }
        }
        if json { Output.json(files.count == 1 ? reports[0] : .array(reports)) }
        if !allValid { throw ExitCode.data }
    }

    private func show(_ findings: [Finding], of file: String, _ style: Style) {
        Output.line(style.bad(output.catalogue.text(Message(.verifyInvalid, ["file": .text(file)]))))
        for finding in findings {
            Output.line(
                "  \(finding.place): \(output.catalogue.text(finding.message)) [\(finding.message.code.rawValue)]")
        }
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
