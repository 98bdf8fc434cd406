public import Plant

/// A simulated lane at one moment, as the control socket shows it.
public struct LaneSnapshot: Codable, Hashable, Sendable {
    /// How much faster than life the lane runs.
    public let speed: Double
    /// The physics.
    public let plant: PlantSnapshot
    /// The instruments, in the order they were asked for.
    public let instruments: [Instrument]

    /// An instrument on its wire.
    public struct Instrument: Codable, Hashable, Sendable {
        /// Its role.
        public let role: String
        /// Its model.
        public let model: String
        /// Where a host opens it: its link, or its terminal.
        public let path: String
        /// Its pseudo-terminal; nil while it has hung up.
        public let terminal: String?
        /// Bits per second that the host had set when it last sent something; nil before that.
        public let hostLineSpeed: Int?
        /// What it has received and sent.
        public let frames: FrameCounts
        /// The rows of a sign, in order; nil for what is no sign, or shows nothing yet.
        public let screen: [String]?
    }

    /// The instrument of a role.
    public func instrument(_ role: String) -> Instrument? { instruments.first { $0.role == role } }
}
