/// Numbers as shards write them.
enum DecimalNumber {
  /// Powers of ten that a double holds exactly.
  private static let powers: [Double] = (0...22).reduce(into: []) { powers, _ in
    powers.append(powers.last.map { $0 * 10 } ?? 1)
  }

  /// The float nearest to a decimal number: a sign, digits with or without a point, an exponent.
  /// - Returns: infinity or NaN for what is spelled so or too large, and nil for what is no decimal number.
  static func float(_ text: Slice<UnsafeRawBufferPointer>) -> Float? {
    guard let number = parse(text) else { return spelled(text) }
    if number.mantissa == 0 { return number.isNegative ? -0.0 : 0 }
    // A division or product of two exact numbers is rounded once (Clinger 1990, "How to read floating point numbers
    // accurately", section 3). Rounding that to a float is right but where it lies halfway between two.
    if number.isExact, number.mantissa < 1 << 53, (-22...22).contains(number.exponent) {
      let mantissa = Double(number.mantissa)
      let value =
        number.exponent < 0 ? mantissa / powers[-number.exponent] : mantissa * powers[number.exponent]
      if value.bitPattern & 0x1FFF_FFFF != 0x1000_0000, value >= 0x1p-126 {
        return Float(number.isNegative ? -value : value)
      }
    }
    return Float(String(decoding: text, as: UTF8.self))
  }

  private struct Parts {
    var isNegative = false
    var mantissa: UInt64 = 0
    /// Of ten.
    var exponent = 0
    /// Whether the mantissa has all digits.
    var isExact = true
  }

  private static func parse(_ text: Slice<UnsafeRawBufferPointer>) -> Parts? {
    var parts = Parts()
    var position = text.startIndex
    let end = text.endIndex
    func digit() -> UInt64? {
      guard position < end else { return nil }
      let digit = text[position] &- UInt8(ascii: "0")
      return digit < 10 ? UInt64(digit) : nil
    }
    func skip(_ character: Unicode.Scalar) -> Bool {
      guard position < end, text[position] == UInt8(ascii: character) else { return false }
      position += 1
      return true
    }
    parts.isNegative = skip("-")
    if !parts.isNegative { _ = skip("+") }
    var digits = 0
    func readDigits(afterPoint: Bool) {
      while let next = digit() {
        position += 1
        digits += 1
        if parts.mantissa > (UInt64.max - 9) / 10 {
          parts.isExact = false
        } else {
          parts.mantissa = parts.mantissa * 10 + next
          if afterPoint { parts.exponent -= 1 }
        }
      }
    }
    readDigits(afterPoint: false)
    if skip(".") { readDigits(afterPoint: true) }
    guard digits > 0 else { return nil }
    if skip("e") || skip("E") {
      let isNegative = skip("-")
      if !isNegative { _ = skip("+") }
      var exponent = 0
      var exponentDigits = 0
      while let next = digit() {
        position += 1
        exponentDigits += 1
        exponent = min(exponent * 10 + Int(next), 100_000)
      }
      guard exponentDigits > 0 else { return nil }
      parts.exponent += isNegative ? -exponent : exponent
    }
    return position == end ? parts : nil
  }

  private static func spelled(_ text: Slice<UnsafeRawBufferPointer>) -> Float? {
    guard text.count <= 9 else { return nil }
    return switch String(decoding: text, as: UTF8.self).lowercased().drop(while: { $0 == "-" || $0 == "+" }) {
    case "nan": .nan
    case "inf", "infinity": .infinity
    default: nil
    }
  }
}
