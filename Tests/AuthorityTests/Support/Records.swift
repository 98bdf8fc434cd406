import Authority
import Crypto
import Foundation

/// A record's values for one mode; the numbers are worked examples from outside this project.
///
/// CO2 10.00 % and CO 0.20 % give DF 1.511286 for gasoline, and air of 25 °C, 50 % and 101.3 kPa gives kH 0.973175.
/// 0.20·DF = 0.302, 30·DF = 45.3 and 200·DF·kH = 294.2.
struct Mode {
    var name = "asm5025"
    var monoxide = "0.20"
    var dioxide = "10.00"
    var hydrocarbons = "30"
    var nitricOxide = "200"
    var dilution = "1.5113"
    var humidity = "0.9732"
    var air = (temperature: "25.0", humidity: "50.0", pressure: "101.30")
    var speed = "25.10"
    var corrected = (monoxide: "0.302", hydrocarbons: "45.3", nitricOxide: "294.2")
    var reported = (monoxide: "0.30", hydrocarbons: "45", nitricOxide: "294")
    var limits = (monoxide: "0.50", hydrocarbons: "90", nitricOxide: "700")
    var verdicts = (monoxide: "passed", hydrocarbons: "passed", nitricOxide: "passed")

    /// The second mode with its limits of column a.
    static var second: Mode {
        var mode = Mode()
        mode.name = "asm2540"
        mode.limits = (monoxide: "0.40", hydrocarbons: "80", nitricOxide: "650")
        return mode
    }

    /// The items of the mode.
    var items: [Value] {
        [
            ("CO", reported.monoxide, "%", limits.monoxide, verdicts.monoxide),
            ("HC", reported.hydrocarbons, "ppm", limits.hydrocarbons, verdicts.hydrocarbons),
            ("NO", reported.nitricOxide, "ppm", limits.nitricOxide, verdicts.nitricOxide),
        ].map { pollutant, value, unit, limit, verdict in
            [
                "id": .string("\(name).\(pollutant.lowercased())"), "pollutant": .string(pollutant),
                "mode": .string(name), "value": .string(value), "unit": .string(unit), "limit": .string(limit),
                "verdict": .string(verdict),
            ]
        }
    }

    /// The seconds of the mode, numbered on from those before.
    func seconds(_ count: Int, after before: Int = 0) -> [Value] {
        (1...count).map { second in
            [
                "n": .number(before + second), "t": .number(30 + before + second), "mode": .string(name),
                "mt": .number(second), "speed": .string(speed), "force": "1216.2", "power": "8.45", "rpm": "1830",
                "co": .string(monoxide), "co2": .string(dioxide), "hc": .string(hydrocarbons),
                "no": .string(nitricOxide), "o2": "0.30", "lambda": "1.006", "ta": .string(air.temperature),
                "rh": .string(air.humidity),
                "pb": .string(air.pressure), "df": .string(dilution),
                "kh": .string(humidity), "coc": .string(corrected.monoxide), "hcc": .string(corrected.hydrocarbons),
                "noc": .string(corrected.nitricOxide),
            ]
        }
    }
}

/// Payloads that keep every rule.
enum Payload {
    static let noDigest = "sha256:" + String(repeating: "0", count: 64)

    /// A vehicle that passes ASM5025 at the fast check.
    static func passed(counter: Int = 1, previous: Value = nil, mode: Mode = Mode(), fuel: String = "gasoline") -> Value
    {
        payload(counter: counter, previous: previous, verdict: "passed", modes: [mode], fuel: fuel)
    }

    /// A vehicle that fails ASM5025 by its CO and ASM2540 by it too.
    static func failed() -> Value {
        var first = Mode()
        first.monoxide = "0.40"
        // 100/((4.644 + 1.88)·10 + 4.644·0.40) = 1.49041
        first.dilution = "1.4904"
        first.corrected = (monoxide: "0.596", hydrocarbons: "44.7", nitricOxide: "290.1")
        first.reported = (monoxide: "0.60", hydrocarbons: "45", nitricOxide: "290")
        first.verdicts.monoxide = "failed"
        var second = first
        second.name = "asm2540"
        second.limits = Mode.second.limits
        return payload(verdict: "failed", modes: [first, second])
    }

