import ArgumentParser
import Documents
import Evidence
import Foundation
import Messages
import Standards

/// `lane standards`: the numbers of the law that are built in, with where they come from.
struct StandardsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "standards", abstract: help(.helpStandards), subcommands: [List.self, Show.self, Diff.self])

    /// `lane standards list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: help(.helpStandardsList))

        @Flag(help: help(.helpJSON)) var json = false
        @OptionGroup var output: OutputOptions

        func run() throws {
            var packs: [(sheet: PackSheet, digest: String)] = []
            for id in PackLibrary.ids {
                guard let document = try PackLibrary.document(id) else { continue }
                packs.append((PackSheet(document), Digest(of: document.bytes).description))
            }
            if json {
                Output.json(
                    .array(
                        packs.map { pack in
                            var members = pack.sheet.headJSON
                            members["values"] = .integer(Int64(pack.sheet.rows.count))
                            members["sha256"] = .string(pack.digest)
                            return .object(members)
                        }))
                return
            }
            for (sheet, _) in packs {
                let from = sheet.word("effective", "from") ?? "–"
                let until = sheet.word("effective", "until") ?? ""
                let title = sheet.word("title", output.catalogue.language.rawValue) ?? ""
                Output.line(
                    [
                        sheet.word("id") ?? "", sheet.word("kind") ?? "", sheet.word("method") ?? "–",
                        "\(from)…\(until)", "\(sheet.rows.count)", title,
                    ].joined(separator: "\t"))
            }
        }
    }

    /// `lane standards show`
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "show", abstract: help(.helpStandardsShow))

        @Argument(help: help(.helpPack)) var pack: String
        @Flag(help: help(.helpJSON)) var json = false
        @OptionGroup var output: OutputOptions

        func run() throws {
            let (sheet, digest) = try PackSheet.named(pack)
            if json {
                var members = sheet.headJSON
                members["sha256"] = .string(digest)
                var sources = JSONObject()
                for source in sheet.sources { sources[source.key] = .string(source.value.shown) }
                members["sources"] = .object(sources)
                members["rows"] = .array(sheet.rows.map(\.json))
                Output.json(.object(members))
                return
            }
            for entry in sheet.head { Output.line("\(entry.key)\t\(entry.value.shown)") }
            Output.line("sha256\t\(digest)")
            Output.line("")
            for row in sheet.rows { Output.line(row.line) }
            Output.line("")
            for source in sheet.sources { Output.line("\(source.key)\t\(source.value.shown)") }
        }
    }

    /// `lane standards diff`
    struct Diff: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "diff", abstract: help(.helpStandardsDiff))

        @Argument(help: help(.helpPack)) var first: String
        @Argument(help: help(.helpPack)) var second: String
        @Flag(help: help(.helpJSON)) var json = false
        @OptionGroup var output: OutputOptions

        func run() throws {
            let (from, _) = try PackSheet.named(first)
            let (to, _) = try PackSheet.named(second)
            let changes = from.changes(to: to)
            if json {
                Output.json(.array(changes.map(\.json)))
                return
            }
            let style = Style.standardOutput
            for change in changes {
                switch change {
                case .removed(let row): Output.line(style.bad("- \(row.line)"))
                case .added(let row): Output.line(style.good("+ \(row.line)"))
                case .changed(let before, let now):
                    Output.line(style.bad("- \(before.line)"))
                    Output.line(style.good("+ \(now.line)"))
                }
            }
            Output.line(
                output.catalogue.text(
                    Message(
                        .standardsDifferences,
                        ["count": .integer(changes.count), "first": .text(first), "second": .text(second)])))
        }
    }
}

extension PackSheet {
    /// A built-in pack by its id, or a file whose name ends in `.yaml`, with its digest.
    ///
    /// - Throws: `Problems` if it is not YAML, ``CommandFailure`` if there is none of that name.
    fileprivate static func named(_ name: String) throws -> (PackSheet, String) {
        var found: Document?
        if name.hasSuffix(".yaml") {
            found = try Document(contentsOf: name)
        } else {
            found = try PackLibrary.document(name)
        }
        guard let document = found else {
            throw CommandFailure(
                .noInput, .standardsUnknown,
                ["found": .text(name), "known": .text(PackLibrary.ids.joined(separator: ", "))])
        }
        return (PackSheet(document), Digest(of: document.bytes).description)
    }

    fileprivate func word(_ key: String, _ inner: String? = nil) -> String? {
        let value = head.first { $0.key == key }?.value
        return inner.map { value?[$0]?.text } ?? value?.text
    }

    fileprivate var headJSON: JSONObject {
        var members = JSONObject()
        for entry in head { members[entry.key] = entry.value.json }
        return members
    }
}

extension PackSheet.Row {
    fileprivate var line: String {
        let number = unit.map { $0 == "1" ? value : "\(value) \($0)" } ?? value
        return [path, number, source, grade, note ?? ""].joined(separator: "\t")
    }

    fileprivate var json: JSONValue {
        [
            "path": .string(path), "value": .string(value), "unit": unit.map(JSONValue.string) ?? .null,
            "source": .string(source), "grade": .string(grade), "note": note.map(JSONValue.string) ?? .null,
        ]
    }
}

extension PackSheet.Change {
    fileprivate var json: JSONValue {
        switch self {
        case .removed(let row): ["path": .string(row.path), "before": row.json, "after": .null]
        case .added(let row): ["path": .string(row.path), "before": .null, "after": row.json]
        case .changed(let before, let after):
            ["path": .string(before.path), "before": before.json, "after": after.json]
        }
    }
}

extension DocumentTree {
    /// The same data as JSON; every scalar is a text, with its digits.
    fileprivate var json: JSONValue {
        switch self {
        case .scalar(let text): return .string(text)
        case .sequence(let elements): return .array(elements.map(\.json))
        case .mapping(let entries):
            var members = JSONObject()
            for entry in entries { members[entry.key] = entry.value.json }
            return .object(members)
        }
    }
}
