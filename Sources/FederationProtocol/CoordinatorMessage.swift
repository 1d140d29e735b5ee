/// What the coordinator tells a worker.
package enum CoordinatorMessage: Equatable, Sendable {
  case configure(WorkerConfiguration)
  /// Train these clients on these weights and clip each update to this norm; each adds this noise, nil: none.
  case train(round: Int, clippingNorm: Double, clients: [UInt32], weights: [Float], noise: ClientNoise?)
  /// Score the held-out clients, or some of them.
  case evaluate(scorer: Scorer, slice: Slice, weights: [Float])
  /// Say what public draws about training clients are keyed by.
  case identify
  /// Score them again, and count where in these cells their logits are.
  case evaluateCells(cells: [Cell], scorer: Scorer, slice: Slice, weights: [Float])
  /// Count the held-out clients by their number of examples.
  case measureSizes
  /// Measure the updates that held-out clients would send: their norms, and the bits of their messages. They never train,
  /// so that this costs no privacy; training clients are never asked.
  case measureUpdates(round: Int, clippingNorm: Double, weights: [Float])
  /// Count held-out examples by the coordinate that outweighs all others together, where there is one.
  case measureFeatures
  /// Play an attacker who looks for clients in what is released, and count how often it wins.
  case attack(weights: [Float])
  /// Add up what clients contribute to a query.
  case tally(TallyRequest)

  /// Which held-out clients are scored.
  package enum Slice: Equatable, Sendable {
    case all
    /// Those of one tier.
    case tier(Int)
    /// Those with so many examples, from the first number up to (not including) the second.
    case sizes(Range<UInt32>)
  }

  /// A run of 2^`bits` neighbouring logits, by the rank of the first among all finite ones.
  package struct Cell: Equatable, Sendable {
    package let first: Int32
    package let bits: Int

    package init(first: Int32, bits: Int) {
      self.first = first
      self.bits = bits
    }
  }

  /// What held-out examples are scored with.
  package enum Scorer: UInt8, Sendable {
    /// The broadcast model.
    case model = 0
    /// The true logit, where the population knows it: the best that any model could do.
    case truth = 1
    /// The catalogue's public popularity, where there is one.
    case popularity = 2
    /// A model trained in the worker on the examples of all training clients together, without privacy. The worker
    /// has to own all clients.
    case central = 3
    /// For each held-out client a model trained in the worker on its own examples alone. The worker has to own all
    /// clients.
    case alone = 4
    /// The broadcast model without the part that each client trains for itself.
    case sharedPart = 5
  }

  /// The message as a frame.
  package var frame: Frame {
    switch self {
    case .configure(let configuration):
      var writer = ByteWriter(capacity: configuration.scenario.count + 64)
      writer.integer(UInt32(configuration.worker))
      writer.integer(UInt32(configuration.workers))
      writer.integer(UInt64(configuration.cacheBytes))
      writer.array(configuration.scenario)
      writer.array(Array(configuration.folder.utf8))
      writer.integer(UInt8(configuration.secureNoise ? 1 : 0))
      writer.integer(UInt32(truncatingIfNeeded: configuration.incarnation))
      writer.integer(configuration.task.rawValue)
      return Frame(kind: .configure, body: writer.bytes)
    case .train(let round, let clippingNorm, let clients, let weights, let noise):
      var writer = ByteWriter(capacity: clients.count * 4 + weights.count * 4 + 64)
      writer.integer(UInt32(round))
      writer.integer(clippingNorm.bitPattern)
      writer.noise(noise)
      writer.array(clients)
      writer.array(weights)
      return Frame(kind: .train, body: writer.bytes)
    case .evaluate(let scorer, let slice, let weights):
      var writer = ByteWriter(capacity: weights.count * 4 + 64)
      Self.write(scorer, slice, weights, to: &writer)
      return Frame(kind: .evaluate, body: writer.bytes)
    case .identify: return Frame(kind: .identify, body: [])
    case .evaluateCells(let cells, let scorer, let slice, let weights):
      var writer = ByteWriter(capacity: weights.count * 4 + cells.count * 5 + 64)
      writer.array(cells.map { UInt32(bitPattern: $0.first) })
      writer.array(cells.map { UInt8($0.bits) })
      Self.write(scorer, slice, weights, to: &writer)
      return Frame(kind: .evaluateCells, body: writer.bytes)
    case .measureFeatures: return Frame(kind: .measureFeatures, body: [])
    case .measureSizes: return Frame(kind: .measureSizes, body: [])
    case .measureUpdates(let round, let clippingNorm, let weights):
      var writer = ByteWriter(capacity: weights.count * 4 + 64)
      writer.integer(UInt32(round))
      writer.integer(clippingNorm.bitPattern)
      writer.array(weights)
      return Frame(kind: .measureUpdates, body: writer.bytes)
    case .attack(let weights):
      var writer = ByteWriter(capacity: weights.count * 4 + 64)
      writer.array(weights)
      return Frame(kind: .attack, body: writer.bytes)
    case .tally(let request):
      var writer = ByteWriter()
      for number in [request.query, request.level, request.release, request.trial] {
        writer.integer(UInt32(truncatingIfNeeded: number))
      }
      return Frame(kind: .tally, body: writer.bytes)
    }
  }

  /// Reads a frame.
  /// - Throws: `ProtocolError` when it is malformed or not a coordinator's.
  package init(_ frame: Frame) throws {
    var reader = ByteReader(frame)
    switch frame.kind {
    case .configure:
      let worker = Int(try reader.integer(UInt32.self))
      let workers = Int(try reader.integer(UInt32.self))
      let cacheBytes = try reader.count()
      let scenario = try reader.array(of: UInt8.self, limit: 4 << 20)
      let folder = try reader.array(of: UInt8.self, limit: 1 << 16)
      let secureNoise = try reader.flag()
      let incarnation = Int(try reader.integer(UInt32.self))
      guard let task = WorkerConfiguration.Task(rawValue: try reader.integer(UInt8.self)) else {
        throw ProtocolError.malformed(.configure)
      }
      guard worker < workers else { throw ProtocolError.malformed(.configure) }
      self = .configure(
        WorkerConfiguration(
          worker: worker, workers: workers, cacheBytes: cacheBytes, scenario: scenario,
          folder: String(decoding: folder, as: UTF8.self), secureNoise: secureNoise, incarnation: incarnation,
          task: task))
    case .train:
      let (round, clippingNorm) = try Self.roundAndNorm(&reader, of: .train)
      let noise = try reader.noise(in: .train)
      let clients = try reader.array(of: UInt32.self, limit: Limits.cohort)
      self = .train(
        round: round, clippingNorm: clippingNorm, clients: clients,
        weights: try reader.array(of: Float.self, limit: Limits.dimension), noise: noise)
    case .evaluate:
      let (scorer, slice, weights) = try Self.evaluation(&reader, of: .evaluate)
      self = .evaluate(scorer: scorer, slice: slice, weights: weights)
    case .evaluateCells:
      let firsts = try reader.array(of: UInt32.self, limit: Limits.scoreCells)
      let bits = try reader.array(of: UInt8.self, limit: Limits.scoreCells)
      let cells = zip(firsts, bits).map { Cell(first: Int32(bitPattern: $0), bits: Int($1)) }
      // By rising logit, none within another, and none that reaches beyond what a logit can be.
      guard !cells.isEmpty, firsts.count == bits.count,
        cells.allSatisfy({ $0.bits < 24 && $0.first.magnitude < Float.infinity.bitPattern }),
        zip(cells, cells.dropFirst()).allSatisfy({ Int($0.first) + 1 << $0.bits <= Int($1.first) })
      else { throw ProtocolError.malformed(.evaluateCells) }
      let (scorer, slice, weights) = try Self.evaluation(&reader, of: .evaluateCells)
      self = .evaluateCells(cells: cells, scorer: scorer, slice: slice, weights: weights)
    case .measureFeatures: self = .measureFeatures
    case .identify: self = .identify
    case .measureSizes: self = .measureSizes
    case .measureUpdates:
      let (round, clippingNorm) = try Self.roundAndNorm(&reader, of: .measureUpdates)
      self = .measureUpdates(
        round: round, clippingNorm: clippingNorm,
        weights: try reader.array(of: Float.self, limit: Limits.dimension))
    case .attack: self = .attack(weights: try reader.array(of: Float.self, limit: Limits.dimension))
    case .tally:
      let numbers = try (0..<4).map { _ in Int(try reader.integer(UInt32.self)) }
      self = .tally(TallyRequest(query: numbers[0], level: numbers[1], release: numbers[2], trial: numbers[3]))
    case .ready, .sum, .evaluation, .failure, .tallied, .identified: throw ProtocolError.unexpected(frame.kind)
    }
    try reader.finish()
  }

  private static func write(_ scorer: Scorer, _ slice: Slice, _ weights: [Float], to writer: inout ByteWriter) {
    writer.integer(scorer.rawValue)
    let (kind, low, high): (UInt8, UInt32, UInt32) =
      switch slice {
      case .all: (0, 0, 0)
      case .tier(let tier): (1, UInt32(tier), 0)
      case .sizes(let range): (2, range.lowerBound, range.upperBound)
      }
    writer.integer(kind)
    writer.integer(low)
    writer.integer(high)
    writer.array(weights)
  }

  private static func evaluation(
    _ reader: inout ByteReader, of frame: Frame.Kind
  ) throws -> (scorer: Scorer, slice: Slice, weights: [Float]) {
    guard let scorer = Scorer(rawValue: try reader.integer(UInt8.self)) else {
      throw ProtocolError.malformed(frame)
    }
    let kind = try reader.integer(UInt8.self)
    let low = try reader.integer(UInt32.self)
    let high = try reader.integer(UInt32.self)
    let slice: Slice
    switch (kind, low, high) {
    case (0, 0, 0): slice = .all
    case (1, let tier, 0): slice = .tier(Int(tier))
    case (2, let low, let high) where low < high: slice = .sizes(low..<high)
    default: throw ProtocolError.malformed(frame)
    }
    return (scorer, slice, try reader.array(of: Float.self, limit: Limits.dimension))
  }

  private static func roundAndNorm(
    _ reader: inout ByteReader, of kind: Frame.Kind
  ) throws -> (round: Int, clippingNorm: Double) {
    let round = Int(try reader.integer(UInt32.self))
    let clippingNorm = Double(bitPattern: try reader.integer(UInt64.self))
    guard clippingNorm > 0, clippingNorm <= 1e6 else { throw ProtocolError.malformed(kind) }
    return (round, clippingNorm)
  }
}

