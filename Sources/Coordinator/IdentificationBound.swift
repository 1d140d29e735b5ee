import DifferentialPrivacy
import NumericalCore
import Scenarios

/// How often any attacker can name the one of m people whose data was used, when each is as likely and the others' was not.
///
/// Let Pᵢ be the output with person i's data, and P₀ without any of theirs. The attacker names i with probability Pᵢ(i), and
/// its success is the mean of these. With (ε, δ) between Pᵢ and P₀, Pᵢ(i) ≤ e^ε·P₀(i) + δ, and the P₀(i) add up to 1: success
/// is at most e^ε/m + δ. With (ε′, δ′) between Pᵢ and Pⱼ, averaging Pᵢ(i) ≤ e^ε′·Pⱼ(i) + δ′ over all j ≠ i and then over i gives
/// (e^ε′ + (m − 1)·δ′) / (m − 1 + e^ε′). Adding or removing gives the second by way of P₀: ε′ = 2ε, δ′ = (1 + e^ε)·δ.
package func identificationBound(
  among candidates: Int, epsilon: Double, delta: Double, adjacency: Adjacency
) -> Double {
  let m = Double(candidates)
  func replaced(_ epsilon: Double, _ delta: Double) -> Double {
    // Divided by e^ε, which may be beyond any number.
    let shrunk = deterministicExp(-epsilon)
    return (1 + (m - 1) * delta * shrunk) / (1 + (m - 1) * shrunk)
  }
  switch adjacency {
  case .replaceOne: return min(1, replaced(epsilon, delta))
  case .addOrRemove:
    let growth = deterministicExp(min(epsilon, 700))
    return min(1, growth / m + delta, replaced(2 * epsilon, (1 + growth) * delta))
  }
}
