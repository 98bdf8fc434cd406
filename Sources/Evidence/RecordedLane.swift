import Messages
import Metrology
import Procedures

/// A lane's parameters as records hold them: every number with all its digits, null where it was not measured.
enum RecordedLane {
    static func value(_ lane: LaneParameters) -> JSONValue {
        [
            "parasiticLoss": [
                "quadratic": .string("\(lane.parasiticLoss.quadratic)"),
                "linear": .string("\(lane.parasiticLoss.linear)"),
                "constant": .string("\(lane.parasiticLoss.constant)"),
            ],
            "baseInertia": lane.baseInertia.map { .string("\($0.value)") } ?? .null,
            "brakePower": lane.brakePower.map { .string("\($0.value)") } ?? .null,
            "altitude": lane.altitude.map { .string($0.description) } ?? .null,
            "convertsNitrogenDioxide": .boolean(lane.convertsNitrogenDioxide),
            "analyzerDelayNanoseconds": lane.analyzerDelay.map { .integer($0.nanoseconds) } ?? .null,
            "flowMeterDelayNanoseconds": lane.flowMeterDelay.map { .integer($0.nanoseconds) } ?? .null,
        ]
    }

    /// The parameters of a record.
    ///
    /// - Throws: ``Finding`` naming the member that cannot be read.
    static func parameters(_ value: JSONValue?, at place: String) throws(Finding) -> LaneParameters {
        func number(_ group: JSONValue?, _ name: String) throws(Finding) -> Double {
            guard let number = group?[name]?.text.flatMap(Double.init) else {
                throw Finding(
                    Message(.evidenceMemberInvalid, ["expected": .message(Message(.expectedNumber))]),
                    at: "\(place).\(name)")
            }
            return number
        }
        let loss = value?["parasiticLoss"]
        var parameters = LaneParameters(
            parasiticLoss: ParasiticLoss(
                quadratic: try number(loss, "quadratic"), linear: try number(loss, "linear"),
                constant: try number(loss, "constant")))
        if value?["baseInertia"]?.text != nil { parameters.baseInertia = Mass(try number(value, "baseInertia")) }
        if value?["brakePower"]?.text != nil { parameters.brakePower = Power(try number(value, "brakePower")) }
        if let altitude = value?["altitude"]?.text {
            _ = try number(value, "altitude")
            parameters.altitude = RoundedDecimal(altitude)
        }
        parameters.convertsNitrogenDioxide = value?["convertsNitrogenDioxide"] == .boolean(true)
        parameters.analyzerDelay = value?["analyzerDelayNanoseconds"]?.wholeNumber.map(span)
        parameters.flowMeterDelay = value?["flowMeterDelayNanoseconds"]?.wholeNumber.map(span)
        return parameters
    }

    private static func span(_ nanoseconds: Int) -> LaneSpan { LaneSpan(nanoseconds: Int64(nanoseconds)) }
}
