import Foundation

/// A table of reference figures from a CSV file: comment lines start with #, the first other line is the header.
package struct ReferenceTable {
  /// One line, with its cells by column name.
  package struct Row: Sendable, CustomStringConvertible {
    private let cells: [String: String]
    private let line: String

    fileprivate init(header: [Substring], line: Substring) {
      let values = line.split(separator: ",", omittingEmptySubsequences: false)
      precondition(values.count == header.count, "a line of a reference table has too few cells: \(line)")
      cells = Dictionary(uniqueKeysWithValues: zip(header.map(String.init), values.map(String.init)))
      self.line = String(line)
    }

    /// A cell's text.
    package func text(_ column: String) -> String {
      guard let cell = cells[column] else { preconditionFailure("no column \(column)") }
      return cell
    }

    /// A cell's number, decimal or hexadecimal.
    package func number(_ column: String) -> Double {
      guard let value = Double(text(column)) else { preconditionFailure("\(text(column)) is not a number") }
      return value
    }

    /// A cell's whole number.
    package func integer(_ column: String) -> Int { Int(number(column)) }

    package var description: String { line }
  }

  package let rows: [Row]

  /// Reads a table from a test target's resources.
  package init(_ name: String, in bundle: Bundle) {
    guard let url = bundle.url(forResource: name, withExtension: "csv", subdirectory: "Resources"),
      let text = try? String(contentsOf: url, encoding: .utf8)
    else { preconditionFailure("there is no resource \(name).csv") }
    let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }
    let header = lines[0].split(separator: ",")
    rows = lines.dropFirst().map { Row(header: header, line: $0) }
    // A test without cases would pass.
    precondition(!rows.isEmpty, "\(name).csv has no rows")
  }
}
