import Documents
public import Evidence
import Instruments
import Messages
import Metrology
import Procedures

/// Decodes the logged bytes of a recorded test again with the profiles that the record names, assembles the frames, and
/// compares them with those that the procedure saw.
///
/// From the record's frames come only the ticks, their lateness, and what people did; every reading, status and lost
/// link comes from the wire log.
public struct WireRecomputation: Sendable {
    /// What differs or is missing; empty if every frame came out again, byte for byte.
    public private(set) var findings: [Finding] = []
    /// How many frames were assembled.
    public private(set) var frameCount = 0
    /// How many frames and replies of instruments were decoded.
    public private(set) var decodedCount = 0

    /// Assembles the frames of a record again.
    ///
    /// - Parameters:
    ///   - payload: the record's payload.
    ///   - attachments: gives an attachment's bytes by its name.
    public init(of payload: JSONValue, attachments: (String) -> [UInt8]?) {
        do {
            try run(payload, attachments)
        } catch let finding as Finding {
            findings.append(finding)
        } catch let problems as Problems {
            findings += problems.all.map { Finding($0.message, at: $0.location.description) }
        } catch {
            findings.append(Finding(Message(.documentUnreadable, ["detail": "\(error)"]), at: "payload"))
        }
    }

    private mutating func run(_ payload: JSONValue, _ attachments: (String) -> [UInt8]?) throws {
        let procedure = try Recomputation.procedure(payload, attachments)
        let file = try Self.attachment(TestRecord.framesName, attachments)
        let log = try WireLog(parsing: try Self.attachment(TestRecord.wireName, attachments))
        let recorded: [Frame]
        do { recorded = try FrameReader.frames(file) } catch {
            throw Finding(error.message, at: TestRecord.framesName)
        }
        let decoders = try Self.profiles(payload, attachments).mapValues(WireDecoder.init)
        let lines = file.split(separator: 0x0A).map { Array($0) + [0x0A] }
        var assembler = FrameAssembler(freshness: procedure.freshness, origin: .zero)
        var writer = FrameWriter()
        var rest = log.entries[...]
        for (frame, line) in zip(recorded, lines) {
            if let end = log.endsBefore, frame.tick >= end {
                throw Finding(Message(.wireFull, ["tick": .integer(end)]), at: TestRecord.wireName)
            }
            while let entry = rest.first, entry.tick <= frame.tick {
                try take(entry, decoders, into: &assembler)
                rest.removeFirst()
            }
            for event in frame.events { assembler.take(event) }
            let assembled = assembler.frame(tick: frame.tick, due: frame.time, lateness: frame.lateness)
            let written = try writer.line(assembled)
            frameCount += 1
            // One frame that differs makes its successors differ, too, since a line holds what has changed.
            guard written == line else {
                throw Finding(
                    Message(.wireDiffers, ["recorded": .text(shown(line)), "assembled": .text(shown(written))]),
                    at: "\(TestRecord.framesName) \(frameCount)")
            }
        }
    }

    private mutating func take(
        _ entry: WireLog.Entry, _ decoders: [InstrumentRole: WireDecoder], into assembler: inout FrameAssembler
    ) throws {
        let place = "\(TestRecord.wireName) \(entry.line)"
        guard let decoder = decoders[entry.role] else { throw Finding(Message(.wireLine), at: place) }
        let output: WireDecoder.Output
        do { output = try decoder.decode(entry.frames) } catch { throw Finding(error.message, at: place) }
        decodedCount += entry.frames.count { $0.kind == .received }
        let roles = Set(decoders.keys)
        for reading in output.readings { assembler.take(reading, of: entry.role, among: roles) }
        if let doing = entry.doing {
            assembler.take(
                (output.conditions?.conditions ?? []).union([doing.condition]).union(entry.failed), of: entry.role,
                at: doing.at)
        } else if let state = output.conditions {
            assembler.take(state.conditions.union(entry.failed), of: entry.role, at: state.at)
        }
        if let isLost = entry.isLost { assembler.setLost(isLost, entry.role) }
    }

    private static func attachment(_ name: String, _ attachments: (String) -> [UInt8]?) throws(Finding) -> [UInt8] {
        guard let bytes = attachments(name) else { throw Finding(Message(.evidenceAttachmentLacking), at: name) }
        return bytes
    }

    /// The profiles that the record names by id and digest, from its own attachments.
    private static func profiles(
        _ payload: JSONValue, _ attachments: (String) -> [UInt8]?
    ) throws -> [InstrumentRole: DeviceProfile] {
        var profiles: [InstrumentRole: DeviceProfile] = [:]
        for (index, instrument) in (payload["instruments"]?.elements ?? []).enumerated() {
            let named = instrument["profile"]
            guard let role = instrument["role"]?.text.flatMap(InstrumentRole.init), let id = named?["id"]?.text else {
                throw Finding(Message(.wireLine), at: "payload.instruments[\(index)]")
            }
            let name = "profile-\(id).yaml"
            let bytes = try attachment(name, attachments)
            guard named?["sha256"]?.text == Digest(of: bytes).description else {
                throw Finding(Message(.wireProfileLacking, ["profile": .text(id)]), at: name)
            }
            profiles[role] = try DeviceProfile(document: try Document(bytes: bytes, name: name))
        }
        return profiles
    }

    private func shown(_ line: [UInt8]) -> String {
        String(decoding: line.dropLast().prefix(160), as: UTF8.self)
    }
}
