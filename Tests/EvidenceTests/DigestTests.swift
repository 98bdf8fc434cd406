import Evidence
import Foundation
import Testing

@Suite("Digests")
struct DigestTests {
    @Test(
        "are those of FIPS 180-4 and of NIST's example for a million letters",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                String(repeating: "a", count: 1_000_000),
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            ),
        ])
    func published(text: String, digits: String) throws {
        #expect(Digest(of: Array(text.utf8)).hexadecimalDigits == digits)
        // The same of a file, which is read in pieces.
        try withTemporaryDirectory { directory in
            let path = "\(directory)/file"
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            #expect(try Digest(ofFile: path).hexadecimalDigits == digits)
        }
    }

    @Test("of a file that is not there say so")
    func missing() throws {
        let failure = #expect(throws: DurableFile.Failure.self) { try Digest(ofFile: "/nonexistent/file") }
        #expect(failure?.code == ENOENT)
    }
}
