import DifferentialPrivacy
import NumericalCore
import Releases
import Scenarios

/// Where a run's noise comes from, and the choice of cohorts and examples that a guarantee rests on.
package enum NoiseSource: Sendable {
  /// The counter-based generator: part of the run's pure function.
  case seeded
  /// The system's secure generator. Nothing that it gave for noise or sampling is written down.
  case secure

  /// What results say about it.
  package var about: String {
    switch self {
    case .seeded: RandomStream.about
    case .secure: SecureRandomSource.about
    }
  }

  /// What the coordinator's noise is drawn from.
  /// - Parameter seed: of the run.
  func draws(seed: UInt64) -> NoiseDraws {
    switch self {
    case .seeded: .seeded(seed, client: nil)
    case .secure: .secure
    }
  }

  /// Where cohorts come from: from where the noise does, if the guarantee rests on who is drawn.
  func ofSampling(under privacy: Privacy?) -> NoiseSource {
    switch privacy?.trust {
    case .central: self
    // Everyone sees who takes part. How often anyone does is known before the first round, from the seed.
    case .local, nil: .seeded
    }
  }

  /// Against whom a guarantee holds, which is what has to stay secret for it.
  /// - Parameter sampling: what is drawn besides noise, and must not be known either, for example "cohorts"; nil: nothing.
  package func holds(sampling: String?) -> String {
    let drawn = (["noise"] + [sampling].compactMap { $0 }).joined(separator: " and ")
    return switch self {
    case .seeded:
      "against those who do not know the seed, which gives \(drawn) away and is in all results (see --secure-noise)"
    case .secure: "against all who see what is released: \(drawn) came from the system and were not written down"
    }
  }
}

extension Privacy {
  /// What is drawn by chance, and amplifies the guarantee as long as nobody knows who was drawn; nil: nothing.
  package func secretSampling(_ cohort: Cohort) -> String? {
    switch (trust, unit) {
    case (.local, _): nil
    case (.central, .example): exampleSampling.map { $0.rate < 1 ? "sampled examples" : nil } ?? nil
    case (.central, .client):
      switch cohort.sampling {
      case .full: nil
      case .poisson, .fixedSize: "cohorts"
      }
    }
  }
}
