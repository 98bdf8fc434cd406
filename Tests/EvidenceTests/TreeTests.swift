import Evidence
import Messages
import Testing

@Suite("The hash tree over records")
struct TreeTests {
    /// The leaves of the reference tests of RFC 6962's authors (certificate-transparency, merkle_tree_test.cc).
    static let leaves = [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ].map(hex)
    static let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    @Test("The roots are those of the reference tests")
    func roots() {
        let tree = MerkleTree(Self.leaves)
        #expect(MerkleTree().root == Digest(of: []).bytes)
        for (index, root) in Self.roots.enumerated() { #expect(tree.root(size: index + 1) == hex(root)) }
    }

    @Test(
        "The inclusion paths are those of the reference tests",
        arguments: [
            (0, 1, []),
            (
                0, 8,
                [
                    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
                ]
            ),
            (
                5, 8,
                [
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                ]
            ),
            (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
            (
                1, 5,
                [
                    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                ]
            ),
        ] as [(Int, Int, [String])])
    func inclusion(index: Int, size: Int, path: [String]) {
        #expect(MerkleTree(Self.leaves).inclusionProof(of: index, size: size) == path.map(hex))
    }

    @Test(
        "The consistency paths are those of the reference tests",
        arguments: [
            (1, 1, []),
            (
                1, 8,
                [
                    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
                ]
            ),
            (
                6, 8,
                [
                    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                ]
            ),
            (
                2, 5,
                [
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                ]
            ),
        ] as [(Int, Int, [String])])
    func consistency(older: Int, newer: Int, path: [String]) {
        #expect(MerkleTree(Self.leaves).consistencyProof(from: older, to: newer) == path.map(hex))
    }

    @Test("Every proof of every tree up to 40 leaves is accepted, and none with anything changed")
    func everyProof() {
        let contents = (0..<40).map { [UInt8($0)] }
        let tree = MerkleTree(contents)
        var (accepted, refused) = (0, 0)
        func refuse(_ isAccepted: Bool, _ what: String) {
            refused += 1
            #expect(!isAccepted, "\(what)")
        }
        for size in 1...40 {
            let root = tree.root(size: size)
            for index in 0..<size {
                let path = tree.inclusionProof(of: index, size: size) ?? []
                func holds(_ at: Int, _ path: [[UInt8]], _ root: [UInt8], _ content: [UInt8]) -> Bool {
                    MerkleTree.isIncluded(content, at: at, size: size, path: path, root: root)
                }
                #expect(holds(index, path, root, contents[index]))
                accepted += 1
                refuse(holds(index, path, root, [99]), "other leaf \(index) of \(size)")
                refuse(holds(index, path + [root], root, contents[index]), "longer path \(index) of \(size)")
                refuse(holds(index, path, Digest(of: []).bytes, contents[index]), "other root")
                if size > 1 {
                    refuse(holds((index + 1) % size, path, root, contents[index]), "other place \(index) of \(size)")
                    refuse(holds(index, Array(path.dropLast()), root, contents[index]), "shorter path")
                    var spoilt = path
                    spoilt[index % path.count][0] ^= 1
                    refuse(holds(index, spoilt, root, contents[index]), "spoilt path")
                }
            }
            for older in 1...size {
                let path = tree.consistencyProof(from: older, to: size) ?? []
                func holds(_ path: [[UInt8]], _ olderRoot: [UInt8], _ newerRoot: [UInt8]) -> Bool {
                    MerkleTree.isConsistent(
                        older: older, olderRoot: olderRoot, newer: size, newerRoot: newerRoot, path: path)
                }
                let olderRoot = tree.root(size: older)
                #expect(holds(path, olderRoot, root))
                accepted += 1
                refuse(holds(path, [0], root), "other older root \(older) to \(size)")
                refuse(holds(path, olderRoot, [0]), "other newer root \(older) to \(size)")
                refuse(holds(path + [root], olderRoot, root), "longer path \(older) to \(size)")
                if !path.isEmpty { refuse(holds(Array(path.dropLast()), olderRoot, root), "shorter path") }
            }
        }
        print("tree proofs: \(accepted) accepted, \(refused) refused")
        #expect(tree.inclusionProof(of: 40) == nil)
        #expect(tree.inclusionProof(of: -1) == nil)
        #expect(tree.consistencyProof(from: 0) == nil)
        #expect(tree.consistencyProof(from: 3, to: 41) == nil)
    }

    @Test("A month of records stands under thirty signed roots, each of which only adds to the one before")
    func month() throws {
        var lane = SampleLane()
        let verifier = Verifier(trust: try lane.trust, requiring: [.ed25519])
        var records: [[UInt8]] = []
        var heads: [TreeHead] = []
        for day in 1...30 {
            // Some days are busy, on Sundays nobody comes.
            for _ in 0..<(day % 7 == 0 ? 0 : 5 + day % 4) { records.append(try lane.seal()) }
            let digests = verifier.verifyChain(records, isOrdered: true).digests
            let header = StatementHeader(
                .treeHead, lane: lane.name, origin: .measured, signing: [.ed25519], at: "2026-11-30T16:00:30Z")
            let date = "2026-11-\(day < 10 ? "0" : "")\(day)"
            let head = try #require(TreeHead(digests, day: date, header: header))
            let report = verifier.verifyTreeHead(try head.sealed(with: [lane.key]).bytes)
            #expect(report.findings == [])
            #expect(report.content == head)
            heads.append(head)
        }
        let chain = verifier.verifyChain(records, through: records.count, isOrdered: true)
        #expect(chain.isValid)
        for head in heads { #expect(head.objection(from: chain.digests) == nil) }
        for (older, newer) in zip(heads, heads.dropFirst()) where older.size < newer.size {
            let proof = try #require(
                ChainProof(lane: lane.name, digests: chain.digests, older: older.size, newer: newer.size))
            #expect(ChainProof.read(try proof.bytes()).proof == proof)
            #expect(proof.objection(from: heads) == nil)
            #expect(proof.objection(from: [newer])?.message.code == .evidenceHeadLacking)
        }
        for counter in [1, 77, records.count] {
            let proof = try #require(
                ChainProof(lane: lane.name, digests: chain.digests, counter: counter, size: records.count))
            #expect(proof.objection(from: heads, record: chain.digests[counter - 1]) == nil)
            #expect(proof.objection(from: heads, record: Digest(of: []))?.message.code == .evidenceProofOfOther)
        }
        // The lane's own key seals another past: every root since then is against it.
        var forged = chain.digests
        forged[99] = Digest(of: [])
        let against = heads.filter { $0.objection(from: forged)?.message.code == .evidenceRootDiffers }
        #expect(against.count == heads.filter { $0.size >= 100 }.count)
        #expect(heads.last?.objection(from: forged.dropLast())?.message.code == .evidenceChainTruncated)
    }
}
