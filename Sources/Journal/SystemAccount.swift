public import Evidence
import Foundation
import Glibc

/// Whose account of the computer a program runs under (操作系统账户), which is who did something where nobody is signed
/// in.
public struct SystemAccount: Hashable, Sendable {
    /// The account's name; `uid` and its number where it has none.
    public let name: String
    /// The name under which somebody logged in to the computer, who may have changed to another account since; nil where
    /// the computer does not tell, such as for services.
    public let login: String?

    /// That of this process.
    public static let current = SystemAccount()

    private init() {
        name = Self.name(of: geteuid())
        let text = try? String(contentsOfFile: "/proc/self/loginuid", encoding: .utf8)
        // The kernel's word for “nobody logged in” is the greatest number.
        login = text.flatMap { uid_t($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
            .flatMap { $0 == .max ? nil : Self.name(of: $0) }
    }

    /// Looked up in the computer's own list alone: a directory on the network could keep a start waiting.
    private static func name(of user: uid_t) -> String {
        let list = (try? String(contentsOfFile: "/etc/passwd", encoding: .utf8)) ?? ""
        for line in list.split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            if fields.count > 2, uid_t(fields[2]) == user { return String(fields[0]) }
        }
        return "uid \(user)"
    }

    /// The particulars of something that was done, with whose account did it: `account` and `login`.
    public func noted(in detail: JSONObject) -> JSONObject {
        var detail = detail
        detail["account"] = .string(name)
        detail["login"] = login.map(JSONValue.string) ?? .null
        return detail
    }
}
