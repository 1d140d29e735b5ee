import Foundation
import NumericalCore
import Scenarios
import Testing

/// Metrics over a user's own shards: of any scale, and where they have no value.
@Suite("Metrics", .tags(.endToEnd))
struct MetricsTests {
  /// Shards of clients with three features and labels that follow them.
  /// - Parameters:
  ///   - scale: of all features.
  ///   - label: what becomes of each label, by the example's number.
  ///   - offset: a fourth feature, from the example's number; nil: none.
  private func shards(
    clients: Range<Int>, scale: Double = 1, offset: ((Int) -> Double)? = nil,
    label: (Int, Int) -> Int = { label, _ in label }
  ) -> String {
    var text = ""
    for client in clients {
      var stream = RandomStream(seed: 5, purpose: .examples, client: client)
      for example in 0..<30 {
        let features = (0..<3).map { _ in stream.nextNormal() }
        let logit = 2 * features[0] - features[1] - 0.5
        let own = label(stream.nextUniform() < 1 / (1 + exp(-logit)) ? 1 : 0, client * 30 + example)
        // Powers of two keep every bit of the features.
        let entries = features.enumerated().map { "\($0.offset + 1):\(Float($0.element) * Float(scale))" }
        let last = offset.map { " 4:\(Float($0(client * 30 + example)))" } ?? ""
        text += "\(own) qid:c\(client) \(entries.joined(separator: " "))\(last)\n"
      }
    }
    return text
  }

  private func scenario(dimension: Int = 3, rounds: Int = 1, privacy: String = #""none""#, more: String = "")
    -> String
  {
    """
    { name: "own", population: { kind: "files", train: "train", heldOut: "held", clients: 20, dimension: \(dimension) },
      training: { rounds: \(rounds), cohort: { sampling: "full" }, client: { algorithm: "fedsgd" },
        server: { optimizer: "sgd", learningRate: 1 } }, privacy: \(privacy), evaluation: { every: 1 }\(more) }
    """
  }

  private func warnings(_ json: JSONValue) -> String {
    guard case .array(let texts)? = json["warnings"] else { return "no list" }
    return texts.map { if case .string(let text) = $0 { text } else { "" } }.joined(separator: "\n")
  }

  @Test("rank logits of any scale alike, and name a scale that saturates")
  func scale() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", scenario())
    let scales: [(Int, Double)] = [(0, 1), (10, 0x1p10), (40, 0x1p40), (-12, 0x1p-12)]
    var first: JSONValue?
    for (power, scale) in scales {
      try folder.write("train", shards(clients: 0..<20, scale: scale))
      try folder.write("held", shards(clients: 20..<40, scale: scale))
      let run = try folder.run("run", "s.json5", "--out", "r\(power)", "--json")
      #expect(run.status == 0, "\(run.errors)")
      let json = try run.json()
      // One step from the model of zeros is as long as the features are large, and logits are their square.
      for metric in ["auc", "averagePrecision", "hitRateAt10", "ndcgAt10", "accuracy"] {
        let (found, expected) = (
          json.at("metrics.\(metric)")?.asDouble, (first ?? json).at("metrics.\(metric)")?.asDouble
        )
        #expect(abs((found ?? .nan) - (expected ?? .nan)) < 2e-3, "\(metric), 2^\(power)")
      }
      #expect((json.at("metrics.auc")?.asDouble ?? 0) > 0.75)
      let saturates = power > 0
      #expect(warnings(json).contains("beyond ±32") == saturates)
      #expect(try folder.text("r\(power)/report.html").contains("beyond ±32") == saturates)
      if saturates {
        #expect((json.at("metrics.logLoss")?.asDouble ?? 0) > 1000)
        let text = try folder.run("run", "s.json5", "--out", "t\(power)").output
        #expect(text.contains("warning   ") && text.contains("beyond ±32"))
      }
      first = first ?? json
    }
  }

  @Test("tell logits apart that a large column has moved far from zero, and name the column")
  func timestamps() throws {
    let folder = try TemporaryFolder()
    func timestamp(_ example: Int) -> Double { 1.6e9 + Double(example) * 1000 }
    try folder.write("train", shards(clients: 0..<20, offset: timestamp))
    try folder.write("held", shards(clients: 20..<40, offset: timestamp) { $1 >= 1000 ? 1 : $0 })
    try folder.write("s.json5", scenario(dimension: 4))
    let json = try folder.run("run", "s.json5", "--out", "r", "--json").json()
    // The logits are those of the timestamps, in a band of a few ten-thousandths of their size: rising with them, or
    // falling. So the AUC is how the labels follow the examples' numbers.
    let held = try folder.text("held").split(separator: "\n")
    let labels = held.map { $0.hasPrefix("1") }
    var (below, later) = (0.0, 0.0)
    for isPositive in labels {
      if isPositive { later += below } else { below += 1 }
    }
    let rising = later / (below * (Double(labels.count) - below))
    let auc = json.at("metrics.auc")?.asDouble ?? .nan
    #expect(min(abs(auc - rising), abs(auc - (1 - rising))) < 2e-3, "\(auc), \(rising)")
    #expect(rising > 0.6)
    #expect(warnings(json).contains("feature 3 (from 0)"))
    #expect(warnings(json).contains("beyond ±32"))
    // Whoever counts.
    for workers in ["1", "5"] {
      let same = try folder.run("run", "s.json5", "--out", "w\(workers)", "--json", "--workers", workers).json()
      #expect(same["metrics"] == json["metrics"] && same["digest"] == json["digest"])
      #expect(same["warnings"] == json["warnings"])
    }
    // Clipped updates say so too; features of one scale do not.
    let clipped = try folder.run(
      "run", "s.json5", "--out", "p", "--json", "--set", "privacy={noiseMultiplier:1,delta:1e-3}")
    #expect(warnings(try clipped.json()).contains("feature 3 (from 0)"), "\(clipped.errors)")
    try folder.write("train", shards(clients: 0..<20))
    try folder.write("held", shards(clients: 20..<40))
    #expect(warnings(try folder.run("run", "s.json5", "--out", "n", "--json").json()) == "")
  }

