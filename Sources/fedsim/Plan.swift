import DifferentialPrivacy
import Foundation
import Scenarios

/// The options that describe a plan on the command line.
let planOptions = [
  Command.Option(name: "sampling-rate", value: "Q", about: "probability that a client takes part in a round"),
  Command.Option(name: "noise-multiplier", value: "S", about: "noise standard deviation over clipping norm"),
  Command.Option(name: "rounds", value: "T", about: "rounds, or steps"),
  Command.Option(name: "examples", value: "N", about: "instead of a rate: training examples in all"),
  Command.Option(
    name: "batch-size", value: "B", about: "with --examples: how many of them a step takes; the rate is B/N"),
  Command.Option(name: "epochs", value: "E", about: "with --examples: passes of N/B steps each, instead of rounds"),
  Command.Option(
    name: "sampling", value: "NAME",
    about: "poisson: each by itself with probability B/N; fixed-size: B of N; default: poisson"),
  Command.Option(
    name: "adjacency", value: "NAME", about: "add-or-remove or replace-one; default: add-or-remove"),
]

/// A plan as far as the command line gives it: a Gaussian on a sample, repeated.
struct Plan {
  /// How a step chooses whom it is about.
  enum Sampling: String, CaseIterable {
    case poisson
    case fixedSize = "fixed-size"
  }

  /// A sample in the words of centralised training.
  struct Batches {
    let examples: Int
    let batchSize: Int
    /// nil: rounds are given, or to be found.
    let epochs: Double?

    var rate: Double { Double(batchSize) / Double(examples) }

    /// Whole steps that so many passes take, rounded up: no fewer are accounted for than are done.
    var steps: Int? {
      epochs.map { Int(max(1, ($0 * Double(examples) / Double(batchSize) * (1 - 1e-12)).rounded(.up))) }
    }
  }

  let rate: Double?
  let multiplier: Double?
  let rounds: Int?
  let adjacency: Adjacency
  let sampling: Sampling
  let batches: Batches?

  /// - Throws: `UsageError` for a number out of range, and for options that say the same thing twice.
  init(_ arguments: Arguments) throws {
    batches = try Self.batches(arguments)
    if batches != nil && arguments.has("sampling-rate") {
      throw UsageError(
        description: "--sampling-rate and --examples: the rate is B/N already; leave one of them out")
    }
    if batches?.epochs != nil && arguments.has("rounds") {
      throw UsageError(description: "--rounds and --epochs: the steps are E·N/B already; leave one of them out")
    }
    rate = arguments.has("sampling-rate") ? try arguments.number("sampling-rate", 1e-12...1) : batches?.rate
    multiplier = arguments.has("noise-multiplier") ? try arguments.number("noise-multiplier", 1e-3...1e6) : nil
    rounds = try arguments.integer("rounds", 1...Calibration.mostRounds) ?? batches?.steps
    if let rounds, rounds > Calibration.mostRounds {
      throw UsageError(description: "--epochs: make \(rounds) steps; allowed: up to \(Calibration.mostRounds)")
    }
    adjacency = try arguments.choice("adjacency", Adjacency.allCases) ?? .addOrRemove
    sampling = try arguments.choice("sampling", Sampling.allCases) ?? .poisson
    if sampling == .fixedSize && batches == nil {
      throw UsageError(
        description:
          "--sampling fixed-size needs --examples and --batch-size: a rate does not say how many of how many")
    }
  }

  private static func batches(_ arguments: Arguments) throws -> Batches? {
    let (examples, size) = (
      try arguments.integer("examples", 1...1_000_000_000_000),
      try arguments.integer("batch-size", 1...1_000_000_000_000)
    )
    let epochs = arguments.has("epochs") ? try arguments.number("epochs", 1e-9...1e9) : nil
    guard let examples, let size else {
      guard examples == nil, size == nil, epochs == nil else {
        throw UsageError(
          description:
            "--examples, --batch-size and --epochs: batches are said by the first two together, the third only with them"
        )
      }
      return nil
    }
    guard size <= examples else {
      throw UsageError(description: "--batch-size: found \(size); allowed: at most --examples, \(examples)")
    }
    return Batches(examples: examples, batchSize: size, epochs: epochs)
  }

