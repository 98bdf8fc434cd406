import Foundation

/// Code that takes bytes from outside, and what it promises about them.
struct FuzzTarget: Sendable {
    /// The name in `FUZZ_TARGET`, and of the folder with its corpus.
    let name: String
    /// Runs it; traps if a promise is broken.
    let run: @Sendable ([UInt8]) -> Void

    static let all = wire + evidence + keys + files

    /// The one that the environment names.
    static let chosen: FuzzTarget? = ProcessInfo.processInfo.environment["FUZZ_TARGET"].flatMap { name in
        all.first { $0.name == name }
    }
}

/// Bytes whose first line chooses something, and the rest.
///
/// A line that is no name chooses all the same, by its bytes, so that every input means something.
struct ChosenInput {
    let line: [UInt8]
    let rest: [UInt8]

    init(_ bytes: [UInt8]) {
        let end = bytes.firstIndex(of: 0x0A) ?? bytes.startIndex
        line = Array(bytes[..<end])
        rest = Array(bytes[end...].dropFirst())
    }

    /// The words of the line.
    var words: [String] { line.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) } }

    /// A number that the line stands for (FNV-1a).
    var number: Int { Int(line.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }) }

    /// The named one, or the one that the line's number stands for.
    func choose<Choice>(_ word: Int, from choices: [(name: String, choice: Choice)]) -> Choice? {
        if words.count > word, let named = choices.first(where: { $0.name == words[word] }) { return named.choice }
        return choices.isEmpty ? nil : choices[number % choices.count].choice
    }

    /// The rest in pieces of a few bytes, as a serial line hands them over.
    var pieces: [[UInt8]] {
        let length = number % 13 + 1
        return stride(from: 0, to: rest.count, by: length).map { Array(rest[$0..<min($0 + length, rest.count)]) }
    }
}
