import Builtin

/// √x, correctly rounded as IEEE 754 demands; x at least 0.
///
/// The processor's instruction by the compiler's own name for it. `Double.squareRoot()` gives the same bits, but calls
/// the C library for negative arguments, and a loop with such a call does not become vector code.
@inlinable @inline(__always)
public func vectorizableSquareRoot(_ x: Double) -> Double {
  Double(Builtin.int_sqrt_FPIEEE64(x._value))
}
