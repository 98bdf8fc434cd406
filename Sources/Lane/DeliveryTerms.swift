public import Journal
public import Messages

/// What a lane has to know of delivery, which it leaves to others: whether the authority wants to hear of tests as they
/// go, and whether delivery has fallen behind too far for another one (联网要求).
public struct DeliveryTerms: Sendable {
    /// What stands in the way of another test.
    public struct Objections: Hashable, Sendable {
        /// What about the storage does; nil if nothing.
        public var storage: Message?
        /// What about delivery does; empty if nothing.
        public var delivery: [Message]

        /// Creates objections.
        public init(storage: Message? = nil, delivery: [Message] = []) {
            self.storage = storage
            self.delivery = delivery
        }
    }

    /// Whether beginning, seconds and end of each test and the lane's state are queued beside the records.
    public let isStreamed: Bool
    /// Whether instruments may be checked while delivery is behind.
    public let allowsChecks: Bool
    /// What stands in the way now.
    let objections: @Sendable (Journal) async -> Objections

    /// Creates terms.
    ///
    /// - Parameter objections: asked before each test, so that a lane is free again by itself when a cause is gone.
    public init(
        isStreamed: Bool, allowsChecks: Bool = true, objections: @escaping @Sendable (Journal) async -> Objections
    ) {
        self.isStreamed = isStreamed
        self.allowsChecks = allowsChecks
        self.objections = objections
    }

    /// Those of a lane whose records go nowhere yet: nobody waits for them, but there must be room for a test.
    public static let none = DeliveryTerms(isStreamed: false) { journal in
        Objections(storage: journal.storageProblem()?.message)
    }
}
