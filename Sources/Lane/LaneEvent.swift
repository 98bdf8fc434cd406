public import Evidence
public import Instruments
public import Messages
public import Metrology
public import Procedures

/// What a running lane tells whoever looks at it: the terminal, pages, a demo's driver.
public enum LaneEvent: Sendable {
    /// A frame was taken, and this is where the test stands.
    case frame(Frame, ProcedureStatus)
    /// Something to tell the operator or driver.
    case prompt(Message)
    /// An instrument's trouble, with port, device and bytes.
    case trouble(InstrumentRole, InstrumentError)
    /// The record is sealed.
    case sealed(counter: Int, digest: Digest)
}
