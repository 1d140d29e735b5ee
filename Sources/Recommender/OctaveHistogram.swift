/// How positive numbers are spread, in bins a sixteenth of an octave wide. Like every counter that workers send, it
/// adds up exactly in any order.
package struct OctaveHistogram: Equatable, Sendable {
  private static let binsPerOctave = 16
  /// From 2⁻²⁴ to 2²⁴; what lies beyond is counted in the first or last bin.
  private static let smallest = Float(0x1p-24)
  /// Number of bins.
  package static let bins = 48 * binsPerOctave

  /// One counter a bin, by rising value.
  package private(set) var counts: [Int64]

  /// No numbers.
  package init() { counts = [Int64](repeating: 0, count: Self.bins) }

  /// Counters received from elsewhere, or nil when there are not as many as there should be.
  package init?(counts: some Collection<Int64>) {
    guard counts.count == Self.bins else { return nil }
    self.counts = Array(counts)
  }

  /// Counts one number.
  package mutating func record(_ value: Float) {
    // The exponent and the four leading bits of the fraction.
    let step = Int(max(value, Self.smallest).bitPattern >> 19) - Int(Self.smallest.bitPattern >> 19)
    counts[min(step, Self.bins - 1)] += 1
  }

  /// Adds the counters of others.
  package mutating func add(_ other: OctaveHistogram) {
    for bin in counts.indices { counts[bin] &+= other.counts[bin] }
  }

  /// The least number that is counted in `bin`; the end of the last bin for `bin` = `bins`.
  package static func lowerEdge(_ bin: Int) -> Double {
    Double(Float(bitPattern: (smallest.bitPattern >> 19 + UInt32(bin)) << 19))
  }

  /// The value below which a share of the numbers lies, in the middle of its bin; nil without numbers.
  package func quantile(_ share: Double) -> Double? {
    let total = counts.reduce(0, +)
    guard total > 0 else { return nil }
    var below: Int64 = 0
    for (bin, count) in counts.enumerated() {
      below += count
      if Double(below) >= share * Double(total), count > 0 {
        return (Self.lowerEdge(bin) + Self.lowerEdge(bin + 1)) / 2
      }
    }
    return nil
  }

  /// Cuts the numbers, in their order, into at most `parts` groups of about equal size.
  /// - Returns: the ranges of the groups, each from a bin's lower edge up to (not including) another's.
  package func groups(_ parts: Int) -> [Range<Double>] {
    let total = Double(counts.reduce(0, +))
    var groups: [Range<Double>] = []
    var below: Int64 = 0
    var start: Int?
    for (bin, count) in counts.enumerated() where count > 0 {
      if start == nil { start = bin }
      below += count
      // Close the group where its share of the whole is reached.
      guard Double(below) >= Double(groups.count + 1) * total / Double(parts) - 1e-9, let first = start else {
        continue
      }
      groups.append(Self.lowerEdge(first)..<Self.lowerEdge(bin + 1))
      start = nil
    }
    return groups
  }

  /// The numbers in a range of `groups`.
  package func count(in range: Range<Double>) -> Int {
    counts.indices.reduce(0) { range.contains(Self.lowerEdge($1)) ? $0 + Int(counts[$1]) : $0 }
  }
}
