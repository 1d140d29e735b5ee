/// What one unit adds to a round's sum: its clipped update, in whole lattice steps, and its part of the count.
///
/// It never leaves the worker: it cannot be copied or encoded, and what it points to is written over by the next one.
package struct Contribution: ~Copyable {
  /// Whole numbers of `unit`.
  package let steps: UnsafePointer<Float>
  /// Lattice steps, a whole number; times any of `steps` at most 2²⁸ in magnitude.
  package let unit: Double
  /// How many there are, padded with zeros to whole registers; 0 where the update was zero or not finite.
  package let width: Int
  /// The coordinates that the steps are about; nil when there is one for each.
  package let touched: UnsafeBufferPointer<UInt32>?
  /// +1 for an update within the clipping norm, −1 for one beyond it.
  package let count: Double

  package init(
    steps: UnsafePointer<Float>, unit: Double, width: Int, touched: UnsafeBufferPointer<UInt32>?, count: Double
  ) {
    self.steps = steps
    self.unit = unit
    self.width = width
    self.touched = touched
    self.count = count
  }
}
