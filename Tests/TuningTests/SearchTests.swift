import NumericalCore
import Scenarios
import Testing
import Tuning

@Suite("Searches")
struct SearchTests {
  private static let space = SearchSpace([
    SearchSpace.Key(path: "a", range: .logarithmic(0.01, 10), isWhole: false),
    SearchSpace.Key(path: "b", range: .linear(1, 4), isWhole: true),
    SearchSpace.Key(path: "c", range: .choices([.string("x"), .string("y")]), isWhole: false),
  ])

  /// Best at a = 1 and b = 3; c does not matter.
  private static func score(_ candidate: Candidate, seed: Int) -> Double {
    let values = candidate.settings.map(\.value)
    let a = values.first?.asDouble ?? 0.02
    let b = values.dropFirst().first?.asDouble ?? 1
    // What no setting changes: populations differ.
    return Double(seed) - deterministicLog(a) * deterministicLog(a) - (b - 3) * (b - 3)
  }

  private static func finished(
    runs: Int, _ score: (Candidate, Int) -> Double?
  ) -> (search: Search, runs: Int) {
    var search = Search(
      space, written: [.number(0.02), .integer(1), .string("x")], runs: runs, seeds: [1, 2, 3, 4])
    var count = 0
    while !search.isFinished {
      count += search.trials.count
      search.take(search.trials.map { score(search.candidates[$0.candidate], $0.seed) })
      search.advance()
    }
    return (search, count)
  }

  @Test("find what is best, within their runs", arguments: [40, 60, 200])
  func finds(runs: Int) {
    let (search, count) = Self.finished(runs: runs) { Self.score($0, seed: $1) }
    // The scenario as it is written is carried along.
    #expect(count <= runs + 4)
    let settings = search.candidates[search.best].settings
    #expect(settings[1].value == .integer(3))
    let a = settings[0].value.asDouble ?? 0
    #expect(a > 0.4 && a < 2.5, "\(a)")
    #expect(search.score(search.best) ?? -1 > search.score(0) ?? 0)
  }

  @Test("keep the scenario as it is written where nothing is better")
  func written() {
    let (search, _) = Self.finished(runs: 30) { candidate, _ in candidate.settings.isEmpty ? 1 : 0 }
    #expect(search.best == 0 && search.candidates[0].settings.isEmpty)
  }

  @Test("go on where most settings make no run, and choose none of those")
  func failures() {
    let (search, _) = Self.finished(runs: 40) { candidate, seed in
      candidate.settings.isEmpty || candidate.point[0] > 0.5 ? Self.score(candidate, seed: seed) : nil
    }
    #expect(search.best == 0 || search.candidates[search.best].point[0] > 0.5)
    #expect(search.score(search.best) != nil)
  }

  @Test("look at what was best at the neighbouring ε")
  func neighbours() {
    var search = Search(
      Self.space, written: [nil, nil, nil], runs: 40, seeds: [1, 2])
    search.take(search.trials.map { _ in 0 })
    search.advance(neighbours: [["a": 0.123, "c": 0.9]])
    // What the neighbour has no place for is as it is written.
    let written = search.candidates[0].point
    #expect(search.candidates[search.trials[0].candidate].point == [0.123, written[1], 0.9])
  }

  @Test("with nothing to choose score the scenario as it is written")
  func nothing() {
    var search = Search(SearchSpace([]), written: [], runs: 60, seeds: [1, 2, 3])
    var runs = 0
    while !search.isFinished {
      runs += search.trials.count
      search.take(search.trials.map { Double($0.seed) })
      search.advance()
    }
    #expect(runs == 3 && search.best == 0 && search.score(0) == 2)
  }
}

@Suite("Search spaces")
struct SearchSpaceTests {
  @Test("find their own values again", arguments: [0.0, 0.2, 0.4999, 0.7, 0.999])
  func places(place: Double) throws {
    for key in [
      SearchSpace.Key(path: "a", range: .logarithmic(0.01, 10), isWhole: false),
      SearchSpace.Key(path: "a", range: .logarithmic(1, 200), isWhole: true),
      SearchSpace.Key(path: "a", range: .linear(-1, 3), isWhole: false),
      SearchSpace.Key(path: "a", range: .linear(1, 4), isWhole: true),
      SearchSpace.Key(path: "a", range: .choices([.null, .bool(true), .integer(3)]), isWhole: false),
    ] {
      let space = SearchSpace([key])
      let value = space.settings(at: [place])[0].value
      let again = space.settings(at: space.point(of: [value]))[0].value
      // Numbers have three digits.
      if let one = value.asDouble, let other = again.asDouble, !key.isWhole {
        #expect(abs(one - other) <= 0.02 * max(abs(one), 0.1), "\(key) \(value)")
      } else {
        #expect(value == again, "\(key)")
      }
      if case .linear(let low, let high) = key.range {
        #expect(try (low...high).contains(#require(value.asDouble)))
      }
    }
  }

  @Test("are filled evenly: no large gap, and every half has half the points", arguments: 1...6)
  func design(dimensions: Int) {
    let design = SpaceFillingDesign(dimensions: dimensions)
    let points = (0..<64).map(design.point)
    for axis in 0..<dimensions {
      let places = points.map { $0[axis] }.sorted()
      #expect(places.allSatisfy { $0 >= 0 && $0 < 1 })
      let gaps = zip(places.dropFirst(), places).map { $0 - $1 }
      #expect((gaps.max() ?? 1) < 0.12 && (28...36).contains(places.count { $0 < 0.5 }))
    }
    // In one dimension the golden ratio.
    if dimensions == 1 { #expect(abs(points[1][0] - 0.118_033_988_75) < 1e-9) }
  }

  @Test("say which key matters")
  func importance() throws {
    var search = Search(
      SearchSpace([
        SearchSpace.Key(path: "much", range: .linear(0, 1), isWhole: false),
        SearchSpace.Key(path: "little", range: .linear(0, 1), isWhole: false),
        SearchSpace.Key(path: "none", range: .choices([.integer(1), .integer(2)]), isWhole: false),
      ]), written: [nil, nil, nil], runs: 200, seeds: [1, 2])
    search.take(
      search.trials.map { trial in
        let point = search.candidates[trial.candidate].point
        return 4 * (point[0] - 0.3) * (point[0] - 0.3) + 0.2 * point[1]
      })
    let found = try #require(KeyImportance.of(search))
    #expect(found.map(\.path) == ["much", "little", "none"])
    #expect(found[0].share > 0.85 && found[1].share < 0.15 && found[2].share < 0.05)
  }
}
