import Coordinator
import DifferentialPrivacy
import Foundation
import Releases
import Scenarios
import Testing

@Suite("Server optimisers")
struct ServerModelTests {
  private func server(_ text: String, l2: Double = 0, rounds: Int = 10) throws -> ServerModel {
    let scenario = try Scenario(
      JSONValue(
        utf8: """
          {"name": "t", "population": {"kind": "synthetic-alpha-beta", "clients": 10, "features": 2},
           "training": {"rounds": \(rounds), "cohort": {"expectedSize": 5}, "l2": \(l2), "server": \(text)},
           "privacy": "none"}
          """.utf8), file: "test")
    return ServerModel(dimension: 2, settings: scenario.training.server, l2: l2, rounds: rounds)
  }

  /// What a round releases that promises nothing.
  private func release(_ update: [Double], round: Int) throws -> Release {
    var ledger = try LedgerWriter(LedgerOpening(name: "t", seed: 1, clients: 10, promise: nil))
    let pending = try PendingRelease(
      .none, round: round, Guarantee.Participants(contacted: [1], sent: [], summed: [1]), coordinates: update.count,
      draws: .secure, ledger: &ledger)
    return try ExactSum(opening: update, hasCount: false, round: round).release(pending, ledger: &ledger)
  }

  private let updates: [[Double]] = [[1, -2], [0.5, 3], [-4, 0.25], [0, 0]]

  /// Applies the updates and compares with a function that steps one weight by hand.
  private func check(
    _ model: ServerModel, by hand: (inout (w: Double, m: Double, v: Double), Double, Int) -> Void
  ) throws {
    var model = model
    var states = [(w: 0.0, m: 0.0, v: 1e-6), (w: 0.0, m: 0.0, v: 1e-6)]
    for (index, update) in updates.enumerated() {
      model.step(try release(update, round: index + 1), scale: 1)
      for j in 0..<2 {
        hand(&states[j], update[j], index + 1)
        #expect(abs(model.weights[j] - states[j].w) < 1e-12)
      }
    }
  }

  @Test("SGD adds the update")
  func sgd() throws {
    try check(server(#"{"optimizer": "sgd", "learningRate": 0.5}"#)) { state, update, _ in
      state.w += 0.5 * update
    }
  }

  @Test("the L2 penalty pulls towards zero in every step")
  func l2() throws {
    try check(server(#"{"optimizer": "sgd", "learningRate": 0.5}"#, l2: 0.1)) { state, update, _ in
      state.w += 0.5 * (update - 0.1 * state.w)
    }
  }

  @Test("momentum keeps a share of the last step")
  func momentum() throws {
    try check(server(#"{"optimizer": "momentum", "learningRate": 0.5, "momentum": 0.8}"#)) { state, update, _ in
      state.m = 0.8 * state.m + update
      state.w += 0.5 * state.m
    }
  }

  @Test("Adam and Yogi follow algorithm 2 of Reddi et al. 2021")
  func adaptive() throws {
    try check(server(#"{"optimizer": "adam", "learningRate": 0.1}"#)) { state, update, _ in
      state.m = 0.9 * state.m + 0.1 * update
      state.v = 0.99 * state.v + 0.01 * update * update
      state.w += 0.1 * state.m / (state.v.squareRoot() + 1e-3)
    }
    try check(server(#"{"optimizer": "yogi", "learningRate": 0.1}"#)) { state, update, _ in
      let square = update * update
      state.m = 0.9 * state.m + 0.1 * update
      state.v -= 0.01 * square * (state.v > square ? 1 : state.v < square ? -1 : 0)
      state.w += 0.1 * state.m / (state.v.squareRoot() + 1e-3)
    }
  }

  @Test("learning rates follow their schedule")
  func schedules() throws {
    try check(server(#"{"learningRate": 2, "schedule": "inverse-square-root"}"#)) { state, update, round in
      state.w += 2 / Double(round).squareRoot() * update
    }
    try check(server(#"{"learningRate": 2, "schedule": "cosine"}"#)) { state, update, round in
      state.w += (1 + cos(Double.pi * Double(round - 1) / 10)) * update
    }
  }

  @Test("a model beyond single precision says so")
  func divergence() throws {
    var model = try server(#"{"learningRate": 1e6}"#)
    #expect(model.isFinite)
    for round in 1...10 { model.step(try release([1e30, 0], round: round), scale: 1) }
    #expect(model.isFinite)
    model.step(try release([1e35, 0], round: 1), scale: 1)
    #expect(!model.isFinite)
  }
}
