import Evidence

extension VectorCase {
    /// Exported audit trails, with what somebody might do to one who has changed a limit and would rather not have.
    static func audits() throws -> [VectorCase] {
        let lane = try VectorLane()
        let entries: [(kind: String, detail: JSONObject)] = [
            ("lane.opened", ["boot": "2f6c1d3e", "wall": 1_795_000_000_000]),
            (
                "configuration.changed",
                [
                    "account": "root", "counter": 7,
                    "changes": [
                        ["part": "lane-file.lane.station", "old": "东站", "new": "西站"],
                        ["part": "reference.B-1.pressure", "old": "9.5", "new": "7.25"],
                    ],
                ]
            ),
            ("people.changed", ["name": "李娜", "role": "operator", "by": "王芳", "was": .null]),
            ("clock.stepped", ["seconds": "-3600.0", "old": "2026-11-21T15:30:29Z", "new": "2026-11-21T14:30:29Z"]),
            ("record.sealed", ["counter": 8]),
        ]
        var lines: [[UInt8]] = []
        for (index, entry) in entries.enumerated() {
            lines.append(
                try AuditLine(
                    number: index + 1, at: "2026-11-21T14:30:\(30 + index)Z", kind: entry.kind, detail: entry.detail,
                    previous: lines.last.map { Digest(of: $0) }
                ).bytes())
        }
        func file(_ lines: [[UInt8]]) -> [UInt8] { lines.flatMap { $0 + [0x0A] } }
        func head(_ lines: [[UInt8]], by signers: [VectorLane.Signer]? = nil) throws -> Envelope {
            try lane.statement(
                [
                    "schema": .string(StatementKind.auditHead.rawValue), "size": .integer(Int64(lines.count)),
                    "head": .string(Digest(of: lines[lines.count - 1]).description),
                    "file": .string(Digest(of: file(lines)).description),
                ], by: signers)
        }
        let good = try head(lines)
        let stranger = try VectorLane.Signer(.ed25519, VectorLane.strangerSecret)
        func changed(_ number: Int, _ old: String, _ new: String) -> [[UInt8]] {
            var lines = lines
            lines[number - 1] = bytes(text(lines[number - 1]).replacing(old, with: new))
            return lines
        }
        func audit(_ name: String, _ what: String, _ content: [UInt8], _ first: String?, head: Envelope? = nil)
            -> VectorCase
        {
            VectorCase(name: name, what: what, subject: .audit(content, head: head ?? good), first: first)
        }
        return [
            audit("audit-good", "an audit trail as it was exported", file(lines), nil),
            audit(
                "audit-old-value", "the old value of a change was changed", file(changed(2, "9.5", "9.6")),
                "audit 3: evidence.audit-broken"),
            audit(
                "audit-last-value", "a value in the last entry was changed", file(changed(5, "8", "9")),
                "audit 5: evidence.audit-broken"),
            audit(
                "audit-removed", "an entry was taken out", file([0, 2, 3, 4].map { lines[$0] }),
                "audit 2: evidence.audit-broken"),
            audit(
                "audit-cut", "the last entries were cut off", file(Array(lines.prefix(3))),
                "audit: evidence.audit-truncated"),
            audit(
                "audit-reordered", "two entries changed places", file([0, 1, 3, 2, 4].map { lines[$0] }),
                "audit 3: evidence.audit-broken"),
            audit(
                "audit-other-spelling", "white space in an entry",
                file(changed(4, ",\"kind\"", ", \"kind\"")), "audit 4: evidence.audit-broken"),
            audit(
                "audit-member-too-many", "an entry with one more member",
                file(changed(5, "{\"at\"", "{\"a\":1,\"at\"")), "audit 5: evidence.member-unknown"),
            audit(
                "audit-not-json", "half an entry", Array(file(lines).dropLast(4)), "audit 5: evidence.not-json"),
            audit(
                "audit-no-object", "a list in the place of an entry", file(Array(lines.dropLast()) + [bytes("[]")]),
                "audit 5: evidence.not-an-object"),
            audit(
                "audit-other-head", "an older trail under the head of a newer one", file(lines),
                "audit 5: evidence.audit-broken",
                head: try head(Array(lines.dropLast()) + [bytes("{}")])),
            audit(
                "audit-by-stranger", "a head that a stranger has signed", file(lines),
                "envelope.signatures[0].keyid: evidence.key-unknown", head: try head(lines, by: [stranger])),
        ]
    }
}
