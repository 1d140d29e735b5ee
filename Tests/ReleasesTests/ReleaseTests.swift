import DifferentialPrivacy
import FederationProtocol
import Releases
import Testing

@Suite("A release")
struct ReleaseTests {
  /// What a log was given, and what it was told to do.
  private final class Log: LedgerLog {
    var text = ""
    var isFull = false

    func append(_ lines: String) throws {
      if isFull { throw Full() }
      text += lines
    }

    struct Full: Error {}
    var releases: Int { text.split(separator: "\n").count { $0.contains("\"mechanism\"") } }
  }

  private static let opening = LedgerOpening(
    name: "t", seed: 3, clients: 100,
    promise: LedgerOpening.Promise(
      unit: "client", trust: "central", adjacency: .addOrRemove, delta: 1e-5, accountant: .pld),
    noise: .seeded(3))
  private static let wording = Guarantee.Wording(
    ReleaseTerms(
      unit: "client", adjacency: .addOrRemove, release: "a sum",
      groups: [ReleaseTerms.Group(sampling: .poisson(rate: 0.1))]), spacing: 0x1p-24, isAttained: true)
  private static let server = Guarantee.server(IndependentGaussian(multiplier: 2, sensitivity: 0x1p24), wording)
  private static let clients = Guarantee.clients(
    ClientNoise(kind: .gaussian, multiplier: 2, sensitivity: 0x1p25), wording)
  private static let participants = Guarantee.Participants(contacted: [5], sent: [1, 4, 9], summed: [3])

  private func pending(
    _ guarantee: Guarantee, round: Int = 1, coordinates: Int = 3, _ ledger: inout LedgerWriter
  ) throws -> PendingRelease {
    try PendingRelease(
      guarantee, round: round, Self.participants, coordinates: coordinates, draws: .seeded(3, client: nil),
      ledger: &ledger)
  }

  private func sum(round: Int = 1) -> ExactSum { ExactSum(opening: [1, -2, 3], hasCount: false, round: round) }

  @Test(
    "with noise by the coordinator is the sum and that noise, and one entry made of it, written when it is made")
  func server() throws {
    let log = Log()
    var ledger = try LedgerWriter(Self.opening, log: log)
    let pending = try pending(Self.server, &ledger)
    #expect(ledger.progress.entries.isEmpty && log.releases == 0)
    let release = try sum().release(pending, ledger: &ledger)
    var noise = [Double](repeating: 0, count: 3)
    noise.withUnsafeMutableBufferPointer {
      IndependentGaussian(multiplier: 2, sensitivity: 0x1p24).add(to: $0, round: 1, from: .seeded(3, client: nil))
    }
    #expect(release.steps == zip([1, -2, 3], noise).map { $0 + $1 } && release.count == nil && release.round == 1)
    let entry = try #require(ledger.progress.entries.first)
    #expect(ledger.progress.entries.count == 1 && log.releases == 1 && log.text.last == "\n")
    #expect(entry.event == .poissonSampledGaussian(samplingRate: 0.1, noiseMultiplier: 2))
    #expect(entry.sensitivity == 1 && entry.noiseStandardDeviation == 2 && entry.clients == 3 && entry.isAttained)
    #expect(ledger.progress.rounds == 1 && ledger.progress.contacts == [5] && ledger.progress.unsent == 0)
  }

  @Test("with noise by clients is in the ledger before anything they send is read, one entry a client")
  func clients() throws {
    let log = Log()
    var ledger = try LedgerWriter(Self.opening, log: log)
    let pending = try pending(Self.clients, &ledger)
    #expect(ledger.progress.entries.map(\.client) == [1, 4, 9] && log.releases == 3)
    #expect(ledger.progress.entries.allSatisfy { $0.sensitivity == 2 && $0.noiseStandardDeviation == 4 })
    let release = try sum().release(pending, ledger: &ledger)
    // The noise is in what they sent.
    #expect(release.steps == [1, -2, 3] && log.releases == 3)
    #expect(ledger.progress.rounds == 1 && ledger.progress.contacts == [5] && ledger.progress.unsent == 2)
    try PendingRelease.enterAgain(Self.clients, round: 1, sent: [4], ledger: &ledger)
    #expect(ledger.progress.entries.map(\.client) == [1, 4, 9, 4] && ledger.progress.rounds == 1)
  }

