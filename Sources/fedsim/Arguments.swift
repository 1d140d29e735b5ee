import Scenarios

/// Something wrong with the command line: exit status 2.
struct UsageError: Error, CustomStringConvertible {
  let description: String
}

/// The parsed arguments of one command.
struct Arguments {
  let positional: [String]
  private let values: [String: [String]]

  /// Parses what follows the command's name. Options may be given as `--name value` or `--name=value`, anywhere.
  init(_ words: [String], for command: Command) throws {
    var positional: [String] = []
    var values: [String: [String]] = [:]
    var rest = words[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--") else {
        if word.hasPrefix("-") && word.count > 1 {
          throw UsageError(description: "unknown option \(word); options start with two dashes")
        }
        positional.append(word)
        continue
      }
      let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      guard let option = command.options.first(where: { $0.name == name }) else {
        let hint = nearestName(to: name, among: command.options.map(\.name)).map { "; did you mean --\($0)?" } ?? ""
        throw UsageError(description: "unknown option --\(name)\(hint)\n\(command.help)")
      }
      if values[name] != nil && !option.repeats {
        throw UsageError(description: "--\(name) is given twice")
      }
      if let wanted = option.value {
        guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
          throw UsageError(description: "--\(name) needs a value: --\(name) \(wanted)")
        }
        values[name, default: []].append(value)
      } else if parts.count == 2 {
        throw UsageError(description: "--\(name) takes no value")
      } else {
        values[name] = [""]
      }
    }
    guard command.takes(positional.count) else {
      let found = positional.isEmpty ? "nothing" : positional.joined(separator: " ")
      let wanted = command.positional.isEmpty ? "no arguments" : command.positional.joined(separator: " ")
      throw UsageError(description: "found \(found); \(command.name) takes \(wanted)\n\(command.help)")
    }
    self.positional = positional
    self.values = values
  }

  func has(_ name: String) -> Bool { values[name] != nil }

  func string(_ name: String) -> String? { values[name]?.last }

  func strings(_ name: String) -> [String] { values[name] ?? [] }

  /// A whole number within a range.
  func integer(_ name: String, _ range: ClosedRange<Int>) throws -> Int? {
    guard let text = string(name) else { return nil }
    guard let value = Int(text), range.contains(value) else {
      throw UsageError(
        description:
          "--\(name): found \"\(text)\"; allowed: a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// One of several names.
  func choice<Choice: RawRepresentable<String>>(_ name: String, _ choices: [Choice]) throws -> Choice? {
    guard let text = string(name) else { return nil }
    guard let choice = choices.first(where: { $0.rawValue == text }) else {
      let names = choices.map(\.rawValue).joined(separator: ", ")
      throw UsageError(description: "--\(name): found \"\(text)\"; allowed: \(names)")
    }
    return choice
  }

  /// A number within a range; required.
  func number(_ name: String, _ range: ClosedRange<Double>) throws -> Double {
    guard let text = string(name) else { throw UsageError(description: "--\(name) is missing") }
    guard let value = Double(text), range.contains(value) else {
      throw UsageError(
        description:
          "--\(name): found \"\(text)\"; allowed: a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }
}
