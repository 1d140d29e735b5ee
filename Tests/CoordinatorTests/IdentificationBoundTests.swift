import Coordinator
import DifferentialPrivacy
import Foundation
import Testing

@Suite("The bound on identification")
struct IdentificationBoundTests {
  @Test("is what randomised response among the candidates reaches, when one is replaced by another")
  func tight() {
    for m in [2, 3, 10, 500] {
      for epsilon in [0, 0.1, 1, 3, 9.5] {
        // Each tells its own name with probability e^ε / (e^ε + m − 1), every other with 1 / (e^ε + m − 1).
        let success = exp(epsilon) / (exp(epsilon) + Double(m) - 1)
        let bound = identificationBound(among: m, epsilon: epsilon, delta: 0, adjacency: .replaceOne)
        #expect(abs(bound - success) < 1e-12)
      }
    }
  }

  @Test("is what a mechanism reaches that says at random who it is unless someone is there")
  func tightForAdding() {
    // Without anyone each of m names is as likely. A person makes its own name e^ε times as likely: as long as that is a
    // probability, and the others lose at most a factor e^ε, this is ε-private under adding and removing.
    let (m, epsilon) = (50, 0.5)
    let success = exp(epsilon) / Double(m)
    #expect((1 - success) / Double(m - 1) * exp(epsilon) >= 1 / Double(m))
    let bound = identificationBound(among: m, epsilon: epsilon, delta: 0, adjacency: .addOrRemove)
    #expect(abs(bound - success) < 1e-12)
  }

  @Test(
    "is a guess without information, grows with ε and δ, and never goes beyond certainty",
    arguments: Adjacency.allCases)
  func ends(adjacency: Adjacency) {
    for m in [2, 10, 1000] {
      #expect(
        abs(identificationBound(among: m, epsilon: 0, delta: 0, adjacency: adjacency) - 1 / Double(m)) < 1e-12)
      var last = 0.0
      for epsilon in [0.01, 0.1, 0.5, 1, 2, 4, 8, 30, 800, 1e5] {
        let bound = identificationBound(among: m, epsilon: epsilon, delta: 1e-6, adjacency: adjacency)
        #expect(bound >= last && bound <= 1)
        #expect(bound >= identificationBound(among: m, epsilon: epsilon, delta: 0, adjacency: adjacency))
        last = bound
      }
      #expect(last > 0.999)
    }
  }
}
