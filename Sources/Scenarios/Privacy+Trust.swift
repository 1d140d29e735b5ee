/// What follows from who is trusted. Each consequence is decided here, by a switch, so that one more trust model stops the
/// compiler at every one of them; nothing compares trust models.
extension Privacy.Trust {
  /// Whether each client adds noise of its own before anything leaves it.
  package var clientsAddNoise: Bool {
    switch self {
    case .central: false
    case .local: true
    }
  }

  /// Whether someone from whom clients are to be protected sees who takes part: then sampling amplifies nothing, and a client
  /// can be replaced, but not be missing.
  package var showsWhoTakesPart: Bool {
    switch self {
    case .central: false
    case .local: true
    }
  }

  /// Whether someone sees exact sums over all clients, and can choose among candidates by them.
  package var selectsByExactSums: Bool {
    switch self {
    case .central: true
    case .local: false
    }
  }

  /// Whether a sum over clients is released as a whole: a single example can be protected in it, a count beside it, and groups of
  /// clients by how they are sampled.
  package var releasesSums: Bool {
    switch self {
    case .central: true
    case .local: false
    }
  }
}
