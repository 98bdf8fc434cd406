import Evidence
import Testing

@Suite("A file that grows")
struct GrowingFileTests {
    @Test("has the digests of its whole content, after every piece", arguments: [97, 1000, 16_384, 50_000])
    func digests(piece: Int) {
        let content = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 >> 5) }
        var file = GrowingFile()
        for start in stride(from: 0, to: content.count, by: piece) {
            file.append(Array(content[start..<min(start + piece, content.count)]))
            #expect(file.digest == Digest(of: file.bytes))
            #expect(file.sm3Digest == Digest(of: file.bytes, .sm3))
        }
        #expect(file.bytes == content)
    }

    @Test("leaves a copy as it was when it was copied")
    func copies() {
        var file = GrowingFile(Array("abc".utf8))
        let before = file
        file.append(Array("d".utf8))
        // GM/T 0004-2012, A.1.
        #expect(
            before.sm3Digest.hexadecimalDigits == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0")
        #expect(file.sm3Digest == Digest(of: Array("abcd".utf8), .sm3))
    }
}
