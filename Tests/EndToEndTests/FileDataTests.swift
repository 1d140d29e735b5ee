import FederationProtocol
import Foundation
import NumericalCore
import Scenarios
import Testing

/// A user's own files, from the command line.
@Suite("Own data", .tags(.endToEnd))
struct FileDataTests {
  /// Examples of a client, as a CSV body.
  private static func rows(_ name: String, _ count: Int = 8) -> [String] {
    var stream = RandomStream(
      seed: 2, purpose: .examples, client: name.utf8.reduce(0) { $0 * 31 + Int($1) } % 100_000)
    return (0..<count).map { _ in
      let x = (0..<3).map { _ in Double(stream.nextInteger(below: 200)) / 100 - 1 }
      let label = x[0] - x[1] + (Double(stream.nextInteger(below: 100)) / 100 - 0.5) > 0 ? 1 : 0
      return "\(name),\(label),\(x[0]),\(x[1]),\(x[2])"
    }
  }

  private static func table(_ names: [String]) -> String {
    (["client,label,age,visits,spend"] + names.flatMap { rows($0) }).joined(separator: "\n") + "\n"
  }

  static let train = (0..<60).map { "user\($0)" }
  static let held = (0..<20).map { "other\($0)" }

  static func scenario(clients: Int = 60, more: String = "", privacy: String = #""none""#) -> String {
    """
    { name: "own", seed: 4,
      population: { kind: "files", format: "csv", train: "train.csv", heldOut: "held.csv", clients: \(clients), dimension: 3 },
      training: { rounds: 6, cohort: { expectedSize: 20 }, client: { learningRate: 0.5 }\(more) },
      privacy: \(privacy), evaluation: { every: 3 } }
    """
  }

