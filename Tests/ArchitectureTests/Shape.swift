/// Reads sizes off formatted sources: what begins at an indentation ends at a brace of that indentation.
enum Shape {
  struct Function {
    /// File and name.
    let place: String
    let lines: Int
    let isInitialiser: Bool
    let parameters: Int
  }

  struct TypeDeclaration {
    let place: String
    /// Stored properties of its values.
    let properties: Int
  }

  static func functions(_ source: ShapeTests.Source) -> [Function] {
    source.lines.indices.compactMap { index in
      guard let words = declaration(source.lines[index]),
        let keyword = words.firstIndex(where: { $0 == "func" || beginsInitialiser($0) }),
        words[..<keyword].allSatisfy(isModifier)
      else { return nil }
      let isInitialiser = words[keyword] != "func"
      let name = isInitialiser ? "init" : String(words[keyword + 1].prefix { $0 != "(" && $0 != "<" })
      return Function(
        place: "\(source.path) \(name)", lines: end(of: index, in: source.lines) - index + 1,
        isInitialiser: isInitialiser, parameters: parameters(source.lines[index...]))
    }
  }

  static func types(_ source: ShapeTests.Source) -> [TypeDeclaration] {
    source.lines.indices.compactMap { index in
      guard let words = declaration(source.lines[index]),
        let keyword = words.firstIndex(where: { ["struct", "class", "actor"].contains($0) }),
        keyword + 1 < words.count,
        words[..<keyword].allSatisfy(isModifier)
      else { return nil }
      let body = source.lines[index..<end(of: index, in: source.lines)]
      let indentation = self.indentation(source.lines[index]) + 2
      let properties = body.count { self.indentation($0) == indentation && isStored($0) }
      return TypeDeclaration(
        place: "\(source.path) \(words[keyword + 1].prefix { $0.isLetter || $0.isNumber })", properties: properties)
    }
  }

  /// The words of a line that is no comment.
  private static func declaration(_ line: Substring) -> [Substring]? {
    let words = line.split(separator: " ")
    return words.first?.hasPrefix("//") == false ? words : nil
  }

  private static func beginsInitialiser(_ word: Substring) -> Bool {
    ["init(", "init?(", "init<"].contains { word.hasPrefix($0) }
  }

  private static func isModifier(_ word: Substring) -> Bool {
    [
      "public", "package", "private", "fileprivate", "internal", "static", "mutating", "consuming", "override",
      "final",
      "nonisolated", "convenience", "required", "borrowing", "indirect", "unowned", "weak",
    ].contains(word) || word.hasPrefix("@") || word.hasSuffix("(set)")
  }

  private static func isStored(_ line: Substring) -> Bool {
    guard let words = declaration(line), let keyword = words.firstIndex(where: { $0 == "let" || $0 == "var" }),
      words[..<keyword].allSatisfy(isModifier), !words[..<keyword].contains("static")
    else { return false }
    // A computed property opens a brace before anything is assigned.
    guard let brace = words.firstIndex(of: "{") else { return true }
    return words.firstIndex(of: "=").map { $0 < brace } ?? false
  }

  private static func indentation(_ line: Substring) -> Int { line.prefix { $0 == " " }.count }

  /// The last line of what begins at a line.
  private static func end(of start: Int, in lines: [Substring]) -> Int {
    if lines[start].hasSuffix("}") { return start }
    let indentation = self.indentation(lines[start])
    // A declaration goes over several lines, of which the last opens the body; a requirement of a protocol has none.
    for index in lines.indices[(start + 1)...] where self.indentation(lines[index]) == indentation {
      let line = lines[index].dropFirst(indentation)
      if line.hasPrefix("}") { return index }
      if !line.isEmpty, !line.hasPrefix(")"), !line.hasPrefix("{") { return start }
    }
    return start
  }

  /// How many parameters a declaration has: commas on the first level of its parentheses.
  private static func parameters(_ lines: ArraySlice<Substring>) -> Int {
    var depth = 0
    var commas = 0
    var isEmpty = true
    for character in lines.prefix(40).joined(separator: "\n") {
      switch character {
      case "(", "[", "{": depth += 1
      case ")", "]", "}":
        depth -= 1
        if depth == 0 { return isEmpty ? 0 : commas + 1 }
      case "," where depth == 1: commas += 1
      case let other where depth > 0 && !other.isWhitespace: isEmpty = false
      default: break
      }
    }
    return 0
  }
}
