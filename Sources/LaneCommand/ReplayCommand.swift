import ArgumentParser
import Evidence
import Lane
import Messages

/// `lane replay`: carries a recorded test out again over its frames.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "replay", abstract: help(.helpReplay))

    @Argument(help: help(.helpReplayFile))
    var file: String

    @Option(help: help(.helpKeys))
    var keys: String?

    @Flag(help: help(.helpAllowSimulated))
    var allowSimulated = false

    @Flag(help: help(.helpReplayFromWire))
    var fromWire = false

    @Flag(help: help(.helpJSON))
    var json = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        // A verdict is recomputed only from a record that is whole: the frames of a changed one prove nothing.
        let record = RecordFiles(envelope: file)
        let report = try record.verify(keys: keys, allowSimulated: allowSimulated)
        guard report.isValid, let payload = report.payload else {
            finish(report.findings, verdict: nil, frames: 0)
            throw ExitCode.data
        }
        let recomputation = Recomputation(of: payload, attachments: record.attachment)
        // The wire gives the frames, the frames give the verdict.
        let wire = fromWire ? WireRecomputation(of: payload, attachments: record.attachment) : nil
        let findings = (wire?.findings ?? []) + recomputation.findings
        finish(findings, verdict: recomputation.verdict, frames: recomputation.frameCount, wire)
        if !findings.isEmpty { throw ExitCode.data }
    }

    private func finish(_ findings: [Finding], verdict: String?, frames: Int, _ wire: WireRecomputation? = nil) {
        if json {
            var object: JSONObject = [
                "file": .string(file), "reproduced": .boolean(findings.isEmpty),
                "verdict": verdict.map(JSONValue.string) ?? .null, "frames": .integer(Int64(frames)),
                "findings": .array(findings.map(VerifyCommand.json)),
            ]
            object["wire"] = wire.map {
                ["frames": .integer(Int64($0.frameCount)), "decoded": .integer(Int64($0.decodedCount))]
            }
            Output.json(.object(object))
            return
        }
        let style = Style.standardOutput
        if findings.isEmpty {
            if let wire {
                Output.line(
                    style.good(
                        output.catalogue.text(
                            Message(
                                .replayFromWire,
                                [
                                    "file": .text(file), "decoded": .integer(wire.decodedCount),
                                    "frames": .integer(wire.frameCount),
                                ]))))
            }
            Output.line(
                style.good(
                    output.catalogue.text(
                        Message(
                            .replayReproduced,
                            ["file": .text(file), "verdict": .text(verdict ?? "–"), "frames": .integer(frames)]))))
        } else {
            Output.line(style.bad(output.catalogue.text(Message(.replayDiffers, ["file": .text(file)]))))
            for finding in findings {
                Output.line(
                    "  \(finding.place): \(output.catalogue.text(finding.message)) [\(finding.message.code.rawValue)]")
            }
        }
    }
}
