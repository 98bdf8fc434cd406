import Assurance
import Messages
import Metrology
import Procedures
import Standards
import Testing

@Suite("The words that people are told")
struct NameTests {
    @Test("name every instrument, check, person's role and task in Chinese, each differently")
    func chinese() {
        let names: [[Message]] = [
            InstrumentRole.allCases.map(\.message), CheckKind.allCases.map(\.message),
            PersonRole.allCases.map(\.message), LaneTask.allCases.map(\.message),
        ]
        for messages in names {
            let texts = messages.map(Catalogue(.chinese).text)
            #expect(Set(texts).count == messages.count, "\(texts)")
            for text in texts { #expect(text.unicodeScalars.contains { ("一"..."鿿").contains($0) }, "\(text)") }
        }
    }
}
