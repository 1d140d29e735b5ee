import Foundation
import Reporting
import ResultFiles

/// The file, or for drawings the two files, that `account --out` writes.
struct AccountPicture {
  private let path: String
  private let isPage: Bool

  /// - Throws: `UsageError` when it is neither a page nor a drawing, or there already.
  init(_ path: String) throws {
    self.path = path
    isPage = path.hasSuffix(".html")
    guard isPage || path.hasSuffix(".svg") else {
      throw UsageError(description: "--out: found \"\(path)\"; allowed: a name that ends in .html or .svg")
    }
    for name in names where FileManager.default.fileExists(atPath: name) {
      throw UsageError(description: "\(name): exists already; give another --out")
    }
  }

  /// The files.
  var names: [String] { isPage ? [path] : ["", "-trade-off"].map(name) }

  private func name(ending: String) -> String { path.dropLast(".svg".count) + ending + ".svg" }

  /// Draws the curves of those accountants that answered.
  func write(_ answers: [AccountAnswer], about subject: AccountSubject) throws {
    let page = PrivacyCurvePage(
      about: subject.about, answers: answers.compactMap(\.text), curves: answers.compactMap(\.curve))
    if isPage { return try writeWhole(Data(page.html.utf8), to: URL(fileURLWithPath: path)) }
    for (ending, svg) in page.drawings {
      try writeWhole(Data(svg.utf8), to: URL(fileURLWithPath: name(ending: ending)))
    }
  }
}
