import Hummingbird
import HummingbirdTLS
import Logging
import NIOCore

/// The authority's platform (监管平台) as a real HTTP server: it takes signed records in, checks them by rules of its
/// own, keeps them on disk and gives receipts, and can be told to fail.
///
/// It stands in for the other side in tests and demonstrations, and shares no code with the lane: its rules are a second
/// transcription of the standards, so that a misreading on one side shows on the other.
public actor AuthorityServer {
    private let configuration: AuthorityConfiguration
    private let store: RecordStore
    private let stream: StreamStore
    private let desk = FrontDesk()
    private var running: Task<Void, any Error>?

    /// A platform that does not listen yet.
    public init(configuration: AuthorityConfiguration) {
        self.configuration = configuration
        store = RecordStore(directory: configuration.storageDirectory)
        stream = StreamStore(directory: configuration.storageDirectory)
    }

    /// Reads the stored records and listens.
    ///
    /// - Returns: where, with the port that was found if the configuration leaves it open.
    /// - Throws: ``AuthorityError`` if the storage cannot be read or written, if the address cannot be had, or if the
    ///   server is running.
    public func start() async throws -> BoundAddress {
        guard running == nil else { throw AuthorityError("The authority is running.") }
        let (addresses, listening) = AsyncThrowingStream.makeStream(of: BoundAddress.self)
        // What goes wrong is thrown or answered; the framework would also call every stop an error.
        var logger = Logger(label: "authority")
        logger.logLevel = .critical
        let records = RecordDesk(
            trustedKeys: configuration.trustedKeys, acceptsSimulated: configuration.acceptsSimulated, store: store,
            desk: desk)
        let application = Application(
            router: Routes(records: records, desk: desk, store: store, stream: stream).router,
            server: try configuration.security.map { try .tls(.http1(), tlsConfiguration: $0.configuration()) }
                ?? .http1(),
            configuration: ApplicationConfiguration(address: .hostname(configuration.host, port: configuration.port)),
            onServerRunning: { channel in
                if let address = channel.localAddress, let host = address.ipAddress, let port = address.port {
                    listening.yield(BoundAddress(host: host, port: port))
                }
                listening.finish()
            },
            logger: logger)
        let (store, stream, place) = (store, stream, "\(configuration.host):\(configuration.port)")
        running = Task {
            do {
                try await store.open()
                try await stream.open()
                try await application.run()
                listening.finish()
            } catch let error as AuthorityError {
                listening.finish(throwing: error)
            } catch {
                listening.finish(throwing: AuthorityError("The authority cannot listen at \(place): \(error)"))
            }
        }
        do {
            for try await address in addresses { return address }
            throw AuthorityError("The authority has stopped before it listened.")
        } catch {
            await stop()
            throw error
        }
    }

    /// Closes all connections; returns when nothing runs any more.
    public func stop() async {
        let task = running
        running = nil
        task?.cancel()
        _ = await task?.result
    }

    /// Sets how the next records are answered.
    public func behave(_ behaviour: Behaviour) async {
        await desk.behave(behaviour)
    }

    /// Fails at random from now on, for so many of a hundred records; in the same order with the same seed.
    public func behaveErratically(percent: Int, kinds: [Behaviour.Kind], seed: UInt64) async {
        await desk.behaveErratically(percent: percent, kinds: kinds, seed: seed)
    }

    /// What was seen since the server was made.
    public var report: AuthorityReport {
        get async {
            var report = await desk.report
            report.stored = await store.all.count
            report.streamStored = await stream.count
            return report
        }
    }

    /// The receipts of all stored records, by lane and counter.
    public var receipts: [Receipt] {
        get async { await store.all }
    }
}
