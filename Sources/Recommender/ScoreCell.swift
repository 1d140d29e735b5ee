/// A run of neighbouring logits: 2^`bits` single-precision numbers, one after the other in their order.
package struct ScoreCell: Equatable, Sendable {
  /// The rank of the least of them.
  package let first: Int32
  /// From 0, a single number, to 31.
  package let bits: Int

  package init(first: Int32, bits: Int) {
    self.first = first
    self.bits = bits
  }

  /// The place of a logit among all finite ones: whole, rising with the logit, and the same for 0 and −0. Numbers of
  /// one sign are in the order of their bit patterns.
  package static func rank(_ score: Float) -> Int32 {
    let magnitude = Int32(score.magnitude.bitPattern)
    return score < 0 ? -magnitude : magnitude
  }

  package func contains(_ rank: Int32) -> Bool { rank >= first && Int(rank) < Int(first) + 1 << bits }

  /// Equal parts, by rising logit, of at least one number.
  /// - Parameter bits: of the number of parts.
  func parts(bits: Int) -> [ScoreCell] {
    let left = max(0, self.bits - bits)
    return (0..<1 << (self.bits - left)).map { ScoreCell(first: first + Int32($0 << left), bits: left) }
  }

  /// The part that a rank within this cell is in.
  func part(_ rank: Int32, bits: Int) -> Int { Int(rank - first) >> max(0, self.bits - bits) }
}

/// The cells that logits are counted in at first: all finite numbers, by rising value. Between 2⁻²⁰ and 2⁸ a cell is a
/// 256th of an octave, beyond a 64th, and zero has one of its own. Where that is too coarse, `ScoreHistogram` has
/// cells cut up.
enum ScoreGrid {
  /// A stretch of magnitudes with cells of one size.
  private struct Stretch {
    /// Bit patterns of magnitudes.
    let patterns: Range<UInt32>
    let bits: Int
    var cells: Int { patterns.count >> bits }
  }

  private static let tiny = Stretch(patterns: 0..<Float(0x1p-20).bitPattern, bits: 17)
  private static let usual = Stretch(patterns: tiny.patterns.upperBound..<Float(0x1p8).bitPattern, bits: 15)
  private static let huge = Stretch(patterns: usual.patterns.upperBound..<Float.infinity.bitPattern, bits: 17)
  /// Cells of one sign.
  private static let side = tiny.cells + usual.cells + huge.cells
  /// Negative logits, zero, positive logits.
  static let count = 2 * side + 1

  /// The cell of a finite logit.
  static func index(_ score: Float) -> Int {
    let magnitude = score.magnitude.bitPattern
    if magnitude == 0 { return side }
    let step =
      if magnitude < usual.patterns.lowerBound {
        Int(magnitude >> tiny.bits)
      } else if magnitude < huge.patterns.lowerBound {
        tiny.cells + Int((magnitude - usual.patterns.lowerBound) >> usual.bits)
      } else {
        tiny.cells + usual.cells + Int((magnitude - huge.patterns.lowerBound) >> huge.bits)
      }
    return score > 0 ? side + 1 + step : side - 1 - step
  }

  /// The logits of a cell.
  static func cell(_ index: Int) -> ScoreCell {
    if index == side { return ScoreCell(first: 0, bits: 0) }
    let step = index > side ? index - side - 1 : side - 1 - index
    let (start, bits): (UInt32, Int) =
      if step < tiny.cells {
        (UInt32(step) << tiny.bits, tiny.bits)
      } else if step < tiny.cells + usual.cells {
        (usual.patterns.lowerBound + UInt32(step - tiny.cells) << usual.bits, usual.bits)
      } else {
        (huge.patterns.lowerBound + UInt32(step - tiny.cells - usual.cells) << huge.bits, huge.bits)
      }
    return ScoreCell(first: index > side ? Int32(start) : -Int32(start) - (1 << bits - 1), bits: bits)
  }
}
