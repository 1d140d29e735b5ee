/// What the processor can do at most: chains of multiplications and additions that never leave its registers, as many
/// as hide the time that each takes.
extension Kernels {
  package func multiplyAndAdd(steps: Int, factor: Float, addend: Float) -> Float {
    var (a, b, c) = (Lanes(repeating: 1), Lanes(repeating: 2), Lanes(repeating: 3))
    var (d, e, f) = (Lanes(repeating: 4), Lanes(repeating: 5), Lanes(repeating: 6))
    for _ in 0..<steps {
      a = a * factor + addend
      b = b * factor + addend
      c = c * factor + addend
      d = d * factor + addend
      e = e * factor + addend
      f = f * factor + addend
    }
    return laneSum(((a + b) + (c + d)) + (e + f))
  }
}
