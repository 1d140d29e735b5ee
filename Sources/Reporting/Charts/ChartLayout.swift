/// Where the parts of a chart go. A page shows the wide layout where there is room and the narrow one on a phone, because
/// a chart that is merely shrunk has letters too small to read.
package enum ChartLayout: String, CaseIterable {
  /// Names stand to the right of the lines they belong to.
  case wide
  /// Names stand in a list below.
  case narrow

  var width: Double { self == .wide ? 760 : 380 }
  var plotHeight: Double { self == .wide ? 320 : 240 }
  static let left = 52.0
  static let top = 30.0
  /// From the axis to its label's baseline and a little more.
  static let bottom = 46.0
  /// From one name to the next.
  static let nameHeight = 16.0
  /// The line and marker before a name.
  static let swatch = 26.0
  private static let widestNames = 300.0
  private static let narrowRight = 14.0

  /// The width of 12-point text in common sans-serif fonts, estimated on the large side.
  static func textWidth(_ text: String) -> Double { Double(text.count) * 6.6 }

  /// The most characters that a name can have.
  var longestName: Int {
    let room = self == .wide ? Self.widestNames - Self.swatch - 16 : width - Self.swatch - 16
    return Int(room / Self.textWidth("n"))
  }

  /// The plot's right end, which leaves room for the names.
  func plotRight(names: [String]) -> Double {
    guard self == .wide else { return width - Self.narrowRight }
    let widest = names.map(Self.textWidth).max() ?? 0
    return width - min(widest + Self.swatch + 16, Self.widestNames)
  }

  /// The whole height.
  func height(names: Int) -> Double {
    Self.top + plotHeight + Self.bottom + (self == .narrow ? Double(names) * Self.nameHeight + 6 : 0)
  }

  /// Moves labels apart so that none covers another, keeping their order.
  /// - Parameters:
  ///   - wanted: where each label would like to be.
  ///   - range: where labels may be; there has to be room for all.
  /// - Returns: where each goes, in the order they came in.
  package static func spread(_ wanted: [Double], within range: ClosedRange<Double>) -> [Double] {
    let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
    var placed = wanted
    var least = range.lowerBound
    for index in order {
      placed[index] = max(placed[index], least)
      least = placed[index] + nameHeight
    }
    var most = range.upperBound
    for index in order.reversed() {
      placed[index] = min(placed[index], most)
      most = placed[index] - nameHeight
    }
    return placed
  }
}
