import ArgumentParser
import Lane
import Messages

/// The command line of a lane.
@main
struct LaneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lane",
        abstract: help(.helpLane),
        version: "\(Software.version)",
        subcommands: subcommands)

    private static var subcommands: [any ParsableCommand.Type] {
        var commands: [any ParsableCommand.Type] = [
            TestCommand.self, CheckCommand.self, OpeningCommand.self, RecordsCommand.self, VerifyCommand.self,
            ReplayCommand.self,
            OutboxCommand.self,
            JournalCommand.self, BackupCommand.self, RestoreCommand.self,
            PlanCommand.self, StandardsCommand.self,
            ConfigCommand.self, GuardCommand.self,
            KeysCommand.self, ChainCommand.self, AuditCommand.self,
            StatusCommand.self, QACommand.self, AttestCommand.self, OrderCommand.self, PeopleCommand.self,
            DevicesCommand.self, PortsCommand.self, WireCommand.self,
        ]
        #if Simulation
            commands.insert(DemoCommand.self, at: 0)
            commands.insert(SimulateCommand.self, at: 1)
        #endif
        return commands
    }

    /// Ends with an exit code of sysexits and a text in the person's language.
    static func main() async {
        StandardStream.prepare()
        ProcessMemory.keepSmall()
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            try StandardStream.output.requireWritten()
        } catch let failure as CommandFailure {
            failure.report()
            exit(withError: failure.code)
        } catch {
            if let failure = CommandFailure(error) {
                failure.report()
                exit(withError: failure.code)
            }
            exit(withError: error)
        }
    }
}
