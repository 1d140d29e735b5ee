import DifferentialPrivacy

/// What a ledger says of a run's releases besides their noise: whom they protect, and what amplifies that.
package struct ReleaseTerms: Sendable {
  /// Whom an entry of a release is about, and how they are sampled.
  package struct Group: Sendable {
    /// nil: everyone.
    let tier: String?
    let sampling: Sampling

    package init(tier: String? = nil, sampling: Sampling) {
      self.tier = tier
      self.sampling = sampling
    }
  }

  /// Who of a group is in a release.
  package enum Sampling: Sendable {
    /// Everyone, or those whom the observer sees take part.
    case everyone
    /// Each unit independently with this probability.
    case poisson(rate: Double)
    /// So many of so many, each choice equally likely.
    case fixedSize(sample: Int, population: Int)

    /// What a release with Gaussian noise is when those in it are sampled like this.
    package func event(of noise: PrivacyEvent) -> PrivacyEvent {
      switch (self, noise) {
      case (.poisson(let rate), .gaussian(let multiplier)):
        .poissonSampledGaussian(samplingRate: rate, noiseMultiplier: multiplier)
      case (.fixedSize(let sample, let population), .gaussian(let multiplier)):
        .fixedSizeSampledGaussian(sample: sample, population: population, noiseMultiplier: multiplier)
      // Without a proof of amplification there is none.
      case (.everyone, _), (.poisson, _), (.fixedSize, _): noise
      }
    }
  }

  let unit: String
  let adjacency: Adjacency
  /// In words, for an auditor.
  let release: String
  /// One entry a group, in this order; with noise by clients there is one group.
  let groups: [Group]

  package init(unit: String, adjacency: Adjacency, release: String, groups: [Group]) {
    self.unit = unit
    self.adjacency = adjacency
    self.release = release
    self.groups = groups
  }
}
