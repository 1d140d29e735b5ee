/// Columns of plain text, numbers flush right.
enum TextTable {
  /// - Parameter textColumns: how many columns, from the left, are words.
  static func lines(head: [String], _ rows: [[String]], textColumns: Int = 0) -> [String] {
    let all = [head] + rows
    let widths = head.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        if column > 0 { line += "  " }
        line += column < textColumns ? cell.padded(to: widths[column]) : cell.leftPadded(to: widths[column])
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}

extension String {
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

  func leftPadded(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
