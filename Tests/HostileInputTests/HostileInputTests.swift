import ClientData
import Coordinator
import Curves
import DifferentialPrivacy
import FederationProtocol
import Foundation
import Regression
import ResultFiles
import Scenarios
import TestSupport
import Testing

/// Everything that reads what others wrote, given 120 000 mutations of valid input: it has to answer with a value or a
/// typed error. A crash or a hang ends the test run; memory is watched.
@Suite("Hostile input", .timeLimit(.minutes(5)))
struct HostileInputTests {
  /// The most memory that this process has taken, in bytes.
  private func peakMemory() -> Int {
    var usage = rusage()
    #if os(Linux)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      return Int(usage.ru_maxrss) << 10
    #else
      getrusage(RUSAGE_SELF, &usage)
      return Int(usage.ru_maxrss)
    #endif
  }

  /// Feeds mutations to a reader.
  /// - Parameter read: says whether the input was accepted; throws what the reader throws.
  private func feed(_ valid: [[UInt8]], cases: Int, seed: UInt64, _ read: ([UInt8]) throws -> Void) {
    var mutator = Mutator(seed: seed)
    let before = peakMemory()
    var refused = 0
    for index in 0..<cases {
      let input = mutator.mutated(valid[index % valid.count])
      do {
        try read(input)
      } catch {
        refused += 1
        #expect(!"\(error)".isEmpty)
      }
    }
    // A mutator that changes nothing that matters would prove nothing.
    #expect(refused > cases / 10)
    // Inputs are some kilobytes; what is taken beyond that would be taken because an input claimed to be large.
    #expect(peakMemory() - before < 256 << 20)
  }

  /// A channel that reads from a file holding these bytes.
  private func receiveAll(_ bytes: [UInt8]) throws {
    var descriptors: [Int32] = [0, 0]
    try #require(pipe(&descriptors) == 0)
    defer { close(descriptors[0]) }
    let written = bytes.prefix(60_000).withUnsafeBytes { write(descriptors[1], $0.baseAddress, $0.count) }
    close(descriptors[1])
    try #require(written == min(bytes.count, 60_000))
    let channel = PipeConnection(reading: descriptors[0], writing: -1)
    while true { _ = try WorkerMessage(channel.receive(timeout: 5)) }
  }

  @Test("on the wire, from a worker and from a coordinator", arguments: 0..<8)
  func messages(seed: UInt64) {
    let configuration = WorkerConfiguration(
      worker: 1, workers: 3, cacheBytes: 1 << 20, scenario: Array("{}".utf8), folder: "/tmp",
      secureNoise: false)
    let fromCoordinator: [CoordinatorMessage] = [
      .configure(configuration),
      .train(round: 3, clippingNorm: 1, clients: [1, 2, 9], weights: [0.5, 1], noise: nil),
      .train(
        round: 3, clippingNorm: 1, clients: [1], weights: [0.5],
        noise: ClientNoise(kind: .gaussian, multiplier: 2, sensitivity: 0x1p25)),
      .evaluate(scorer: .model, slice: .sizes(2..<9), weights: [1, 2, 3]), .measureSizes,
      .measureUpdates(round: 2, clippingNorm: 1, weights: [1]), .attack(weights: [1, 2]), .measureFeatures,
      .evaluateCells(
        cells: [.init(first: -9, bits: 3), .init(first: 64, bits: 6)], scorer: .model, slice: .all, weights: [1]),
    ]
    let fromWorker: [WorkerMessage] = [
      .ready(
        WorkerReadiness(
          trainingClients: 9, heldOutClients: 3, skippedClients: 0, knowsTruth: true, knowsPopularity: false)),
      .sum(round: 3, sums: [1, -5, 9]), .evaluation(.updates, counts: [1, 2, 3]),
      .failure(WorkerFailure(reason: .labelNotBinary, line: 7, field: 2)),
    ]
    func bytes(_ frame: Frame) -> [UInt8] { frame.header + frame.body }
    feed(fromCoordinator.map { bytes($0.frame) }, cases: 5000, seed: seed) { input in
      let (kind, length) = try Frame.parseHeader(Array(input.prefix(Frame.headerLength)))
      _ = try CoordinatorMessage(Frame(kind: kind, body: Array(input.dropFirst(Frame.headerLength).prefix(length))))
    }
    feed(fromWorker.map { bytes($0.frame) }, cases: 5000, seed: seed + 100) { input in
      let (kind, length) = try Frame.parseHeader(Array(input.prefix(Frame.headerLength)))
      _ = try WorkerMessage(Frame(kind: kind, body: Array(input.dropFirst(Frame.headerLength).prefix(length))))
    }
    // Whole streams through a pipe: several frames, cut and mangled.
    feed([fromWorker.flatMap { bytes($0.frame) }], cases: 500, seed: seed + 200) { try receiveAll($0) }
  }

