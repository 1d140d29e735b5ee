import NumericalCore
import TestSupport
import Testing

@Suite("Rounding grids")
struct RoundingGridTests {
  static let bits = [1, 2, 4, 8, 16]
  private let range = 1 << 20

  @Test("have 2^b − 1 levels on both sides of zero, or two", arguments: bits)
  func levels(bits: Int) {
    let grid = RoundingGrid(bits: bits, range: range)
    #expect(grid.highest >= range && grid.highest < range + 1 << bits)
    let levels = 2 * grid.highest / grid.step + 1
    #expect(2 * grid.highest % grid.step == 0)
    #expect(levels == (bits == 1 ? 2 : 1 << bits - 1))
    var stream = RandomStream(seed: 1, purpose: .updateRounding)
    for value in stride(from: -2 * range, through: 2 * range, by: 9973) {
      let rounded = grid.round(value, from: &stream)
      #expect((rounded + grid.highest) % grid.step == 0 && abs(rounded) <= grid.highest)
      if abs(value) <= grid.highest { #expect(abs(rounded - value) < grid.step) }
    }
    // Zero is a level, so that what is not there stays not there.
    if bits > 1 { #expect((0..<100).allSatisfy { _ in grid.round(0, from: &stream) == 0 }) }
  }

  @Test("round without bias (false-positive rate 10⁻⁶ a value)", .tags(.statistical), arguments: bits)
  func unbiased(bits: Int) {
    let grid = RoundingGrid(bits: bits, range: range)
    var stream = RandomStream(seed: 7, purpose: .updateRounding, client: bits)
    for value in [1, -1, 12_345, -400_000, range - 1] where value % grid.step != 0 {
      let samples = (0..<40_000).map { _ in Double(grid.round(value, from: &stream)) }
      // A sample of one value only would have no standard error.
      #expect(Set(samples).count == 2 || samples.allSatisfy { abs($0 - Double(value)) < Double(grid.step) })
      guard Set(samples).count == 2 else { continue }
      #expect(Goodness.standardErrors(samples, from: Double(value)) < Goodness.standardErrorThreshold)
    }
  }

  @Test("say how long a rounded vector can be: never less, and reached but for a tenth", arguments: bits)
  func largestNorm(bits: Int) {
    let grid = RoundingGrid(bits: bits, range: range)
    var longest = 0.0
    for coordinates in [1, 7, 64, 1000] {
      let bound = grid.largestNorm(ofRounded: Double(range), coordinates: coordinates)
      var stream = RandomStream(seed: 3, purpose: .updateRounding, client: coordinates)
      for spread in 1...coordinates where coordinates % spread == 0 {
        // The norm on a few coordinates, each just above a level, and a single step on the others.
        let each = Double(range) / Double(spread).squareRoot() * 0.999
        let level = Int(each) / grid.step * grid.step
        for value in [Int(each), min(Int(each), level + 1)] {
          var squares = 0.0
          for j in 0..<coordinates {
            // The worst of some throws for each coordinate: rounding up has a probability.
            let start = j < spread ? value : 1
            squares +=
              (0..<20).reduce(0.0) { worst, _ in max(worst, Double(grid.round(start, from: &stream))) }
              .squared
          }
          #expect(squares.squareRoot() <= bound)
          longest = max(longest, squares.squareRoot() / bound)
        }
      }
    }
    #expect(longest > 0.9)
  }
}

extension Double {
  fileprivate var squared: Double { self * self }
}
