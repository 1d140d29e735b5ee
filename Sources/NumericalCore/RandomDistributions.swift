extension RandomStream {
  /// A standard normal number (Box and Muller 1958; the second of the pair is not used).
  public mutating func nextNormal() -> Double {
    let radius = (-2 * deterministicLog(nextUniform())).squareRoot()
    return radius * deterministicSineCosine(turns: nextUniform()).cosine
  }

  /// Standard normal number `index` of the stream, wherever the stream stands: random access, one a block.
  public func normal(at index: Int) -> Double {
    let words = block(UInt64(index))
    let radius = (-2 * deterministicLog(openUniform(UInt64(words[0]) << 32 | UInt64(words[1])))).squareRoot()
    let turns = openUniform(UInt64(words[2]) << 32 | UInt64(words[3]))
    return radius * deterministicSineCosine(turns: turns).cosine
  }

  /// Fills a buffer with standard normal numbers, from the stream's blocks 0, 1, 2, …: one pair a block.
  ///
  /// Independent of the stream's position, so the same stream fills any prefix with the same numbers. The tail
  /// ends at √(2·53·ln 2) ≈ 8.57, where a true normal has 10⁻¹⁷ of its mass.
  @inlinable @inline(__always)
  public func fillNormal(_ output: UnsafeMutableBufferPointer<Double>) {
    guard let base = output.baseAddress else { return }
    // Stages over short buffers: each loop is simple enough to become vector code.
    let chunk = 64
    withUnsafeTemporaryAllocation(of: Double.self, capacity: chunk * 2) { uniforms in
      guard let first = uniforms.baseAddress else { return }
      let second = first + chunk
      var start = 0
      while start < output.count {
        let pairs = min(chunk, (output.count &- start &+ 1) / 2)
        for i in 0..<pairs {
          let words = block(UInt64(truncatingIfNeeded: start / 2 &+ i))
          first[i] = openUniform(UInt64(words[0]) &<< 32 | UInt64(words[1]))
          second[i] = openUniform(UInt64(words[2]) &<< 32 | UInt64(words[3]))
        }
        for i in 0..<pairs { first[i] = vectorizableSquareRoot(-2 * deterministicLog(first[i])) }
        for i in 0..<pairs {
          let (sine, cosine) = deterministicSineCosine(turns: second[i])
          second[i] = first[i] * sine
          first[i] = first[i] * cosine
        }
        for i in 0..<pairs {
          base[start &+ 2 &* i] = first[i]
          if start &+ 2 &* i &+ 1 < output.count { base[start &+ 2 &* i &+ 1] = second[i] }
        }
        start &+= 2 &* pairs
      }
    }
  }

  /// A log-normal number with the given median and standard deviation of its logarithm.
  public mutating func nextLogNormal(median: Double, spread: Double) -> Double {
    median * deterministicExp(spread * nextNormal())
  }

  /// A Gamma(shape, 1) number, shape > 0 (Marsaglia and Tsang 2000; for shape < 1 their section 6 boost).
  public mutating func nextGamma(shape: Double) -> Double {
    if shape < 1 {
      let boost = deterministicExp(deterministicLog(nextUniform()) / shape)
      return nextGamma(shape: shape + 1) * boost
    }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = nextNormal()
      let cubeRoot = 1 + c * x
      if cubeRoot <= 0 { continue }
      let v = cubeRoot * cubeRoot * cubeRoot
      if deterministicLog(nextUniform()) < 0.5 * x * x + d - d * v + d * deterministicLog(v) { return d * v }
    }
  }

  /// A Beta(a, b) number: the two-class case of the Dirichlet distribution.
  public mutating func nextBeta(_ a: Double, _ b: Double) -> Double {
    let x = nextGamma(shape: a)
    let y = nextGamma(shape: b)
    // Both can underflow to 0 when a and b are tiny; the limit is then one of the two corners.
    return x + y > 0 ? x / (x + y) : (nextUniform() < a / (a + b) ? 1 : 0)
  }
}

/// Draws from a finite distribution in constant time (Walker 1977; the construction of Vose 1991).
public struct AliasTable: Sendable {
  @usableFromInline let threshold: [Double]
  @usableFromInline let alias: [Int]

  /// A table for weights that need not sum to one.
  /// - Parameter weights: at least one, none negative, not all zero.
  public init(weights: [Double]) {
    precondition(!weights.isEmpty && weights.allSatisfy { $0 >= 0 })
    let total = weights.reduce(0, +)
    precondition(total > 0)
    var scaled = weights.map { $0 / total * Double(weights.count) }
    var alias = Array(weights.indices)
    var small = weights.indices.filter { scaled[$0] < 1 }
    var large = weights.indices.filter { scaled[$0] >= 1 }
    while let less = small.popLast() {
      guard let more = large.last else {
        scaled[less] = 1
        continue
      }
      alias[less] = more
      scaled[more] -= 1 - scaled[less]
      if scaled[more] < 1 {
        large.removeLast()
        small.append(more)
      }
    }
    for index in large { scaled[index] = 1 }
    self.threshold = scaled
    self.alias = alias
  }

  /// One index, with probability proportional to its weight.
  public func draw(_ stream: inout RandomStream) -> Int {
    let column = stream.nextInteger(below: threshold.count)
    return stream.nextUniform() < threshold[column] ? column : alias[column]
  }
}
