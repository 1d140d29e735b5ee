/// One element of HTML or SVG, with its attributes and text escaped.
/// - Parameters:
///   - text: what stands inside as text.
///   - inner: what stands inside as markup, after the text.
func element(
  _ name: String, _ attributes: KeyValuePairs<String, String> = [:], text: String = "", inner: String = ""
) -> String {
  let written = attributes.map { " \($0.key)=\"\($0.value.escapedForHTML)\"" }.joined()
  return "<\(name)\(written)>\(text.escapedForHTML)\(inner)</\(name)>"
}

extension String {
  /// The text with the characters that HTML gives a meaning replaced, by bytes: pages are made of many short pieces.
  var escapedForHTML: String {
    guard utf8.contains(where: { Self.replacement($0) != nil }) else { return self }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(utf8.count + 16)
    for byte in utf8 {
      if let replacement = Self.replacement(byte) {
        bytes.append(contentsOf: replacement.utf8)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func replacement(_ byte: UInt8) -> String? {
    switch byte {
    case UInt8(ascii: "&"): "&amp;"
    case UInt8(ascii: "<"): "&lt;"
    case UInt8(ascii: ">"): "&gt;"
    case UInt8(ascii: "\""): "&quot;"
    default: nil
    }
  }
}
