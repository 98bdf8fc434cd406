import ArgumentParser
import Lane
import Messages

/// `lane guard`: the process that unloads the dynamometer if the lane dies; started by the lane itself.
struct GuardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "guard", abstract: help(.helpGuard), shouldDisplay: false)

    func run() throws {
        if !DynamometerGuard.keepWatch() { throw ExitCode.unavailable }
    }
}
