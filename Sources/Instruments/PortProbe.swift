import Metrology

/// Looks which model is on a port, by nothing but questions that read (端口探测).
///
/// Each model is asked as its profile says, and counts as found if every answer is an intact frame with values within
/// their ranges. At other speeds and for other units it is asked only where that is wanted, since every question that
/// is not answered costs as long as an answer may take.
public struct PortProbe: Sendable {
    /// What a search brought.
    public struct Finding: Sendable {
        /// The models that answered, each on the line and for the unit with which it did.
        public fileprivate(set) var answers: [DeviceProfile] = []
        /// The models whose question was refused as they refuse it before they have been told to start, where none
        /// answers: a search tells an instrument nothing.
        public fileprivate(set) var refusals: [DeviceProfile] = []
        /// How many models were asked or listened for.
        public fileprivate(set) var asked = 0
        /// How many bytes came that no model's frames hold: noise, another speed, or a model without a profile.
        public fileprivate(set) var strayBytes = 0
    }

    /// The models to look for; those that must not be asked where something else may be are left out by itself.
    public var profiles: [DeviceProfile]
    /// Line speeds to try besides that of each profile, bits per second.
    public var bauds: [Int] = []
    /// Units (从站地址) to try besides that of each profile, whose frames carry one.
    public var units: [UInt8] = []
    /// How long an answer is waited for besides its time on the wire, in real time; nil for as long as the model may
    /// take by its profile, but at most a second: what a search asks is answered at once, and longer times are for what
    /// an instrument has to do first.
    public var patience: Duration?

    /// A search at each profile's own speed and unit.
    public init(profiles: [DeviceProfile], patience: Duration? = nil) {
        self.profiles = profiles.filter(\.canBeProbed).sorted { $0.id < $1.id }
        self.patience = patience
    }

    /// Asks one model after another.
    ///
    /// - Parameters:
    ///   - port: where to look.
    ///   - opener: opens it; nil opens the port of this machine.
    /// - Throws: ``InstrumentError`` if the port is not there, is held, may not be opened, or goes away; also if it can be
    ///   set up for none of the models.
    public func look(
        at port: PortAddress, opener: (any PortOpener)? = nil
    ) async throws(InstrumentError) -> Finding {
        let fitting = profiles.filter { $0.fits(port) }
        var search = Search(port: port, opener: opener ?? SystemPorts(address: port), patience: patience)
        search.finding.asked = fitting.count
        // Whatever speaks by itself is heard before anything is said.
        try await listen(fitting.filter(\.sendsByItself), port, &search)
        if !search.finding.answers.isEmpty { return search.finding }
        for profile in fitting where !profile.sendsByItself {
            for line in lines(profile, port) where try await search.isAnswered(profile.with(line: line)) { break }
        }
        for (line, group) in Self.wirings(fitting) {
            for baud in speeds(line, port) {
                let asked = group.map { $0.with(line: line.with(baud: baud)) }
                for unit in units { try await search.askUnit(unit, asked) }
            }
        }
        if let refusal = search.refusal, !search.wasOpened { throw refusal }
        if !search.finding.answers.isEmpty { search.finding.refusals = [] }
        return search.finding
    }

    /// Listens for streams, the slowest first: where it is silent for so long, there are no others either.
    private func listen(
        _ streams: [DeviceProfile], _ port: PortAddress, _ search: inout Search
    ) async throws(InstrumentError) {
        var silence = Duration.zero
        for profile in streams.sorted(by: { $0.timing.replyTimeout > $1.timing.replyTimeout }) {
            for line in lines(profile, port) where silence < profile.timing.replyTimeout {
                let before = search.finding.strayBytes
                if try await search.isAnswered(profile.with(line: line)) { break }
                if search.wasOpened, search.finding.strayBytes == before { silence = profile.timing.replyTimeout }
            }
        }
    }

    private func lines(_ profile: DeviceProfile, _ port: PortAddress) -> [LineSettings] {
        speeds(profile.line, port).map { profile.line.with(baud: $0) }
    }

    /// The profile's own speed first. A network has none.
    private func speeds(_ line: LineSettings, _ port: PortAddress) -> [Int] {
        port.isNetwork ? [line.baud] : [line.baud] + bauds.filter { $0 != line.baud }
    }

    /// The models whose frames carry a unit, together where one question tells whether a unit of any of them is there.
    private static func wirings(_ profiles: [DeviceProfile]) -> [(LineSettings, [DeviceProfile])] {
        var wirings: [(line: LineSettings, family: Family, profiles: [DeviceProfile])] = []
        for profile in profiles {
            guard let family = profile.family else { continue }
            if let index = wirings.firstIndex(where: { $0.line == profile.line && $0.family == family }) {
                wirings[index].profiles.append(profile)
            } else {
                wirings.append((profile.line, family, [profile]))
            }
        }
        return wirings.map { ($0.line, $0.profiles) }
    }
}

/// One search, and what it has found so far.
private struct Search {
    let port: PortAddress
    let opener: any PortOpener
    let patience: Duration?
    /// The question that was asked last, and not before when.
    private var lastQuestion: (profile: DeviceProfile, at: Duration)?

