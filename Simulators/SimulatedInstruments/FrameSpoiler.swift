/// What a line does to frames on their way to the host, as the faults that are in force say.
struct FrameSpoiler {
    /// The faults that were let in and not ended.
    private(set) var faults: [Fault.Kind: Fault] = [:]
    /// Which injection each of them is from.
    private var injections: [Fault.Kind: Int] = [:]
    /// How many frames each has befallen since.
    private var befallen: [Fault.Kind: Int] = [:]
    /// Bits per second that the host's end of the line is set to; nil where bits have no speed.
    var hostSpeed: Int?

    private let model: SimulatedModel
    private var framesSent = 0
    private var garbage = GarbageSource()

    /// Creates a line to a host that has set the model's own speed.
    init(_ model: SimulatedModel) {
        self.model = model
        hostSpeed = model.lineSpeed
    }

    /// Bits per second that the instrument's end is set to.
    private var ownSpeed: Int { faults[.baudMismatch].map { Int($0.effectiveAmount) } ?? model.lineSpeed }

    /// What the instrument makes of the host's bytes.
    func heard(_ bytes: [UInt8]) -> [UInt8] {
        WireSpeed.heard(bytes, sent: hostSpeed ?? ownSpeed, read: ownSpeed)
    }

    /// Takes faults over; one that was let in again counts anew.
    mutating func take(_ faults: [Fault.Kind: Fault], _ injections: [Fault.Kind: Int]) {
        for kind in faults.keys where injections[kind] != self.injections[kind] { befallen[kind] = nil }
        self.faults = faults
        self.injections = injections
    }

    /// A fault that befalls this frame; nil if it is not in force, or over.
    private func inForce(_ kind: Fault.Kind) -> Fault? {
        guard let fault = faults[kind] else { return nil }
        if let count = fault.count, befallen[kind, default: 0] >= count { return nil }
        return fault
    }

    private mutating func happened(_ kind: Fault.Kind, _ log: FrameLog) {
        befallen[kind, default: 0] += 1
        log.happened(kind)
    }

    /// Queues a frame, spoilt.
    ///
    /// - Parameters:
    ///   - now: when the instrument begins to send, ns.
    ///   - lineSpeed: bits per second for pacing; nil for no pacing.
    /// - Returns: what is on the wire in the frame's place; nil if nothing is.
    @discardableResult
    mutating func queue(
        _ frame: [UInt8], into output: inout OutputQueue, at now: Int64, lineSpeed: Int?, log: FrameLog
    ) -> [UInt8]? {
        if inForce(.silent) != nil {
            happened(.silent, log)
            return nil
        }
        var bytes = frame
        var start = now
        framesSent += 1
        if inForce(.wrongAddress) != nil, let other = model.readdressed(frame) {
            bytes = other
            happened(.wrongAddress, log)
        }
        if faults[.stuckValue] != nil { happened(.stuckValue, log) }
        if let fault = inForce(.corruptedChecksum), framesSent.isMultiple(of: Int(fault.effectiveAmount)) {
            bytes[bytes.count - 1] ^= 0x5A
            happened(.corruptedChecksum, log)
        }
        if let fault = inForce(.corruptedByte), framesSent.isMultiple(of: Int(fault.effectiveAmount)) {
            bytes[framesSent % bytes.count] ^= 0x20
            happened(.corruptedByte, log)
        }
        if inForce(.truncated) != nil {
            bytes = Array(bytes.prefix(max(1, bytes.count / 2)))
            happened(.truncated, log)
        }
        if let fault = inForce(.garbage) {
            bytes = garbage.bytes(Int(fault.effectiveAmount)) + bytes
            happened(.garbage, log)
        }
        if let fault = inForce(.slowReply) {
            start += Int64(fault.effectiveAmount * 1e6)
            happened(.slowReply, log)
        }
        var gap: Int64 = 0
        if let fault = inForce(.byteGaps) {
            gap = Int64(fault.effectiveAmount * 1e6)
            happened(.byteGaps, log)
        }
        if faults[.baudMismatch] != nil { happened(.baudMismatch, log) }
        bytes = WireSpeed.heard(bytes, sent: ownSpeed, read: hostSpeed ?? ownSpeed)
        output.append(bytes, at: start, lineSpeed: lineSpeed, gap: gap)
        if inForce(.duplicate) != nil {
            output.append(bytes, at: start, lineSpeed: lineSpeed, gap: gap)
            happened(.duplicate, log)
        }
        return bytes
    }
}

/// Bytes without meaning, the same in every run.
private struct GarbageSource {
    private var state: UInt32 = 0x1234_5678

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in
            // Numerical Recipes' linear congruence; its high bits are good enough for noise.
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
    }
}
