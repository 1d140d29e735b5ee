import ClientData
import FederationProtocol
import Foundation
import Scenarios
import Testing

@Suite("Shards in files")
struct FileShardsTests {
  /// A folder that is removed with its owner.
  final class Folder {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ name: String, _ text: String) throws { try write(name, Data(text.utf8)) }
    func write(_ name: String, _ data: Data) throws {
      let file = url.appendingPathComponent(name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try data.write(to: file)
    }
  }

  private func shards(
    _ folder: Folder, format: String = "libsvm", train: String = "train", heldOut: String = "held",
    clients: Int = 10, dimension: Int = 4, owns: @escaping @Sendable (Int) -> Bool = { _ in true }
  ) throws -> FileShards {
    let scenario = try makeScenario(
      population: """
        {"kind": "files", "format": "\(format)", "train": "\(train)", "heldOut": "\(heldOut)",
         "clients": \(clients), "dimension": \(dimension)}
        """)
    guard case .files(let settings) = scenario.population else { preconditionFailure() }
    return try FileShards(settings: settings, folder: folder.url.path, seed: 1, owns: owns)
  }

  @Test("LIBSVM with a client column: clients are numbered in the order of their names")
  func libsvm() throws {
    let folder = try Folder()
    try folder.write(
      "train", "# a comment\n1 qid:b 1:0.5 3:2\n0 qid:a 2:1e-3\n\n-1 qid:b 4:-7 # another\n+1 qid:a\n")
    try folder.write("held", "1 qid:z 1:1\r\n0 qid:z 2:1\r\n")
    let found = try shards(folder)
    #expect(found.trainingClients == 2 && found.heldOutClients == 1 && found.skippedClients == 0)
    let b = try #require(try found.trainingShard(1))
    #expect(b.labels == [1, 0])
    #expect(b.example(0).map(\.0) == [0, 2] && b.example(0).map(\.1) == [0.5, 2])
    #expect(b.example(1).map(\.0) == [3] && b.example(1).map(\.1) == [-7])
    #expect(try #require(try found.trainingShard(0)).labels == [0, 1])
    #expect(try #require(try found.heldOutShard(0)).labels == [1, 0])
  }

  @Test("CSV with a client column anywhere, quotes, spaces and a byte-order mark")
  func csv() throws {
    let folder = try Folder()
    try folder.write("train", "\u{FEFF}x1,label,client,x2\n0.5,1,\"k 1\",2\n 1 , 0 ,k2, -3.5\n2,1,\"k 1\",0\n")
    try folder.write("held", "client,label,x1,x2\na,0,1,1\n")
    let found = try shards(folder, format: "csv", dimension: 2)
    #expect(found.trainingClients == 2)
    let first = try #require(try found.trainingShard(0))
    #expect(first.labels == [1, 1])
    #expect(first.example(0).map(\.1) == [0.5, 2] && first.example(1).map(\.1) == [2, 0])
    #expect(try #require(try found.trainingShard(1)).example(0).map(\.1) == [1, -3.5])
  }

  @Test("one file a client: in the order of their names, empty ones counted as skipped")
  func folders() throws {
    let folder = try Folder()
    try folder.write("train/b.svm", "1 1:1\n")
    try folder.write("train/a.svm", "0 2:1\n1 3:1\n")
    try folder.write("train/c.svm", "\n# nothing\n")
    try folder.write("train/.hidden", "no example")
    try folder.write("held/x.svm", "1 1:1\n")
    let found = try shards(folder)
    #expect(found.trainingClients == 2 && found.skippedClients == 1)
    #expect(try #require(try found.trainingShard(0)).labels == [0, 1])
    #expect(try #require(try found.trainingShard(1)).labels == [1])
  }

  @Test("a worker keeps its own clients only")
  func ownership() throws {
    let folder = try Folder()
    try folder.write("train", (0..<9).map { "1 qid:\($0) 1:\($0)\n" }.joined())
    try folder.write("held", "1 qid:0 1:1\n")
    let found = try shards(folder) { $0 % 3 == 2 }
    #expect(found.trainingClients == 9)
    #expect(try (0..<9).filter { try found.trainingShard($0) != nil } == [2, 5, 8])
  }

  struct Mistake: Sendable, CustomTestStringConvertible {
    let what: String
    var format = "libsvm"
    let text: String
    let failure: WorkerFailure
    var testDescription: String { what }
  }

