import Foundation

/// The MovieLens 100K data (Harper and Konstan 2015, "The MovieLens datasets"), as its readers unpack it: one client a
/// user, one example a rating, positive when the user liked the film.
package struct MovieLens {
  /// Ratings from this one on count as liked.
  private static let liked = 4
  /// Every fifth user never trains.
  private static let heldOutEvery = 5

  /// Why the folder cannot be used.
  package struct ImportError: Error, Equatable, CustomStringConvertible {
    package let description: String
  }

  /// One half of the users as shards in the LIBSVM format.
  package struct Shards {
    package let text: String
    package let clients: Int
    package let examples: Int
    package let positives: Int
  }

  package let training: Shards
  package let heldOut: Shards

  /// Reads `u.data`, `u.item` and `u.user`.
  /// - Parameters:
  ///   - folder: where they are.
  ///   - dimension: coordinates that features are hashed into, the bias included.
  /// - Throws: `ImportError` naming the file, the line and the remedy.
  package init(folder: String, dimension: Int) throws {
    let films = try Self.films(folder)
    let users = try Self.users(folder)
    let features = RatingFeatures(trick: HashingTrick(dimension: dimension))
    var lines: [Int: [String]] = [:]
    var positives: [Int: Int] = [:]
    let fields = 4
    for (number, line) in try Self.lines("u.data", folder) {
      let parts = line.split(separator: "\t").map { Int($0) }
      func failure(_ message: String) -> ImportError {
        ImportError(description: "\(folder)/u.data:\(number): \(message)")
      }
      guard parts.count == fields, let user = parts[0], let film = parts[1], let rating = parts[2],
        (1...5).contains(rating)
      else { throw failure("is not user, film, rating (1 to 5) and time, separated by tabs") }
      guard let who = users[user] else { throw failure("user \(user) is not in u.user") }
      guard let what = films[film] else { throw failure("film \(film) is not in u.item") }
      let isLiked = rating >= Self.liked
      lines[user, default: []].append("\(isLiked ? 1 : 0) qid:\(user) \(features.entries(who, what))")
      positives[user, default: 0] += isLiked ? 1 : 0
    }
    func shards(_ isIncluded: (Int) -> Bool) -> Shards {
      let chosen = lines.keys.filter(isIncluded).sorted()
      let all = chosen.flatMap { lines[$0] ?? [] }
      return Shards(
        text: all.map { $0 + "\n" }.joined(), clients: chosen.count, examples: all.count,
        positives: chosen.reduce(0) { $0 + (positives[$1] ?? 0) })
    }
    training = shards { $0 % Self.heldOutEvery != 0 }
    heldOut = shards { $0 % Self.heldOutEvery == 0 }
    guard training.clients > 0, heldOut.clients > 0 else {
      throw ImportError(description: "\(folder)/u.data: needs users on both sides; every fifth is held out")
    }
  }

  fileprivate struct Film {
    let number: Int
    let decade: String
    let genres: [Int]
  }

  fileprivate struct User {
    let ageBand: String
    let gender: String
    let occupation: String
  }

  /// The lines that are not blank, with their numbers, from 1.
  private static func lines(_ name: String, _ folder: String) throws -> [(number: Int, text: Substring)] {
    // Film titles are Latin-1.
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: folder).appendingPathComponent(name)),
      let text = String(data: data, encoding: .isoLatin1)
    else {
      throw ImportError(
        description:
          "\(folder)/\(name): no such file, or it cannot be read; give the folder that ml-100k.zip of grouplens.org unpacks to"
      )
    }
    return text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }.enumerated()
      .map { (number: $0.offset + 1, text: $0.element) }
      .filter { !$0.text.allSatisfy { $0 == " " || $0 == "\t" } }
  }

  /// Lines are number|title|release date|…|address|genre flags.
  private static func films(_ folder: String) throws -> [Int: Film] {
    let genreCount = 19
    var films: [Int: Film] = [:]
    for (row, line) in try lines("u.item", folder) {
      let parts = line.split(separator: "|", omittingEmptySubsequences: false)
      guard parts.count == 5 + genreCount, let number = Int(parts[0]) else {
        throw ImportError(
          description:
            "\(folder)/u.item:\(row): has \(parts.count) fields between bars; allowed: \(5 + genreCount)")
      }
      let genres = (0..<genreCount).filter { parts[5 + $0] == "1" }
      films[number] = Film(number: number, decade: String(parts[2].suffix(4).prefix(3)), genres: genres)
    }
    return films
  }

  /// Lines are number|age|gender|occupation|zip code. The zip code is left alone: it says too much.
  private static func users(_ folder: String) throws -> [Int: User] {
    var users: [Int: User] = [:]
    for (row, line) in try lines("u.user", folder) {
      let parts = line.split(separator: "|", omittingEmptySubsequences: false)
      guard parts.count == 5, let number = Int(parts[0]), let age = Int(parts[1]) else {
        throw ImportError(
          description:
            "\(folder)/u.user:\(row): is not number, age, gender, occupation and zip code between bars")
      }
      users[number] = User(
        ageBand: "\(min(age, 59) / 10)", gender: String(parts[2]), occupation: String(parts[3]))
    }
    return users
  }
}

/// The features of a rating: of the film, of the user, and crosses of the two.
private struct RatingFeatures {
  let trick: HashingTrick
  private static let salt: UInt64 = 0x6D6C_3130_306B

  /// `index:value` in the LIBSVM format, by rising index.
  func entries(_ user: MovieLens.User, _ film: MovieLens.Film) -> String {
    var names = [
      "film \(film.number)", "decade \(film.decade)", "gender \(user.gender)", "age \(user.ageBand)",
      "occupation \(user.occupation)", "film \(film.number) gender \(user.gender)",
      "decade \(film.decade) age \(user.ageBand)",
    ]
    for genre in film.genres {
      names += [
        "genre \(genre)", "genre \(genre) gender \(user.gender)", "genre \(genre) age \(user.ageBand)",
        "genre \(genre) occupation \(user.occupation)",
      ]
    }
    // Names that meet in one coordinate count together.
    var counts: [UInt32: Int] = [0: 1]
    for name in names { counts[trick.coordinate(HashingTrick.hash(name, from: Self.salt)), default: 0] += 1 }
    return counts.keys.sorted().map { "\($0 + 1):\(counts[$0] ?? 0)" }.joined(separator: " ")
  }
}