  @Test("that promises nothing is the sum, and no entry")
  func nothing() throws {
    var ledger = try LedgerWriter(Self.opening)
    let pending = try pending(.none, &ledger)
    #expect(try sum().release(pending, ledger: &ledger).steps == [1, -2, 3])
    #expect(ledger.progress.entries.isEmpty && ledger.progress.rounds == 1)
  }

  @Test("is not made with noise of another round, or for another sum, and then nothing is entered")
  func otherNoise() throws {
    let log = Log()
    var ledger = try LedgerWriter(Self.opening, log: log)
    #expect(throws: ReleaseError.otherRound(2, of: 1)) {
      try sum().release(pending(Self.server, round: 2, &ledger), ledger: &ledger)
    }
    #expect(throws: ReleaseError.otherLength(4, of: 3)) {
      try sum().release(pending(Self.server, coordinates: 4, &ledger), ledger: &ledger)
    }
    #expect(ledger.progress.entries.isEmpty && log.releases == 0 && ledger.progress.rounds == 0)
  }

  @Test("is not made when its entry cannot be written, and the chain goes on from the last line that was")
  func fullDisk() throws {
    let log = Log()
    var ledger = try LedgerWriter(Self.opening, log: log)
    log.isFull = true
    #expect(throws: Log.Full.self) { try sum().release(pending(Self.server, &ledger), ledger: &ledger) }
    #expect(throws: Log.Full.self) { _ = try pending(Self.clients, &ledger) }
    #expect(ledger.progress.entries.isEmpty && ledger.progress.rounds == 0)
    log.isFull = false
    _ = try sum().release(try pending(Self.server, &ledger), ledger: &ledger)
    let closed = try ledger.closed()
    let whole = try Ledger.verified(log.text + closed.ending)
    #expect(whole.ledger == closed.ledger && whole.head == closed.head && whole.ledger.entries.count == 1)
  }

  @Test("with a count keeps it apart from the coordinates")
  func count() throws {
    var ledger = try LedgerWriter(Self.opening)
    let pending = try PendingRelease(
      .none, round: 1, Self.participants, coordinates: 3, draws: .secure, ledger: &ledger)
    let release = try ExactSum(opening: [1, -2, 7], hasCount: true, round: 1).release(pending, ledger: &ledger)
    #expect(release.steps == [1, -2] && release.count == 7)
  }

  @Test("is in the ledger of a run that did not end, which says so, and lacks nothing that was released")
  func unended() throws {
    let log = Log()
    try log.append(Ledger.running + "\n")
    var ledger = try LedgerWriter(Self.opening, log: log)
    for round in 1...3 {
      _ = try sum(round: round).release(pending(Self.server, round: round, &ledger), ledger: &ledger)
    }
    let read = try Ledger.verified(log.text).ledger
    #expect(!read.isEnded && read.entries == ledger.progress.entries && read.gap == nil)
    #expect(throws: LedgerCompositionError.self) { try read.forPublication(place: "ledger") }
    #expect(try LedgerComposition([LedgerComposition.Part(place: "l", ledger: read)]).unended == ["l"])
    // Without the line that says that it is still written, it was cut.
    let cut = log.text.split(separator: "\n").dropFirst().joined(separator: "\n") + "\n"
    #expect(throws: LedgerError.self) { try Ledger.verified(cut) }
    // A run that went on from the second round writes the same lines.
    let again = Log()
    try again.append(Ledger.running + "\n")
    var resumed = try LedgerWriter(
      Self.opening,
      from: LedgerWriter.Progress(entries: Array(read.entries.prefix(2)), rounds: 2, contacts: [10]), log: again)
    _ = try sum(round: 3).release(pending(Self.server, round: 3, &resumed), ledger: &resumed)
    #expect(again.text == log.text)
    #expect(try resumed.closed().head == ledger.closed().head)
  }
}
