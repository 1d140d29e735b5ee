import Foundation

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
  /// The text with the characters that HTML gives a meaning replaced.
  var escapedForHTML: String {
    replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
      .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
  }
}
