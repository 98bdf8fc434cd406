import ArgumentParser
import Assurance
import Evidence
import Foundation
import Journal
import Lane
import Messages

/// `lane attest`: what the lane is made of, signed with its keys.
struct AttestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "attest", abstract: help(.helpAttest))

    @OptionGroup var look: LaneLook
    @Option(help: help(.helpAttestOutput)) var write: String?
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let view = try await look.open(output)
        let register = try KeyRegister(directory: "\(view.journal.directory)/keys")
        let keys = try SignatureAlgorithm.allCases.compactMap { algorithm in
            try register.active(lane: view.configuration.lane, origin: view.origin, algorithm).map {
                try register.signingKey($0)
            }
        }
        let sealer = RecordSealer(
            lane: view.configuration.lane, station: view.configuration.station, origin: view.origin, keys: keys)
        let envelope = try await view.desk.attestation(sealer)
        try view.journal.close()
        let report = LaneState.verify(
            envelope.bytes, trust: view.trust, allowSimulated: view.origin == .simulated)
        for finding in report.findings { Output.line("\(finding.place): \(output.catalogue.text(finding.message))") }
        guard report.isValid else { throw ExitCode.data }
        if let write {
            guard FileManager.default.createFile(atPath: write, contents: Data(envelope.bytes)) else {
                throw CommandFailure(.cannotCreate, .commandFileUnreadable, ["path": .text(write)])
            }
            Output.line(output.catalogue.text(Message(.attestWritten, ["path": .text(write)])))
        } else {
            Output.line(String(decoding: envelope.payload, as: UTF8.self))
        }
    }
}
