import DifferentialPrivacy
import Foundation
import Scenarios

/// The options that describe a plan on the command line.
let planOptions = [
  Command.Option(name: "sampling-rate", value: "Q", about: "probability that a client takes part in a round"),
  Command.Option(name: "noise-multiplier", value: "S", about: "noise standard deviation over sensitivity"),
  Command.Option(name: "rounds", value: "T", about: "rounds"),
]

/// A plan as far as the command line gives it: a Poisson-sampled Gaussian, repeated.
struct Plan {
  let rate: Double?
  let multiplier: Double?
  let rounds: Int?

  /// - Throws: `UsageError` for a number out of range.
  init(_ arguments: Arguments) throws {
    rate = arguments.has("sampling-rate") ? try arguments.number("sampling-rate", 1e-12...1) : nil
    multiplier = arguments.has("noise-multiplier") ? try arguments.number("noise-multiplier", 1e-3...1e6) : nil
    rounds = try arguments.integer("rounds", 1...Calibration.mostRounds)
  }

  /// A Gaussian on a Poisson sample, or on everyone when the rate is 1.
  static func events(rate: Double, multiplier: Double, rounds: Int) -> [RepeatedEvent] {
    let event =
      rate == 1
      ? PrivacyEvent.gaussian(noiseMultiplier: multiplier)
      : .poissonSampledGaussian(samplingRate: rate, noiseMultiplier: multiplier)
    return [RepeatedEvent(event, count: rounds)]
  }
}

/// The accountants that `--accountant` names, in that order.
func accountants(_ arguments: Arguments) throws -> [AccountantKind] {
  guard let text = arguments.string("accountant") else { return [.pld] }
  return try text.split(separator: ",", omittingEmptySubsequences: false).map { name in
    guard let kind = AccountantKind(rawValue: String(name)) else {
      let names = AccountantKind.allCases.map(\.rawValue).joined(separator: ", ")
      throw UsageError(description: "--accountant: found \"\(name)\"; allowed: \(names)")
    }
    return kind
  }
}

/// Prints a value as JSON.
func printJSON(_ value: JSONValue) throws {
  print(String(decoding: try value.encoded(pretty: true), as: UTF8.self))
}
