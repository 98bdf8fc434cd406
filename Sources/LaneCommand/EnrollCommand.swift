import ArgumentParser
import Evidence
import Foundation
import Messages

extension KeysCommand {
    /// `lane keys enroll`: puts a lane's request, or a rotation or revocation, into a trust file.
    struct Enroll: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "enroll", abstract: help(.helpKeysEnroll))

        @Argument(help: help(.helpStatement)) var statement: String
        @Option(help: help(.helpTrust)) var trust: String
        @Option(name: .customLong("confirm"), help: help(.helpConfirm)) var confirmed: [String] = []
        @OptionGroup var output: OutputOptions

        func run() throws {
            guard let content = FileManager.default.contents(atPath: statement) else {
                throw CommandFailure(.noInput, .commandFileUnreadable, ["path": .text(statement)])
            }
            let bytes = Array(content)
            var file = FileManager.default.fileExists(atPath: trust) ? try TrustFile(contentsOf: trust) : .empty
            switch Self.schema(of: bytes) {
            case StatementKind.keyRotation.rawValue:
                let report = KeyRotation.verify(bytes, trust: file)
                guard report.isValid, let rotation = report.content else { return try refuse(report.findings) }
                try file.apply(rotation)
                show([rotation.new])
            case StatementKind.keyRevocation.rawValue:
                let report = KeyRevocationStatement.verify(bytes, trust: file)
                guard report.isValid, let revoked = report.content else { return try refuse(report.findings) }
                _ = file.revoke(id: revoked.key, revoked.revocation)
            default:
                let report = KeyEnrolment.verify(bytes)
                guard report.isValid, let request = report.content else { return try refuse(report.findings) }
                show(request.keys)
                // A request proves that its sender has the keys, not who the sender is: a person compares the
                // fingerprints with what the lane's own screen says.
                for key in request.keys {
                    guard try isConfirmed(key) else {
                        throw CommandFailure(.data, .enrollNotConfirmed, ["id": .text(key.groupedID)])
                    }
                    try file.enrol(key)
                }
            }
            try file.write(to: trust)
            Output.line(output.catalogue.text(Message(.enrollDone, ["path": .text(trust)])))
        }

        private static func schema(of bytes: [UInt8]) -> String? {
            (try? Envelope(parsing: bytes, type: .statement))
                .flatMap { try? JSONValue(parsing: $0.payload) }?["schema"]?.text
        }

        private func isConfirmed(_ key: TrustedKey) throws -> Bool {
            if !confirmed.isEmpty {
                return confirmed.contains { $0.lowercased().filter { $0 != " " } == key.id }
            }
            Output.line(output.catalogue.text(Message(.enrollQuestion, ["last": .text(String(key.id.suffix(4)))])))
            return readLine()?.trimmingCharacters(in: .whitespaces).lowercased() == String(key.id.suffix(4))
        }

        private func show(_ keys: [TrustedKey]) {
            for key in keys {
                Output.line("\(key.algorithm.rawValue)  \(key.lane)  \(key.origin.rawValue)")
                Output.line("  \(key.groupedID)")
            }
        }

        private func refuse(_ findings: [Finding]) throws {
            Output.findings(findings, of: statement, output.catalogue)
            throw ExitCode.data
        }
    }
}

extension Output {
    /// A heading that says that something is not valid, and what was found.
    static func findings(_ findings: [Finding], of file: String, _ catalogue: Catalogue) {
        let style = Style.standardOutput
        line(style.bad(catalogue.text(Message(.verifyInvalid, ["file": .text(file)]))))
        for finding in findings {
            line("  \(finding.place): \(catalogue.text(finding.message)) [\(finding.message.code.rawValue)]")
        }
    }
}
