public import Messages

/// Why somebody is not signed in, or the list of people not changed.
public enum PeopleError: MessageError, Equatable {
    /// The list cannot be read.
    case unreadable(path: String)
    /// The list cannot be written.
    case unwritable(path: String, detail: String)
    /// Name or password is wrong.
    case refused(name: String)
    /// The pause after a wrong password is not over.
    case tooEarly(name: String, seconds: Int)
    /// Too many wrong passwords.
    case lockedOut(name: String, attempts: Int)
    /// The role does not permit the task.
    case notPermitted(name: String, role: PersonRole, task: LaneTask)
    /// Only a supervisor changes the list.
    case supervisorNeeded
    /// The first person of a lane has to be a supervisor.
    case firstIsSupervisor
    /// The password is too short.
    case passwordShort(least: Int)
    /// The lane wants somebody signed in.
    case nobody(task: LaneTask)

    /// What to tell the person.
    public var message: Message {
        switch self {
        case .unreadable(let path): Message(.peopleUnreadable, ["path": .text(path)])
        case .unwritable(let path, let detail):
            Message(.peopleUnwritable, ["path": .text(path), "detail": .text(detail)])
        case .refused(let name): Message(.peopleRefused, ["name": .text(name)])
        case .tooEarly(let name, let seconds):
            Message(.peopleTooEarly, ["name": .text(name), "seconds": .integer(seconds)])
        case .lockedOut(let name, let attempts):
            Message(.peopleLockedOut, ["name": .text(name), "attempts": .integer(attempts)])
        case .notPermitted(let name, let role, let task):
            Message(
                .peopleNotPermitted,
                ["name": .text(name), "role": .message(role.message), "task": .message(task.message)])
        case .supervisorNeeded: Message(.peopleSupervisorNeeded)
        case .firstIsSupervisor: Message(.peopleFirstIsSupervisor)
        case .passwordShort(let least): Message(.peoplePasswordShort, ["least": .integer(least)])
        case .nobody(let task): Message(.peopleNobody, ["task": .message(task.message)])
        }
    }
}
