import Synchronization

/// An accountant that remembers what it was asked in this process: the runs of a sweep ask the same questions seed after
/// seed, and an answer takes up to seconds. It depends on its question alone, so that nothing shows but the time.
final class RememberingAccountant: Accountant {
  private struct Question: Hashable {
    let events: [RepeatedEvent]
    let adjacency: Adjacency
    let delta: Double
    /// Whether the lower end is asked for as well, which can move the upper one.
    let wantsLower: Bool
  }

  /// Privacy-loss distributions.
  static let privacyLoss = RememberingAccountant(PrivacyLossAccountant())

  /// Where there are more, all are forgotten: who asks so many does not ask them again.
  private static let mostAnswers = 4096
  /// A question about more different events than this is not worth its memory.
  private static let mostEvents = 64

  private let accountant: any Accountant
  private let answers = Mutex<[Question: EpsilonBracket]>([:])

  init(_ accountant: any Accountant) { self.accountant = accountant }

  var kind: AccountantKind { accountant.kind }

  func epsilon(of events: [RepeatedEvent], adjacency: Adjacency, delta: Double) throws -> EpsilonBracket {
    try answer(Question(events: events, adjacency: adjacency, delta: delta, wantsLower: true)) {
      try accountant.epsilon(of: events, adjacency: adjacency, delta: delta)
    }
  }

  func upperBound(of events: [RepeatedEvent], adjacency: Adjacency, delta: Double) throws -> Double {
    try answer(Question(events: events, adjacency: adjacency, delta: delta, wantsLower: false)) {
      EpsilonBracket(
        lower: nil, upper: try accountant.upperBound(of: events, adjacency: adjacency, delta: delta))
    }.upper
  }

  func deltas(of events: [RepeatedEvent], adjacency: Adjacency, epsilons: [Double]) throws -> [DeltaBracket] {
    try accountant.deltas(of: events, adjacency: adjacency, epsilons: epsilons)
  }

  private func answer(_ question: Question, compute: () throws -> EpsilonBracket) rethrows -> EpsilonBracket {
    guard question.events.count <= Self.mostEvents else { return try compute() }
    if let known = answers.withLock({ $0[question] }) { return known }
    // Not under the lock: another question need not wait, and the same one twice has the same answer.
    let answer = try compute()
    answers.withLock { answers in
      if answers.count >= Self.mostAnswers { answers.removeAll() }
      answers[question] = answer
    }
    return answer
  }
}
