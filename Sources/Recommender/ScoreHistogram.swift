/// Held-out examples by their logit and label, in cells that are as fine as the ranking metrics need them.
///
/// Equal logits share a pair's point, and so do logits in one cell, which is right only where they are equal. So a cell
/// with many of the pairs of a positive and a negative is cut up, again and again, down to single numbers: that is what
/// logits of any size and any offset need, ten million with a spread of a hundred as well as one with a spread of ten.
package struct ScoreHistogram: Sendable {
  /// A cell that is not empty.
  private struct Entry {
    let cell: ScoreCell
    let negatives: Int64
    let positives: Int64
  }

  /// By rising logit.
  private var entries: [Entry]
  package let negatives: Int64
  package let positives: Int64
  /// `auc` before any cell was cut up.
  package private(set) var coarseAUC: Double?

  /// A cell is cut up that has more than this share of the pairs.
  private static let crowd = 1e-3
  /// Counters of each class that one look may take. By Cauchy and Schwarz, Σ √(share of negatives × share of positives)
  /// is at most 1 over all cells, so no more than 31 are crowded, and each gets 2048 parts at least.
  private static let partBits = 16

  package init(_ counts: EvaluationCounts) {
    let (negative, positive) = (counts.negatives, counts.positives)
    entries = zip(negative, positive).enumerated().compactMap { index, pair in
      pair == (0, 0) ? nil : Entry(cell: ScoreGrid.cell(index), negatives: pair.0, positives: pair.1)
    }
    negatives = negative.reduce(0, +)
    positives = positive.reduce(0, +)
    coarseAUC = auc
  }

  /// The cells that are to be cut up, by rising logit; empty where the metrics are as exact as they are meant to be.
  package var crowded: [ScoreCell] {
    let pairs = Double(negatives) * Double(positives)
    return entries.compactMap { entry in
      let tied = Double(entry.negatives) * Double(entry.positives)
      return entry.cell.bits > 0 && tied > Self.crowd * pairs ? entry.cell : nil
    }
  }

  /// Into how many parts, as a power of two, each of several cells is cut.
  private static func partBits(_ cells: Int) -> Int {
    var bits = partBits
    while cells << bits > 1 << partBits { bits -= 1 }
    return bits
  }

  /// Counters for the parts of cells, all 0.
  package static func counters(_ cells: [ScoreCell]) -> [Int64] {
    let bits = partBits(cells.count)
    return [Int64](repeating: 0, count: cells.reduce(0) { $0 + 2 << min(bits, $1.bits) })
  }

  /// Counts one client's examples in the parts of cells.
  /// - Parameters:
  ///   - cells: crowded ones, by rising logit.
  ///   - scores: one logit an example.
  ///   - labels: 0 or 1, as many.
  ///   - counts: negatives of all parts of all cells, then the positives; `counters` before the first client.
  package static func count(
    in cells: [ScoreCell], scores: ArraySlice<Float>, labels: ArraySlice<Float>, to counts: inout [Int64]
  ) {
    let bits = partBits(cells.count)
    var starts = [0]
    for cell in cells { starts.append(starts[starts.count - 1] + 1 << min(bits, cell.bits)) }
    let all = starts[cells.count]
    for (score, label) in zip(scores, labels) where score.isFinite {
      let rank = ScoreCell.rank(score)
      let after = cells.partitioningIndex { $0.first > rank }
      // Zero has a cell of its own, also where it is the end of another.
      guard after > 0, cells[after - 1].contains(rank), rank != 0 || cells[after - 1].bits == 0 else { continue }
      let part = starts[after - 1] + cells[after - 1].part(rank, bits: bits)
      counts[part + (label > 0 ? all : 0)] += 1
    }
  }

  /// Puts the parts of cells in their place.
  /// - Parameters:
  ///   - cells: what `crowded` was.
  ///   - counts: the sum of what `count` made of all clients.
  /// - Returns: whether the counters are those of the very examples of the cells; if not, nothing is changed.
  package mutating func split(_ cells: [ScoreCell], counts: [Int64]) -> Bool {
    let bits = Self.partBits(cells.count)
    let parts = cells.map { $0.parts(bits: bits) }
    let all = parts.reduce(0) { $0 + $1.count }
    guard counts.count == 2 * all else { return false }
    var cut: [Entry] = []
    var start = 0
    var next = parts.startIndex
    for entry in entries {
      guard next < cells.endIndex, entry.cell == cells[next] else {
        cut.append(entry)
        continue
      }
      let found = parts[next].enumerated().map { offset, cell in
        Entry(cell: cell, negatives: counts[start + offset], positives: counts[all + start + offset])
      }
      guard found.reduce(0, { $0 &+ $1.negatives }) == entry.negatives,
        found.reduce(0, { $0 &+ $1.positives }) == entry.positives
      else { return false }
      cut += found.filter { $0.negatives != 0 || $0.positives != 0 }
      start += parts[next].count
      next += 1
    }
    guard next == cells.endIndex else { return false }
    entries = cut
    return true
  }

  /// Area under the ROC curve: the share of pairs in order, those in one cell for a half; nil where one class is
  /// missing.
  package var auc: Double? {
    var negativesBelow: Int64 = 0
    var twicePairsInOrder = 0.0
    for entry in entries {
      twicePairsInOrder += Double(entry.positives) * Double(2 * negativesBelow + entry.negatives)
      negativesBelow += entry.negatives
    }
    let pairs = Double(negatives) * Double(positives)
    return pairs > 0 ? twicePairsInOrder / (2 * pairs) : nil
  }

  /// Σ (Rₙ − Rₙ₋₁)·Pₙ over falling thresholds; examples in one cell pass together. nil without positives.
  package var averagePrecision: Double? {
    var (found, passed) = (Int64(0), Int64(0))
    var sum = 0.0
    for entry in entries.reversed() {
      found += entry.positives
      passed += entry.positives + entry.negatives
      sum += Double(entry.positives) * (Double(found) / Double(passed))
    }
    return positives > 0 ? sum / Double(positives) : nil
  }
}

extension Array {
  /// The first index whose element satisfies `predicate`, when all that do come last.
  func partitioningIndex(_ predicate: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if predicate(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
