import ArgumentParser
import Assurance
import Foundation
import Journal
import Lane
import Messages

/// `lane people`: enters a person, or changes password or role; also lets someone in again who was locked out.
struct PeopleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "people", abstract: help(.helpPeople))

    @Argument(help: help(.helpPeopleName)) var name: String
    @Option(help: help(.helpPeopleRole)) var role: PersonRole
    @Option(help: help(.helpNewPasswordFile)) var newPasswordFile: String
    @OptionGroup var signIn: SignInOptions
    @OptionGroup var look: LaneLook
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let directory = try look.directory(try look.configuration(output))
        let password = try SignInOptions.password(in: newPasswordFile)
        let journal = try await Journal.open(directory)
        do {
            let supervisor = try await signIn.signIn(journal, for: .people)
            let desk = SignInDesk(journal: journal, rules: try AssuranceRules.builtIn())
            try await desk.enter(name, role, password: password, by: supervisor, at: Date())
            try journal.close()
        } catch {
            try? journal.close()
            throw error
        }
        Output.line(
            output.catalogue.text(
                Message(.personEntered, ["name": .text(name), "role": .message(role.message)])))
    }
}
