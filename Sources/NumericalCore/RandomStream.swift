/// What a random number is for. Every draw names its purpose, so two uses can never share a number and adding
/// a draw in one place never shifts the draws of another. Raw values are part of every digest: append only.
public enum RandomPurpose: UInt32, Sendable, CaseIterable {
  case cohort = 1
  case noise = 2
  case catalogue = 3
  case clientProfile = 4
  case examples = 5
  case batchOrder = 6
  case sharedModel = 7
  case calibrationSample = 8
  case segmentTaste = 9
  case clientTaste = 10
  case clientNoise = 11
  case exampleSampling = 12
  case tier = 13
  case tierSampling = 14
  case pooledOrder = 15
  case fate = 16
  case behaviour = 17
  case attack = 18
  case workerFault = 19
  case group = 20
  case action = 21
  case queryNoise = 22
  case clientAnswer = 23
  case updateRounding = 24
  case coordinateOrder = 25
  case coordinateWindow = 26
  case linkageKnowledge = 27
  case linkageCandidates = 28
}

/// A random sequence that is a pure function of (seed, purpose, round, client, index).
///
/// Design law 1: nothing in a run takes "the next number" of a shared generator. A stream is cheap to make and
/// is thrown away after use; its position is the only state it has.
public struct RandomStream: UniformSource, Sendable {
  @usableFromInline let philox: Philox
  @usableFromInline let round: UInt32
  @usableFromInline let client: UInt32
  @usableFromInline var nextBlock: UInt64 = 0
  @usableFromInline var words = SIMD4<UInt32>()
  @usableFromInline var wordsLeft = 0

  /// A stream positioned at its first number.
  /// - Parameters:
  ///   - seed: the run's seed.
  ///   - purpose: what the numbers are for.
  ///   - round: the round, or 0 where there is none.
  ///   - client: the client, item or other index the numbers belong to, or 0 where there is none; or any other number of 64
  ///     bits, for a client that is known by its name.
  public init(seed: UInt64, purpose: RandomPurpose, round: Int = 0, client: Int = 0) {
    let seedKey = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    self.round = UInt32(truncatingIfNeeded: round)
    if let index = UInt32(exactly: client) {
      let derived = Philox(key: seedKey).block(SIMD4(purpose.rawValue, 0x6665_6473, 0x696D_0001, 0))
      self.philox = Philox(key: SIMD2(derived[0], derived[1]))
      self.client = index
    } else {
      // A number that is too long for a counter becomes a part of the key.
      let derived = Philox(key: seedKey).block(SIMD4(purpose.rawValue, 0x6665_6473, 0x696D_0002, 0))
      let (low, high) = (UInt32(truncatingIfNeeded: client), UInt32(truncatingIfNeeded: client >> 32))
      let own = Philox(key: SIMD2(derived[0], derived[1])).block(SIMD4(low, high, 0, 0))
      self.philox = Philox(key: SIMD2(own[0], own[1]))
      self.client = 0
    }
  }

  /// The four words of block `index`, wherever the stream stands.
  @inlinable @inline(__always)
  public func block(_ index: UInt64) -> SIMD4<UInt32> {
    philox.block(
      SIMD4(UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index &>> 32), client, round))
  }

  /// Uniform over all 2³² values.
  @inlinable
  public mutating func nextWord() -> UInt32 {
    if wordsLeft == 0 {
      words = block(nextBlock)
      nextBlock &+= 1
      wordsLeft = 4
    }
    wordsLeft &-= 1
    return words[3 &- wordsLeft]
  }
}

/// Maps 64 random bits to the midpoint of one of 2⁵² equal cells of (0, 1).
@inlinable @inline(__always)
public func openUniform(_ bits: UInt64) -> Double {
  // 1.0 ≤ value < 2.0 by its bit pattern, so the mapping needs no integer conversion and vectorises.
  let oneToTwo = Double(bitPattern: bits &>> 12 | 0x3FF0_0000_0000_0000)
  return (oneToTwo - 1) + 0x1p-53
}
