import FederationProtocol
import Testing

@Suite("Messages")
struct MessageTests {
  static let coordinatorMessages: [CoordinatorMessage] = [
    .configure(
      WorkerConfiguration(
        worker: 1, workers: 3, cacheBytes: 1 << 33, scenario: [1, 2, 3], folder: "/a b/ü",
        secureNoise: true)),
    .train(round: 7, clippingNorm: 0.5, clients: [0, 5, .max], weights: [1.5, -0.0, .infinity], noise: nil),
    .train(
      round: 1, clippingNorm: 1e6, clients: [], weights: [],
      noise: ClientNoise(kind: .laplace, multiplier: 1.5, sensitivity: 0x1p25)),
    .evaluate(scorer: .model, slice: .tier(3), weights: [0.25]),
    .evaluate(scorer: .truth, slice: .all, weights: []),
    .evaluate(scorer: .popularity, slice: .tier(0), weights: []),
    .evaluate(scorer: .model, slice: .sizes(5..<9), weights: [1, 2]),
    .evaluate(scorer: .central, slice: .all, weights: []),
    .evaluate(scorer: .alone, slice: .all, weights: []),
    .measureSizes, .measureFeatures, .identify,
    .evaluateCells(
      cells: [.init(first: -0x7F80_0000 + 1, bits: 19), .init(first: 0, bits: 0), .init(first: 1 << 15, bits: 15)],
      scorer: .model, slice: .sizes(1..<2), weights: [1]),
    .measureUpdates(round: 7, clippingNorm: 0.5, weights: [1, -1]),
    .configure(
      WorkerConfiguration(
        worker: 0, workers: 1, cacheBytes: 0, scenario: [], folder: "", secureNoise: false,
        task: .queries)),
    .evaluate(scorer: .sharedPart, slice: .all, weights: [1]), .attack(weights: [0.5, -2]),
    .tally(TallyRequest(query: 3, level: 0, release: 5, trial: 199)),
  ]
  static let workerMessages: [WorkerMessage] = [
    .ready(
      WorkerReadiness(
        trainingClients: 10, heldOutClients: 3, skippedClients: 1, knowsTruth: true, knowsPopularity: false)),
    .ready(
      WorkerReadiness(
        trainingClients: 1, heldOutClients: 1, skippedClients: 0, knowsTruth: false, knowsPopularity: false,
        dataDigest: Array(0..<32))),
    .sum(round: 9, sums: [0, .min, .max, -1]),
    .evaluation(.scores, counts: [1, 2, 3]), .evaluation(.features, counts: []),
    .identified(keys: [0, 7, 1 << 62]),
    .failure(WorkerFailure(reason: .valueNotFinite, heldOut: true, file: 2, line: 1 << 40, field: 3)),
    .tallied(Tally(clients: 3, exact: [5, -1], bounded: [4, .min], noisy: [])),
  ]

  @Test("come out of their frames as they went in")
  func roundTrip() throws {
    for message in Self.coordinatorMessages { #expect(try CoordinatorMessage(message.frame) == message) }
    for message in Self.workerMessages { #expect(try WorkerMessage(message.frame) == message) }
  }

  @Test(
    "with cells of logits wider than there are numbers are refused, and not computed with",
    arguments: [23, 24, 62, 63, 255])
  func wideCells(bits: Int) {
    let cells = [CoordinatorMessage.Cell(first: -9, bits: bits), .init(first: 1 << 30, bits: 3)]
    let frame = CoordinatorMessage.evaluateCells(cells: cells, scorer: .model, slice: .all, weights: []).frame
    if bits < 24 {
      #expect(throws: Never.self) { try CoordinatorMessage(frame) }
    } else {
      #expect(throws: ProtocolError.self) { try CoordinatorMessage(frame) }
    }
  }

  @Test("are refused when their body is cut anywhere or has a byte too many")
  func exactLength() {
    for frame in Self.coordinatorMessages.map(\.frame) + Self.workerMessages.map(\.frame) {
      for length in 0..<frame.body.count {
        let cut = Frame(kind: frame.kind, body: Array(frame.body[..<length]))
        #expect(throws: ProtocolError.self) { try Self.parse(cut) }
      }
      #expect(throws: ProtocolError.self) { try Self.parse(Frame(kind: frame.kind, body: frame.body + [0])) }
    }
  }

  @Test("of the other side are refused")
  func wrongSide() {
    for message in Self.coordinatorMessages {
      #expect(throws: ProtocolError.unexpected(message.frame.kind)) { try WorkerMessage(message.frame) }
    }
    for message in Self.workerMessages {
      #expect(throws: ProtocolError.unexpected(message.frame.kind)) { try CoordinatorMessage(message.frame) }
    }
  }

  @Test("that claim more elements than there are bytes are refused before anything is allocated")
  func hostileCounts() {
    // A sum of 2³² − 1 elements in a body of twelve bytes.
    let sum = Frame(kind: .sum, body: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0])
    #expect(throws: ProtocolError.malformed(.sum)) { try WorkerMessage(sum) }
    // A model one coordinate longer than the limit, with all its bytes.
    let count = UInt32(Limits.dimension + 1)
    let body =
      [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0]
      + (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
      + [UInt8](repeating: 0, count: Int(count) * 4)
    #expect(throws: ProtocolError.malformed(.train)) {
      try CoordinatorMessage(Frame(kind: .train, body: body))
    }
  }

  @Test("made of random bytes are refused or mean exactly those bytes", arguments: 0..<64)
  func randomBodies(seed: UInt64) {
    var generator = SplitMix(state: seed)
    for _ in 0..<200 {
      let kind = Frame.Kind.allCases[Int.random(in: 0..<Frame.Kind.allCases.count, using: &generator)]
      // Small bytes make plausible counts likely.
      let body = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
        UInt8.random(in: 0...(Bool.random(using: &generator) ? 3 : 255), using: &generator)
      }
      let frame = Frame(kind: kind, body: body)
      if let message = try? WorkerMessage(frame) { #expect(message.frame == frame) }
      if case .configure? = try? CoordinatorMessage(frame) { continue }  // Its text need not be valid UTF-8.
      if let message = try? CoordinatorMessage(frame) { #expect(message.frame == frame) }
    }
  }

  private static func parse(_ frame: Frame) throws {
    if frame.kind.rawValue < 64 { _ = try CoordinatorMessage(frame) } else { _ = try WorkerMessage(frame) }
  }

  /// A small generator for inputs whose distribution does not matter (Steele, Lea and Flood 2014).
  struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }
}
