import Foundation
import Instruments
import Testing

/// `Devices/vectors.txt` lists the frames that public descriptions of the protocols give, apart from the profiles.
@Suite("The frames that protocol descriptions give")
struct VectorTests {
    private struct Vector {
        let profile: String
        let bytes: [UInt8]
        /// Why it stands in no profile; nil if it does.
        let reason: String?
    }

    private func vectors() throws -> [Vector] {
        let text = try String(contentsOfFile: Devices.directory + "/vectors.txt", encoding: .utf8)
        return text.split(separator: "\n").compactMap { line in
            if line.hasPrefix("#") { return nil }
            let halves = line.drop { $0 == "!" || $0 == " " }.split(separator: ":", maxSplits: 1)
            let words = halves[0].split(separator: " ")
            return Vector(
                profile: String(words[0]), bytes: bytes(words.dropFirst().joined(separator: " ")),
                reason: line.hasPrefix("!") ? String(halves.last ?? "") : nil)
        }
    }

    private func frames(of profile: DeviceProfile) -> [[UInt8]] {
        profile.examples.flatMap { example in
            switch example.subject {
            case .exchange(_, _, let request, let reply): [request] + (reply.map { [$0] } ?? [])
            case .stream(let bytes): [bytes]
            }
        }
    }

    @Test("stand byte for byte in examples of the profiles, each with its origin")
    func vectorsInProfiles() throws {
        let library = try DeviceLibrary(directory: Devices.directory)
        var (found, excused) = (0, 0)
        for vector in try vectors() {
            #expect(vector.bytes.count > 1, "\(vector.profile)")
            let isThere = frames(of: try library.profile(vector.profile)).contains(vector.bytes)
            let text = vector.bytes.map { String(format: "%02X", $0) }.joined(separator: " ")
            if let reason = vector.reason {
                #expect(!isThere, "\(vector.profile) has \(text) after all, although:\(reason)")
                excused += 1
            } else {
                #expect(isThere, "\(vector.profile) has no example with \(text)")
                found += 1
            }
        }
        print("\(found) frames of descriptions in profiles, \(excused) for a reason not")
        #expect(found >= 110)
    }
}
