/// Putting together what was computed apart.
extension CurveSet {
  /// Whether two sets are parts of one sweep: the same curves, of which at least one lacks runs.
  package func isPart(ofSameSweepAs other: CurveSet) -> Bool {
    guard !missing.isEmpty || !other.missing.isEmpty, name == other.name, axis == other.axis,
      version == other.version, curves.count == other.curves.count
    else { return false }
    return zip(curves, other.curves).allSatisfy {
      $0.name == $1.name && $0.settings == $1.settings && $0.scenario == $1.scenario
    }
  }

  /// The runs of both parts.
  /// - Parameter file: the other part's name, for messages.
  /// - Throws: `CurveFileError` when they are over different data, or both have the same run with different
  ///   results.
  package func joined(with other: CurveSet, file: String) throws -> CurveSet {
    for (curve, part) in zip(curves, other.curves) {
      // A part without any run of a curve does not know its data.
      guard let own = curve.dataDigest, let others = part.dataDigest, own != others else { continue }
      throw CurveFileError(
        file: file,
        message: "is a part of a sweep of which another part is over other data; compute one of them again")
    }
    let curves = try zip(curves, other.curves).map { try $0.joined(with: $1, file: file) }
    return CurveSet(
      name: name, axis: axis, curves: curves, missing: missing.filter(Set(other.missing).contains), version: version
    )
  }
}

extension Curve {
  fileprivate func joined(with other: Curve, file: String) throws -> Curve {
    var points = self.points
    for point in other.points {
      guard let index = points.firstIndex(where: { $0.position == point.position }) else {
        points.append(point)
        continue
      }
      var outcomes = points[index].outcomes
      for outcome in point.outcomes {
        if let same = outcomes.first(where: { $0.seed == outcome.seed }) {
          guard same == outcome else {
            throw CurveFileError(
              file: file,
              message:
                "its run of \(name) with seed \(outcome.seed) differs from that of another part; run one of them again"
            )
          }
        } else {
          outcomes.append(outcome)
        }
      }
      points[index] = CurvePoint(position: point.position, outcomes: outcomes)
    }
    return Curve(
      name: name, settings: settings, scenario: scenario, points: points,
      references: CurveReference.merged(references + other.references), dataDigest: dataDigest ?? other.dataDigest)
  }
}
