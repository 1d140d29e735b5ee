import ClientData
import FederationProtocol
import Foundation
import Testing

/// Columns of CSV files have names, and nothing follows from their order.
@Suite("Columns of CSV files")
struct ColumnTests {
  static let held = "client,label,x1,x2,x10\nz,1,1,2,3\ny,0,4,5,6\n"
  static let train = "client,label,x1,x2,x10\na,1,0.5,2,7\nb,0,-1,3,8\na,0,9,10,11\n"

  private func shards(train: String, held: String) throws -> ReadShards {
    try ShardFolder(["train": train, "held": held]).shards(format: "csv", dimension: 3)
  }

  /// The same table with its columns in another order.
  static func permuted(_ text: String, _ order: [Int]) -> String {
    text.split(separator: "\n").map { line in
      let fields = line.split(separator: ",")
      return order.map { String(fields[$0]) }.joined(separator: ",") + "\n"
    }.joined()
  }

  static let orders = [[0, 1, 4, 3, 2], [4, 3, 2, 1, 0], [2, 0, 3, 1, 4], [1, 3, 4, 0, 2]]

  @Test("may stand in any order, in either half", arguments: orders)
  func order(order: [Int]) throws {
    let plain = try shards(train: Self.train, held: Self.held)
    #expect(try plain.trainingShard(0)?.example(0).map(\.1) == [0.5, 2, 7])
    for (train, held) in [
      (Self.permuted(Self.train, order), Self.held), (Self.train, Self.permuted(Self.held, order)),
      (Self.permuted(Self.train, order), Self.permuted(Self.held, order)),
    ] {
      let other = try shards(train: train, held: held)
      #expect(try other.training == plain.training && other.evaluation == plain.evaluation)
      #expect(other.dataDigest == plain.dataDigest)
    }
  }

  @Test("may stand in another order in every file of a folder", arguments: orders)
  func folders(order: [Int]) throws {
    let lines = Self.train.split(separator: "\n")
    let files = [1, 2, 3].map { "\(lines[0])\n\(lines[$0])\n" }
    let plain = try ShardFolder(
      ["train/1.csv": files[0], "train/2.csv": files[1], "train/3.csv": files[2], "held": Self.held]
    ).shards(format: "csv", dimension: 3)
    #expect(plain.dataDigest == (try shards(train: Self.train, held: Self.held)).dataDigest)
    for changed in 0..<3 {
      var mixed = files
      mixed[changed] = Self.permuted(mixed[changed], order)
      let other = try ShardFolder(
        ["train/1.csv": mixed[0], "train/2.csv": mixed[1], "train/3.csv": mixed[2], "held": Self.held]
      ).shards(format: "csv", dimension: 3)
      #expect(try other.training == plain.training && other.dataDigest == plain.dataDigest)
    }
  }

