/// The unit of every conversation between coordinator and worker.
///
/// On the wire: body length (UInt32), version (UInt8), kind (UInt8), two zero bytes, then the body. All integers
/// are little-endian. `docs/file-formats.md` has the table of bodies.
package struct Frame: Equatable, Sendable {
  /// The protocol version both ends must speak.
  package static let version: UInt8 = 1
  /// Bytes before the body.
  package static let headerLength = 8

  /// What a frame is for. Values are part of the wire format.
  package enum Kind: UInt8, Sendable, CaseIterable {
    // Coordinator to worker.
    case configure = 1
    case train = 2
    case evaluate = 3
    case measureSizes = 4
    case measureUpdates = 5
    case tally = 6
    case attack = 7
    case identify = 8
    case evaluateCells = 9
    case measureFeatures = 10
    // Worker to coordinator.
    case ready = 65
    case sum = 66
    case evaluation = 67
    case failure = 68
    case tallied = 69
    case identified = 70

    /// The longest body this kind may have; a longer one is refused before anything is allocated for it.
    package var longestBody: Int {
      switch self {
      case .configure: 8 << 20
      case .train: Limits.dimension * 4 + Limits.cohort * 4 + 96
      case .evaluate, .measureUpdates, .attack: Limits.dimension * 4 + 64
      case .evaluateCells: Limits.dimension * 4 + Limits.scoreCells * 5 + 64
      case .measureSizes, .measureFeatures, .identify: 0
      case .tally: 64
      case .tallied: 3 * Limits.cells * 8 + 64
      case .ready: 40 + Limits.digest
      case .sum: Limits.sums * 8 + 64
      case .evaluation: Limits.counts * 8 + 64
      case .failure: 64
      case .identified: Limits.clients * 8 + 64
      }
    }
  }

  package let kind: Kind
  package let body: [UInt8]

  package init(kind: Kind, body: [UInt8]) {
    self.kind = kind
    self.body = body
  }

  /// Reads a header.
  /// - Returns: the kind and the body's length.
  /// - Throws: `ProtocolError` for another version, an unknown kind, or a body longer than its kind allows.
  package static func parseHeader(_ header: [UInt8]) throws -> (kind: Kind, bodyLength: Int) {
    guard header.count == headerLength else { throw ProtocolError.truncated }
    guard header[4] == version else { throw ProtocolError.version(found: header[4]) }
    guard let kind = Kind(rawValue: header[5]), header[6] == 0, header[7] == 0 else {
      throw ProtocolError.unknownKind(header[5])
    }
    let length = (0..<4).reduce(0) { $0 | Int(header[$1]) << (8 * $1) }
    guard length <= kind.longestBody else { throw ProtocolError.tooLong(kind: kind, length: length) }
    return (kind, length)
  }

  /// The header of this frame.
  package var header: [UInt8] {
    let length = UInt32(body.count)
    return (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * UInt32($0))) }
      + [Self.version, kind.rawValue, 0, 0]
  }
}

/// Bounds on what a peer may claim.
package enum Limits {
  /// Numbers of one answer to a query.
  package static let cells = 200_000
  /// Bytes of a SHA-256.
  package static let digest = 32
  /// Longest model.
  package static let dimension = 1 << 20
  /// Most numbers of a worker's sums: coordinates of all groups, and the count of each of up to a thousand.
  package static let sums = dimension + 1000
  /// Most clients of a population.
  package static let clients = 100_000_000
  /// Most clients one worker may be asked to train in a round.
  package static let cohort = 1 << 24
  /// Most cells of logits that one request looks into.
  package static let scoreCells = 64
  /// Most counters in an evaluation.
  package static let counts = 1 << 17
}

/// What can go wrong between two processes. None of these carries a byte of the peer's data.
package enum ProtocolError: Error, Equatable, CustomStringConvertible {
  /// The peer closed its end, or was killed.
  case closed
  /// A frame ends before its length.
  case truncated
  case version(found: UInt8)
  case unknownKind(UInt8)
  case tooLong(kind: Frame.Kind, length: Int)
  /// A body that does not have the form of its kind.
  case malformed(Frame.Kind)
  /// A frame that does not belong at this point of the conversation.
  case unexpected(Frame.Kind)
  /// Reading or writing failed with this errno.
  case system(Int32)
  /// The peer did not answer, or did not read, in time.
  case timedOut
  /// The user asked to stop while a read was waiting.
  case interrupted

  package var description: String {
    switch self {
    case .closed: "the other process closed the connection"
    case .truncated: "a frame was cut short"
    case .version(let found): "the other process speaks protocol version \(found), this one \(Frame.version)"
    case .unknownKind(let kind): "a frame has the unknown kind \(kind)"
    case .tooLong(let kind, let length):
      "a \(kind) frame of \(length) bytes; at most \(kind.longestBody) are allowed"
    case .malformed(let kind): "a \(kind) frame is malformed"
    case .unexpected(let kind): "a \(kind) frame came where none belongs"
    case .system(let code): "system error \(code) on the connection"
    case .timedOut: "the other process did not answer in time"
    case .interrupted: "interrupted"
    }
  }
}
