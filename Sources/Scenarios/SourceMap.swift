/// Where each member of a JSON5 text stands, for messages that name a line.
///
/// Foundation parses the file; its decoder does not say where a key was. This walks the same text once more and
/// only notes positions, so it may assume the text is well formed.
struct SourceMap {
  /// The line (from 1) of each member, by its path joined with dots.
  private(set) var lines: [String: Int] = [:]
  /// Paths that occur twice, in the order of the second occurrence. A decoder keeps only one of the two.
  private(set) var duplicates: [String] = []

  private let text: [Character]
  private var position = 0
  private var line = 1

  init(_ source: String) {
    text = Array(source)
    skipBlank()
    value(path: [])
  }

  private var current: Character? { position < text.count ? text[position] : nil }

  private mutating func advance() {
    if text[position].isNewline { line += 1 }
    position += 1
  }

  private mutating func skipBlank() {
    while let character = current {
      if character.isWhitespace || character.isNewline {
        advance()
      } else if character == "/", position + 1 < text.count, text[position + 1] == "/" {
        while let next = current, !next.isNewline { _ = next; advance() }
      } else if character == "/", position + 1 < text.count, text[position + 1] == "*" {
        advance()
        advance()
        while let next = current {
          if next == "*", position + 1 < text.count, text[position + 1] == "/" {
            advance()
            advance()
            break
          }
          advance()
        }
      } else {
        return
      }
    }
  }

  private mutating func value(path: [String]) {
    switch current {
    case "{": members(path: path)
    case "[": elements(path: path)
    case "\"", "'": _ = quoted()
    default: _ = bareWord()
    }
    skipBlank()
  }

  private mutating func members(path: [String]) {
    advance()
    skipBlank()
    while let character = current, character != "}" {
      let keyLine = line
      let key = character == "\"" || character == "'" ? quoted() : bareWord()
      let memberPath = path + [key]
      let joined = memberPath.joined(separator: ".")
      if lines.updateValue(keyLine, forKey: joined) != nil { duplicates.append(joined) }
      skipBlank()
      guard current == ":" else { return }
      advance()
      skipBlank()
      value(path: memberPath)
      if current == "," { advance() }
      skipBlank()
    }
    if current != nil { advance() }
  }

  private mutating func elements(path: [String]) {
    advance()
    skipBlank()
    var index = 0
    while let character = current, character != "]" {
      lines[(path + ["\(index)"]).joined(separator: ".")] = line
      let before = position
      value(path: path + ["\(index)"])
      if current == "," { advance() }
      skipBlank()
      index += 1
      if position == before { return }
    }
    if current != nil { advance() }
  }

  private mutating func quoted() -> String {
    let quote = text[position]
    advance()
    var content = ""
    while let character = current, character != quote {
      if character == "\\" {
        advance()
        guard current != nil else { break }
      }
      content.append(text[position])
      advance()
    }
    if current != nil { advance() }
    return content
  }

  private mutating func bareWord() -> String {
    var word = ""
    while let character = current, !character.isWhitespace, !",:{}[]/\"'".contains(character) {
      word.append(character)
      advance()
    }
    // Malformed text must not stop the walk: step over what no rule takes.
    if word.isEmpty, current != nil, !"}]".contains(text[position]) { advance() }
    return word
  }
}
