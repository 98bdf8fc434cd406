import Evidence
import Foundation
import Journal
import Lane
import Messages

extension RunningLane {
    /// Says which tests an earlier run did not live to seal, and exports their records as those of other tests: without
    /// them the exported chain would have a gap.
    ///
    /// On standard error, since what was asked for is something else. Files that cannot be written keep no lane from
    /// testing; the record is in the journal, and `lane records export` writes them later.
    func accountForLeftovers(_ catalogue: Catalogue) async {
        for record in takeSealedLeftovers() {
            let directory = journal.exportDirectory(of: record.counter)
            var said = Message(
                .leftoverSealed,
                [
                    "test": .text(record.test), "method": .text(record.method), "counter": .integer(record.counter),
                    "path": .text("\(directory)/\(AttachmentReference.envelopeFileName)"),
                ])
            do {
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
                try await journal.export(record.counter, to: directory)
            } catch {
                said = Message(
                    .leftoverNotExported,
                    [
                        "test": .text(record.test), "method": .text(record.method),
                        "counter": .integer(record.counter), "path": .text(directory),
                        "detail": (error as? any MessageError).map { .message($0.message) } ?? .text("\(error)"),
                    ])
            }
            StandardStream.errors.write("lane: \(catalogue.text(said)) [\(said.code.rawValue)]\n")
        }
    }
}