  private func folder(_ scenario: String = scenario(), train: [String] = train) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write("train.csv", Self.table(train))
    try folder.write("held.csv", Self.table(Self.held))
    try folder.write("s.json5", scenario)
    return folder
  }

  private func run(_ folder: TemporaryFolder, _ arguments: String...) throws -> JSONValue {
    let outcome = try Program.run(
      ["run", "s.json5", "--json", "--force", "--out", "r"] + arguments, in: folder.url)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try outcome.json()
  }

  private func error(_ folder: TemporaryFolder) throws -> String {
    let outcome = try folder.run("run", "s.json5", "--out", "refused")
    #expect(outcome.status == 2)
    #expect(try !folder.contents().contains("refused"))
    return outcome.errors
  }

  @Test("comes to the same whatever the order of columns, lines and files, and however many workers read it")
  func order() throws {
    let folder = try folder()
    let plain = try run(folder, "--workers", "1")
    guard case .string(let digest)? = plain["dataDigest"] else {
      Issue.record("no digest of the data")
      return
    }
    #expect(digest.count == 64)
    let other = try run(folder, "--workers", "3", "--memory", "1")
    #expect(other["digest"] == plain["digest"] && other["dataDigest"] == plain["dataDigest"])

    let lines = Self.table(Self.train).split(separator: "\n").map(String.init)
    func permuted(_ line: String) -> String {
      let fields = line.split(separator: ",")
      return [3, 1, 4, 0, 2].map { String(fields[$0]) }.joined(separator: ",")
    }
    // Clients backwards, each with its examples in their order; columns in another order; in three files.
    let backwards = ([lines[0]] + Self.train.reversed().flatMap { Self.rows($0) }).map(permuted)
    try folder.write("train.csv", backwards.joined(separator: "\n") + "\n")
    let held = Self.table(Self.held).split(separator: "\n").map { permuted(String($0)) }
    try folder.write("held.csv", held.joined(separator: "\r\n"))
    let reordered = try run(folder)
    #expect(reordered["digest"] == plain["digest"] && reordered["dataDigest"] == plain["dataDigest"])

    // One example moves: both digests do.
    try folder.write("train.csv", (lines.dropLast() + ["user59,1,0.5,0.5,0.5"]).joined(separator: "\n"))
    let changed = try run(folder)
    #expect(changed["digest"] != plain["digest"] && changed["dataDigest"] != plain["dataDigest"])
  }

  @Test("written by generate comes to the digest of what it was made of, with tiers, faults and groups")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    let scenario = TierTests.scenario.replacingOccurrences(
      of: "l2: 1e-4 }", with: "l2: 1e-4, aggregation: { rule: \"median\", groups: 4 } }"
    ).replacingOccurrences(
      of: "evaluation:",
      with:
        "faults: { dropout: { afterTraining: 0.1, beforeTraining: 0.1 }, clients: { flippedLabels: 0.2 } }, evaluation:"
    )
    try folder.write("s.json5", scenario)
    let original = try folder.run("run", "s.json5", "--out", "a", "--json").json()
    #expect(original["dataDigest"] == .null)
    #expect(try folder.run("generate", "s.json5", "--out", "shards").status == 0)
    let outcome = try folder.run("run", "shards/scenario.json5", "--out", "b", "--json", "--workers", "3")
    let read = try outcome.json()
    #expect(read["digest"] == original["digest"])
    #expect(read.at("privacy.tiers") == original.at("privacy.tiers"))
    // Held-out clients are others than those that train.
    #expect(!outcome.errors.contains("too"), "\(outcome.errors)")
  }

  @Test("tiers follow names: the coordinator and every worker agree, and another client on top changes no tier")
  func tiers() throws {
    let privacy = "{ delta: 1e-3, tiers: { strict: { share: 0.5, epsilon: 4 }, gone: { share: 0.5 } } }"
    // Everyone who has not opted out takes part in nearly every round.
    let scenario = Self.scenario(clients: 61, privacy: privacy).replacingOccurrences(
      of: "expectedSize: 20", with: "expectedSize: 30")
    let folder = try folder(scenario)
    let one = try run(folder, "--workers", "1")
    let three = try run(folder, "--workers", "3")
    #expect(three["digest"] == one["digest"])
    #expect(try #require(one.at("timing.clientUpdates")?.asInteger) > 60)

    func keys() throws -> [UInt64] {
      defer { try? FileManager.default.removeItem(at: folder.url.appendingPathComponent("traffic")) }
      _ = try run(folder, "--workers", "1", "--record-traffic", "traffic")
      var rest = [UInt8](try Data(contentsOf: folder.url.appendingPathComponent("traffic/worker-0.frames")))[...]
      while !rest.isEmpty {
        let (kind, length) = try Frame.parseHeader(Array(rest.prefix(Frame.headerLength)))
        rest = rest.dropFirst(Frame.headerLength)
        let message = try WorkerMessage(Frame(kind: kind, body: Array(rest.prefix(length))))
        if case .identified(let keys) = message { return keys }
        rest = rest.dropFirst(length)
      }
      return []
    }
    let before = try keys()
    #expect(before.count == 60)
    // What tiers and faults are drawn by stays, though every index is one higher.
    try folder.write("train.csv", Self.table(["aaa"] + Self.train))
    #expect(try Array(keys().dropFirst()) == before)
  }

  @Test("says which file, line and column cannot be used, and which key names them")
  func messages() throws {
    let folder = try folder()
    let held = Self.table(Self.held)
    func refused(_ held: String) throws -> String {
      try folder.write("held.csv", held)
      return try error(folder)
    }
    #expect(
      try refused(held.replacingOccurrences(of: ",visits,", with: ",Visits,"))
        .contains("held.csv:1: column \"Visits\" is not among the features of the training data"))
    let lines = held.split(separator: "\n")
    let cut = lines.map { $0.split(separator: ",").dropLast().joined(separator: ",") }.joined(separator: "\n")
    #expect(try refused(cut).contains("held.csv:1: there is no column \"spend\", a feature of the training data"))
    #expect(
      try refused(held.replacingOccurrences(of: ",visits,", with: ",age,")).contains(
        "held.csv:1: there are two columns \"age\""))
    let message = try refused(held.replacingOccurrences(of: "client,", with: "customer,"))
    #expect(message.contains("held.csv:1: names no client") && message.contains("population.clientColumn"))
    #expect(
      try refused(held.replacingOccurrences(of: "client,", with: "Client,")).contains("did you mean \"Client\"?"))
    #expect(
      try refused(held.replacingOccurrences(of: ",", with: ";")).contains(
        "it has a single column; commas separate columns"))
    #expect(
      try refused(held.replacingOccurrences(of: ",label,", with: ",labels,"))
        .contains(
          "there is no column \"label\"; name the label's column in population.labelColumn; did you mean \"labels\"?"
        ))
    #expect(try refused(lines.dropFirst().joined(separator: "\n")).contains("there is no column \"label\""))
    #expect(
      try refused("1,2,3,4,5\n").contains("held.csv:1: has numbers only; the first line has to name the columns"))
    #expect(try refused("\r\r\r").contains("held.csv: holds no example"))
    #expect(
      try refused(held + "other0,0.5,1,1,1\n").contains("held.csv:162: field 2 is not a label; allowed: 0 or 1"))
    #expect(
      try refused(held + "other0,1,1,1\n").contains("held.csv:162: has 4 fields; the first line has 5 columns"))
    #expect(try refused(held + "other0,1,1e99,1,1\n").contains("held.csv:162: field 3 is not a finite number"))
    try folder.write("held.csv", held)
    let same = try folder.run("run", "s.json5", "--set", "population.clientColumn=label")
    #expect(same.status == 2 && same.errors.contains("allowed: a column of its own"))
  }

  @Test("warns of clients that are in both halves, and of a public number far above the clients there are")
  func warnings() throws {
    let folder = try folder(Self.scenario(clients: 600))
    let outcome = try folder.run("run", "s.json5", "--out", "a")
    #expect(outcome.status == 0)
    let sentence = "population.clients is 600, and the shards hold 60 clients"
    #expect(outcome.output.contains(sentence) && outcome.errors.contains(sentence), "\(outcome.output)")
    #expect(try folder.text("a/report.html").contains(sentence))
    let json = try folder.json("a/run.json")
    #expect("\(try #require(json["warnings"]))".contains(sentence))
    // Only clients that exist train: of six cohorts of 20, a tenth.
    let updates = try #require(json.at("timing.clientUpdates")?.asInteger)
    #expect((1...30).contains(updates))
    #expect(updates == (try folder.ledgerContacts("a/ledger.jsonl")))

    try folder.write("held.csv", Self.table(Self.held + ["user7", "user40", "user12", "user3"]))
    let shared = try folder.run("run", "s.json5", "--set", "population.clients=60", "--out", "b")
    let names = "4 of 24 held-out clients are training clients too (user3, user7, user12, …)"
    #expect(shared.errors.contains(names) && shared.output.contains(names), "\(shared.errors)")
    #expect(!shared.errors.contains("population.clients is"))
    let same = try folder.run(
      "run", "s.json5", "--set", "population.clients=60", "--set", "population.heldOut=train.csv", "--out", "c")
    #expect(same.errors.contains("60 of 60 held-out clients are training clients too"), "\(same.errors)")
    let none = try folder.run(
      "run", "s.json5", "--set", "population.clients=60", "--set", "population.train=held.csv", "--set",
      "population.heldOut=train.csv", "--out", "d")
    #expect(none.errors.contains("4 of 60 held-out clients"), "\(none.errors)")
  }

  @Test("takes no more memory than --memory allows")
  func memory() throws {
    let folder = try folder(Self.scenario(clients: 4000).replacingOccurrences(of: "rounds: 6", with: "rounds: 400"))
    let names = (0..<4000).map { "u\($0)" }
    let text = (["client,label,age,visits,spend"] + names.flatMap { Self.rows($0, 60) }).joined(separator: "\n")
    try folder.write("train.csv", text)
    func peak(_ memory: String) throws -> (bytes: Int, digest: JSONValue?) {
      let result = try folder.runProcess(
        "run", "s.json5", "--json", "--force", "--out", "r", "--workers", "1", "--memory", memory
      ).json()
      guard case .array(let peaks)? = result.at("memory.workerPeakBytes") else { return (0, nil) }
      return (peaks.first?.asInteger ?? 0, result["digest"])
    }
    let (little, much) = (try peak("1"), try peak("4096"))
    #expect(little.digest == much.digest)
    // 240 000 rows of three features, padded to 64 bytes, and their labels: 16 MB.
    if Program.hasProcessTable { #expect(much.bytes - little.bytes > 10 << 20, "\(much.bytes) \(little.bytes)") }
  }
}

extension TemporaryFolder {
  /// How often clients were asked for anything, as the ledger closes.
  fileprivate func ledgerContacts(_ name: String) throws -> Int? {
    for line in try text(name).split(separator: "\n") {
      if case .array(let contacts)? = try JSONValue(utf8: line.utf8)["contacts"] {
        return contacts.reduce(0) { $0 + ($1["participations"]?.asInteger ?? 0) }
      }
    }
    return nil
  }
}