  /// A noise multiplier over the clipping norm, as plans have it, over what one unit can move instead, as events and
  /// scenarios have it: replacing a unit moves a sum by twice the norm.
  func overSensitivity(_ multiplier: Double) -> Double {
    switch adjacency {
    case .addOrRemove: multiplier
    case .replaceOne: multiplier / 2
    }
  }

  /// One step: a Gaussian on a sample, or on everyone where the sample is everyone.
  /// - Parameter multiplier: over the clipping norm.
  func events(rate: Double, multiplier: Double, rounds: Int) -> [RepeatedEvent] {
    let multiplier = overSensitivity(multiplier)
    let event: PrivacyEvent =
      switch (sampling, batches) {
      case (.fixedSize, let batches?) where batches.batchSize < batches.examples:
        .fixedSizeSampledGaussian(
          sample: batches.batchSize, population: batches.examples, noiseMultiplier: multiplier)
      case _ where rate == 1: .gaussian(noiseMultiplier: multiplier)
      default: .poissonSampledGaussian(samplingRate: rate, noiseMultiplier: multiplier)
      }
    return [RepeatedEvent(event, count: rounds)]
  }

  /// A noise multiplier in words.
  func noise(_ multiplier: Double) -> String {
    let text = "noise multiplier \(multiplier)"
    return switch adjacency {
    case .addOrRemove: text
    case .replaceOne:
      "\(text) of the clipping norm (\(overSensitivity(multiplier)) of what replacing a unit moves, as scenarios have it)"
    }
  }

  /// The plan said back in full, where it was given in the words of centralised training; nil otherwise.
  func text(multiplier: Double, rounds: Int) -> String? {
    guard let batches else { return nil }
    let drawn =
      switch sampling {
      case .poisson:
        "each in a step's batch by itself with probability \(batches.rate), \(batches.batchSize) on average"
      case .fixedSize: "of which each step takes \(batches.batchSize), every choice equally likely"
      }
    let epochs = batches.epochs ?? Double(rounds) * batches.rate
    let passes = epochs == epochs.rounded() && epochs < 1e15 ? "\(Int(epochs))" : "\(epochs)"
    return
      "\(batches.examples) examples, \(drawn); \(rounds) steps, which are \(passes) epochs; \(noise(multiplier)); unit example, \(adjacency.rawValue)"
  }

  /// The same for machines.
  func json(multiplier: Double, rounds: Int) -> [String: JSONValue] {
    guard let batches else { return [:] }
    return [
      "plan": .object([
        "examples": .integer(batches.examples), "batchSize": .integer(batches.batchSize),
        "epochs": .number(batches.epochs ?? Double(rounds) * batches.rate), "steps": .integer(rounds),
        "sampling": .string(sampling.rawValue), "samplingRate": .number(batches.rate),
        "noiseMultiplier": .number(multiplier), "unit": .string("example"),
      ])
    ]
  }
}

/// The accountants that `--accountant` names, in that order.
func accountants(_ arguments: Arguments) throws -> [AccountantKind] {
  guard let text = arguments.string("accountant") else { return [.pld] }
  let kinds = try text.split(separator: ",", omittingEmptySubsequences: false).map { name in
    guard let kind = AccountantKind(rawValue: String(name)) else {
      let names = AccountantKind.allCases.map(\.rawValue).joined(separator: ", ")
      throw UsageError(description: "--accountant: found \"\(name)\"; allowed: \(names)")
    }
    return kind
  }
  if Set(kinds).count < kinds.count {
    throw UsageError(description: "--accountant: found \"\(text)\"; each can be asked once")
  }
  return kinds
}
