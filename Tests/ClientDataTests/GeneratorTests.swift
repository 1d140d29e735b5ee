import ClientData
import Foundation
import NumericalCore
import Scenarios
import TestSupport
import Testing

func makeScenario(population: String, features: String = "", seed: Int = 1) throws -> Scenario {
  let value = try JSONValue(
    utf8: """
      {"name": "t", "seed": \(seed), "population": \(population), \(features)
       "training": {"rounds": 1, "cohort": {"sampling": "full"}}, "privacy": "none"}
      """.utf8)
  return try Scenario(value, file: "test")
}

extension ClientShard {
  /// All there is, for comparisons to the bit.
  var contents: [[UInt32]] {
    let bits = { (values: [Float]?) in (values ?? []).map(\.bitPattern) }
    let rows: [[UInt32]] =
      switch features {
      case .dense(let rows): [[UInt32(rows.dimension)], bits(rows.values)]
      case .sparse(let rows):
        [rows.touched, rows.starts.map { UInt32($0) }, rows.columns, bits(rows.values)]
      }
    return [bits(labels)] + rows
  }

  /// Example `row` as (coordinate, value) pairs.
  func example(_ row: Int) -> [(UInt32, Float)] {
    switch features {
    case .dense(let rows):
      return (0..<rows.dimension).map { (UInt32($0), rows.values[row * rows.stride + $0]) }
    case .sparse(let rows):
      return (Int(rows.starts[row])..<Int(rows.starts[row + 1])).map {
        (rows.touched[Int(rows.columns[$0])], rows.values[$0])
      }
    }
  }
}

@Suite("Generated populations")
struct GeneratorTests {
  static let market = #"{"kind": "market", "clients": 400, "heldOutClients": 300, "items": 200}"#
  static let synthetic =
    #"{"kind": "synthetic-alpha-beta", "clients": 400, "heldOutClients": 200, "features": 12}"#

