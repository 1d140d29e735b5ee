/// The style sheet of charts. Colours are those of Okabe and Ito (2008), which stay apart for colour-blind readers,
/// darkened or lightened until each has a contrast of at least 3 with the page; dashes and markers repeat what colour
/// says.
enum ChartStyle {
  private static let light = (
    ink: "#1b1f24", soft: "#5b6470", rule: "#e3e7ec", page: "#ffffff",
    series: ["#0072b2", "#c34e00", "#008560", "#a8447f", "#8a6a00", "#2b83b5", "#5b6470", "#7a4a1e"]
  )
  private static let dark = (
    ink: "#e8eaed", soft: "#a3acb8", rule: "#2f353d", page: "#14171a",
    series: ["#56b4e9", "#ff8a3d", "#2fc397", "#e39bc4", "#e6b400", "#8fd0f5", "#a3acb8", "#c79a6b"]
  )
  /// Series that can be told apart.
  static let count = light.series.count

  private static func variables(
    _ theme: (ink: String, soft: String, rule: String, page: String, series: [String])
  ) -> String {
    let series = theme.series.enumerated().map { "--s\($0.offset + 1):\($0.element)" }.joined(separator: ";")
    return "--ink:\(theme.ink);--soft:\(theme.soft);--rule:\(theme.rule);--page:\(theme.page);\(series)"
  }

  /// The colours of the light and of the dark page, as variables; print is light.
  static func themes(on selector: String) -> String {
    """
    \(selector){\(variables(light))}
    @media screen and (prefers-color-scheme:dark){\(selector){\(variables(dark))}}
    """
  }

  /// How the parts of a chart look.
  static let rules: String = {
    let series = (1...count).map { index in
      "line.s\(index),polyline.s\(index){stroke:var(--s\(index))}polygon.s\(index),circle.s\(index){fill:var(--s\(index))}"
    }
    return """
      .chart text{fill:var(--ink);font:12px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
      .chart text.tick{fill:var(--soft)}.chart text.title{font-weight:600}
      .chart line,.chart polyline{fill:none}
      .grid{stroke:var(--rule)}.axis{stroke:var(--soft)}.thread{stroke:var(--soft);stroke-width:.7}
      \(series.joined(separator: "\n"))
      .series{stroke-width:2;stroke-linejoin:round}.bar{stroke-width:1.5}
      polyline.s2,line.series.s2{stroke-dasharray:9 3}polyline.s3,line.series.s3{stroke-dasharray:2 3}
      polyline.s4,line.series.s4{stroke-dasharray:9 3 2 3}polyline.s5,line.series.s5{stroke-dasharray:5 3}
      polyline.s6,line.series.s6{stroke-dasharray:12 3 2 3 2 3}
      line.series.beyond{stroke-dasharray:1 4}
      .band{opacity:.16}.faint{opacity:.07}.mark{stroke:var(--page);stroke-width:1}.target{fill:transparent}
      .reference{stroke:var(--soft);stroke-width:1.3}
      .r1{stroke-dasharray:7 3}.r2{stroke-dasharray:2 3}.r3{stroke-dasharray:10 3 2 3}.r4{stroke-dasharray:4 4}
      """
  }()

  /// For a drawing in a file of its own.
  static var standalone: String { themes(on: "svg") + "svg{background:var(--page)}" + rules }
}
