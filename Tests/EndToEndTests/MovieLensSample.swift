import Foundation
import NumericalCore

/// A made-up data set in the format of MovieLens 100K: the real one may not be passed on.
enum MovieLensSample {
  /// Writes `u.data`, `u.item` and `u.user` into a new folder.
  static func write(to folder: URL, users: Int = 50, films: Int = 40, ratings: Int = 30) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    var stream = RandomStream(seed: 1, purpose: .examples)
    let genres = (0..<films).map { _ in stream.nextInteger(below: 19) }
    let items = (1...films).map { film in
      let flags = (0..<19).map { $0 == genres[film - 1] ? "1" : "0" }.joined(separator: "|")
      // The third title is not ASCII; the fourth has no date.
      return
        "\(film)|Film\(film == 3 ? " é" : "") (19\(50 + film % 50))|\(film == 4 ? "" : "01-Jan-19\(50 + film % 50)")||http://x|\(flags)"
    }
    let people = (1...users).map {
      "\($0)|\(10 + stream.nextInteger(below: 60))|\($0 % 3 == 0 ? "F" : "M")|writer|00000"
    }
    var lines: [String] = []
    for user in 1...users {
      for film in Set((0..<ratings).map { _ in 1 + stream.nextInteger(below: films) }).sorted() {
        let likes = genres[film - 1] % 3 == user % 3
        lines.append("\(user)\t\(film)\t\((likes ? 3 : 2) + stream.nextInteger(below: 3))\t881250949")
      }
    }
    for (name, content) in [("u.data", lines), ("u.item", items), ("u.user", people)] {
      let text = content.joined(separator: "\n") + "\n"
      let data = text.data(using: .isoLatin1) ?? Data()
      try data.write(to: folder.appendingPathComponent(name))
    }
  }
}
