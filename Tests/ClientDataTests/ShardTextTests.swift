import ClientData
import FederationProtocol
import Foundation
import NumericalCore
import Testing

/// What is read from files of every kind, and what is refused.
@Suite("Text of shards")
struct ShardTextTests {
  static let held = "1 qid:z 1:1\n"

  @Test("lines end in LF, CRLF or CR", arguments: ["\n", "\r\n", "\r"])
  func lineEnds(end: String) throws {
    let lines = ["# a comment", "1 qid:a 1:1", "", "0 qid:b 2:2", "1 qid:a 3:3"]
    let plain = try ShardFolder(["train": lines.joined(separator: "\n"), "held": Self.held]).shards()
    let found = try ShardFolder(["train": lines.joined(separator: end) + end, "held": Self.held]).shards()
    #expect(try found.training == plain.training && found.dataDigest == plain.dataDigest)
    let broken = try ShardFolder(["train": (lines + ["7 qid:a 1:1"]).joined(separator: end), "held": Self.held])
    #expect(throws: WorkerFailure(reason: .labelNotBinary, line: 6, field: 1)) { try broken.shards() }
    let table = ["client,label,x", "a,1,2", "b,0,3", ""].joined(separator: end)
    #expect(
      try ShardFolder(["train": table, "held": table]).shards(format: "csv", dimension: 1).trainingClients == 2)
  }

  @Test("files of many blocks, with line ends across them, are read as if they were one")
  func blocks() throws {
    var text = ""
    var stream = RandomStream(seed: 3, purpose: .examples)
    while text.utf8.count < 1_200_000 {
      let client = stream.nextInteger(below: 50)
      let comment = String(repeating: "x", count: stream.nextInteger(below: 3000))
      text += "\(stream.nextInteger(below: 2)) qid:\(client) 1:\(stream.nextInteger(below: 1000)) #\(comment)\r\n"
    }
    let short = text.split(separator: "\r\n").map { $0.prefix { $0 != "#" } + "\n" }.joined()
    let long = try ShardFolder(["train": text, "held": Self.held]).shards(clients: 50)
    let other = try ShardFolder(["train": short, "held": Self.held]).shards(clients: 50)
    #expect(long.dataDigest == other.dataDigest)
    #expect(try long.training == other.training)
  }

  @Test("numbers are rounded as Swift rounds them")
  func numbers() throws {
    var stream = RandomStream(seed: 8, purpose: .examples)
    var texts = [
      "0", "-0", "+0.0", "1", "-1.5", ".5", "5.", "1e3", "1E-3", "1e+3", "16777217", "16777219", "0.1", "1e-45",
      "1e-50",
      "3.4028235e38", "0.00000000000000000000000000000000000001", "9007199254740993",
      "123456789012345678901234567890",
      "1.00000005960464477539062500000001", "1.000000059604644775390625", "000001.2500", "7.2057594037927933e16",
      "1e-400",
    ]
    for _ in 0..<4000 {
      let bits = stream.nextWord()
      let float = Float(bitPattern: bits)
      let double = (stream.nextUniform() - 0.5) * 1e3
      if float.isFinite { texts.append("\(float)") }
      texts.append("\(double)")
      // Halfway between two floats, and beside it.
      let halfway = Double(Float(double)) + Double(Float(double).ulp) / 2
      texts += ["\(halfway)", "\(halfway.nextUp)", "\(halfway.nextDown)"]
    }
    let lines = texts.map { "1 qid:a 1:\($0)\n" }
    let found = try ShardFolder(["train": lines.joined(), "held": Self.held]).shards()
    let shard = try #require(try found.trainingShard(0))
    for (row, text) in texts.enumerated() {
      let value = try #require(shard.example(row).first?.1)
      #expect(value.bitPattern == Float(text)?.bitPattern, "\(text)")
    }
  }

  static let refused: [(what: String, bytes: [UInt8], failure: WorkerFailure)] = [
    ("nothing", [], WorkerFailure(reason: .noExamples)),
    ("a NUL", Array("1 qid:a 1:1\n0 qid:\0 1:1\n".utf8), WorkerFailure(reason: .notUTF8, line: 2)),
    (
      "Latin-1", Array("1 qid:a 1:1\n\n0 qid:".utf8) + [0xE9] + Array(" 1:1\n".utf8),
      WorkerFailure(reason: .notUTF8, line: 3)
    ),
    ("UTF-16", [0xFF, 0xFE] + "1 qid:a 1:1\n".utf8.flatMap { [$0, 0] }, WorkerFailure(reason: .notUTF8, line: 1)),
    (
      "UTF-16 without its mark", "1 qid:a 1:1\n".utf8.flatMap { [$0, 0] }, WorkerFailure(reason: .notUTF8, line: 1)
    ),
    ("only line ends", Array("\r\r\r".utf8), WorkerFailure(reason: .noExamples)),
    ("an index from 0", Array("1 qid:a 0:1 1:1\n".utf8), WorkerFailure(reason: .indexZero, line: 1, field: 3)),
    (
      "an enormous index", Array("1 qid:a 99999999999999999999999:1\n".utf8),
      WorkerFailure(reason: .indexOutOfRange, line: 1, field: 3)
    ),
    ("a qid at the end", Array("1 1:1 qid:a\n".utf8), WorkerFailure(reason: .malformedFeature, line: 1, field: 3)),
    ("several labels", Array("1,0 qid:a 1:1\n".utf8), WorkerFailure(reason: .labelNotBinary, line: 1, field: 1)),
    (
      "a hexadecimal number", Array("1 qid:a 1:0x1p-2\n".utf8),
      WorkerFailure(reason: .malformedFeature, line: 1, field: 3)
    ),
    (
      "a number without digits", Array("1 qid:a 1:e5\n".utf8),
      WorkerFailure(reason: .malformedFeature, line: 1, field: 3)
    ),
    (
      "a value without a number", Array("1 qid:a 1:\n".utf8),
      WorkerFailure(reason: .malformedFeature, line: 1, field: 3)
    ),
  ]

  @Test("is refused with its line where it is none", arguments: refused)
  func refusals(what: String, bytes: [UInt8], failure: WorkerFailure) throws {
    let folder = try ShardFolder(["held": Self.held])
    try folder.write("train", Data(bytes))
    #expect(throws: failure) { try folder.shards() }
  }

  @Test("a byte-order mark is no part of a label")
  func byteOrderMark() throws {
    let plain = try ShardFolder(["train": "1 qid:a 1:1\n", "held": Self.held]).shards()
    let marked = try ShardFolder(["train": "\u{FEFF}1 qid:a 1:1\n", "held": Self.held]).shards()
    #expect(try marked.dataDigest == plain.dataDigest && marked.training == plain.training)
  }

  @Test("a line without an end is refused before it fills the memory")
  func longLine() throws {
    let folder = try ShardFolder(["held": Self.held])
    try folder.write("train", Data(repeating: UInt8(ascii: "1"), count: 65 << 20))
    #expect(throws: WorkerFailure(reason: .lineTooLong, line: 1)) { try folder.shards() }
  }

  @Test("what is no file is refused: folders, pipes, links that lead nowhere or to themselves")
  func noFiles() throws {
    for (name, reason) in [
      ("folder", WorkerFailure.Reason.notAFile), ("pipe", .notAFile), ("loop", .fileUnreadable),
      ("nowhere", .fileUnreadable),
    ] {
      let folder = try ShardFolder(["train/a": "1 1:1\n", "held": Self.held])
      let place = folder.url.appendingPathComponent("train/b")
      switch name {
      case "folder": try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      case "pipe": try #require(mkfifo(place.path, 0o600) == 0)
      case "loop": try FileManager.default.createSymbolicLink(at: place, withDestinationURL: place)
      default: try FileManager.default.createSymbolicLink(atPath: place.path, withDestinationPath: "gone")
      }
      #expect(throws: WorkerFailure(reason: reason, file: 1)) { try folder.shards() }
    }
  }

  @Test("files without an example are skipped, and counted where a file is a client")
  func emptyFiles() throws {
    let table = "label,x\n1,2\n"
    let folder = try ShardFolder([
      "train/a.csv": table, "train/b.csv": "", "train/c.csv": "x,label\n", "train/d.csv": "\r\n\r\n",
      "held/a.csv": "",
      "held/z.csv": table,
    ])
    let found = try folder.shards(format: "csv", dimension: 1)
    #expect(found.trainingClients == 1 && found.heldOutClients == 1 && found.skippedClients == 4)
    let named = try ShardFolder(["train/a": "1 qid:a 1:1\n", "train/b": "", "held": Self.held]).shards()
    #expect(named.trainingClients == 1 && named.skippedClients == 0)
  }

  @Test("is read again when it is asked for, and refused when it is no longer the same")
  func changes() throws {
    let folder = try ShardFolder(["train": "1 qid:a 1:1\n0 qid:b 1:2\n", "held": Self.held])
    let found = try folder.shards()
    #expect(try found.trainingShard(1)?.example(0).map(\.1) == [2])
    for text in ["1 qid:a 1:1\n0 qid:b 1:3\n", "1 qid:a 1:1\n", "1 qid:a 1:1\n9 qid:b 1:2\n"] {
      try folder.write("train", text)
      #expect(throws: WorkerFailure(reason: .shardsChanged)) { try found.trainingShard(1) }
      #expect(try found.trainingShard(0)?.labels == [1])
    }
    try FileManager.default.removeItem(at: folder.url.appendingPathComponent("train"))
    #expect(throws: WorkerFailure(reason: .shardsChanged)) { try found.trainingShard(0) }
  }

  @Test("has a digest that follows what was understood, for every worker the same")
  func digest() throws {
    func digest(_ train: String, held: String = Self.held, owns: @escaping @Sendable (Int) -> Bool = { _ in true })
      throws -> [UInt8]
    {
      try ShardFolder(["train": train, "held": held]).shards(owns: owns).dataDigest
    }
    let train = "1 qid:a 1:1 2:0.5\n0 qid:b 1:2\n1 qid:b 3:1\n"
    let plain = try digest(train)
    #expect(plain.count == 32)
    #expect(try digest(train) { $0 == 1 } == plain)
    for same in [
      "+1 qid:a 1:1.0 2:5e-1 # a comment\n\n-1 qid:b 1:2\n1 qid:b 3:1",
      "0 qid:b 1:2\n1 qid:a 1:1 2:0.5\n1 qid:b 3:1\n",
    ] { #expect(try digest(same) == plain) }
    let others = [
      "1 qid:a 1:1 2:0.5\n0 qid:b 1:2\n0 qid:b 3:1\n", "1 qid:a 1:1 2:0.5\n0 qid:b 1:2\n1 qid:b 4:1\n",
      "1 qid:a 1:1 2:0.5\n0 qid:b 1:2\n1 qid:b 3:1.0000001\n", "1 qid:a 1:1 2:0.5\n1 qid:b 3:1\n0 qid:b 1:2\n",
      "1 qid:a 1:1 2:0.5\n0 qid:c 1:2\n1 qid:c 3:1\n", "1 qid:a 1:1 2:0.5\n0 qid:b 1:2\n", train + "1 qid:b 3:1\n",
      "1 qid:a 1:1 2:0.5\n0 qid:a 1:2\n1 qid:b 3:1\n", train + "1 qid:c 1:1\n",
      "1 qid:a 1:1 2:-0.5\n0 qid:b 1:2\n1 qid:b 3:1\n",
    ]
    var digests: Set<[UInt8]> = [plain]
    for other in others { #expect(try digests.insert(digest(other)).inserted, "\(other)") }
    #expect(try digests.insert(digest(train, held: "0 qid:z 1:1\n")).inserted)
    // What trains and what is held out are not the same.
    #expect(try digests.insert(digest(Self.held, held: train)).inserted)
  }
}