/// Which answer a worker is asked to add up.
package struct TallyRequest: Equatable, Sendable {
  /// The query's number in the scenario.
  package let query: Int
  /// Which of the query's values of ε, for the noise that clients add.
  package let level: Int
  /// The release's number, from 1, and the draw of its noise, from 0: what the clients' noise is keyed by.
  package let release: Int
  package let trial: Int

  package init(query: Int, level: Int, release: Int, trial: Int) {
    self.query = query
    self.level = level
    self.release = release
    self.trial = trial
  }
}

/// What a worker needs to know once.
package struct WorkerConfiguration: Equatable, Sendable {
  /// What the worker is for. Values are part of the wire format.
  package enum Task: UInt8, Sendable {
    case training = 0
    case queries = 1
  }

  /// This worker's number, from 0. It owns the clients whose index is `worker` modulo `workers`.
  package let worker: Int
  package let workers: Int
  /// Bytes of examples this worker may keep in memory.
  package let cacheBytes: Int
  /// The resolved scenario as JSON text. The protocol does not look inside.
  package let scenario: [UInt8]
  /// The folder that the scenario's relative paths start from.
  package let folder: String
  /// Whether that noise comes from the system's secure generator.
  package let secureNoise: Bool
  /// How many processes have been this worker before.
  package let incarnation: Int
  package let task: Task

  package init(
    worker: Int, workers: Int, cacheBytes: Int, scenario: [UInt8], folder: String,
    secureNoise: Bool, incarnation: Int = 0, task: Task = .training
  ) {
    self.worker = worker
    self.workers = workers
    self.cacheBytes = cacheBytes
    self.scenario = scenario
    self.folder = folder
    self.secureNoise = secureNoise
    self.incarnation = incarnation
    self.task = task
  }

  /// The same for the process that takes over.
  package func incarnation(_ number: Int) -> WorkerConfiguration {
    WorkerConfiguration(
      worker: worker, workers: workers, cacheBytes: cacheBytes, scenario: scenario, folder: folder,
      secureNoise: secureNoise, incarnation: number, task: task)
  }
}
