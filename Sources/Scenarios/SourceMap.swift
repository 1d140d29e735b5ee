/// Where each member of a JSON5 text stands, for messages that name a line.
///
/// Foundation parses the file; its decoder says neither where a key was nor where a text stops being JSON5. This
/// walks the same text once more and only notes positions.
struct SourceMap {
  /// The line (from 1) of each member, by its path joined with dots.
  private(set) var lines: [String: Int] = [:]
  /// Paths that occur twice, in the order of the second occurrence. A decoder keeps only one of the two.
  private(set) var duplicates: [String] = []
  /// The first place that is not JSON5, as far as this walk can tell.
  private(set) var problem: SyntaxProblem?

  struct SyntaxProblem: Error {
    let line: Int
    let message: String
  }

  private let text: [Character]
  private var position = 0
  private var line = 1
  private var depth = 0

  init(_ source: String) {
    text = Array(source)
    do throws(SyntaxProblem) {
      try skipBlank()
      try value(path: [])
      if let rest = current { throw unexpected(rest, wanted: "the end of the file") }
    } catch {
      problem = error
    }
  }

  private var current: Character? { position < text.count ? text[position] : nil }
  private var next: Character? { position + 1 < text.count ? text[position + 1] : nil }

  private func unexpected(_ found: Character?, wanted: String) -> SyntaxProblem {
    SyntaxProblem(
      line: line, message: "found \(found.map { "\"\($0)\"" } ?? "the end of the file") where \(wanted) belongs")
  }

  private mutating func advance() {
    if text[position].isNewline { line += 1 }
    position += 1
  }

  private mutating func skipBlank() throws(SyntaxProblem) {
    while let character = current {
      if character.isWhitespace {
        advance()
      } else if character == "/" && next == "/" {
        while let inside = current, !inside.isNewline { advance() }
      } else if character == "/" && next == "*" {
        let opened = line
        advance()
        advance()
        while !(current == "*" && next == "/") {
          guard current != nil else {
            throw SyntaxProblem(line: opened, message: "a comment is opened with /* and never closed")
          }
          advance()
        }
        advance()
        advance()
      } else {
        return
      }
    }
  }

  private mutating func value(path: [String]) throws(SyntaxProblem) {
    guard depth < 64 else {
      throw SyntaxProblem(line: line, message: "objects and lists are nested more than 64 deep")
    }
    depth += 1
    defer { depth -= 1 }
    switch current {
    case "{": try members(path: path)
    case "[": try elements(path: path)
    case "\"", "'": _ = try quoted()
    default: _ = try bareWord(wanted: "a value")
    }
    try skipBlank()
  }

  private mutating func members(path: [String]) throws(SyntaxProblem) {
    advance()
    try skipBlank()
    while current != "}" {
      let keyLine = line
      let isQuoted = current == "\"" || current == "'"
      let key = isQuoted ? try quoted() : try bareWord(wanted: "a key or \"}\"")
      let joined = (path + [key]).joined(separator: ".")
      if lines.updateValue(keyLine, forKey: joined) != nil { duplicates.append(joined) }
      try skipBlank()
      guard current == ":" else { throw unexpected(current, wanted: "\":\" after the key \(key)") }
      advance()
      try skipBlank()
      try value(path: path + [key])
      if current == "," {
        advance()
        try skipBlank()
      } else if current != "}" {
        throw unexpected(current, wanted: "\",\" or \"}\" after the value of \(joined)")
      }
    }
    advance()
  }

  private mutating func elements(path: [String]) throws(SyntaxProblem) {
    advance()
    try skipBlank()
    var index = 0
    while current != "]" {
      lines[(path + ["\(index)"]).joined(separator: ".")] = line
      try value(path: path + ["\(index)"])
      index += 1
      if current == "," {
        advance()
        try skipBlank()
      } else if current != "]" {
        throw unexpected(current, wanted: "\",\" or \"]\" in a list")
      }
    }
    advance()
  }

  private mutating func quoted() throws(SyntaxProblem) -> String {
    let quote = text[position]
    let opened = line
    advance()
    var content = ""
    while let character = current, character != quote {
      if character == "\\" { advance() }
      guard let kept = current, !(kept.isNewline && character != "\\") else { break }
      content.append(kept)
      advance()
    }
    guard current == quote else {
      throw SyntaxProblem(line: opened, message: "a text is opened with \(quote) and not closed on its line")
    }
    advance()
    return content
  }

  private mutating func bareWord(wanted: String) throws(SyntaxProblem) -> String {
    var word = ""
    while let character = current, !character.isWhitespace, !",:{}[]/\"'".contains(character) {
      word.append(character)
      advance()
    }
    if word.isEmpty { throw unexpected(current, wanted: wanted) }
    return word
  }
}
