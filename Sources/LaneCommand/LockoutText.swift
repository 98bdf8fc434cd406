import Assurance
import Evidence
import Messages
import Procedures
import Standards

/// Lockouts as people and programs read them.
struct LockoutText {
    let catalogue: Catalogue

    /// The lines of one lockout: rule and subject, evidence, clause, methods, next step.
    func lines(_ lockout: Lockout) -> [String] {
        func line(_ code: MessageCode, _ text: String) -> String {
            "    " + catalogue.text(Message(code, ["text": .text(text)]))
        }
        var lines = ["  [\(lockout.rule.rawValue)]\(lockout.subject.map { " \($0)" } ?? "")"]
        lines.append(line(.statusEvidence, catalogue.text(lockout.evidence)))
        if let clause = lockout.clause { lines.append(line(.statusClause, clause[catalogue.language])) }
        let methods =
            lockout.methods.map { methods in
                methods.sorted { $0.rawValue < $1.rawValue }.map { catalogue.text($0.message) }
                    .joined(separator: catalogue.language == .chinese ? "、" : ", ")
            }
            ?? catalogue.text(Message(.statusAllMethods))
        lines.append(line(.statusMethods, methods))
        lines.append(line(.statusNext, catalogue.text(lockout.next)))
        return lines
    }

    /// A lockout for programs, with its texts in both languages.
    static func json(_ lockout: Lockout) -> JSONValue {
        func texts(_ text: (Catalogue) -> String) -> JSONValue {
            var object = JSONObject()
            for language in Language.allCases { object[language.rawValue] = .string(text(Catalogue(language))) }
            return .object(object)
        }
        return [
            "rule": .string(lockout.rule.rawValue), "subject": lockout.subject.map(JSONValue.string) ?? .null,
            "methods": lockout.methods.map { .array($0.map(\.rawValue).sorted().map(JSONValue.string)) } ?? .null,
            "evidence": texts { $0.text(lockout.evidence) },
            "clause": lockout.clause.map { clause in texts { clause[$0.language] } } ?? .null,
            "next": texts { $0.text(lockout.next) },
            "since": lockout.since.map { .string($0.text) } ?? .null,
        ]
    }
}
