import ArgumentParser
import Assurance
import Evidence
import Foundation
import Journal
import Lane
import Messages

/// What commands need that look at a lane's state beside a running lane, or without one.
struct LaneLook: ParsableArguments {
    @Option(name: .customLong("lane"), help: help(.helpLaneFile)) var laneFile: String
    @Option(help: help(.helpData)) var data: String?

    /// A lane that is looked at: nothing in it is changed.
    struct View {
        let configuration: LaneConfiguration
        let journal: Journal
        let desk: LockoutDesk
        let origin: RecordOrigin
        let trust: TrustFile
    }

    /// The data directory.
    ///
    /// - Throws: ``CommandFailure`` if neither option nor lane file names one.
    func directory(_ configuration: LaneConfiguration) throws -> String {
        guard let directory = data ?? configuration.dataDirectory else {
            throw CommandFailure(.configuration, .commandNoData)
        }
        return directory
    }

    /// The lane file's content.
    func configuration(_ output: OutputOptions) throws -> LaneConfiguration {
        try TestInputs(lane: laneFile, order: nil, share: try output.shareDirectory()).configuration
    }

    /// Opens the journal for reading and the desk for questions.
    func open(_ output: OutputOptions) async throws -> View {
        let configuration = try configuration(output)
        let directory = try directory(configuration)
        let journal = try await Journal.open(directory, as: .reading)
        let trust = try TrustFile(contentsOf: "\(directory)/\(RunningLane.trustFileName)")
        let origin = Self.origin(configuration)
        let desk = try await LockoutDesk.open(
            configuration, journal: journal, origin: origin, trust: trust, software: try Software.identity(),
            sealer: nil, delivery: try .of(configuration), now: { SystemLaneTime().wallTime() })
        return View(configuration: configuration, journal: journal, desk: desk, origin: origin, trust: trust)
    }

    /// What a lane's records are, as far as the program and the lane file tell without opening a port.
    static func origin(_ configuration: LaneConfiguration) -> RecordOrigin {
        Software.isSimulationBuild || configuration.simulation != nil ? .simulated : .measured
    }
}

/// Who is signed in for one command.
struct SignInOptions: ParsableArguments {
    @Option(help: help(.helpPerson)) var person: String?
    @Option(help: help(.helpPasswordFile)) var passwordFile: String?

    /// Signs the person in; nil if nobody is named.
    ///
    /// - Throws: `PeopleError`, ``CommandFailure``.
    func signIn(_ journal: Journal, for task: LaneTask) async throws -> SignedInPerson? {
        guard let person else { return nil }
        guard let passwordFile else { throw PeopleError.nobody(task: task) }
        let rules = try AssuranceRules.builtIn()
        return try await SignInDesk(journal: journal, rules: rules).signIn(
            person, password: try Self.password(in: passwordFile), for: task, at: Date())
    }

    /// The first line of a file.
    ///
    /// - Throws: ``CommandFailure`` if the file cannot be read.
    static func password(in path: String) throws -> [UInt8] {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(.noInput, .commandFileUnreadable, ["path": .text(path)])
        }
        return Array(bytes.prefix { $0 != 0x0A && $0 != 0x0D })
    }
}
