import FederationProtocol
import Foundation
import Scenarios
import Testing

/// Design law 2 on the wire: what workers sent is read back byte by byte.
@Suite("What workers send", .tags(.endToEnd))
struct TrafficTests {
  /// Takes a recorded byte stream apart into frames; nothing may be left over.
  private func messages(_ bytes: [UInt8]) throws -> [WorkerMessage] {
    var messages: [WorkerMessage] = []
    var position = 0
    while position < bytes.count {
      let header = Array(bytes[position..<min(position + Frame.headerLength, bytes.count)])
      let (kind, length) = try Frame.parseHeader(header)
      let start = position + Frame.headerLength
      try #require(start + length <= bytes.count)
      let frame = Frame(kind: kind, body: Array(bytes[start..<start + length]))
      let message = try WorkerMessage(frame)
      // The message has no room for anything but what its type says: writing it again gives the same bytes.
      #expect(message.frame == frame)
      messages.append(message)
      position = start + length
    }
    return messages
  }

  private func record(_ folder: TemporaryFolder, workers: Int) throws -> [[WorkerMessage]] {
    let outcome = try folder.run(
      "run", "s.json5", "--workers", "\(workers)", "--out", "r", "--record-traffic", "traffic")
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try (0..<workers).map { worker in
      let file = folder.url.appendingPathComponent("traffic/worker-\(worker).frames")
      return try messages([UInt8](Data(contentsOf: file)))
    }
  }

  @Test("is one ready message, at most one sum a round, and evaluation counters: nothing else")
  func frames() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.market)
    for conversation in try record(folder, workers: 3) {
      guard case .ready(let readiness)? = conversation.first else {
        Issue.record("the first message is not ready")
        return
      }
      #expect(readiness.trainingClients == 60 && readiness.heldOutClients == 20)
      var rounds: [Int] = []
      var evaluations = 0
      for message in conversation.dropFirst() {
        switch message {
        case .sum(let round, let sums):
          rounds.append(round)
          #expect(sums.count == 300)
        case .evaluation: evaluations += 1
        case .ready, .failure, .tallied, .identified: Issue.record("unexpected \(message.frame.kind)")
        }
      }
      #expect(Set(rounds).count == rounds.count && rounds == rounds.sorted() && rounds.last ?? 99 <= 12)
      // Before training: model, truth, popularity. After rounds 5, 10 and 12: the model and the norms of updates. At the
      // end: what updates weigh, sizes, and the model on each of ten groups of sizes. Fifteen more tell logits apart that
      // share a cell.
      #expect(evaluations == 21 + 15)
    }
  }

  @Test("holds no example: values that stand out in the shards are nowhere in the bytes")
  func markedExamples() throws {
    let folder = try TemporaryFolder()
    // 0x7A69 … as floats, doubles and text would be easy to find if anything of an example were sent.
    let marked: [Float] = [1234.5679, 2345.6789, 3456.789]
    let lines = (0..<30).map {
      "\($0 % 2) qid:secret-client-\($0 / 3) 1:\(marked[0]) 2:\(marked[1]) 3:\(marked[2])\n"
    }
    try folder.write("train", lines.joined())
    try folder.write("held", lines.joined())
    try folder.write(
      "s.json5",
      """
      { name: "marked", population: { kind: "files", train: "train", heldOut: "held", clients: 10, dimension: 3 },
        training: { rounds: 5, cohort: { sampling: "full" } }, privacy: { noiseMultiplier: 1, delta: 1e-3 } }
      """)
    _ = try record(folder, workers: 2)
    for worker in 0..<2 {
      let bytes = try Data(contentsOf: folder.url.appendingPathComponent("traffic/worker-\(worker).frames"))
      #expect(bytes.count > 1000)
      var needles = [Data("secret-client".utf8)]
      for value in marked {
        needles.append(withUnsafeBytes(of: value.bitPattern.littleEndian) { Data($0) })
        needles.append(withUnsafeBytes(of: Double(value).bitPattern.littleEndian) { Data($0) })
        needles.append(Data("\(value)".utf8))
      }
      for needle in needles { #expect(bytes.range(of: needle) == nil) }
    }
  }

  @Test("sums are within what clipping allows for the clients they cover")
  func sumsAreClipped() throws {
    let folder = try TemporaryFolder()
    try folder.write("s.json5", SmallScenario.synthetic)
    for conversation in try record(folder, workers: 1) {
      for case .sum(_, let sums) in conversation {
        // Ten clients of norm 2²⁴ steps each: the norm of their sum is at most ten times that.
        let squared = sums.reduce(Int128(0)) { $0 + Int128($1) * Int128($1) }
        #expect(squared <= Int128(100) << 48)
      }
    }
  }
}