  @Test("give the same client every time, whoever asks and in any order", arguments: [market, synthetic])
  func purity(population: String) throws {
    let scenario = try makeScenario(population: population)
    let first = try makeClientSource(for: scenario, folder: "/")
    let second = try makeClientSource(for: scenario, folder: "/") { $0 % 3 == 1 }
    for client in [399, 0, 17, 1] {
      let a = try #require(try first.trainingShard(client)).contents
      if client % 3 == 1 { #expect(try #require(try second.trainingShard(client)).contents == a) }
      #expect(try #require(try first.trainingShard(client)).contents == a)
    }
    let contents = try (0..<50).map { try #require(try first.trainingShard($0)).contents }
    #expect(Set(contents).count == 50)
    let other = try makeClientSource(for: try makeScenario(population: population, seed: 2), folder: "/")
    #expect(try #require(try other.trainingShard(0)).contents != contents[0])
    // Held-out clients are clients of their own.
    #expect(try #require(try first.heldOutShard(0)).contents != contents[0])
  }

  @Test("number of examples is log-normal within its bounds", .tags(.statistical))
  func sizes() throws {
    let population = """
      {"kind": "market", "clients": 4000, "examplesPerClient":
       {"median": 30, "spread": 0.5, "minimum": 12, "maximum": 90}}
      """
    let source = try makeClientSource(for: try makeScenario(population: population, seed: 1), folder: "/")
    let sizes = try (0..<4000).map { Double(try #require(try source.trainingShard($0)).labels.count) }
    #expect(sizes.min() == 12 && sizes.max() == 90)
    let above = Double(sizes.count { $0 > 30 }) + 0.5 * Double(sizes.count { $0 == 30 })
    // 4.9 standard deviations of a fair coin: false-positive rate 10⁻⁶.
    #expect(abs(above - 2000) < 4.9 * 1000.0.squareRoot())
    #expect(abs(sizes.map { log($0) }.sorted()[3365] - log(30) - 0.5) < 0.05)  // One deviation above.
  }

  @Test(
    "market has the positive rate asked for, whatever else is asked", .tags(.statistical),
    arguments: [0.03, 0.2, 0.5], ["{}", #"{"taste": 0.8, "conceptShift": 1}"#])
  func positiveRate(rate: Double, heterogeneity: String) throws {
    let population = """
      {"kind": "market", "clients": 3000, "positiveRate": \(rate), "heterogeneity": \(heterogeneity)}
      """
    let source = try makeClientSource(for: try makeScenario(population: population, seed: 4), folder: "/")
    let rates = try (0..<3000).map { client in
      let labels = try #require(try source.trainingShard(client)).labels
      return Double(labels.reduce(0, +)) / Double(labels.count)
    }
    let mean = rates.reduce(0, +) / 3000
    // The intercept is solved on 4 096 impressions, whose own error dominates.
    #expect(abs(mean - rate) < 0.12 * rate)
  }

  @Test("market labels follow the true logit", .tags(.statistical))
  func labelsFollowLogits() throws {
    let source = try makeClientSource(for: try makeScenario(population: Self.market, seed: 1), folder: "/")
    var observed = [Double](repeating: 0, count: 10)
    var expected = observed
    var variance = observed
    for client in 0..<300 {
      let shard = try #require(try source.heldOutShard(client))
      for (label, logit) in zip(shard.labels, try #require(shard.trueLogits)) {
        let p = 1 / (1 + exp(-Double(logit)))
        let bin = min(Int(p * 10), 9)
        observed[bin] += Double(label)
        expected[bin] += p
        variance[bin] += p * (1 - p)
      }
    }
    let statistic = (0..<10).reduce(0.0) { sum, bin in
      let difference = observed[bin] - expected[bin]
      return sum + difference * difference / variance[bin]
    }
    #expect(statistic < Goodness.chiSquareThreshold(freedom: 10))
  }

  @Test("market items are shown by a Zipf law", .tags(.statistical))
  func zipf() throws {
    // One feature group, the item, in a space so large that hashes do not collide; popularity tells the rank.
    let population =
      #"{"kind": "market", "clients": 1, "heldOutClients": 2000, "items": 50, "popularityExponent": 1.2}"#
    let source = try makeClientSource(for: try makeScenario(population: population, seed: 1), folder: "/")
    var counts: [Float: Int] = [:]
    for client in 0..<2000 {
      for value in try #require(try source.heldOutShard(client)?.popularity) { counts[value, default: 0] += 1 }
    }
    let observed = counts.sorted { $0.key > $1.key }.map(\.value)
    let weights = (1...50).map { pow(Double($0), -1.2) }
    let total = Double(observed.reduce(0, +))
    let expected = weights.map { $0 / weights.reduce(0, +) * total }
    #expect(observed.count == 50)
    #expect(
      Goodness.chiSquare(observed: observed, expected: expected) < Goodness.chiSquareThreshold(freedom: 49))
  }

  @Test("label skew spreads the clients' positive rates")
  func labelSkew() throws {
    func spread(_ skew: Double) throws -> Double {
      let population = """
        {"kind": "market", "clients": 500, "positiveRate": 0.3, "examplesPerClient": {"median": 200},
         "heterogeneity": {"labelSkew": \(skew)}}
        """
      let source = try makeClientSource(for: try makeScenario(population: population, seed: 1), folder: "/")
      let rates = try (0..<500).map { client in
        let labels = try #require(try source.trainingShard(client)).labels
        return Double(labels.reduce(0, +)) / Double(labels.count)
      }
      let mean = rates.reduce(0, +) / 500
      return (rates.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 500).squareRoot()
    }
    let spreads = try [0, 0.1, 0.5, 0.9].map(spread)
    #expect(spreads == spreads.sorted())
    // At skew s the client's own rate has variance p(1 − p)·s.
    #expect(spreads[3] > 0.35 && spreads[0] < 0.12)
  }

  @Test("synthetic(α, β) labels are those of the client's own linear model, with the stated feature law")
  func synthetic() throws {
    let population = """
      {"kind": "synthetic-alpha-beta", "clients": 1, "heldOutClients": 400, "features": 30, "iid": true,
       "examplesPerClient": {"median": 100}}
      """
    let source = try makeClientSource(for: try makeScenario(population: population, seed: 1), folder: "/")
    var squares = [Double](repeating: 0, count: 30)
    var positives = 0
    for client in 0..<400 {
      let shard = try #require(try source.heldOutShard(client))
      for row in shard.labels.indices {
        let example = shard.example(row)
        #expect(example[0].1 == 1)
        for (j, value) in example { squares[Int(j)] += Double(value) * Double(value) / 40_000 }
        let logit = try #require(shard.trueLogits)[row]
        #expect((logit > 0) == (shard.labels[row] > 0))
        positives += shard.labels[row] > 0 ? 1 : 0
      }
    }
    for j in 1..<30 { #expect(abs(squares[j] / pow(Double(j), -1.2) - 1) < 0.05) }
    #expect((2000...38_000).contains(positives))
  }

  @Test("features are one coordinate a group and the bias, within the hashed dimension")
  func hashing() throws {
    let features = #""features": {"hashedDimension": 64, "groups": ["item", "price*budget"]},"#
    let value = try makeScenario(population: Self.market, features: features)
    let source = try makeClientSource(for: value, folder: "/")
    for client in 0..<50 {
      let shard = try #require(try source.trainingShard(client))
      for row in shard.labels.indices {
        let example = shard.example(row)
        #expect(example[0].0 == 0 && example[0].1 == 1)
        #expect(example.allSatisfy { $0.0 < 64 })
        // A collision adds up instead of getting lost.
        #expect(example.reduce(0) { $0 + $1.1 } == 3)
      }
    }
  }

  @Test("of the same groups in another order have the same coordinates")
  func groupOrder() throws {
    func contents(_ groups: String) throws -> [[UInt32]] {
      let features = #""features": {"groups": \#(groups)},"#
      let value = try makeScenario(population: Self.market, features: features)
      return try #require(try makeClientSource(for: value, folder: "/").trainingShard(3)).contents
    }
    #expect(
      try contents(#"["item", "category", "price*budget"]"#) == contents(#"["price*budget", "item", "category"]"#))
    #expect(try contents(#"["item"]"#) != contents(#"["category"]"#))
  }

  // MARK: Minimisation

  private func minimised(_ minimisation: String, groups: String) throws -> any ClientSource {
    let features = #""features": {"groups": \#(groups)}, "minimisation": \#(minimisation),"#
    return try makeClientSource(for: try makeScenario(population: Self.market, features: features), folder: "/")
  }

  @Test("have no feature of a field that is not allowed, and all others unchanged")
  func allowedFields() throws {
    let groups = #"["item", "segment*category", "hour", "price*budget", "category"]"#
    let less = try minimised(#"{"fields": ["item", "category", "hour"]}"#, groups: groups)
    let other = try minimised("{}", groups: #"["item", "hour", "category"]"#)
    for client in 0..<20 {
      #expect(
        try #require(try less.trainingShard(client)).contents == #require(try other.trainingShard(client)).contents)
      #expect(
        try #require(try less.heldOutShard(client)).contents == #require(try other.heldOutShard(client)).contents)
    }
  }

  @Test("tell as many prices and hours apart as are left")
  func coarsening() throws {
    func values(_ minimisation: String, _ group: String) throws -> Set<UInt32> {
      let source = try minimised(minimisation, groups: #"["\#(group)"]"#)
      let shards = try (0..<60).map { try #require(try source.trainingShard($0)) }
      // The coordinate of the bias aside.
      return Set(shards.flatMap { shard in shard.labels.indices.flatMap { shard.example($0).map(\.0) } })
        .subtracting([0])
    }
    #expect(try values("{}", "price").count == 8)
    #expect(try values(#"{"priceBands": 3}"#, "price").count == 3)
    #expect(try values("{}", "hour").count == 24)
    #expect(try values(#"{"hourBands": 6}"#, "hour").count == 6)
    #expect(try values(#"{"hourBands": 1}"#, "hour").count == 1)
  }

  @Test("keep their first examples, and no more than there are", arguments: [market, synthetic])
  func firstExamples(population: String) throws {
    let source = try makeClientSource(for: try makeScenario(population: population), folder: "/")
    for client in 0..<20 {
      let whole = try #require(try source.trainingShard(client))
      for count in [1, 3, whole.labels.count, whole.labels.count + 5] {
        let part = whole.first(count)
        let kept = min(count, whole.labels.count)
        #expect(part.labels == Array(whole.labels.prefix(kept)))
        for row in 0..<kept {
          #expect(part.example(row).map { "\($0)" } == whole.example(row).map { "\($0)" })
        }
      }
    }
  }
}

extension Tag {
  /// Compares samples with a distribution; the false-positive rate is stated.
  @Tag static var statistical: Self
}