  static let mistakes = [
    Mistake(
      what: "a label that is neither 0 nor 1", text: "1 qid:a 1:1\n2 qid:a 1:1\n",
      failure: WorkerFailure(reason: .labelNotBinary, line: 2, field: 1)),
    Mistake(
      what: "an index above the dimension", text: "1 qid:a 1:1 5:1\n",
      failure: WorkerFailure(reason: .indexOutOfRange, line: 1, field: 4)),
    Mistake(
      what: "an index of zero", text: "1 qid:a 0:1\n",
      failure: WorkerFailure(reason: .indexZero, line: 1, field: 3)),
    Mistake(
      what: "indices that do not ascend", text: "1 qid:a 2:1 2:1\n",
      failure: WorkerFailure(reason: .indicesNotAscending, line: 1, field: 4)),
    Mistake(
      what: "a NaN", text: "\n\n1 qid:a 1:nan\n", failure: WorkerFailure(reason: .valueNotFinite, line: 3, field: 3)
    ),
    Mistake(
      what: "a number too large for single precision", text: "1 qid:a 1:1e99\n",
      failure: WorkerFailure(reason: .valueNotFinite, line: 1, field: 3)),
    Mistake(
      what: "a feature that is none", text: "1 qid:a 1=1\n",
      failure: WorkerFailure(reason: .malformedFeature, line: 1, field: 3)),
    Mistake(
      what: "a line without its client", text: "1 1:1\n",
      failure: WorkerFailure(reason: .missingClient, line: 1, field: 2)),
    Mistake(what: "no example at all", text: "# empty\n", failure: WorkerFailure(reason: .noExamples)),
    Mistake(
      what: "a CSV without the label's column", format: "csv", text: "client,y,a,b,c,d\n",
      failure: WorkerFailure(reason: .missingColumn, line: 1)),
    Mistake(
      what: "a CSV without the client's column", format: "csv", text: "label,a,b,c,d\n",
      failure: WorkerFailure(reason: .missingClient, line: 1)),
    Mistake(
      what: "a CSV with too few columns", format: "csv", text: "client,label,a\n",
      failure: WorkerFailure(reason: .wrongFeatureCount, line: 1, field: 1)),
    Mistake(
      what: "a CSV line cut short", format: "csv", text: "client,label,a,b,c,d\nx,1,1,2\n",
      failure: WorkerFailure(reason: .wrongColumnCount, line: 2, field: 4)),
    Mistake(
      what: "a CSV cell that is no number", format: "csv", text: "client,label,a,b,c,d\nx,1,1,2,x,4\n",
      failure: WorkerFailure(reason: .malformedFeature, line: 2, field: 5)),
    Mistake(
      what: "more clients than the scenario says",
      text: (0..<11).map { "1 qid:\($0) 1:1\n" }.joined(),
      failure: WorkerFailure(reason: .tooManyClients, field: 11)),
  ]

  @Test("are refused with the place of the first mistake", arguments: mistakes)
  func refusals(_ mistake: Mistake) throws {
    let folder = try Folder()
    try folder.write("train", mistake.text)
    try folder.write("held", mistake.format == "csv" ? "client,label,a,b,c,d\nx,1,1,2,3,4\n" : "1 qid:a 1:1\n")
    #expect(throws: mistake.failure) { try shards(folder, format: mistake.format) }
  }

  @Test("are refused when they are missing, are not text, or the mistake is in the held-out half")
  func otherRefusals() throws {
    let folder = try Folder()
    #expect(throws: WorkerFailure(reason: .fileUnreadable)) { try shards(folder) }
    try folder.write("train", Data([0x31, 0x20, 0xFF, 0xFE]))
    #expect(throws: WorkerFailure(reason: .notUTF8, line: 1)) { try shards(folder) }
    try folder.write("train", "1 qid:a 1:1\n")
    try folder.write("held/a.svm", "1 1:1\n")
    try folder.write("held/b.svm", "1 1:1\n9 1:1\n")
    #expect(throws: WorkerFailure(reason: .labelNotBinary, heldOut: true, file: 1, line: 2, field: 1)) {
      try shards(folder)
    }
  }

  @Test(
    "written from a population read back to the same bits",
    arguments: [GeneratorTests.market, GeneratorTests.synthetic])
  func roundTrip(population: String) throws {
    let original = try makeClientSource(for: try makeScenario(population: population), folder: "/")
    let folder = try Folder()
    let writer = ShardWriter(original)
    for (name, heldOut) in [("train", false), ("held", true)] {
      try folder.write(name, Data())
      let handle = try FileHandle(forWritingTo: folder.url.appendingPathComponent(name))
      try writer.write(heldOut: heldOut, to: handle)
      try handle.close()
    }
    let dimension = writer.fileExtension == "csv" ? 12 : 4096
    let read = try shards(
      folder, format: writer.fileExtension == "csv" ? "csv" : "libsvm", clients: 400, dimension: dimension)
    #expect(read.trainingClients == 400)
    for client in 0..<400 {
      #expect(
        try #require(try read.trainingShard(client)).contents
          == (try #require(try original.trainingShard(client)).contents)
      )
    }
    #expect(
      try #require(try read.heldOutShard(7)).contents == (try #require(try original.heldOutShard(7)).contents))
  }
}
