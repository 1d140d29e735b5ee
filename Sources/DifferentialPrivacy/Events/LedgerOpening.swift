import NumericalCore

/// The first line of a ledger: what is promised, and to whom, and where the noise comes from.
public struct LedgerOpening: Codable, Equatable, Sendable {
  /// The promise; there is none without privacy.
  public struct Promise: Codable, Equatable, Sendable {
    /// Whose presence is protected, for example "client".
    public let unit: String
    /// Who is trusted with what, for example "central".
    public let trust: String
    /// Which populations count as neighbours.
    public let adjacency: Adjacency
    /// δ, in (0, 1).
    public let delta: Double
    /// How ε is computed.
    public let accountant: AccountantKind

    /// A promise.
    public init(unit: String, trust: String, adjacency: Adjacency, delta: Double, accountant: AccountantKind) {
      self.unit = unit
      self.trust = trust
      self.adjacency = adjacency
      self.delta = delta
      self.accountant = accountant
    }
  }

  /// A group of clients with a target of its own.
  public struct Tier: Codable, Equatable, Sendable {
    /// Its name.
    public let name: String
    /// Share of all clients, in [0, 1].
    public let share: Double
    /// The ε that its clients accept; nil: they opted out and are never contacted.
    public let epsilon: Double?

    /// A tier.
    public init(name: String, share: Double, epsilon: Double?) {
      self.name = name
      self.share = share
      self.epsilon = epsilon
    }
  }

  /// Where the noise of all releases came from. The noise of two ledgers is independent only if their keys differ.
  public struct Noise: Codable, Hashable, Sendable {
    /// What draws it.
    public enum Source: String, Codable, Sendable {
      /// A generator with a seed: equal seeds give equal noise.
      case seeded
      /// The system's secure generator: no two runs share any.
      case secure
    }

    /// What drew it.
    public let source: Source
    /// What identifies the noise: 32 hexadecimal digits made of the seed, or drawn for the one run.
    public let key: String

    /// - Parameter key: 32 lower-case hexadecimal digits.
    init(source: Source, key: String) {
      self.source = source
      self.key = key
    }

    /// Noise that is a pure function of a seed. Whoever guesses the seed can confirm it by the key.
    public static func seeded(_ seed: UInt64) -> Noise {
      var hash = SHA256()
      hash.update("fedsim noise".utf8)
      hash.update(seed)
      return Noise(source: .seeded, key: String(hash.hexadecimal.prefix(keyLength)))
    }

    /// The system's noise, for one run: its key is drawn from the same generator.
    public static func secure() -> Noise {
      var source = SecureRandomSource()
      let words = (0..<4).map { _ in
        let digits = String(source.nextWord(), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
      }
      return Noise(source: .secure, key: words.joined())
    }

    private static let keyLength = 32

    /// Whether the key is one.
    var isWellFormed: Bool { key.count == Self.keyLength && key.allSatisfy { "0123456789abcdef".contains($0) } }
  }

  /// The form of the file.
  public let ledger: Int
  /// Of the scenario.
  public let name: String
  /// Of the run; nil in a ledger for publication, because it may give the noise away.
  public let seed: UInt64?
  /// The public size of the population.
  public let clients: Int
  /// nil: nothing was promised.
  public let promise: Promise?
  /// Empty: all clients have the same target.
  public let tiers: [Tier]
  /// nil in ledgers that were written before they said so.
  public let noise: Noise?
  /// True in a ledger for publication, which lacks what is not covered by the promise; otherwise nil.
  public let published: Bool?

  /// The form that is written, and the only one there is.
  static let form = 1

  /// An opening line.
  public init(
    name: String, seed: UInt64?, clients: Int, promise: Promise?, tiers: [Tier] = [], noise: Noise? = nil,
    isPublished: Bool = false
  ) {
    ledger = Self.form
    self.name = name
    self.seed = seed
    self.clients = clients
    self.promise = promise
    self.tiers = tiers
    self.noise = noise
    published = isPublished ? true : nil
  }

  /// Whether the ledger was written for publication.
  public var isPublished: Bool { published == true }
}
