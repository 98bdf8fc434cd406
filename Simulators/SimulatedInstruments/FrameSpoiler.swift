/// What a line does to frames on their way to the host, as the faults that are in force say.
struct FrameSpoiler {
    /// The faults that are in force.
    var faults: [Fault.Kind: Fault] = [:]
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
        if faults[.silent] != nil {
            log.happened(.silent)
            return nil
        }
        var bytes = frame
        var start = now
        framesSent += 1
        if faults[.wrongAddress] != nil, let other = model.readdressed(frame) {
            bytes = other
            log.happened(.wrongAddress)
        }
        if faults[.stuckValue] != nil { log.happened(.stuckValue) }
        if let fault = faults[.corruptedChecksum], framesSent.isMultiple(of: Int(fault.effectiveAmount)) {
            bytes[bytes.count - 1] ^= 0x5A
            log.happened(.corruptedChecksum)
        }
        if let fault = faults[.corruptedByte], framesSent.isMultiple(of: Int(fault.effectiveAmount)) {
            bytes[framesSent % bytes.count] ^= 0x20
            log.happened(.corruptedByte)
        }
        if faults[.truncated] != nil {
            bytes = Array(bytes.prefix(max(1, bytes.count / 2)))
            log.happened(.truncated)
        }
        if let fault = faults[.garbage] {
            bytes = garbage.bytes(Int(fault.effectiveAmount)) + bytes
            log.happened(.garbage)
        }
        if let fault = faults[.slowReply] {
            start += Int64(fault.effectiveAmount * 1e6)
            log.happened(.slowReply)
        }
        var gap: Int64 = 0
        if let fault = faults[.byteGaps] {
            gap = Int64(fault.effectiveAmount * 1e6)
            log.happened(.byteGaps)
        }
        if faults[.baudMismatch] != nil { log.happened(.baudMismatch) }
        bytes = WireSpeed.heard(bytes, sent: ownSpeed, read: hostSpeed ?? ownSpeed)
        output.append(bytes, at: start, lineSpeed: lineSpeed, gap: gap)
        if faults[.duplicate] != nil {
            output.append(bytes, at: start, lineSpeed: lineSpeed, gap: gap)
            log.happened(.duplicate)
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
