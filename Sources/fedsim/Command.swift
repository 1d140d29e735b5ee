/// One subcommand: what it takes and what it does.
struct Command: Sendable {
  /// An option of a command.
  struct Option: Sendable {
    let name: String
    /// What stands for the value in the help; nil for a flag.
    let value: String?
    let about: String
    var repeats = false
  }

  let name: String
  let about: String
  /// The names of the positional arguments, all of them required but those in brackets. The last may end in "…":
  /// one or more.
  let positional: [String]
  let options: [Option]
  var isInternal = false
  /// - Returns: the exit status.
  let run: @Sendable (Arguments, Session) throws -> Int32

  /// Whether the command can be given so many positional arguments.
  func takes(_ count: Int) -> Bool {
    let required = positional.count { !$0.hasPrefix("[") }
    return count >= required && (positional.last?.hasSuffix("…") == true || count <= positional.count)
  }

  /// The command line in one line, for the help.
  var usage: String {
    (["fedsim", name] + positional + (options.isEmpty ? [] : ["[options]"])).joined(separator: " ")
  }

  /// The full help of this command.
  var help: String {
    var text = "usage: \(usage)\n\n\(about)\n"
    if !options.isEmpty {
      text += "\noptions:\n"
      for option in options {
        let left = "--\(option.name)" + (option.value.map { " \($0)" } ?? "")
        text += "  " + left + String(repeating: " ", count: max(1, 24 - left.count)) + option.about + "\n"
      }
    }
    return text
  }
}
