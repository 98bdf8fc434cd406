import Glibc

#if Simulation
    import Synchronization
#endif

/// A place between two steps of keeping something, where a program may be killed to prove that nothing is lost.
///
/// Only a build with simulators acts on them: with `LANE_FAIL_POINT=name@3` in its environment the program kills itself
/// when it passes the place of that name for the third time. In a station's build ``pass()`` does nothing.
package enum FailPoint: CaseIterable, Sendable {
    /// A durable file has its bytes, which are not synchronised.
    case fileWritten
    /// A durable file is synchronised and has not got its name.
    case fileSynchronised
    /// A durable file has its name, which is not synchronised.
    case fileNamed
    /// An older journal was copied and is not yet migrated.
    case migrationBackedUp
    /// The journal is open.
    case journalOpened
    /// A copy of the journal is whole and has not got its name.
    case copyWritten
    /// What a record names, such as a pack, is written and not committed.
    case artifactWritten
    /// What a record names is on disk.
    case artifactCommitted
    /// A test's beginning is written and not committed.
    case testWritten
    /// A test's beginning is on disk.
    case testCommitted
    /// Frames are written and not committed.
    case framesWritten
    /// Frames are on disk.
    case framesCommitted
    /// A record is signed and nothing of it written.
    case recordSigned
    /// Record, attachments, delivery and audit entry are written and not committed.
    case recordWritten
    /// The record is on disk.
    case recordCommitted
    /// A state of the lane is queued and not committed.
    case laneStateWritten
    /// A request is about to go out.
    case requestReady
    /// The authority has answered; nothing is noted of it.
    case answerReceived
    /// Receipts are written and not committed.
    case receiptsWritten
    /// Receipts are on disk.
    case receiptsCommitted
    /// A failed attempt is written and not committed.
    case retryWritten
    /// A quarantine is written and not committed.
    case quarantineWritten
    /// A person has let an item be sent again; that is written and not committed.
    case requeueWritten

    #if Simulation
        /// The point that the environment names; nil if it names none.
        private static let armed: String? = setting.first.map { String($0) }
        /// How often it is passed before the program ends.
        private static let remaining = Mutex(setting.count > 1 ? Int(setting[1]) ?? 1 : 1)
        private static let setting = getenv("LANE_FAIL_POINT").map { String(cString: $0).split(separator: "@") } ?? []
    #endif

    /// Ends the program, as a kill from outside does, if this is the time and place that the environment names.
    @inline(__always)
    package func pass() {
        #if Simulation
            guard let armed = Self.armed, armed == "\(self)" else { return }
            let isTime = Self.remaining.withLock { remaining in
                remaining -= 1
                return remaining == 0
            }
            if isTime { kill(getpid(), SIGKILL) }
        #endif
    }
}
