import ClientData
import FederationProtocol
import Foundation
import Testing

/// A client is who its examples name, wherever they stand.
@Suite("Names of clients in files")
struct ClientNameTests {
  static let held = "1 qid:z 1:1\n"

  @Test("count inside the files of a folder: 40 clients in a file are 40, one client in two files is one")
  func insideFolders() throws {
    let many = (0..<40).map { "1 qid:user\($0) 1:\($0)\n" }
    let folder = try ShardFolder([
      "train/a.svm": many[..<25].joined() + "0 qid:user30 2:1\n", "train/b.svm": many[25...].joined(),
      "held": Self.held,
    ])
    let found = try folder.shards(clients: 40)
    #expect(found.trainingClients == 40 && found.skippedClients == 0)
    // In the order of files, then of lines.
    #expect(try found.trainingShard(30)?.labels == [0, 1])
    let single = try ShardFolder([
      "train": many[..<25].joined() + "0 qid:user30 2:1\n" + many[25...].joined(), "held/x": Self.held,
    ])
    #expect(try single.shards(clients: 40).dataDigest == found.dataDigest)
  }

  @Test("count inside CSV files of a folder, in both halves")
  func csvFolders() throws {
    let folder = try ShardFolder([
      "train/1.csv": "client,label,a\nana,1,1\nbo,0,2\n", "train/2.csv": "a,client,label\n3,ana,0\n",
      "held/1.csv": "client,label,a\ncy,1,1\n", "held/2.csv": "client,label,a\ncy,0,1\ndi,1,2\n",
    ])
    let found = try folder.shards(format: "csv", dimension: 1)
    #expect(found.trainingClients == 2 && found.heldOutClients == 2)
    #expect(try found.trainingShard(0)?.example(1).map(\.1) == [3])
    #expect(try found.heldOutShard(0)?.labels == [1, 0])
  }

  @Test("are those of the files, without what follows the dot, where there are none inside")
  func fileNames() throws {
    let folder = try ShardFolder([
      "train/ana.svm": "1 1:1\n", "train/bo.svm": "0 1:1\n", "held/bo.txt": "1 1:1\n", "held/cy.txt": "1 1:1\n",
    ])
    let found = try folder.shards()
    #expect(found.sharedClients == 1 && found.sharedNames == ["bo"])
    let named = try ShardFolder(["train": "1 qid:ana 1:1\n0 qid:bo 1:1\n", "held": "1 qid:bo 1:1\n1 qid:cy 1:1\n"])
    #expect(try named.shards().dataDigest == found.dataDigest)
  }

  static let mixtures: [([String: String], WorkerFailure)] = [
    (["train/a": "1 qid:a 1:1\n", "train/b": "1 1:1\n"], WorkerFailure(reason: .mixedClients, file: 1, line: 1)),
    (["train/a": "1 1:1\n", "train/b": "0 qid:b 1:1\n"], WorkerFailure(reason: .mixedClients, file: 1, line: 1)),
    (["train/a": "1 qid:a 1:1\n1 1:1\n"], WorkerFailure(reason: .mixedClients, line: 2)),
    (["train": "1 qid:a 1:1\n1 1:1\n"], WorkerFailure(reason: .missingClient, line: 2, field: 2)),
    (["train/a.svm": "1 1:1\n", "train/a.txt": "1 1:1\n"], WorkerFailure(reason: .doubledFile, file: 1, line: 1)),
    (["train": "1 qid: 1:1\n"], WorkerFailure(reason: .missingClient, line: 1, field: 2)),
  ]

  @Test("are refused where some examples have one and some do not", arguments: mixtures)
  func mixed(files: [String: String], failure: WorkerFailure) throws {
    let folder = try ShardFolder(files.merging(["held": Self.held]) { $1 })
    #expect(throws: failure) { try folder.shards() }
  }

  @Test("decide about the order of clients: numbers by value, the rest by their bytes; lines and files do not")
  func order() throws {
    let names = ["10", "2", "b", "a10", "a9", "01", "1", "Z", "é", "e\u{301}"]
    var lines = names.map { "1 qid:\($0) 1:\($0.utf8.count) 2:\($0.utf8.first ?? 0)\n" }
    let first = try ShardFolder(["train": lines.joined(), "held": Self.held]).shards()
    // Two spellings are two names, also where they look alike.
    #expect(first.trainingClients == names.count)
    let expected = ["01", "1", "2", "10", "Z", "a9", "a10", "b", "e\u{301}", "é"]
    for (index, name) in expected.enumerated() {
      #expect(
        try first.trainingShard(index)?.example(0).map(\.1) == [
          Float(name.utf8.count), Float(name.utf8.first ?? 0),
        ])
    }
    lines.reverse()
    let second = try ShardFolder(["train": lines.joined(), "held": Self.held]).shards()
    let third = try ShardFolder([
      "train/2": lines[..<4].joined(), "train/1": lines[4...].joined(), "held": Self.held,
    ]).shards()
    for other in [second, third] {
      #expect(try other.training == first.training && other.dataDigest == first.dataDigest)
      #expect(other.keys?.training == first.keys?.training)
    }
  }

  @Test("make keys that no other client moves, and that another seed makes anew")
  func keys() throws {
    let names = (0..<60).map { "user-\($0 * 7 % 60)" }
    func keys(_ names: [String], seed: UInt64 = 1) throws -> [String: Int] {
      let text = names.map { "1 qid:\($0) 1:1\n" }.joined()
      let found = try ShardFolder(["train": text, "held": "1 qid:user-3 1:1\n"]).shards(clients: 100, seed: seed)
      let keys = try #require(found.keys)
      #expect(keys.heldOut == [try #require(keys.training.first { $0 == keys.heldOut[0] })])
      // Ascending numbers behind one prefix are the order of the clients.
      let ordered = names.sorted { (Int($0.dropFirst(5)) ?? 0) < (Int($1.dropFirst(5)) ?? 0) }
      return Dictionary(uniqueKeysWithValues: zip(ordered, keys.training))
    }
    let all = try keys(names)
    #expect(Set(all.values).count == 60 && all.values.allSatisfy { $0 >= 1 << 62 })
    let fewer = try keys(names.filter { $0 != "user-0" && $0 != "user-31" } + ["user-999"])
    for name in names where name != "user-0" && name != "user-31" { #expect(fewer[name] == all[name]) }
    let other = try keys(names, seed: 2)
    #expect(names.allSatisfy { other[$0] != all[$0] })
  }

  @Test("that are numbers stand for themselves, so that what was generated keeps its keys in a file")
  func numbers() {
    func key(_ name: String) -> Int { ClientKeys.key(ofName: Array(name.utf8), seed: 5) }
    for number in [0, 1, 9, 10, 99_999_999, (1 << 27) - 1] { #expect(key("\(number)") == number) }
    for name in ["", "01", "-1", "+1", "1.0", "1 ", "\(1 << 27)", "4294967296", "99999999999999999999", "x"] {
      #expect(key(name) >= 1 << 62)
    }
  }
}