  struct Mistake: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var train = ColumnTests.train
    var held = ColumnTests.held
    let failure: WorkerFailure
  }

  static let mistakes = [
    Mistake(
      testDescription: "a feature that the held-out file does not have", held: "client,label,x1,x2\nz,1,1,2\n",
      failure: WorkerFailure(reason: .missingFeature, heldOut: true, line: 1, field: 3)),
    Mistake(
      testDescription: "a feature under another name", held: "client,label,X1,x2,x10\nz,1,1,2,3\n",
      failure: WorkerFailure(reason: .surplusColumn, heldOut: true, line: 1, field: 3)),
    Mistake(
      testDescription: "a column too many", held: "client,label,x1,x2,x10,x3\nz,1,1,2,3,4\n",
      failure: WorkerFailure(reason: .surplusColumn, heldOut: true, line: 1, field: 6)),
    Mistake(
      testDescription: "two columns of one name", train: "client,label,x1,x1,x2\na,1,1,2,3\n",
      failure: WorkerFailure(reason: .doubledColumn, line: 1, field: 4)),
    Mistake(
      testDescription: "two columns whose names differ by spaces and quotes",
      train: "client,label,x1,\" x1\",x2\na,1,1,2,3\n",
      failure: WorkerFailure(reason: .doubledColumn, line: 1, field: 4)),
    Mistake(
      testDescription: "two labels", held: "client,label,x1,x2,x10,label\nz,1,1,2,3,1\n",
      failure: WorkerFailure(reason: .doubledColumn, heldOut: true, line: 1, field: 6)),
    Mistake(
      testDescription: "two clients", train: "client,label,x1,client,x10\na,1,1,a,2\n",
      failure: WorkerFailure(reason: .doubledColumn, line: 1, field: 4)),
    Mistake(
      testDescription: "a column without a name", train: "client,label,x1,x2,x10,\na,1,1,2,3,\n",
      failure: WorkerFailure(reason: .unnamedColumn, line: 1, field: 6)),
    Mistake(
      testDescription: "no first line with names", train: "7,1,0.5,2,7\n8,0,1,1,1\n",
      failure: WorkerFailure(reason: .noHeader, line: 1)),
    Mistake(
      testDescription: "a held-out file without its clients", held: "label,x1,x2,x10\n1,1,2,3\n",
      failure: WorkerFailure(reason: .missingClient, heldOut: true, line: 1)),
    Mistake(
      testDescription: "a client's cell that is empty", train: "client,label,x1,x2,x10\na,1,1,2,3\n ,1,1,2,3\n",
      failure: WorkerFailure(reason: .missingClient, line: 3, field: 1)),
    Mistake(
      testDescription: "more features than the model has", train: "client,label,x1,x2,x3,x10\na,1,1,2,3,4\n",
      failure: WorkerFailure(reason: .wrongFeatureCount, line: 1, field: 4)),
    Mistake(
      testDescription: "commas behind the last value", held: "client,label,x1,x2,x10\nz,1,1,2,3,\n",
      failure: WorkerFailure(reason: .wrongColumnCount, heldOut: true, line: 2, field: 6)),
    Mistake(
      testDescription: "decimal commas", held: "client,label,x1,x2,x10\nz,1,1,2,3,5\n",
      failure: WorkerFailure(reason: .wrongColumnCount, heldOut: true, line: 2, field: 6)),
    Mistake(
      testDescription: "a line break between quotes", train: "client,label,x1,x2,x10\n\"a\nb\",1,1,2,3\n",
      failure: WorkerFailure(reason: .malformedQuotes, line: 2, field: 1)),
    Mistake(
      testDescription: "something behind a quote", train: "client,label,x1,x2,x10\n\"a\"b,1,1,2,3\n",
      failure: WorkerFailure(reason: .malformedQuotes, line: 2, field: 1)),
    Mistake(
      testDescription: "a number in hexadecimal", train: "client,label,x1,x2,x10\na,1,0x1p3,2,3\n",
      failure: WorkerFailure(reason: .malformedFeature, line: 2, field: 3)),
    Mistake(
      testDescription: "a number too large", train: "client,label,x1,x2,x10\na,1,1,1e400,3\n",
      failure: WorkerFailure(reason: .valueNotFinite, line: 2, field: 4)),
    Mistake(
      testDescription: "an infinity", train: "client,label,x1,x2,x10\na,1,1,2,-Inf\n",
      failure: WorkerFailure(reason: .valueNotFinite, line: 2, field: 5)),
    Mistake(
      testDescription: "a cell without a number", train: "client,label,x1,x2,x10\na,1,,2,3\n",
      failure: WorkerFailure(reason: .malformedFeature, line: 2, field: 3)),
    Mistake(
      testDescription: "a label between the two", train: "label,client,x1,x2,x10\n0.5,a,1,2,3\n",
      failure: WorkerFailure(reason: .labelNotBinary, line: 2, field: 1)),
  ]

  @Test("are refused with the place of the mistake", arguments: mistakes)
  func refusals(_ mistake: Mistake) throws {
    #expect(throws: mistake.failure) { try shards(train: mistake.train, held: mistake.held) }
  }

  @Test("an order that differs within a folder is named by its file, and so is a missing name")
  func secondFile() throws {
    let folder = try ShardFolder(
      ["train/a.csv": "label,x1,x2,x10\n1,1,2,3\n", "train/b.csv": "x10,x1,label\n1,2,0\n", "held": Self.held])
    #expect(throws: WorkerFailure(reason: .missingFeature, file: 1, line: 1, field: 2)) {
      try folder.shards(format: "csv", dimension: 3)
    }
  }

  @Test("names may hold commas and quotes")
  func quotedNames() throws {
    let found = try shards(
      train: "\u{FEFF}\"client\",\"x,1\",label,\"x\"\"2\",x10\r\n\"b, the \"\"2nd\"\"\",1,1,2,3\r\na,4,0,5,6\r\n",
      held: "label,x10,\"x\"\"2\",client,\"x,1\"\n1,3,2,\"a\",1\n")
    #expect(found.trainingClients == 2 && found.sharedNames == ["a"])
    #expect(try found.trainingShard(1)?.example(0).map(\.1) == [2, 1, 3])
    #expect(try found.heldOutShard(0)?.example(0).map(\.1) == [2, 1, 3])
  }
}
