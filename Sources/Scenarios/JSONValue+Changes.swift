extension JSONValue {
  /// A member that differs between two values.
  package struct Change: Equatable, Sendable {
    /// Its dotted path.
    package let path: String
    /// What it was and what it is.
    package let text: String
  }

  /// The members that differ in `new`, by path. Numbers are compared by value: a file does not tell 4 from 4.0.
  package func changes(to new: JSONValue, path: String = "") -> [Change] {
    if self == new || (asDouble != nil && asDouble == new.asDouble) { return [] }
    guard case .object(let before) = self, case .object(let after) = new else {
      return [Change(path: path, text: "\(path) was \(inWords), now it is \(new.inWords)")]
    }
    return Set(before.keys).union(after.keys).sorted().flatMap { key -> [Change] in
      let inner = path.isEmpty ? key : "\(path).\(key)"
      switch (before[key], after[key]) {
      case (let was?, let now?): return was.changes(to: now, path: inner)
      case (nil, let now?): return [Change(path: inner, text: "\(inner) is new: \(now.inWords)")]
      case (let was?, nil): return [Change(path: inner, text: "\(inner) is gone, it was \(was.inWords)")]
      case (nil, nil): return []
      }
    }
  }
}
