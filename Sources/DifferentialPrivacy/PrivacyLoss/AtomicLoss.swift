import NumericalCore

/// The privacy loss of a pair of discrete distributions.
struct AtomicLoss: PrivacyLoss {
  let isSymmetric: Bool
  let attainment: Attainment

  /// One outcome, or several of the same loss.
  struct Atom {
    /// ln of the probability under P.
    let logP: Double
    let loss: Double
  }

  /// The atoms of the pair, in ascending order of the loss.
  private let atoms: [Atom]
  /// Those of the other direction.
  private let added: [Atom]
  /// P's mass outside the atoms, counted as infinitely bad.
  private let missing: Double

  /// - Parameters:
  ///   - atoms: outcomes of a pair; without `added`, one whose two directions have the same losses.
  ///   - added: outcomes of the other direction.
  ///   - missing: mass that was left out.
  init(_ atoms: [Atom], added: [Atom]? = nil, missing: Double = 0, attainment: Attainment = .itself) {
    self.atoms = atoms.sorted { $0.loss < $1.loss }
    self.added = added?.sorted { $0.loss < $1.loss } ?? self.atoms
    isSymmetric = added == nil
    self.missing = missing
    self.attainment = attainment
  }

  private func atoms(_ direction: LossDirection) -> [Atom] {
    switch direction {
    case .remove: atoms
    case .add: added
    }
  }

  /// Binary randomised response, which dominates every ε-differentially private mechanism (Kairouz, Oh and Viswanath
  /// 2015, "The composition theorem for differential privacy", theorem 3.4). Most are better.
  static func pure(epsilon: Double) -> AtomicLoss {
    AtomicLoss(responses(epsilon: epsilon, categories: 2), attainment: .unknown)
  }

  /// Randomised response among k categories: the truth with probability e^ε/(e^ε + k − 1).
  static func randomizedResponse(epsilon: Double, categories: Int) -> AtomicLoss {
    AtomicLoss(responses(epsilon: epsilon, categories: categories))
  }

  private static func responses(epsilon: Double, categories: Int) -> [Atom] {
    let logTotal = logTotal(epsilon: epsilon, categories: categories)
    var atoms = [Atom(logP: epsilon - logTotal, loss: epsilon), Atom(logP: -logTotal, loss: -epsilon)]
    if categories > 2 { atoms.append(Atom(logP: deterministicLog(Double(categories - 2)) - logTotal, loss: 0)) }
    return atoms
  }

  /// ln(e^ε + k − 1).
  private static func logTotal(epsilon: Double, categories: Int) -> Double {
    epsilon + deterministicLogOnePlus(Double(categories - 1) * deterministicExpClamped(-epsilon))
  }

  /// A randomised answer against a uniform one, which is what a unit that is not there gives.
  static func randomizedResponseOrNone(epsilon: Double, categories: Int) -> AtomicLoss {
    let logTotal = logTotal(epsilon: epsilon, categories: categories)
    let count = Double(categories)
    let (truth, others) = (epsilon - logTotal + deterministicLog(count), deterministicLog(count) - logTotal)
    return AtomicLoss(
      [
        Atom(logP: epsilon - logTotal, loss: truth),
        Atom(logP: deterministicLog(count - 1) - logTotal, loss: others),
      ],
      added: [
        Atom(logP: -deterministicLog(count), loss: -truth),
        Atom(logP: deterministicLog(count - 1) - deterministicLog(count), loss: -others),
      ])
  }

  /// The discrete Laplace distribution, P(k) ∝ e^(−|k|/t), against itself moved by Δ.
  static func discreteLaplace(scale: Double, sensitivity: Int) -> AtomicLoss {
    let ratio = 1 / scale
    // P(k) = tanh(1/2t)·e^(−|k|/t); both tails together have a geometric sum each.
    let decay = deterministicExpMinusOne(-ratio)
    let logMass = deterministicLog(-decay) - deterministicLog(2 + decay)
    let logTail = -deterministicLog(2 + decay)
    let reach = Double(sensitivity)
    var atoms = [
      Atom(logP: logTail, loss: reach * ratio), Atom(logP: logTail - reach * ratio, loss: -reach * ratio),
    ]
    for k in stride(from: 1, to: sensitivity, by: 1) {
      atoms.append(Atom(logP: logMass - Double(k) * ratio, loss: (reach - 2 * Double(k)) * ratio))
    }
    return AtomicLoss(atoms)
  }

  /// The discrete Gaussian, P(k) ∝ e^(−k²/2σ²), against itself moved by Δ (Canonne, Kamath and Steinke 2020).
  static func discreteGaussian(standardDeviation: Double, sensitivity: Int) -> AtomicLoss {
    let twiceVariance = 2 * standardDeviation * standardDeviation
    // The tail beyond 40 deviations is below e^−800 and far below any δ.
    let reach = Int((40 * standardDeviation).rounded(.up)) + 1
    var total = LogSum()
    for k in -reach...reach { total.add(-Double(k) * Double(k) / twiceVariance) }
    let logTotal = total.value
    let shift = Double(sensitivity)
    return AtomicLoss(
      (-reach...reach).map { k in
        let x = Double(k)
        return Atom(logP: -x * x / twiceVariance - logTotal, loss: (shift * shift - 2 * x * shift) / twiceVariance)
      }, missing: 1e-300)
  }

  func largestLoss(_ direction: LossDirection, reach: Double) -> Double {
    atoms(direction).last?.loss ?? 0
  }

  func points(_ direction: LossDirection, reach: Double) -> [(logWeight: Double, loss: Double)] {
    atoms(direction).map { ($0.logP, $0.loss) }
  }

  func cells(_ direction: LossDirection, grid: LossGrid, reach: Double) -> LossCells {
    let spacing = grid.spacing
    var cells: [LossCells.Cell] = []
    for atom in atoms(direction) {
      let index = Int((atom.loss / spacing).rounded(.down))
      let p = deterministicExpClamped(atom.logP)
      let q = deterministicExpClamped(atom.logP - atom.loss)
      // An atom at loss l + x of a cell [l, l + h] is split so that both masses are kept; nothing cancels.
      let within = max(0, min(atom.loss - Double(index) * spacing, spacing))
      let share = p * deterministicExpMinusOne(-within) / deterministicExpMinusOne(-spacing)
      if let last = cells.last, last.index == index {
        cells[cells.count - 1].masses.p += p
        cells[cells.count - 1].masses.q += q
        cells[cells.count - 1].upperShare += share
      } else {
        cells.append(LossCells.Cell(index: index, width: 1, masses: .init(p: p, q: q), upperShare: share))
      }
    }
    return LossCells(spacing: spacing, cells: cells, above: .init(p: missing, q: 0))
  }
}