  private var scenarioText: String {
    """
    {
      name: "h", seed: 3, // a comment
      population: { kind: "market", clients: 100, heldOutClients: 5, heterogeneity: { taste: 0.3 } },
      features: { hashedDimension: 64, groups: ["item", "price*budget"] },
      training: { rounds: 5, cohort: { expectedSize: 10 }, aggregation: { rule: "median", groups: 4 } },
      privacy: { clippingNorm: 1.0, epsilon: 2, delta: 1e-6, tiers: { a: { share: 1, epsilon: 3 } } },
      faults: { dropout: { beforeTraining: 0.1 }, clients: { byzantine: 0.1 } },
      sweep: { "training.rounds": [1, 2], seed: [1, 2], variants: { b: { "training.l2": 0.1 } } },
      check: { seeds: 5 },
    }
    """
  }

  @Test("in scenario files", arguments: 0..<4)
  func scenarios(seed: UInt64) throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json5")
    defer { try? FileManager.default.removeItem(at: file) }
    let valid = [Array(scenarioText.utf8), Array(scenarioText.replacingOccurrences(of: "\n", with: " ").utf8)]
    feed(valid, cases: 1500, seed: seed) { input in
      try Data(input).write(to: file)
      let scenario = try ScenarioFile(path: file.path)
      _ = try scenario.scenario()
      _ = try scenario.sweepPlan()
    }
  }

  @Test("in files of queries", arguments: 0..<4)
  func queries(seed: UInt64) throws {
    let valid = """
      {"name": "q", "population": {"kind": "table", "columns": {"a": ["0", "1"], "b": ["x"]},
       "groups": {"g": {"clients": 3, "recordsPerClient": 2, "record": {"a": "1", "b": "x"}}}},
       "privacy": {"budget": 3, "adjacency": "replace-one"},
       "queries": {"m": {"kind": "mean", "field": "a", "where": {"b": ["x"]}, "lower": 0, "upper": 1, "epsilon": [1, 2]},
        "t": {"kind": "top", "field": "b", "epsilon": 1, "mechanisms": ["exponential"]}}}
      """
    feed([Array(valid.utf8)], cases: 1500, seed: seed) { input in
      _ = try QueryScenario(JSONValue(utf8: input), file: "q")
    }
  }

  @Test("in shards of both formats", arguments: 0..<4)
  func shards(seed: UInt64) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (format, text) in [
      ("libsvm", "1 qid:alice 1:1 17:0.5 # note\n0 qid:alice 1:1 4:-2.25e1\n-1 qid:bob 2:3\n\n1 qid:carol 20:1\n"),
      ("csv", "client,label,x0,x1\nalice,1,1,0.5\n\"bob\",0,1,-2.25\ncarol,1,1e3,7\n"),
    ] {
      let settings = try Scenario(
        JSONValue(
          utf8: """
            {"name": "s", "population": {"kind": "files", "format": "\(format)", "train": "t", "heldOut": "t",
              "clients": 9, "dimension": \(format == "csv" ? 2 : 20)},
             "training": {"rounds": 1, "cohort": {"expectedSize": 2}}, "privacy": "none"}
            """.utf8), file: "s")
      feed([Array(text.utf8)], cases: 2000, seed: seed) { input in
        try Data(input).write(to: folder.appendingPathComponent("t"))
        let source = try makeClientSource(for: settings, folder: folder.path)
        for client in 0..<source.trainingClients { _ = try source.trainingShard(client) }
      }
    }
  }

  @Test("in ledgers, curves and baselines", arguments: 0..<4)
  func documents(seed: UInt64) throws {
    let entry = LedgerEntry(
      round: 1, client: 7, tier: "a", event: .poissonSampledGaussian(samplingRate: 0.1, noiseMultiplier: 1.2),
      adjacency: .addOrRemove, unit: "client", sensitivity: 1, noiseStandardDeviation: 1.5, countNoiseMultiplier: 2)
    let ledger = Array(try entry.line().utf8)
    feed([ledger], cases: 3000, seed: seed) { input in
      _ = try LedgerEntry(line: Substring(String(decoding: input, as: UTF8.self)), number: 1)
    }
    let shared = LedgerEntry(
      round: 1, tier: "a", event: entry.event, adjacency: .addOrRemove, unit: "client", sensitivity: 1,
      noiseStandardDeviation: 1.5, countNoiseMultiplier: 2)
    let promise = LedgerOpening.Promise(
      unit: "client", trust: "central", adjacency: .addOrRemove, delta: 1e-6, accountant: .pld)
    let whole = Ledger(
      opening: LedgerOpening(
        name: "a", seed: 1, clients: 9, promise: promise,
        tiers: [LedgerOpening.Tier(name: "a", share: 1, epsilon: 2)], noise: .seeded(1)), entries: [shared],
      closing: LedgerClosing(
        entries: 1, rounds: 1, contacts: [LedgerClosing.Contacts(tier: "a", participations: 3)]))
    let text = try whole.encoded().text
    #expect(whole.gap == nil)
    #expect(throws: Never.self) { try Ledger.allVerified(text + text) }
    feed([Array(text.utf8), Array((text + text).utf8)], cases: 800, seed: seed) { input in
      let all = try Ledger.allVerified(String(decoding: input, as: UTF8.self))
      _ = try LedgerComposition(all.map { LedgerComposition.Part(place: "\($0.line)", ledger: $0.ledger) })
    }
    // Whoever means harm makes a chain that fits.
    let objects = text.split(separator: "\n").map { $0.replacing(/,"previous":"[0-9a-f]{64}"}/, with: "}") }
    feed([Array(objects.joined(separator: "\n").utf8)], cases: 3000, seed: seed) { input in
      var chain = HashChain()
      let lines = String(decoding: input, as: UTF8.self).split(separator: "\n").map { line in
        line.last == "}" && line.count > 2 ? chain.link(String(line)) : String(line)
      }
      let all = try Ledger.allVerified(lines.joined(separator: "\n"))
      _ = try LedgerComposition(all.map { LedgerComposition.Part(place: "\($0.line)", ledger: $0.ledger) })
    }
    let outcome = RunOutcome(
      seed: 1, digest: "ab", epsilon: 1, epsilonLowerBound: 0.9, noiseMultiplier: 2,
      metrics: MetricValues([.auc: 0.7]))
    let curve = Curve(
      name: "c", settings: [:], scenario: .object([:]),
      points: [CurvePoint(position: .infinity, outcomes: [outcome])],
      references: [])
    let set = CurveSet(name: "s", axis: "privacy.epsilon", curves: [curve], missing: [], version: "1")
    feed([Array(try set.json.encoded(pretty: false))], cases: 1500, seed: seed) { input in
      _ = try CurveSet(JSONValue(utf8: input), file: "f")
    }
    let baseline = Baseline(
      version: "1", scenario: .object([:]), dataDigest: "", digest: "d", rounds: ["r"],
      figures: [Baseline.Figure(metric: .auc, value: 0.7, learned: nil)],
      privacy: Baseline.Privacy(epsilon: 1, delta: 1e-6, events: ["e"]))
    feed([Array(try baseline.json.encoded(pretty: false))], cases: 1500, seed: seed) { input in
      _ = try Baseline(JSONValue(utf8: input), file: "f")
    }
  }

  @Test("a checkpoint that another version wrote is refused by that version's name")
  func otherVersion() throws {
    let (state, journal) = try CheckpointSample.files()
    func read(_ state: [UInt8], version: String) throws -> Checkpoint {
      try Checkpoint.read(state: Data(state), journal: Data(journal), version: version).checkpoint
    }
    #expect(try read(state, version: "1").round == 2)
    #expect(throws: CheckpointError.otherVersion("1")) { try read(state, version: "2") }
    // The form before this one.
    let older = Array("fedsim checkpoint 2\n".utf8) + state.dropFirst("fedsim checkpoint 3\n".utf8.count)
    #expect(throws: CheckpointError.otherForm) { try read(older, version: "1") }
  }

  @Test("in checkpoints, also where the checksum was made to fit", arguments: 0..<4)
  func checkpoints(seed: UInt64) throws {
    let (state, journal) = try CheckpointSample.files()
    func read(_ state: [UInt8], _ journal: [UInt8]) throws {
      _ = try Checkpoint.read(state: Data(state), journal: Data(journal), version: "1")
    }
    // What is beyond the journal's own length is not looked at.
    try read(state, journal + Array("{]".utf8))
    feed([state], cases: 500, seed: seed) { try read($0, journal) }
    feed([state], cases: 500, seed: seed + 10) { try read(CheckpointSample.withFittingChecksum($0), journal) }
    feed([journal], cases: 500, seed: seed + 20) { try read(state, $0) }
    feed([journal], cases: 500, seed: seed + 30) { try read(CheckpointSample.state(vouchingFor: $0), $0) }
  }

  @Test("in lists of what fedsim wrote", arguments: 0..<4)
  func manifests(seed: UInt64) throws {
    let manifest = FolderManifest(
      command: "sweep", version: "1", about: .object(["axis": .string("a")]),
      files: ["points/a.json": ["00", "11"]])
    let valid = Array(try manifest.json.encoded(pretty: true))
    struct Refused: Error {}
    feed([valid], cases: 1500, seed: seed) { input in
      guard let read = FolderManifest(try JSONValue(utf8: input)) else { throw Refused() }
      // No list leads out of its folder.
      #expect(read.files.keys.allSatisfy { !$0.hasPrefix("/") && !$0.split(separator: "/").contains("..") })
    }
  }
}
