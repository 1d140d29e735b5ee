import NumericalCore

/// Lines of JSON of which each carries the SHA-256 (FIPS 180-4) of the line before, so that none can be altered,
/// removed or put elsewhere without the next one showing it.
///
/// Whoever can write all lines anew can also make a new chain: what proves the whole is the hash of the last line, kept
/// where the writer of the file cannot reach it.
public struct HashChain: Sendable {
  /// What the first line carries.
  public static let start = String(repeating: "0", count: 64)

  /// The hash of the last line; `start` before the first.
  public private(set) var head = Self.start

  /// A chain without lines.
  public init() {}

  /// The next line.
  /// - Parameter object: a JSON object with at least one member, on one line.
  /// - Returns: the object with one member more, `previous`.
  public mutating func link(_ object: String) -> String {
    precondition(object.last == "}" && object.count > 2)
    var line = object
    line.removeLast()
    line += Self.suffix(head)
    head = Self.hash(line)
    return line
  }

  /// Takes a line of a chain.
  /// - Returns: the object as it was linked; nil when the line does not carry the hash of the one before.
  public mutating func take(_ line: Substring) -> String? {
    let suffix = Self.suffix(head)
    guard line.hasSuffix(suffix) else { return nil }
    head = Self.hash(line)
    return line.dropLast(suffix.count) + "}"
  }

  private static func suffix(_ hash: String) -> String { #","previous":""# + hash + #""}"# }

  private static func hash(_ line: some StringProtocol) -> String {
    var hash = SHA256()
    hash.update(line.utf8)
    return hash.hexadecimal
  }
}