    /// A test that was broken off before anything was measured.
    static func aborted() -> Value {
        var value = payload(verdict: "aborted", modes: [])
        value.set("result.reason", ["code": "operator", "detail": nil])
        return value
    }

    static func payload(
        counter: Int = 1, previous: Value = nil, verdict: String, modes: [Mode], fuel: String = "gasoline"
    ) -> Value {
        var seconds: [Value] = []
        for mode in modes { seconds += mode.seconds(20, after: seconds.count) }
        return [
            "schema": "laneagent.record/1", "kind": "test",
            "lane": ["id": "320105-03-1", "station": "320105-03"],
            "counter": .number(counter), "previous": previous, "origin": "measured", "signing": ["ed25519"],
            "software": ["name": "LaneAgent", "version": "1"],
            "time": ["started": "2026-03-01T10:15:30.250+08:00", "ended": "2026-03-01T10:18:02+08:00"],
            "test": ["id": "2f1c", "method": "asm", "algorithm": "asm/1"],
            "order": [
                "vehicle": [
                    "plate": "苏A12345", "vin": "LSVAA49J132047371", "fuel": .string(fuel), "curbMass": "1150",
                ]
            ],
            "packs": [["id": "GB18285-2018-ASM", "sha256": .string(noDigest)]],
            "instruments": [["role": "gas-analyzer", "model": "NHA-506"]],
            "environment": ["temperature": "25.0", "relativeHumidity": "50.0", "pressure": "101.30"],
            "result": [
                "verdict": .string(verdict), "reason": nil, "items": .array(modes.flatMap(\.items)), "modes": [],
                "preTest": [:], "seconds": .array(seconds),
            ],
            "timing": [:],
            "attachments": [["name": "frames.jsonl", "sha256": .string(noDigest), "size": 12]],
        ]
    }
}

/// A lane's signing key: the one of RFC 8032, test 1, unless told otherwise.
struct LaneKey {
    let key: Curve25519.Signing.PrivateKey
    var lane = "320105-03-1"
    var origin = "measured"

    static let known = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"

    init(origin: String = "measured") throws {
        let bytes = stride(from: 0, to: 64, by: 2).compactMap { UInt8(Self.known.dropFirst($0).prefix(2), radix: 16) }
        key = try Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
        self.origin = origin
    }

    /// A key that nobody has enrolled.
    init(stranger: Void) {
        key = Curve25519.Signing.PrivateKey()
    }

    var publicKey: String { key.publicKey.rawRepresentation.base64EncodedString() }

    var id: String { hexadecimal(SHA256.hash(data: key.publicKey.rawRepresentation)) }

    var trusted: TrustedKey {
        get throws { try TrustedKey(id: id, publicKey: publicKey, lane: lane, origin: origin) }
    }

    /// An envelope over a payload, signed with SM2 as well if there is such a key.
    func envelope(
        _ payload: [UInt8], type: String = "application/vnd.laneagent.record+json", keyID: String? = nil,
        and sm2: SM2LaneKey? = nil
    ) throws -> [UInt8] {
        let message = preAuthenticationEncoding(type: type, body: payload)
        var signatures: [Value] = [
            [
                "keyid": .string(keyID ?? id),
                "sig": .string(try key.signature(for: message).base64EncodedString()),
            ]
        ]
        if let sm2 { signatures.append(["keyid": .string(sm2.id), "sig": .string(try sm2.signature(for: message))]) }
        let envelope: Value = [
            "payload": .string(Data(payload).base64EncodedString()), "payloadType": .string(type),
            "signatures": .array(signatures),
        ]
        return envelope.json
    }
}

/// DSSE, version 1.
func preAuthenticationEncoding(type: String, body: [UInt8]) -> [UInt8] {
    Array("DSSEv1 \(type.utf8.count) \(type) \(body.count) ".utf8) + body
}

func digest(_ payload: [UInt8]) -> String { "sha256:" + hexadecimal(SHA256.hash(data: payload)) }

func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { String(format: "%02x", $0) }.joined()
}
