/// Places values between the two ends of a plot.
package protocol Axis {
  /// Values that get a mark and a label, by rising position.
  var ticks: [Double] { get }
  /// Where a value lies between the ends, 0 to 1.
  func position(_ value: Double) -> Double
  /// A tick's value as text.
  func label(_ tick: Double) -> String
  /// Any value as text, with some more digits than a tick has.
  func label(_ value: Double, extraDigits: Int) -> String
}
