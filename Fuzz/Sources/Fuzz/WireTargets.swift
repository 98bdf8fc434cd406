import Foundation
import Instruments
import Metrology

extension FuzzTarget {
    /// Frames and replies by every profile: binary, ASCII, Modbus RTU, TCP and ASCII, ELM327, AK.
    static let wire: [FuzzTarget] = [
        FuzzTarget(name: "reply", run: reply), FuzzTarget(name: "stream", run: stream),
        FuzzTarget(name: "wire-log", run: wireLog), FuzzTarget(name: "port-address", run: portAddress),
        FuzzTarget(name: "capture", run: capture),
    ]

    /// `PROFILE COMMAND`, then bytes: the reply is looked for in them, and read.
    @Sendable private static func reply(_ bytes: [UInt8]) {
        let input = ChosenInput(bytes)
        guard let profile = input.choose(0, from: Profiles.asked),
            let command = input.choose(1, from: profile.commandNames.map { ($0, $0) })
        else { return }
        let reading = profile.reply(to: command, in: input.pieces)
        guard case .complete(let frame) = reading else { return }
        // A reply is part of what arrived, and nothing else.
        precondition(contains(input.rest, frame), "\(profile.id) \(command): a reply that did not arrive")
        check(profile.decode(reply: frame, to: command))
    }

    /// `PROFILE`, then the bytes of its stream.
    @Sendable private static func stream(_ bytes: [UInt8]) {
        let input = ChosenInput(bytes)
        guard let profile = input.choose(0, from: Profiles.streaming), var decoder = StreamDecoder(profile) else {
            return
        }
        var count = 0
        for piece in input.pieces {
            let output = decoder.feed(piece)
            count += output.skipped.count
            for frame in output.frames {
                count += frame.bytes.count
                precondition(contains(input.rest, frame.bytes), "\(profile.id): a frame that did not arrive")
                // What the decoder believes in a stream can be read again from its bytes alone.
                precondition(profile.decode(streamFrame: frame.bytes) != nil, "\(profile.id): a frame that is none")
                check(frame)
            }
        }
        precondition(count <= input.rest.count, "\(profile.id): more bytes than arrived")
    }

    /// `PROFILE COMMAND`, then a reply as a wire log holds it.
    @Sendable private static func wireLog(_ bytes: [UInt8]) {
        let input = ChosenInput(bytes)
        guard let profile = input.choose(0, from: Profiles.all),
            let command = input.choose(1, from: profile.commandNames.map { ($0, $0) })
        else { return }
        let request = profile.request(command) ?? []
        _ = try? WireDecoder(profile).decode([
            WireFrame(kind: .sent, bytes: request, at: .zero, command: command),
            WireFrame(kind: .received, bytes: input.rest, at: .zero, command: command),
        ])
        _ = try? WireDecoder(profile).decode([WireFrame(kind: .received, bytes: input.rest, at: .zero)])
    }

    @Sendable private static func portAddress(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let address = try? PortAddress(text) else { return }
        precondition(address.description == text)
    }

    /// A capture, pcapng or text: what is read is written and read again as the same.
    @Sendable private static func capture(_ bytes: [UInt8]) {
        guard let capture = try? WireCapture(parsing: bytes) else { return }
        guard let again = try? WireCapture(parsing: capture.pcapng()) else {
            preconditionFailure("a capture that cannot be read again")
        }
        precondition(again.entries == capture.entries)
    }

    /// Values are finite, in range where they count as valid, or absent.
    private static func check(_ frame: DecodedFrame?) {
        guard let frame else { return }
        for value in frame.values {
            guard let number = value.value else { continue }
            precondition(number.isFinite, "\(value.field) is \(number)")
        }
        for reading in frame.readings(at: .zero) { precondition(reading.value?.isFinite ?? true) }
    }

    private static func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        guard part.count <= bytes.count, !part.isEmpty else { return part.isEmpty }
        return (0...bytes.count - part.count).contains { bytes[$0..<$0 + part.count].elementsEqual(part) }
    }
}

/// The repository's profiles.
enum Profiles {
    static let all: [(name: String, choice: DeviceProfile)] = {
        let root = #filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" }
        guard let library = try? DeviceLibrary(directory: root + "/Devices") else { return [] }
        return library.profiles.values.sorted { $0.id < $1.id }.map { ($0.id, $0) }
    }()
    static let asked = all.filter { !$0.choice.sendsByItself }
    static let streaming = all.filter { $0.choice.sendsByItself }
}
