public import Documents
import Foundation
public import Instruments
public import Messages
public import Metrology
public import Procedures
public import Standards

/// What a lane is made of, read from its lane file.
public struct LaneConfiguration: Sendable {
    /// One instrument of the lane.
    public struct InstrumentEntry: Sendable {
        /// What it is for.
        public let role: InstrumentRole
        /// How to talk to it.
        public let profile: DeviceProfile
        /// The port as the lane file names it.
        public let port: String
        /// Its serial number, if the station noted it.
        public let serial: String?
    }

    /// What concerns a simulated lane only.
    public struct Simulation: Hashable, Sendable {
        /// The simulator's control socket.
        public let control: String
        /// How much faster than life the lane runs.
        public let rate: Double
        /// The simulated vehicle's name.
        public let vehicle: String
        /// The seed of everything random in it.
        public let seed: UInt64
    }

    /// The lane's identifier, in every record and in its chain.
    public let lane: String
    /// The station's number.
    public let station: String
    /// The instruments, at most one for each role.
    public let instruments: [InstrumentEntry]
    /// What the lane file states of the lane's own checks; what sealed checks found stands in its place.
    public internal(set) var parameters: LaneParameters
    /// What each method is judged by and carried out after.
    public let packs: [TestMethod: MethodPacks]
    /// What the local government has adopted, as far as the lane file states it.
    public let region: RegionRules
    /// Whether no test is carried out without the checks before the tailpipe.
    public let requiresVehicleChecks: Bool
    /// Where records are kept; nil leaves it to the command.
    public let dataDirectory: String?
    /// Where records are delivered; nil for nowhere yet.
    public let authority: String?
    /// How records are delivered.
    public let delivery: Delivery
    /// What concerns a simulated lane.
    public let simulation: Simulation?
    /// What concerns checks and lockouts; nil where the lane file says nothing of them.
    public let assurance: Assurance?
    /// The lane file word for word.
    public let words: LaneFileWords

    /// Reads a lane file; relative paths in it count from its folder.
    ///
    /// - Throws: `Problems`, all at once, also those of the profiles it names.
    public init(document: Document, devices: DeviceLibrary) throws(Problems) {
        var nested: [Problem] = []
        let folder = URL(fileURLWithPath: document.name).deletingLastPathComponent().path
        func resolve(_ path: String) -> String { path.hasPrefix("/") ? path : "\(folder)/\(path)" }
        var read: LaneConfiguration?
        var problems: [Problem] = []
        do {
            read = try document.read { reader -> LaneConfiguration? in
                let names = reader.mapping("lane") { group -> (String, String)? in
                    let id = group.text("id")
                    let station = group.text("station")
                    guard let id, let station else { return nil }
                    return (id, station)
                }
                let instruments = Self.instruments(reader, devices, &nested, resolve)
                let parameters = Self.parameters(reader)
                let packs = reader.mapping("packs") { Self.packs($0, &nested) }
                let region = reader.optional("region") { reader.mapping($0, Self.region) }
                let checks: VehicleCheckDuty? = reader.optional("vehicle-checks") { reader.choice($0) }
                let data = reader.optional("data", reader.text)
                let authority = reader.optional("authority", reader.text)
                let delivery = reader.optional("delivery") { key in
                    reader.mapping(key) { Self.readDelivery($0, &nested, resolve) }
                }
                let simulation = reader.optional("simulation") { key in
                    reader.mapping(key) { Self.simulation($0, resolve) }
                }
                let assurance = reader.optional("assurance") { key in
                    reader.mapping(key) { Self.readAssurance($0, &nested, resolve) }
                }
                guard let names, let instruments, let parameters, let packs else { return nil }
                return LaneConfiguration(
                    lane: names.0, station: names.1, instruments: instruments, parameters: parameters,
                    packs: packs, region: region ?? RegionRules(), requiresVehicleChecks: checks == .required,
                    dataDirectory: data.map(resolve), authority: authority, delivery: delivery ?? Delivery(),
                    simulation: simulation, assurance: assurance, words: LaneFileWords(document))
            }
        } catch {
            problems = error.all
        }
        guard problems.isEmpty, nested.isEmpty, let read else { throw Problems(problems + nested) }
        self = read
    }

