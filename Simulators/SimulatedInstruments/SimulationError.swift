public import Metrology

/// Why a simulated lane cannot do what it was told. Plain English: only developers see it.
public enum SimulationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no simulation of that model in that role.
    case unknownModel(String, role: InstrumentRole)
    /// Two instruments of one role.
    case roleTwice(InstrumentRole)
    /// No instrument of that role in this lane.
    case noInstrument(role: String)
    /// The fault cannot befall an instrument of that role.
    case faultOfOtherRole(Fault.Kind, InstrumentRole)
    /// An amount outside the range of its kind of fault.
    case faultAmount(Fault.Kind, Double)
    /// The fault is none of frames, which alone are counted, or the number is not one.
    case faultCount(Fault.Kind, Int)
    /// The instrument has no such signal, or the fault is none of a signal.
    case noChannel(SensorChannel, InstrumentRole)
    /// The path of a link or socket is taken by something that must not be replaced.
    case pathTaken(String)
    /// Another simulated lane is driven over this socket.
    case inUse(String)
    /// A system call failed.
    case system(call: String, errno: Int32)
    /// The lane was started before, or stopped.
    case notStartable
    /// The control socket's other side answered with an error, or not at all.
    case control(String)

    /// What is wrong and, where that is known, what to do.
    public var description: String {
        switch self {
        case .unknownModel(let model, let role):
            "no simulated \(role.rawValue) “\(model)”; there are \(SimulatedModel.list)"
        case .roleTwice(let role): "two instruments for the role \(role.rawValue)"
        case .noInstrument(let role): "this lane has no \(role)"
        case .faultOfOtherRole(let kind, let role): "“\(kind.rawValue)” cannot befall a \(role.rawValue)"
        case .faultAmount(let kind, let amount): "\(amount) is not an amount of “\(kind.rawValue)”"
        case .faultCount(let kind, let count): "“\(kind.rawValue)” cannot happen \(count) times: it is none of frames"
        case .noChannel(let channel, let role): "a \(role.rawValue) has no “\(channel.rawValue)” that can drift"
        case .pathTaken(let path): "\(path) exists and is not ours to replace; remove it or choose another path"
        case .inUse(let path): "another simulated lane is driven over \(path)"
        case .system(let call, let code): "\(call): \(errorText(code))"
        case .notStartable: "a simulated lane can be started once"
        case .control(let detail): "control socket: \(detail)"
        }
    }
}
