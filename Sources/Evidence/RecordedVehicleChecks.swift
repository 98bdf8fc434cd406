import Metrology
import Procedures
import Standards

/// The checks before the tailpipe as records hold them; what follows from them is decided anew by whoever reads.
enum RecordedVehicleChecks {
    static func value(_ checks: VehicleChecks) -> JSONValue {
        var members = JSONObject()
        if let check = checks.appearance {
            var value = signature(check.signature)
            var items = JSONObject()
            for (name, isGood) in check.items { items[name] = .boolean(isGood) }
            value["items"] = .object(items)
            members["appearance"] = .object(value)
        }
        if let check = checks.obd { members["obd"] = .object(obd(check)) }
        members["observations"] = .array(
            checks.observations.map { observation -> JSONValue in
                var value = signature(observation.signature)
                switch observation.kind {
                case .ringelmann(let number): value["ringelmann"] = .integer(Int64(number))
                case .visibleSmoke(let isSeen): value["visibleSmoke"] = .boolean(isSeen)
                }
                return .object(value)
            })
        return .object(members)
    }

    private static func signature(_ signature: CheckSignature) -> JSONObject {
        ["by": .string(signature.by), "at": .string(signature.at)]
    }

    private static func obd(_ check: OBDCheck) -> JSONObject {
        var value = signature(check.signature)
        value["communication"] = .boolean(check.communication)
        value["milCommanded"] = check.milCommanded.map(JSONValue.boolean) ?? .null
        value["milLit"] = check.milLit.map(JSONValue.boolean) ?? .null
        value["codes"] = .array(check.codes.map(JSONValue.string))
        var monitors = JSONObject()
        for (name, state) in check.monitors { monitors[name] = .string(state.rawValue) }
        value["monitors"] = .object(monitors)
        value["units"] = .array(check.units.map(unit))
        return value
    }

    private static func unit(_ unit: OBDCheck.ControlUnit) -> JSONValue {
        [
            "name": .string(unit.name), "calid": .string(unit.calibration),
            "cvn": unit.verification.map(JSONValue.string) ?? .null,
        ]
    }

    /// The checks of a record; nil if a member is of another kind.
    static func checks(_ value: JSONValue) -> VehicleChecks? {
        var checks = VehicleChecks()
        if let appearance = value["appearance"] {
            guard let signature = signature(appearance), let items = appearance["items"]?.members else { return nil }
            var states: [String: Bool] = [:]
            for item in items.all {
                guard let truth = item.value.truth else { return nil }
                states[item.name] = truth
            }
            checks.appearance = AppearanceCheck(signature: signature, items: states)
        }
        if let obd = value["obd"] {
            guard let read = self.obd(obd) else { return nil }
            checks.obd = read
        }
        for observation in value["observations"]?.elements ?? [] {
            guard let signature = signature(observation) else { return nil }
            if let number = observation["ringelmann"]?.wholeNumber {
                checks.observations.append(SmokeObservation(signature: signature, kind: .ringelmann(number)))
            } else if let isSeen = observation["visibleSmoke"]?.truth {
                checks.observations.append(SmokeObservation(signature: signature, kind: .visibleSmoke(isSeen)))
            } else {
                return nil
            }
        }
        return checks
    }

    private static func signature(_ value: JSONValue) -> CheckSignature? {
        guard let by = value["by"]?.text, let at = value["at"]?.text else { return nil }
        return CheckSignature(by: by, at: at)
    }

    private static func obd(_ value: JSONValue) -> OBDCheck? {
        guard let signature = signature(value), let communication = value["communication"]?.truth else { return nil }
        var check = OBDCheck(
            signature: signature, communication: communication, milCommanded: value["milCommanded"]?.truth,
            milLit: value["milLit"]?.truth, codes: (value["codes"]?.elements ?? []).compactMap(\.text))
        for monitor in value["monitors"]?.members?.all ?? [] {
            guard let state = monitor.value.text.flatMap(OBDCheck.Readiness.init) else { return nil }
            check.monitors[monitor.name] = state
        }
        for unit in value["units"]?.elements ?? [] {
            guard let name = unit["name"]?.text, let calibration = unit["calid"]?.text else { return nil }
            check.units.append(.init(name: name, calibration: calibration, verification: unit["cvn"]?.text))
        }
        return check
    }
}
