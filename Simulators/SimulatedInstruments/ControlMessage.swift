import Foundation
import Metrology
import Plant

/// One line from the control socket's client: exactly one member.
struct ControlRequest: Codable, Sendable {
    /// `{"cue": {"targetSpeed": 25, …}}`
    var cue: DriverCue?
    /// `{"fault": {"role": "gas-analyzer", "kind": "silent"}}`
    var fault: FaultOrder?
    /// `{"end": {"role": "gas-analyzer", "kind": "silent"}}`
    var end: FaultOrder?
    /// `{"clear": "gas-analyzer"}`
    var clear: String?
    /// `{"bottle": {"port": "check-gas", "gas": {"propane": 200, "co": 0.5, "co2": 6, "no": 300}}}`
    var bottle: BottleOrder?
    /// `{"filter": 40}`, the opacity of a filter in the opacimeter, %; 0 takes it out.
    var filter: Double?
    /// `{"weight": 1000}`, what hangs on the load cell, N at the roller; 0 takes it off.
    var weight: Double?
    /// `{"reference": {"engineSpeed": 2500}}`, ``ReferenceSettings`` as a whole; what is left out is taken away.
    var reference: ReferenceSettings?
    /// `{"state": true}`
    var state: Bool?
    /// `{"wait": {"value": "plant.brakeForce", "below": 200, "seconds": 1}}`
    var wait: WaitOrder?
    /// `{"stop": true}`
    var stop: Bool?

    struct FaultOrder: Codable, Sendable {
        var role: String
        var kind: Fault.Kind
        var amount: Double?
        var channel: SensorChannel?
        var count: Int?

        init(_ fault: Fault, on role: InstrumentRole) {
            self.role = role.rawValue
            (kind, amount, channel, count) = (fault.kind, fault.amount, fault.channel, fault.count)
        }

        var value: Fault { Fault(kind, amount: amount, channel: channel, count: count) }
    }

    /// A bottle at a port; without gas the port is open.
    struct BottleOrder: Codable, Sendable {
        var port: SampleInlet
        var gas: BottledGas?
    }

    /// A number of a ``LaneSnapshot``, by its members' names, that is to get below or above a bound.
    struct WaitOrder: Codable, Sendable {
        var value: String
        var below: Double?
        var above: Double?
        /// How long to wait at most, s of real time; no longer than ``longest``.
        var seconds: Double

        /// Who wants to wait for longer asks again: an answer within some seconds shows that the lane is alive, s.
        static let longest = 2.0
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case cue, fault, end, clear, bottle, filter, weight, reference, state, wait, stop
    }

    init() {}

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        cue = try values.decodeIfPresent(DriverCue.self, forKey: .cue)
        fault = try values.decodeIfPresent(FaultOrder.self, forKey: .fault)
        end = try values.decodeIfPresent(FaultOrder.self, forKey: .end)
        clear = try values.decodeIfPresent(String.self, forKey: .clear)
        bottle = try values.decodeIfPresent(BottleOrder.self, forKey: .bottle)
        filter = try values.decodeIfPresent(Double.self, forKey: .filter)
        weight = try values.decodeIfPresent(Double.self, forKey: .weight)
        reference = try values.decodeIfPresent(ReferenceSettings.self, forKey: .reference)
        state = try values.decodeIfPresent(Bool.self, forKey: .state)
        wait = try values.decodeIfPresent(WaitOrder.self, forKey: .wait)
        stop = try values.decodeIfPresent(Bool.self, forKey: .stop)
        guard values.allKeys.count == 1 else {
            let known = CodingKeys.allCases.map(\.rawValue).joined(separator: ", ")
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: [], debugDescription: "one of \(known), and only one"))
        }
    }
}

/// One line to the control socket's client: exactly one member.
struct ControlReply: Codable, Sendable {
    /// The order was carried out; false if what was waited for did not come to be.
    var ok: Bool?
    /// The answer to `state`.
    var state: LaneSnapshot?
    /// Why the order was not carried out.
    var error: String?
}

extension SimulatedLane {
    /// Carries out one line of the control socket.
    ///
    /// - Returns: the answer, or what is to be waited for before it, and whether the lane is to stop.
    func carryOut(_ line: [UInt8]) -> (reply: ControlReply, wait: ControlRequest.WaitOrder?, isStop: Bool) {
        let request: ControlRequest
        do {
            request = try JSONDecoder().decode(ControlRequest.self, from: Data(line))
        } catch {
            return (ControlReply(error: text(error)), nil, false)
        }
        do {
            if let cue = request.cue { apply(cue) }
            if let fault = request.fault {
                try inject(fault.value, on: role(fault.role))
            }
            if let fault = request.end { try end(fault.value, on: role(fault.role)) }
            if let bottle = request.bottle { connect(bottle.gas, to: bottle.port) }
            if let opacity = request.filter { insert(filterOpacity: Percentage(opacity)) }
            if let force = request.weight { hang(weight: Force(force)) }
            if let settings = request.reference { set(settings) }
            if let name = request.clear { try clearFaults(on: role(name)) }
            if request.state != nil { return (ControlReply(state: snapshot()), nil, false) }
            return (ControlReply(ok: true), request.wait, request.stop == true)
        } catch {
            return (ControlReply(error: error.description), nil, false)
        }
    }

    private func role(_ name: String) throws(SimulationError) -> InstrumentRole {
        guard let role = InstrumentRole(rawValue: name) else { throw .noInstrument(role: name) }
        return role
    }

    private func text(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        switch error {
        case .keyNotFound(let key, _): return "“\(key.stringValue)” is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            let place = context.codingPath.map(\.stringValue).joined(separator: ".")
            return place.isEmpty ? context.debugDescription : "\(place): \(context.debugDescription)"
        @unknown default: return "\(error)"
        }
    }
}
