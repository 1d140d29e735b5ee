import DifferentialPrivacy

/// The curves of one or several accountants, as drawings and as a page that needs no network.
package struct PrivacyCurvePage {
  private let about: String
  private let answers: [String]
  private let curves: [PrivacyCurve]

  /// - Parameters:
  ///   - about: what is accounted for, in one sentence.
  ///   - answers: what accountants say, a line each.
  ///   - curves: at least one.
  package init(about: String, answers: [String], curves: [PrivacyCurve]) {
    (self.about, self.answers, self.curves) = (about, answers, curves)
  }

  /// ε against δ.
  private var guarantee: LineChart {
    let series = curves.enumerated().map { index, curve in
      LineChart.Series(
        name: curve.accountant.rawValue, points: curve.points.reversed().map { ($0.delta, $0.epsilon.upper) },
        style: index + 1)
    }
    return LineChart(title: "ε at each δ", xLabel: "δ", yLabel: "ε", scale: .logarithmic, series: series)
  }

  /// False negatives against false positives.
  private var tradeOff: LineChart {
    let guessing = LineChart.Series(name: "guessing", points: [(0, 1), (1, 0)], style: curves.count + 1)
    let series = curves.enumerated().map { index, curve in
      LineChart.Series(
        name: curve.accountant.rawValue,
        points: curve.tradeOff.map { ($0.falsePositiveRate, $0.leastFalseNegativeRate) }, style: index + 1)
    }
    return LineChart(
      title: "Errors of any attacker", xLabel: "false positives", yLabel: "false negatives, at least",
      series: series + [guessing])
  }

  /// Both drawings, each with an ending for its file's name.
  package var drawings: [(ending: String, svg: String)] {
    [("", guarantee), ("-trade-off", tradeOff)].compactMap { ending, chart in
      chart.svg(.wide, standalone: true).map { (ending, $0) }
    }
  }

  package var html: String {
    Page(
      title: "what is guaranteed",
      sections: [element("h1", text: "What is guaranteed"), element("p", text: about)]
        + answers.map { element("p", ["class": "headline"], text: $0) }
        + [
          Page.section(
            guarantee.title,
            Page.figure(
              guarantee, file: "epsilon-delta.svg",
              caption:
                "Every point of a line is a guarantee: (ε, δ)-differential privacy holds for all of them at once.")),
          Page.section(
            tradeOff.title,
            Page.figure(
              tradeOff, file: "trade-off.svg",
              caption:
                "Whoever tests, from what is released, whether someone is in the data errs in two ways. No test lies below a line; guessing lies on the diagonal."
            )
          ),
        ] + curves.map { Page.folded("Figures by the \($0.accountant.rawValue) accountant", figures($0)) }
    ).html
  }

  private func figures(_ curve: PrivacyCurve) -> String {
    Page.table(head: ["δ", "ε at most", "ε at least"], curve.rows.map(\.cells))
  }
}