    private init(
        lane: String, station: String, instruments: [InstrumentEntry], parameters: LaneParameters,
        packs: [TestMethod: MethodPacks], region: RegionRules, requiresVehicleChecks: Bool, dataDirectory: String?,
        authority: String?, delivery: Delivery, simulation: Simulation?, assurance: Assurance?,
        words: LaneFileWords
    ) {
        self.lane = lane
        self.station = station
        self.instruments = instruments
        self.parameters = parameters
        self.packs = packs
        self.region = region
        self.requiresVehicleChecks = requiresVehicleChecks
        self.dataDirectory = dataDirectory
        self.authority = authority
        self.delivery = delivery
        self.simulation = simulation
        self.assurance = assurance
        self.words = words
    }

    // MARK: Parts

    private static func instruments(
        _ reader: MappingReader, _ devices: DeviceLibrary, _ nested: inout [Problem], _ resolve: (String) -> String
    ) -> [InstrumentEntry]? {
        var found: [Problem] = []
        let entries = reader.mappings("instruments") { entry -> InstrumentEntry? in
            let role: InstrumentRole? = entry.choice("role")
            let id = entry.text("profile")
            let port = entry.text("port")
            let serial = entry.optional("serial", entry.text)
            let baud = entry.optional("baud") { Self.baud(entry, $0) }
            let unit = entry.optional("unit") { entry.integer($0, in: 0...255) }
            guard let role, let id, let port else { return nil }
            guard var profile = profile(id, role, entry, devices, &found) else { return nil }
            if let baud { profile = profile.with(line: profile.line.with(baud: baud)) }
            if let unit {
                guard let units = profile.units else {
                    entry.report(Message(.laneNoUnit, ["profile": .text(id)]), at: "unit")
                    return nil
                }
                guard entry.integer("unit", in: Int(units.lowerBound)...Int(units.upperBound)) != nil else {
                    return nil
                }
                profile = profile.with(unit: UInt8(unit))
            }
            let address = port.hasPrefix("usb:") || port.hasPrefix("tcp:") ? port : resolve(port)
            return InstrumentEntry(role: role, profile: profile, port: address, serial: serial)
        }
        nested += found
        guard let entries else { return nil }
        for role in InstrumentRole.allCases where entries.count(where: { $0.role == role }) > 1 {
            reader.report(Message(.laneRoleCount, ["role": .text(role.rawValue)]), at: "instruments")
        }
        for (index, entry) in entries.enumerated()
        where entries[..<index].contains(where: { $0.port == entry.port }) {
            reader.report(Message(.lanePortTwice, ["port": .text(entry.port)]), at: "instruments")
        }
        return entries
    }

    /// A line speed other than the profile's, for an instrument that was set to it.
    private static func baud(_ entry: MappingReader, _ key: String) -> Int? {
        guard let baud = entry.integer(key) else { return nil }
        if LineSettings.bauds.contains(baud) { return baud }
        entry.report(
            Message(
                .documentUnknownValue,
                [
                    "key": .text(key), "found": .integer(baud),
                    "expected": .text(LineSettings.bauds.map { "\($0)" }.joined(separator: ", ")),
                ]), at: key)
        return nil
    }

    private static func profile(
        _ id: String, _ role: InstrumentRole, _ entry: MappingReader, _ devices: DeviceLibrary,
        _ nested: inout [Problem]
    ) -> DeviceProfile? {
        guard let profile = devices.profiles[id] else {
            // A profile that is there but faulty has problems of its own; one that is not there is told below.
            do throws(Problems) { _ = try devices.profile(id) } catch {
                nested += error.all.filter { $0.location.file != devices.directory }
            }
            entry.report(
                Message(
                    .documentUnknownValue,
                    [
                        "key": "profile", "found": .text(id),
                        "expected": .text(devices.profiles.keys.sorted().joined(separator: ", ")),
                    ]), at: "profile")
            return nil
        }
        guard profile.role == role else {
            entry.report(
                Message(
                    .documentUnknownValue,
                    ["key": "role", "found": .text(role.rawValue), "expected": .text(profile.role.rawValue)]),
                at: "role")
            return nil
        }
        return profile
    }

    private static func simulation(_ group: MappingReader, _ resolve: (String) -> String) -> Simulation? {
        #if Simulation
            let control = group.text("control")
            let rate = group.number("rate", in: 1...50)
            let vehicle = group.text("vehicle")
            let seed = group.integer("seed", in: 0...Int.max)
            guard let control, let rate, let vehicle, let seed else { return nil }
            return Simulation(control: resolve(control), rate: rate, vehicle: vehicle, seed: UInt64(seed))
        #else
            // A station's program knows no simulation; a lane file that asks for one is a mistake to be seen.
            group.report(Message(.laneSimulationRefused))
            return nil
        #endif
    }
}
