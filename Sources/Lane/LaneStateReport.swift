import Assurance
import Evidence
import Messages
import Procedures
import Standards
import Synchronization

/// What the authority is told of the lane itself (检测线状态): what it may test, and what keeps it from the rest.
enum LaneStateReport {
    static func content(
        _ desk: LockoutDesk, _ lockouts: Lockouts, _ configuration: LaneConfiguration, origin: RecordOrigin
    ) -> JSONObject {
        var methods = JSONObject()
        for method in configuration.packs.keys { methods[method.rawValue] = .boolean(lockouts.on(method).isEmpty) }
        return [
            "station": .string(configuration.station), "origin": .string(origin.rawValue),
            "state": .string(desk.stateDigest.description), "methods": .object(methods),
            "lockouts": .array(
                lockouts.all.map { lockout in
                    [
                        "rule": .string(lockout.rule.rawValue),
                        "subject": lockout.subject.map(JSONValue.string) ?? .null,
                        "code": .string(lockout.evidence.code.rawValue),
                    ]
                }),
        ]
    }
}

/// The state that the authority was told last.
final class ToldState: Sendable {
    private let last = Mutex<[UInt8]?>(nil)

    /// Whether a state is another one than the last; it is the last from now on.
    func isNews(_ state: JSONObject) -> Bool {
        let bytes = try? JSONValue.object(state).canonicalBytes()
        return last.withLock { last in
            defer { last = bytes }
            return last != bytes
        }
    }

    /// Has the next state told, whatever it is.
    func forget() { last.withLock { $0 = nil } }
}
