import Scenarios

/// Makes quasi-identifiers coarser, and leaves out clients, until every combination that is left belongs to at least k
/// clients. Every client gets the same levels.
///
/// The order is Datafly's (Sweeney 2002, "Achieving k-anonymity privacy protection using generalization and suppression",
/// section 5): as long as more clients are in too small combinations than may be left out, the field with the most distinct
/// values is halved.
package struct Anonymiser: Sendable {
  /// The quasi-identifiers of a client.
  package struct Profile: Hashable, Sendable {
    package var segment: Int
    package var budget: Int

    package init(segment: Int, budget: Int) {
      self.segment = segment
      self.budget = budget
    }

    subscript(field: Anonymisation.QuasiIdentifier) -> Int {
      get {
        switch field {
        case .segment: segment
        case .budget: budget
        }
      }
      set {
        switch field {
        case .segment: segment = newValue
        case .budget: budget = newValue
        }
      }
    }
  }

  private let fields: [Anonymisation.QuasiIdentifier]
  /// How often each field was halved, in the order of `fields`.
  package private(set) var levels: [Int]
  /// The generalised combinations that have k clients.
  private(set) var kept: Set<Profile> = []
  /// Clients that are left out.
  package private(set) var suppressed = 0

  /// - Parameter profiles: of all clients.
  package init(_ settings: Anonymisation, profiles: [Profile]) {
    fields = settings.quasiIdentifiers
    levels = [Int](repeating: 0, count: fields.count)
    let mostSuppressed = Int(settings.suppression * Double(profiles.count))
    while true {
      var counts: [Profile: Int] = [:]
      for profile in profiles { counts[generalised(profile), default: 0] += 1 }
      // Sets and totals, in which the order of a dictionary cannot show.
      kept = Set(counts.filter { $0.value >= settings.k }.keys)
      suppressed = counts.reduce(0) { $0 + ($1.value < settings.k ? $1.value : 0) }
      if suppressed <= mostSuppressed { return }
      let distinct = fields.map { field in Set(counts.keys.map { $0[field] }).count }
      guard let most = distinct.max(), most > 1, let coarsest = distinct.firstIndex(of: most) else { return }
      levels[coarsest] += 1
    }
  }

  /// The quasi-identifiers as they are handed out. Other fields than the quasi-identifiers stay as they are.
  package func generalised(_ profile: Profile) -> Profile {
    var result = profile
    for (field, level) in zip(fields, levels) { result[field] >>= level }
    return result
  }

  /// A record as it is handed out.
  func generalised(_ record: FeatureHasher.Record) -> FeatureHasher.Record {
    let profile = generalised(Profile(segment: record.segment, budget: record.budget))
    var result = record
    (result.segment, result.budget) = (profile.segment, profile.budget)
    return result
  }

  /// Whether a client is in what is handed out.
  package func keeps(_ profile: Profile) -> Bool { kept.contains(generalised(profile)) }
}
