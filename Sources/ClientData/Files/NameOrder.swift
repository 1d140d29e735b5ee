/// The order of names of clients and columns: runs of digits by their value, everything else byte by byte, so that x2 comes
/// before x10. It does not depend on where names stand in a file.
enum NameOrder {
  static func isBefore(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    var (i, j) = (0, 0)
    while i < one.count, j < other.count {
      if isDigit(one[i]), isDigit(other[j]) {
        let (a, b) = (digits(of: one, from: i), digits(of: other, from: j))
        if a.count != b.count { return a.count < b.count }
        if !a.elementsEqual(b) { return a.lexicographicallyPrecedes(b) }
        (i, j) = (a.endIndex, b.endIndex)
      } else {
        if one[i] != other[j] { return one[i] < other[j] }
        (i, j) = (i + 1, j + 1)
      }
    }
    if (i == one.count) != (j == other.count) { return i == one.count }
    // Equal but for zeros before a number.
    return one.lexicographicallyPrecedes(other)
  }

  /// A name for a message: no longer than a line, and without what a terminal would take for a command.
  static func shown(_ name: [UInt8]) -> String {
    let text = String(decoding: name, as: UTF8.self).unicodeScalars.map {
      $0.properties.generalCategory == .control ? "�" : $0
    }
    let longest = 60
    return String(String.UnicodeScalarView(text.prefix(longest))) + (text.count > longest ? "…" : "")
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  /// A run of digits without the zeros before it.
  private static func digits(of name: [UInt8], from start: Int) -> ArraySlice<UInt8> {
    name[start...].prefix(while: isDigit).drop { $0 == UInt8(ascii: "0") }
  }
}