    /// The longest time that an answer is given where nothing else is wanted.
    private static let greatestPatience = Duration.seconds(1)
    /// How long a Modbus unit may take a silent line for a pause within a frame: half a second in libmodbus, by which
    /// many are built, where 3.5 characters are prescribed (Modbus over Serial Line, 2.5.1.1). What was said to others
    /// is the beginning of a frame until then, and a question behind it is lost.
    private static let frameSilence = Duration.milliseconds(550)

    var finding = PortProbe.Finding()
    /// Why the port could not be set up for some model.
    var refusal: InstrumentError?
    var wasOpened = false

    init(port: PortAddress, opener: any PortOpener, patience: Duration?) {
        (self.port, self.opener, self.patience) = (port, opener, patience)
    }

    /// Asks a model, and keeps it if it answers.
    mutating func isAnswered(_ profile: DeviceProfile) async throws(InstrumentError) -> Bool {
        var response = ProbeResponse.none
        let isAnswered = try await ask(profile) { (driver, time) throws(InstrumentError) in
            response = try await driver.response(within: time)
            return response != .none
        }
        guard isAnswered else { return false }
        if response == .refusal {
            finding.refusals.append(profile)
        } else {
            finding.answers.append(profile)
        }
        return true
    }

    /// Looks whether a unit is there, by a question of each sort that the models of its line ask, and only then asks
    /// them all.
    mutating func askUnit(_ unit: UInt8, _ profiles: [DeviceProfile]) async throws(InstrumentError) {
        let others = profiles.filter { $0.unit != unit && $0.units?.contains(unit) == true && !isKnown($0) }
            .map { $0.with(unit: unit) }
        var sorts: Set<[UInt8]> = []
        for scout in others {
            guard let sort = scout.firstQuestion, sorts.insert(sort).inserted else { continue }
            let isThere = try await ask(scout) { (driver, time) throws(InstrumentError) in
                try await driver.isThere(within: time)
            }
            guard isThere else { continue }
            for profile in others { _ = try await isAnswered(profile) }
            return
        }
    }

    /// Whether a model has been found whose frames do not prove for which unit it is set: some answer whatever address
    /// they are asked by.
    private func isKnown(_ profile: DeviceProfile) -> Bool {
        if case .modbus = profile.wire.framing { return false }
        return finding.answers.contains { $0.id == profile.id }
    }

    private mutating func ask(
        _ profile: DeviceProfile, _ question: (Instrument, Duration) async throws(InstrumentError) -> Bool
    ) async throws(InstrumentError) -> Bool {
        let driver = Instrument(profile: profile, port: port, opener: opener) { .zero }
        let time = (patience ?? min(profile.timing.replyTimeout, Self.greatestPatience)) + profile.longestExchange
        if let last = lastQuestion, profile.needsSilence(after: last.profile) {
            await driver.rest(until: last.at + Self.frameSilence)
        }
        let start = opener.uptime
        do throws(InstrumentError) {
            let isAnswered = try await question(driver, time)
            wasOpened = true
            if !profile.sendsByItself { lastQuestion = (profile, max(start, opener.uptime - time)) }
            if !isAnswered { finding.strayBytes += await driver.counters.discardedBytes }
            return isAnswered
        } catch {
            // It is the port that is wrong, and not the model that happened to be asked.
            let error = InstrumentError(error.reason, device: error.port, port: error.port)
            // What one model's line settings are refused for, another's may not be.
            guard case .portFailed = error.reason else { throw error }
            refusal = error
            return false
        }
    }
}

extension DeviceProfile {
    /// Whether the model can be behind a port of this sort.
    fileprivate func fits(_ port: PortAddress) -> Bool {
        if case .modbus(.rtu, _) = wire.framing { return !port.isNetwork }
        return port.isNetwork || !isOnNetworkOnly
    }

    /// What its first question is told apart from those of others by: the Modbus function, or all bytes.
    fileprivate var firstQuestion: [UInt8]? {
        guard let command = polls.first?.command else { return nil }
        return if case .modbus(let request) = command.body { [request.function] } else { wire.request(command) }
    }

    /// How long the longest of its known questions takes on the wire together with the answer.
    fileprivate var longestExchange: Duration {
        let lengths = examples.map { example in
            if case .exchange(_, _, let request, let reply) = example.subject {
                request.count + (reply?.count ?? 0)
            } else {
                0
            }
        }
        return line.duration(of: lengths.max() ?? 0)
    }

    /// Whether the question for another model may have left the beginning of a frame with a unit of this one.
    fileprivate func needsSilence(after other: DeviceProfile) -> Bool {
        guard case .modbus(.rtu, _) = wire.framing else { return false }
        if case .modbus(.rtu, _) = other.wire.framing { return other.line != line }
        return true
    }

    /// With whom it can be looked for by its unit; nil if its frames carry none.
    fileprivate var family: Family? {
        switch wire.framing {
        case .modbus(let kind, _): .modbus(kind)
        case .exchange(let rules): rules.unit == nil ? nil : firstQuestion.map(Family.sameQuestion)
        case .stream: nil
        }
    }
}

extension Instrument {
    /// Asks nothing before a moment of the port's time.
    fileprivate func rest(until moment: Duration) { notBefore = max(notBefore, moment) }
}

/// The models that share a line and a way of asking.
private enum Family: Equatable {
    case modbus(ModbusKind)
    case sameQuestion([UInt8])
}
