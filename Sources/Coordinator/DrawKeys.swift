import FederationProtocol
import Scenarios

/// What draws about clients are keyed by: their numbers, or where they have names, numbers that workers make of those. A tier
/// or a fault follows the name then, and not the place in a file.
package struct DrawKeys: Sendable {
  /// By the client's index; nil where a client is its number.
  private let keys: [Int]?

  /// Clients that are their numbers.
  package static let numbers = DrawKeys(keys: nil)

  package init(keys: [Int]?) { self.keys = keys }

  /// Asks the workers, where the coordinator draws anything about single clients.
  /// - Parameter clients: that exist.
  /// - Throws: `CoordinatorError`.
  init(of scenario: Scenario, clients: Int, pool: WorkerPool) throws {
    let draws = scenario.privacy?.tiers != nil || scenario.faults != nil || scenario.training.aggregation.groups > 1
    guard case .files = scenario.population, draws else {
      keys = nil
      return
    }
    let parts = try pool.clientKeys(clients: clients)
    keys = (0..<clients).map { Int(truncatingIfNeeded: parts[$0 % parts.count][$0 / parts.count]) }
  }

  subscript(client: UInt32) -> Int {
    // One that does not exist is only a number.
    if let keys, Int(client) < keys.count { keys[Int(client)] } else { Int(client) }
  }
}
