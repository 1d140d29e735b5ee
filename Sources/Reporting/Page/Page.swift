import Foundation

/// An HTML page that needs no network: its style, its drawings and its few lines of script are in it.
struct Page {
  let title: String
  let sections: [String]

  var html: String {
    """
    <!DOCTYPE html>
    <html lang="en"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>fedsim: \(title.escapedForHTML)</title>
    <style>\(ChartStyle.themes(on: ":root"))
    \(ChartStyle.rules)
    \(Self.style)</style></head><body><main>
    \(sections.joined(separator: "\n"))
    </main><div id="tip" hidden></div><script>\(Self.script)</script></body></html>

    """
  }

  /// A part of the page with a heading; nothing when there is no body.
  static func section(_ title: String, _ body: String?) -> String {
    guard let body else { return "" }
    return element("section", inner: element("h2", text: title) + body)
  }

  /// A part that is folded away until someone asks for it.
  static func folded(_ title: String, _ body: String) -> String {
    element("details", inner: element("summary", text: title) + body)
  }

  /// A table. The first column is a heading of its row.
  /// - Parameter isText: whether cells are words, which are set flush left, instead of numbers.
  static func table(head: [String] = [], _ rows: [[String]], isText: Bool = false) -> String {
    var body = ""
    if !head.isEmpty { body += element("tr", inner: head.map { element("th", text: $0) }.joined()) }
    for row in rows {
      let cells = row.dropFirst().map { element("td", isText ? ["class": "text"] : [:], text: $0) }
      body += element("tr", inner: element("th", text: row.first ?? "") + cells.joined())
    }
    return element("div", ["class": "scroll"], inner: element("table", inner: body))
  }

  /// A chart in both layouts with a link that saves it; nil when there is nothing to draw.
  /// - Parameter file: the name under which it is saved.
  static func figure(_ chart: LineChart, file: String, caption: String? = nil) -> String? {
    guard let alone = chart.svg(.wide, standalone: true) else { return nil }
    let drawings = ChartLayout.allCases.compactMap { chart.svg($0) }.joined()
    let data = "data:image/svg+xml;base64," + Data(alone.utf8).base64EncodedString()
    let save = element("a", ["class": "save", "download": file, "href": data], text: "Save as SVG")
    return element(
      "figure",
      inner: drawings + element("figcaption", inner: (caption.map { $0.escapedForHTML + " " } ?? "") + save))
  }

  /// Facts as a table of two columns.
  static func facts(_ facts: [(name: String, value: String)]) -> String {
    table(facts.map { [$0.name, $0.value] }, isText: true)
  }

  private static let style = """
    :root{color-scheme:light dark}
    body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
    main{max-width:820px;margin:0 auto;padding:24px 16px}h1{font-size:1.6em;margin:0 0 .4em}h2{font-size:1.1em;margin:2em 0 .5em}
    .headline{font-size:1.1em;margin:.3em 0}.warning{border-left:4px solid var(--s2);padding-left:12px;font-weight:600}
    .note{color:var(--soft);font-size:.9em}summary{cursor:pointer;margin:.6em 0}
    .scroll{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.94em}
    th,td{padding:4px 12px 4px 0;border-bottom:1px solid var(--rule);text-align:right;white-space:nowrap}th{font-weight:500;color:var(--soft)}
    th:first-child,td.text{text-align:left}td.text{overflow-wrap:anywhere;white-space:normal}
    figure{margin:0}figcaption{color:var(--soft);font-size:.9em}.save{color:inherit}
    svg.chart{width:100%;height:auto;display:block}svg.narrow{display:none}
    .point:hover .mark{stroke:var(--ink);stroke-width:2}
    #tip{position:absolute;background:var(--ink);color:var(--page);padding:4px 8px;border-radius:4px;font-size:13px;pointer-events:none;max-width:260px;white-space:pre-line}
    @media(max-width:620px){svg.wide{display:none}svg.narrow{display:block}}
    @media print{main{max-width:none}section,figure{break-inside:avoid}.save,#tip{display:none}svg.wide{display:block}svg.narrow{display:none}}
    """

  /// Shows what a point says beside the pointer, at once and on touch, instead of the browser's slow tooltip.
  private static let script = """
    for(const t of document.querySelectorAll('.chart title'))t.remove();
    const tip=document.getElementById('tip');
    addEventListener('pointerover',e=>{const p=e.target.closest&&e.target.closest('[data-tip]');tip.hidden=!p;if(!p)return;
    tip.textContent=p.dataset.tip;const b=p.getBoundingClientRect(),w=tip.offsetWidth;
    tip.style.left=Math.max(4,Math.min(b.left+b.width/2-w/2,innerWidth-w-4))+scrollX+'px';
    tip.style.top=b.top+scrollY-tip.offsetHeight-4+'px'});
    """
}
