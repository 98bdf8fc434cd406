import Messages
import Testing

@Suite("The catalogues")
struct CatalogueTests {
    @Test("have a text for every code and no other", arguments: Language.allCases)
    func complete(language: Language) {
        let codes = Set(MessageCode.allCases.map(\.rawValue))
        let keys = Catalogue(language).keys
        #expect(codes.subtracting(keys).sorted() == [])
        #expect(keys.subtracting(codes).sorted() == [])
    }

    @Test("use the same placeholders in both languages")
    func placeholders() throws {
        for code in MessageCode.allCases {
            let texts = try Language.allCases.map { try #require(Catalogue($0).template(code)) }
            #expect(Set(texts.map(Catalogue.placeholders)).count == 1, "\(texts)")
        }
    }

    @Test("are in the language they say")
    func languages() throws {
        func isChinese(_ text: String) -> Bool { text.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) } }
        for code in MessageCode.allCases {
            #expect(isChinese(try #require(Catalogue(.chinese).template(code))), "\(code.rawValue)")
            #expect(!isChinese(try #require(Catalogue(.english).template(code))), "\(code.rawValue)")
        }
    }

    @Test("fill placeholders, and show one that has no value")
    func rendering() {
        let message = Message(.documentMissingKey, ["key": "baud", "expected": .message(Message(.expectedInteger))])
        #expect(Catalogue(.english).text(message) == "“baud” is missing; expected a whole number")
        #expect(Catalogue(.chinese).text(message) == "缺少“baud”；应为整数")
        #expect(Catalogue(.english).text(Message(.documentSyntax)).contains("{detail}"))
    }

    @Test(
        "are chosen by LANG",
        arguments: [
            ("zh_CN.UTF-8", Language.chinese), ("zh-CN", .chinese), ("en_US.UTF-8", .english), ("de_DE", .english),
        ])
    func language(value: String, expected: Language) { #expect(Language(environmentValue: value) == expected) }

    @Test("are chosen by nothing where LANG says nothing", arguments: [nil, "", "C", "C.UTF-8", "POSIX"])
    func noLanguage(value: String?) { #expect(Language(environmentValue: value) == nil) }

    @Test("show bytes as manuals print them")
    func bytes() { #expect(hexadecimal([0x02, 0x60, 0x03, 0x9B]) == "02 60 03 9B") }
}
