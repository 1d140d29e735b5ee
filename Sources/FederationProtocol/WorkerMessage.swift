/// All that a worker can say. No case has a field that could hold an example, one client's update, or free text:
/// that nothing raw leaves a worker can be read off this type (design law 2).
package enum WorkerMessage: Equatable, Sendable {
  case ready(WorkerReadiness)
  /// The sum over this worker's part of the cohort, in lattice steps: one group's coordinates after the other's, every one
  /// present; with adaptive clipping each group's last is the number of updates within the norm less that of those beyond.
  case sum(round: Int, sums: [Int64])
  /// Counters summed over this worker's held-out clients, which never train.
  case evaluation(CountKind, counts: [Int64])
  case failure(WorkerFailure)
  /// Sums over this worker's clients that a query is answered from.
  case tallied(Tally)
  /// What public draws about this worker's training clients are keyed by, in the order of their indices: numbers that stand
  /// for names.
  case identified(keys: [UInt64])

  /// The message as a frame.
  package var frame: Frame {
    switch self {
    case .ready(let readiness):
      var writer = ByteWriter()
      writer.integer(UInt64(readiness.trainingClients))
      writer.integer(UInt64(readiness.heldOutClients))
      writer.integer(UInt64(readiness.skippedClients))
      writer.integer(UInt64(readiness.sharedClients))
      writer.integer(UInt8(readiness.knowsTruth ? 1 : 0))
      writer.integer(UInt8(readiness.knowsPopularity ? 1 : 0))
      writer.array(readiness.dataDigest)
      return Frame(kind: .ready, body: writer.bytes)
    case .sum(let round, let sums):
      var writer = ByteWriter(capacity: sums.count * 8 + 64)
      writer.integer(UInt32(round))
      writer.array(sums)
      return Frame(kind: .sum, body: writer.bytes)
    case .evaluation(let kind, let counts):
      var writer = ByteWriter(capacity: counts.count * 8 + 64)
      writer.integer(kind.rawValue)
      writer.array(counts)
      return Frame(kind: .evaluation, body: writer.bytes)
    case .failure(let failure):
      var writer = ByteWriter()
      writer.integer(failure.reason.rawValue)
      writer.integer(UInt8(failure.heldOut ? 1 : 0))
      writer.integer(UInt32(clamping: failure.file))
      writer.integer(UInt64(failure.line))
      writer.integer(UInt64(failure.field))
      return Frame(kind: .failure, body: writer.bytes)
    case .tallied(let tally):
      var writer = ByteWriter(capacity: (tally.exact.count + tally.bounded.count + tally.noisy.count) * 8 + 64)
      writer.integer(UInt64(tally.clients))
      writer.array(tally.exact)
      writer.array(tally.bounded)
      writer.array(tally.noisy)
      return Frame(kind: .tallied, body: writer.bytes)
    case .identified(let keys):
      var writer = ByteWriter(capacity: keys.count * 8 + 64)
      writer.array(keys)
      return Frame(kind: .identified, body: writer.bytes)
    }
  }

  /// Reads a frame.
  /// - Throws: `ProtocolError` when it is malformed or not a worker's.
  package init(_ frame: Frame) throws {
    var reader = ByteReader(frame)
    switch frame.kind {
    case .ready:
      let training = try reader.count()
      let heldOut = try reader.count()
      let skipped = try reader.count()
      let shared = try reader.count()
      self = .ready(
        WorkerReadiness(
          trainingClients: training, heldOutClients: heldOut, skippedClients: skipped,
          sharedClients: shared, knowsTruth: try reader.flag(), knowsPopularity: try reader.flag(),
          dataDigest: try reader.digest()))
    case .sum:
      let round = Int(try reader.integer(UInt32.self))
      self = .sum(round: round, sums: try reader.array(of: Int64.self, limit: Limits.sums))
    case .evaluation:
      guard let kind = CountKind(rawValue: try reader.integer(UInt8.self)) else {
        throw ProtocolError.malformed(.evaluation)
      }
      self = .evaluation(kind, counts: try reader.array(of: Int64.self, limit: Limits.counts))
    case .failure:
      guard let reason = WorkerFailure.Reason(rawValue: try reader.integer(UInt16.self)) else {
        throw ProtocolError.malformed(.failure)
      }
      let heldOut = try reader.flag()
      let file = Int(try reader.integer(UInt32.self))
      let line = try reader.count()
      self = .failure(
        WorkerFailure(
          reason: reason, heldOut: heldOut, file: file, line: line,
          field: try reader.count()))
    case .tallied:
      let clients = try reader.count()
      let exact = try reader.array(of: Int64.self, limit: Limits.cells)
      let bounded = try reader.array(of: Int64.self, limit: Limits.cells)
      self = .tallied(
        Tally(
          clients: clients, exact: exact, bounded: bounded,
          noisy: try reader.array(of: Int64.self, limit: Limits.cells)))
    case .identified: self = .identified(keys: try reader.array(of: UInt64.self, limit: Limits.clients))
    case .configure, .train, .evaluate, .evaluateCells, .measureSizes, .measureUpdates, .measureFeatures, .attack,
      .tally, .identify:
      throw ProtocolError.unexpected(frame.kind)
    }
    try reader.finish()
  }
}

