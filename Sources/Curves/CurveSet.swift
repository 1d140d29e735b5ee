import NumericalCore
import Scenarios

/// Curves over one axis: what a sweep makes, and what a comparison lays over each other.
package struct CurveSet: Equatable, Sendable {
  package let name: String
  /// The dotted path of the key on the axis.
  package let axis: String
  package let curves: [Curve]
  /// The keys of the runs that are still to be done, ascending; empty when all are.
  package let missing: [String]
  /// The version of fedsim that made the runs.
  package let version: String

  package init(name: String, axis: String, curves: [Curve], missing: [String], version: String) {
    self.name = name
    self.axis = axis
    self.curves = curves
    self.missing = missing.sorted()
    self.version = version
  }

  /// Whether the axis is the target ε.
  package var isOverEpsilon: Bool { axis == SweepPlan.epsilonAxis }

  /// The axis as a drawing says it.
  package var axisTitle: String { isOverEpsilon ? "ε" : axis }

  /// SHA-256 over the digests of all runs, by curve, position and seed.
  package var digest: String {
    var hash = SHA256()
    hash.update("fedsim curves 1".utf8)
    for curve in curves {
      for point in curve.points {
        hash.update(point.position.bitPattern)
        for outcome in point.outcomes { hash.update(outcome.digest.utf8) }
      }
    }
    return hash.hexadecimal
  }

  /// The lines that all curves have in common, so that one drawing can show them.
  package var sharedReferences: [CurveReference] {
    (curves.first?.references ?? []).filter { line in
      curves.dropFirst().allSatisfy { $0.reference(line.kind) == line }
    }
  }

  /// Whether no curve has a line of its own.
  package var sharesReferences: Bool {
    curves.allSatisfy { $0.references.count == sharedReferences.count }
  }
}
