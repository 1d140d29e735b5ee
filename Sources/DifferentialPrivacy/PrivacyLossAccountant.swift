public struct PrivacyLossAccountant: Accountant {
  public var kind: AccountantKind { .pld }
  public init() {}
  public func epsilon(of events: [RepeatedEvent], adjacency: Adjacency, delta: Double) throws -> EpsilonBracket {
    try RenyiAccountant().epsilon(of: events, adjacency: adjacency, delta: delta)
  }
}
