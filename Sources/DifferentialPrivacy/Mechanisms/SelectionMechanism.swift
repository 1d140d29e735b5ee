import NumericalCore

/// What every selection mechanism is made of.
public struct SelectionParameters: Sendable {
  /// How far one unit can move any candidate's utility.
  public let sensitivity: Int
  /// ε of one selection.
  public let epsilon: DyadicEpsilon

  /// - Throws: `AccountingError` when a parameter is out of range.
  public init(sensitivity: Int, epsilon: Double) throws {
    self.sensitivity = try checkedSensitivity(sensitivity)
    self.epsilon = try DyadicEpsilon(epsilon)
  }
}

/// A mechanism that picks one of several candidates by a whole-numbered utility.
public protocol SelectionMechanism: Sendable {
  /// What the mechanism is made of.
  var parameters: SelectionParameters { get }
  /// A mechanism.
  init(_ parameters: SelectionParameters)
  /// The index of the candidate chosen.
  /// - Parameter utilities: at least one.
  func select(_ utilities: [Int], from source: inout some RandomSource) -> Int
}

extension SelectionMechanism {
  /// How far one unit can move any candidate's utility.
  public var sensitivity: Int { parameters.sensitivity }
  /// ε of one selection.
  public var epsilon: DyadicEpsilon { parameters.epsilon }

  /// A mechanism.
  /// - Throws: `AccountingError` when a parameter is out of range.
  public init(sensitivity: Int, epsilon: Double) throws {
    self.init(try SelectionParameters(sensitivity: sensitivity, epsilon: epsilon))
  }

  /// What one selection is in a ledger.
  public var event: PrivacyEvent { .pure(epsilon: epsilon.value) }

  /// True with probability e^(−ε·gap/2Δ), where gap is how far a candidate is behind the best.
  fileprivate func accepts(gap: Int, from source: inout some RandomSource) -> Bool {
    source.bernoulliExp(
      UInt128(epsilon.numerator) * UInt128(gap), UInt128(2 * sensitivity) << UInt128(DyadicEpsilon.bits))
  }
}

/// The exponential mechanism: candidate r with probability ∝ e^(ε·u(r)/2Δ) (McSherry and Talwar 2007).
public struct ExponentialMechanism: SelectionMechanism {
  /// What the mechanism is made of.
  public let parameters: SelectionParameters

  /// A mechanism.
  public init(_ parameters: SelectionParameters) { self.parameters = parameters }

  /// Rejection from uniform proposals: the accepted candidate has exactly the mechanism's distribution.
  public func select(_ utilities: [Int], from source: inout some RandomSource) -> Int {
    precondition(!utilities.isEmpty)
    let best = utilities.reduce(utilities[0], max)
    while true {
      let candidate = Int(source.uniform(below: UInt128(utilities.count)))
      if accepts(gap: best - utilities[candidate], from: &source) { return candidate }
    }
  }
}

/// Permute-and-flip: never worse than the exponential mechanism, at the same ε (McKenna and Sheldon 2020, algorithm 1).
public struct PermuteAndFlip: SelectionMechanism {
  /// What the mechanism is made of.
  public let parameters: SelectionParameters

  /// A mechanism.
  public init(_ parameters: SelectionParameters) { self.parameters = parameters }

  /// Flips a coin for each candidate in random order until one comes up; the best one's always does.
  public func select(_ utilities: [Int], from source: inout some RandomSource) -> Int {
    precondition(!utilities.isEmpty)
    let best = utilities.reduce(utilities[0], max)
    var order = Array(utilities.indices)
    for last in stride(from: order.count - 1, through: 0, by: -1) {
      order.swapAt(last, Int(source.uniform(below: UInt128(last + 1))))
      if accepts(gap: best - utilities[order[last]], from: &source) { return order[last] }
    }
    return order[0]
  }
}

/// Report-noisy-max: discrete Laplace noise of scale 2Δ/ε on every utility, then the largest, the first of equals.
///
/// With the other candidates' noise fixed, a candidate wins when its noise reaches a whole threshold, and one unit moves
/// that threshold by at most 2Δ: the tail of the noise changes by a factor of at most e^ε (Dwork and Roth 2014, claim
/// 3.9, whose proof carries over to the lattice; ties are broken by the index, which depends on no data).
public struct ReportNoisyMax: SelectionMechanism {
  /// What the mechanism is made of.
  public let parameters: SelectionParameters

  /// A mechanism.
  public init(_ parameters: SelectionParameters) { self.parameters = parameters }

  /// The candidate with the largest noisy utility.
  public func select(_ utilities: [Int], from source: inout some RandomSource) -> Int {
    precondition(!utilities.isEmpty)
    var best = (index: 0, value: Int.min)
    for (index, utility) in utilities.enumerated() {
      let noise = discreteLaplace(
        scale: UInt64(2 * sensitivity) << DyadicEpsilon.bits, over: epsilon.numerator, from: &source)
      if utility + noise > best.value { best = (index, utility + noise) }
    }
    return best.index
  }
}