  @Test("without a value are null, a dash or nothing, wherever they stand", arguments: [0, 1])
  func oneClass(label: Int) throws {
    let folder = try TemporaryFolder()
    try folder.write("train", shards(clients: 0..<20))
    try folder.write("held", shards(clients: 20..<40, label: { _, _ in label }))
    try folder.write("s.json5", scenario(rounds: 3, more: #", check: { exact: false, tolerance: 0.01 }"#))
    let undefined = ["auc", "hitRateAt10", "ndcgAt10"] + (label == 0 ? ["averagePrecision"] : [])
    let run = try folder.run("run", "s.json5", "--out", "r", "--json")
    #expect(run.status == 0, "\(run.errors)")
    let json = try run.json()
    for metric in ["auc", "averagePrecision", "hitRateAt10", "ndcgAt10", "logLoss", "accuracy"] {
      #expect((json.at("metrics.\(metric)") == .null) == undefined.contains(metric), "\(metric)")
    }
    #expect(warnings(json).contains("all 600 held-out examples have label \(label)"))
    let text = try folder.run("run", "s.json5", "--out", "t").output
    #expect(text.contains("The model's AUC has no value on these held-out clients."))
    #expect(text.contains("warning   all 600"))
    for row in text.split(separator: "\n") where row.hasPrefix("model ") || row.hasPrefix("untrained ") {
      #expect(row.split(separator: " ")[1] == "–" && row.split(separator: " ")[3] != "–", "\(row)")
    }
    let report = try folder.text("r/report.html")
    #expect(report.contains("all 600 held-out examples") && report.contains(">–</td>"))
    let rows = try folder.text("r/rounds.csv").split(separator: "\n").dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    #expect(rows.count == 3 && rows.allSatisfy { $0[2].isEmpty && !$0[4].isEmpty })

    // Read back, alone and in sweeps.
    let compared = try folder.run("compare", "r", "t", "--out", "c.html")
    #expect(compared.status == 0, "\(compared.errors)")
    #expect(compared.output.contains("AUC has no value in 1 of 1 runs"))
    let sweep = try folder.run(
      "sweep", "s.json5", "--out", "w", "--set", "sweep={seed:[1,2],\"training.server.learningRate\":[0.5,1]}")
    #expect(sweep.status == 0, "\(sweep.errors)")
    #expect(sweep.output.contains("AUC has no value in 4 of 4 runs") && !sweep.output.contains("best at"))
    let again = try folder.run(
      "sweep", "s.json5", "--out", "w", "--set", "sweep={seed:[1,2],\"training.server.learningRate\":[0.5,1]}")
    #expect(again.status == 0 && again.output.contains("AUC has no value in 4 of 4 runs"))

    // Nothing against nothing is no difference; something against nothing is one.
    #expect(try folder.run("check", ".", "--update").status == 0)
    let checked = try folder.run("check", ".")
    #expect(checked.status == 0, "\(checked.output)\(checked.errors)")
    try folder.write("held", shards(clients: 20..<40))
    let moved = try folder.run("check", ".")
    #expect(moved.status == 1 && moved.output.contains("AUC had no value, now it is"), "\(moved.output)")
    #expect(try folder.run("check", ".", "--update").status == 0)
    try folder.write("held", shards(clients: 20..<40, label: { _, _ in label }))
    let lost = try folder.run("check", ".")
    #expect(
      lost.status == 1 && lost.output.contains("now it has no value on the held-out clients"), "\(lost.output)")
  }

  @Test("of logits that are infinite have no value, and say why")
  func infinite() throws {
    let folder = try TemporaryFolder()
    try folder.write("train", shards(clients: 0..<20))
    try folder.write("held", shards(clients: 20..<40, scale: 0x1p125))
    try folder.write("s.json5", scenario())
    let run = try folder.run("run", "s.json5", "--out", "r", "--json", "--set", "training.server.learningRate=100")
    #expect(run.status == 0, "\(run.errors)")
    #expect(try run.json().at("metrics.auc") == .null && run.json().at("metrics.logLoss") == .null)
    #expect(warnings(try run.json()).contains("infinite or no number"))
    #expect(try folder.text("r/report.html").contains("infinite or no number"))
  }
}
