public import Messages

extension PersonRole {
    /// The role as a person reads it.
    public var message: Message {
        switch self {
        case .operator: Message(.personOperator)
        case .technician: Message(.personTechnician)
        case .supervisor: Message(.personSupervisor)
        case .authority: Message(.personAuthority)
        }
    }
}

extension LaneTask {
    /// The task as a person reads it.
    public var message: Message {
        switch self {
        case .test: Message(.taskTest)
        case .check: Message(.taskCheck)
        case .people: Message(.taskPeople)
        case .order: Message(.taskOrder)
        case .restore: Message(.taskRestore)
        }
    }
}
