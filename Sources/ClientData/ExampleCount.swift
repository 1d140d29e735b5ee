import NumericalCore
import Scenarios

extension ExamplesPerClient {
  /// How many examples a client has, drawn from its own stream.
  func draw(_ stream: inout RandomStream) -> Int {
    let drawn = stream.nextLogNormal(median: median, spread: spread).rounded()
    return Int(max(Double(minimum), min(drawn, Double(maximum))))
  }
}

/// Held-out clients are numbered on from the training clients, so that both populations share one law.
func streamIndex(client: Int, heldOut: Bool, trainingClients: Int) -> Int {
  heldOut ? trainingClients + client : client
}
