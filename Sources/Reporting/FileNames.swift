import Foundation
import Recommender
import Scenarios

extension String {
  /// A title as file names say it: lower case, with dashes.
  var asFileName: String { lowercased().replacingOccurrences(of: " ", with: "-") }

  /// A quoted cell of a CSV file (RFC 4180, section 2).
  var quotedForCSV: String { "\"" + replacingOccurrences(of: "\"", with: "\"\"") + "\"" }
}

extension Metric {
  /// As file names say it.
  var fileName: String { title.asFileName }

  /// All metrics as the columns of a CSV file.
  static var columns: String {
    allCases.map { $0.fileName.replacingOccurrences(of: "-", with: "_") }.joined(separator: ",")
  }
}
