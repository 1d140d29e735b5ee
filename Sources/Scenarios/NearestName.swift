/// The candidate closest to `name` by edit distance, if one is close enough to be what was meant.
package func nearestName(to name: String, among candidates: [String]) -> String? {
  let scored = candidates.map { (distance: editDistance(name.lowercased(), $0.lowercased()), candidate: $0) }
  guard let best = scored.min(by: { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }) else { return nil }
  return best.distance <= max(2, name.count / 3) ? best.candidate : nil
}

/// Damerau-Levenshtein distance, adjacent transpositions counted once (optimal string alignment).
private func editDistance(_ a: String, _ b: String) -> Int {
  let (x, y) = (Array(a), Array(b))
  var rows = [Array(0...y.count)]
  for i in 1..<(x.count + 1) {
    var row = [i] + Array(repeating: 0, count: y.count)
    for j in 1..<(y.count + 1) {
      let substitution = rows[i - 1][j - 1] + (x[i - 1] == y[j - 1] ? 0 : 1)
      row[j] = min(rows[i - 1][j] + 1, row[j - 1] + 1, substitution)
      if i > 1, j > 1, x[i - 1] == y[j - 2], x[i - 2] == y[j - 1] {
        row[j] = min(row[j], rows[i - 2][j - 2] + 1)
      }
    }
    rows.append(row)
  }
  return rows[x.count][y.count]
}
