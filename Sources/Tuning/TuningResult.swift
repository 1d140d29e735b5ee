import Curves
import Scenarios

/// What a search found, at every ε, and how it was found.
package struct TuningResult: Equatable, Sendable {
  /// The settings that were chosen at one ε.
  package struct Choice: Equatable, Sendable {
    /// ε; infinity stands for no privacy.
    package let position: Double
    /// In the order of the keys; empty where the scenario as it is written was the best.
    package let settings: [Sweep.Setting]
    /// The metric's mean over the seeds that settings were chosen on: of the choice, and of the scenario as it is written.
    package let searched: (chosen: Double?, written: Double?)
    /// Settings that were tried, and those of them that make no valid run.
    package let tried: Int
    package let failed: Int

    package init(
      position: Double, settings: [Sweep.Setting], searched: (chosen: Double?, written: Double?), tried: Int,
      failed: Int
    ) {
      self.position = position
      self.settings = settings
      self.searched = searched
      self.tried = tried
      self.failed = failed
    }

    package static func == (a: Self, b: Self) -> Bool {
      a.position == b.position && a.settings == b.settings && a.searched == b.searched && a.tried == b.tried
        && a.failed == b.failed
    }
  }

  /// One search over all ε.
  package struct Family: Equatable, Sendable {
    /// The name of its curve.
    package let name: String
    /// The keys that were free, in their order.
    package let keys: [String]
    /// By rising ε.
    package let choices: [Choice]
    /// By falling share, the mean over all ε; empty where it cannot be told.
    package let importance: [KeyImportance]

    package init(name: String, keys: [String], choices: [Choice], importance: [KeyImportance]) {
      self.name = name
      self.keys = keys
      self.choices = choices
      self.importance = importance
    }
  }

  package let metric: Metric
  package let searchSeeds: [Int]
  package let reportSeeds: [Int]
  /// Runs of each search at each ε.
  package let runs: Int
  package let families: [Family]
  /// Whether the clients are those of files, the same for every seed.
  package let isOverFiles: Bool

  package init(
    metric: Metric, searchSeeds: [Int], reportSeeds: [Int], runs: Int, families: [Family], isOverFiles: Bool
  ) {
    self.isOverFiles = isOverFiles
    self.metric = metric
    self.searchSeeds = searchSeeds
    self.reportSeeds = reportSeeds
    self.runs = runs
    self.families = families
  }

  /// The curve of the scenario as it is written.
  package static let writtenName = "as written"
}

/// What a scenario spends: settings that are better because they spend more are another comparison.
package enum Resource {
  private static let paths = [
    "training.rounds", "training.cohort", "training.client.epochs", "training.compression", "features",
    "minimisation", "privacy.exampleSampling",
  ]

  /// Whether a key decides how much a run spends: rounds, clients, passes over examples, bytes, or what is collected.
  package static func isOne(_ path: String) -> Bool {
    paths.contains { path == $0 || path.hasPrefix($0 + ".") }
  }
}
