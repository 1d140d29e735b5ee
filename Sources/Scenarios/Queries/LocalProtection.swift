import DifferentialPrivacy

/// How each client hides what it contributes to a query, with local trust.
package struct LocalProtection: Sendable {
  /// The mechanisms that each client uses once.
  package enum Mechanisms: Sendable {
    /// One answer among the query's cells and "none of them".
    case response(RandomizedResponse)
    /// Noise on every cell.
    case laplace([(part: Query.Part, mechanism: DiscreteLaplaceMechanism)])
  }

  private let query: Query
  private let fields: [RecordField]
  private let epsilon: Double

  package init(_ query: Query, _ fields: [RecordField], epsilon: Double) {
    self.query = query
    self.fields = fields
    self.epsilon = epsilon
  }

  /// Numbers that are added up over clients.
  package var answers: Int {
    query.cellCount(fields) + (query.localMechanism == .randomizedResponse ? 1 : 0)
  }

  /// - Throws: `AccountingError` when a parameter is out of range.
  package func mechanisms() throws -> Mechanisms {
    switch query.localMechanism {
    case .randomizedResponse: .response(try RandomizedResponse(categories: answers, epsilon: epsilon))
    case .laplace: .laplace(try query.laplace(fields, adjacency: .replaceOne, epsilon: epsilon))
    }
  }
}

extension Query {
  /// The noise on each part of the cells.
  /// - Throws: `AccountingError` when a parameter is out of range.
  package func laplace(
    _ known: [RecordField], adjacency: Adjacency, epsilon: Double
  ) throws -> [(part: Part, mechanism: DiscreteLaplaceMechanism)] {
    try parts(known, adjacency: adjacency).map {
      ($0, try DiscreteLaplaceMechanism(sensitivity: $0.sensitivity, epsilon: epsilon * $0.share))
    }
  }
}
