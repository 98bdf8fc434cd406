import Documents
import Messages
import Procedures
import Standards

extension VehicleChecks {
    /// Reads the checks before the tailpipe from an order, or from a file of their own.
    init?(_ reader: MappingReader) {
        let appearance = reader.optional("appearance") { reader.mapping($0, AppearanceCheck.init) }
        let obd = reader.optional("obd") { reader.mapping($0, OBDCheck.init) }
        let observations = reader.optional("observations") { reader.mappings($0, SmokeObservation.init) }
        self.init(appearance: appearance, obd: obd, observations: observations ?? [])
    }
}

extension CheckSignature {
    fileprivate init?(_ reader: MappingReader) {
        let by = reader.text("by")
        let at = reader.text("at")
        // ISO 8601 with an offset: a time of day without one is another time elsewhere.
        let pattern = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})/
        if let at, at.wholeMatch(of: pattern) == nil {
            reader.report(
                Message(
                    .documentWrongType,
                    ["key": "at", "found": .text(at), "expected": .message(Message(.expectedTimestamp))]), at: "at")
            return nil
        }
        guard let by, let at else { return nil }
        self.init(by: by, at: at)
    }
}

extension AppearanceCheck {
    fileprivate init?(_ reader: MappingReader) {
        let signature = CheckSignature(reader)
        let items = reader.mapping("items") { group -> [String: Bool]? in
            var items: [String: Bool] = [:]
            for key in group.keys { items[key] = group.boolean(key) }
            let known = (try? PackLibrary.vehicleCheckRules().appearance.map(\.id)) ?? []
            for key in group.keys where !known.contains(key) {
                group.report(
                    Message(
                        .documentUnknownKey,
                        ["key": .text(key), "known": .text(known.sorted().joined(separator: ", "))]), at: key)
            }
            return items.count == group.keys.count ? items : nil
        }
        guard let signature, let items else { return nil }
        self.init(signature: signature, items: items)
    }
}

extension OBDCheck {
    fileprivate init?(_ reader: MappingReader) {
        let signature = CheckSignature(reader)
        let communication = reader.boolean("communication")
        let commanded = reader.optional("mil-commanded", reader.boolean)
        let lit = reader.optional("mil-lit", reader.boolean)
        let codes = reader.optional("codes", reader.texts)
        let monitors = reader.optional("monitors") { key in
            reader.mapping(key) { group -> [String: Readiness]? in
                var states: [String: Readiness] = [:]
                for name in group.keys { states[name] = group.choice(name, Readiness.self) }
                return states.count == group.keys.count ? states : nil
            }
        }
        let units = reader.optional("units") { key in
            reader.mappings(key) { unit -> ControlUnit? in
                let name = unit.text("name")
                let calibration = unit.text("calid")
                let verification = unit.optional("cvn", unit.text)
                guard let name, let calibration else { return nil }
                return ControlUnit(name: name, calibration: calibration, verification: verification)
            }
        }
        guard let signature, let communication else { return nil }
        self.init(
            signature: signature, communication: communication, milCommanded: commanded, milLit: lit,
            codes: codes ?? [], monitors: monitors ?? [:], units: units ?? [])
    }
}

extension SmokeObservation {
    fileprivate init?(_ reader: MappingReader) {
        let signature = CheckSignature(reader)
        let number = reader.optional("ringelmann") { reader.integer($0, in: 0...5) }
        let isSeen = reader.optional("visible-smoke", reader.boolean)
        guard reader.has("ringelmann") != reader.has("visible-smoke") else {
            reader.report(
                Message(
                    .documentMissingKey,
                    ["key": "ringelmann, visible-smoke", "expected": .message(Message(.expectedText))]))
            return nil
        }
        guard let signature, let kind = number.map(Kind.ringelmann) ?? isSeen.map(Kind.visibleSmoke) else { return nil }
        self.init(signature: signature, kind: kind)
    }
}