/// What a worker's clients add up to, for one answer to a query.
package struct Tally: Equatable, Sendable {
  /// Clients that contribute.
  package let clients: Int
  /// Over everything that clients hold. Only a simulation has this: answers are compared with it and never made of it.
  package let exact: [Int64]
  /// With each client's contribution bounded. With local trust it is for comparison only.
  package let bounded: [Int64]
  /// With local trust: the sums of what clients say after each has hidden its own; otherwise empty.
  package let noisy: [Int64]

  package init(clients: Int, exact: [Int64], bounded: [Int64], noisy: [Int64]) {
    self.clients = clients
    self.exact = exact
    self.bounded = bounded
    self.noisy = noisy
  }
}

/// What a worker found when it was configured: counts of the whole population, the same from every worker.
package struct WorkerReadiness: Equatable, Sendable {
  package let trainingClients: Int
  package let heldOutClients: Int
  /// Clients left out because they have no example.
  package let skippedClients: Int
  /// Held-out clients that are training clients too.
  package let sharedClients: Int
  /// Whether held-out examples can be scored with the true logit.
  package let knowsTruth: Bool
  /// Whether held-out examples can be scored by item popularity.
  package let knowsPopularity: Bool
  /// The SHA-256 of everything that the shards hold, 32 bytes; empty where clients are generated: the scenario says what
  /// they are then.
  package let dataDigest: [UInt8]

  package init(
    trainingClients: Int, heldOutClients: Int, skippedClients: Int, sharedClients: Int = 0, knowsTruth: Bool,
    knowsPopularity: Bool, dataDigest: [UInt8] = []
  ) {
    self.trainingClients = trainingClients
    self.heldOutClients = heldOutClients
    self.skippedClients = skippedClients
    self.sharedClients = sharedClients
    self.knowsTruth = knowsTruth
    self.knowsPopularity = knowsPopularity
    self.dataDigest = dataDigest
  }
}

/// Why a worker cannot go on: a reason from a fixed list and a place, never the text that was found there.
package struct WorkerFailure: Error, Equatable, Sendable {
  /// The fixed list. Values are part of the wire format.
  package enum Reason: UInt16, Sendable, CaseIterable {
    case scenarioNotUnderstood = 1
    case fileUnreadable = 2
    case notUTF8 = 3
    case missingColumn = 4
    case wrongColumnCount = 5
    case labelNotBinary = 6
    case missingClient = 7
    case malformedFeature = 8
    case indexOutOfRange = 9
    case indicesNotAscending = 10
    case valueNotFinite = 11
    case tooManyClients = 12
    case noExamples = 13
    case unknownClient = 14
    case notAFile = 15
    case lineTooLong = 16
    case noHeader = 17
    case unnamedColumn = 18
    /// A second column of a name.
    case doubledColumn = 19
    /// A column that is no feature of the training data.
    case surplusColumn = 20
    /// A feature of the training data that has no column; the field is its coordinate, from 1.
    case missingFeature = 21
    /// Another number of features than the model has; the field is that number.
    case wrongFeatureCount = 22
    case malformedQuotes = 23
    /// An example with a client's name among others without, or the other way round.
    case mixedClients = 24
    /// Two files that stand for one client.
    case doubledFile = 25
    case indexZero = 26
    /// Something else than what was read before.
    case shardsChanged = 27
  }

  package let reason: Reason
  /// Whether the place is in the held-out shards.
  package let heldOut: Bool
  /// Which file of a folder of shards, in the order of their names, from 0.
  package let file: Int
  /// The line, from 1; 0 where no line is meant.
  package let line: Int
  /// The field in the line, from 1; 0 where no field is meant.
  package let field: Int

  package init(reason: Reason, heldOut: Bool = false, file: Int = 0, line: Int = 0, field: Int = 0) {
    self.reason = reason
    self.heldOut = heldOut
    self.file = file
    self.line = line
    self.field = field
  }
}
